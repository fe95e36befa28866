// @ts-check
/** Keys, mouse and finger over a live game, as what is held and what is wanted. */
import { WIDTH } from './player-screen.js';

/** @typedef {import('../../../../display/messages').HeldInput} HeldInput */

/** Shortest time between two messages of a moving pointer, in ms. */
const POINTER_MS = 60;
/** Above this row the pointer means the ball, below it the paddle. */
const PADDLE_TOP = 182;

/** @type {ReadonlyMap<string, 'left' | 'right' | 'fire'>} */
const KEYS = new Map([
  ['ArrowLeft', 'left'],
  ['a', 'left'],
  ['ArrowRight', 'right'],
  ['d', 'right'],
  [' ', 'fire'],
  ['ArrowUp', 'fire'],
]);

/** @type {HeldInput} */
const NOTHING = { left: false, right: false, fire: false, target: null };

/**
 * What the player's view does for its input.
 * @typedef {object} Handlers
 * @property {(held: HeldInput) => void} onHold
 * @property {() => void} onWake a key or a press wants the game to go on
 * @property {(key: string, isRepeated: boolean) => void} onKey any other key
 * @property {(what: 'ball' | 'paddle', x: number, y: number) => void} onMove by hand, in a pause
 * @property {() => boolean} canMove whether a press moves ball or paddle now
 */

export class Input {
  /**
   * @param {HTMLElement} root which has the focus
   * @param {import('./player-screen.js').Screen} screen
   * @param {Handlers & { hovers: boolean }} options `hovers`: the mouse moves the paddle without a press
   */
  constructor(root, screen, options) {
    this.root = root;
    this.screen = screen;
    this.options = options;
    this.held = NOTHING;
    /** Where the pointer was last, and the timer that will tell it. */
    this.target = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.telling = undefined;
    /** @type {'ball' | 'paddle' | undefined} */
    this.moving = undefined;
    const stage = screen.node;
    root.addEventListener('keydown', (event) => this.key(event, true));
    root.addEventListener('keyup', (event) => this.key(event, false));
    root.addEventListener('focusout', () => this.hold(NOTHING));
    stage.addEventListener('pointerdown', (event) => this.press(event));
    stage.addEventListener('pointermove', (event) => this.move(event));
    stage.addEventListener('pointerup', (event) => this.release(event));
    stage.addEventListener('pointercancel', (event) => this.release(event));
    stage.addEventListener('pointerleave', () => this.point(null, { fire: false }));
  }

  /** @param {Partial<HeldInput>} change */
  hold(change) {
    const before = this.held;
    this.held = { ...before, ...change };
    if (JSON.stringify(this.held) !== JSON.stringify(before)) this.options.onHold(this.held);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} isDown
   */
  key(event, isDown) {
    event.stopPropagation();
    const { key, target, repeat } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || key === 'Tab') return;
    const isPress = key === ' ' || key === 'Enter';
    if (target instanceof HTMLInputElement || (isPress && target !== this.root)) return;
    event.preventDefault();
    const name = KEYS.get(key.length === 1 ? key.toLowerCase() : key); // Shift and Caps Lock aside
    if (!name) {
      if (isDown) this.options.onKey(key.toLowerCase(), repeat);
    } else if (!repeat) {
      this.point(null, { [name]: isDown });
      if (isDown) this.options.onWake();
    }
  }

  /** @param {PointerEvent} event */
  press(event) {
    event.preventDefault();
    this.root.focus({ preventScroll: true });
    this.screen.node.setPointerCapture(event.pointerId);
    const { x, y } = this.screen.placeOf(event);
    if (this.options.canMove()) {
      this.moving = y < PADDLE_TOP ? 'ball' : 'paddle';
      this.drag(event);
      return;
    }
    this.point(x, { fire: true });
    this.options.onWake();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.moving) this.drag(event);
    const isPressed = event.buttons !== 0;
    const hovers = this.options.hovers && event.pointerType === 'mouse';
    if (this.moving || !(isPressed || hovers) || !this.root.matches(':focus-within')) return;
    const { x } = this.screen.placeOf(event);
    this.target = Math.min(Math.max(0, x), WIDTH);
    // the last place of a fast movement is told, too
    this.telling ??= setTimeout(() => this.point(this.target), POINTER_MS);
  }

  /**
   * @param {number | null} target
   * @param {Partial<HeldInput>} [change]
   */
  point(target, change) {
    clearTimeout(this.telling);
    this.telling = undefined;
    this.hold({ ...change, target });
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (this.moving) this.moving = undefined;
    else {
      const stays = this.options.hovers && event.pointerType === 'mouse';
      if (stays) this.hold({ fire: false });
      else this.point(null, { fire: false });
    }
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { x, y } = this.screen.placeOf(event);
    if (!this.moving) return;
    this.options.onMove(this.moving, x, y);
  }
}
