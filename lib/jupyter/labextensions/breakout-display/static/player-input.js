// @ts-check
/** Keys, mouse and finger over a live game, as what is held and what is wanted. */
import { WIDTH } from './player-screen.js';

/** @typedef {import('../../../../display/messages').HeldInput} HeldInput */

/** Shortest time between two messages of a moving pointer, in ms. */
const POINTER_MS = 60;
/** Above this row the pointer means the ball, below it the paddle. */
const PADDLE_TOP = 182;
const HALF_PADDLE = 8;

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
    this.sentAt = 0;
    /** @type {'ball' | 'paddle' | undefined} */
    this.moving = undefined;
    const stage = screen.node;
    root.addEventListener('keydown', (event) => this.key(event, true));
    root.addEventListener('keyup', (event) => this.key(event, false));
    root.addEventListener('blur', () => this.hold(NOTHING));
    stage.addEventListener('pointerdown', (event) => this.press(event));
    stage.addEventListener('pointermove', (event) => this.move(event));
    stage.addEventListener('pointerup', (event) => this.release(event));
    stage.addEventListener('pointercancel', (event) => this.release(event));
    stage.addEventListener('pointerleave', () => this.hold({ target: null, fire: false }));
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
    if (target instanceof HTMLInputElement || (key === ' ' && target !== this.root)) return;
    event.preventDefault();
    const name = KEYS.get(key);
    if (!name) {
      if (isDown) this.options.onKey(key.toLowerCase(), repeat);
    } else if (!repeat) {
      this.hold({ [name]: isDown, target: null });
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
    this.hold({ target: x, fire: true });
    this.options.onWake();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.moving) this.drag(event);
    const isPressed = event.buttons !== 0;
    const hovers = this.options.hovers && event.pointerType === 'mouse';
    if (this.moving || !(isPressed || hovers) || !this.root.matches(':focus-within')) return;
    if (performance.now() - this.sentAt < POINTER_MS) return;
    this.sentAt = performance.now();
    const { x } = this.screen.placeOf(event);
    this.hold({ target: Math.min(Math.max(0, x), WIDTH) });
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (this.moving) this.moving = undefined;
    else {
      const stays = this.options.hovers && event.pointerType === 'mouse';
      this.hold({ fire: false, ...(!stays && { target: null }) });
    }
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { x, y } = this.screen.placeOf(event);
    if (!this.moving) return;
    this.options.onMove(this.moving, this.moving === 'ball' ? x : x - HALF_PADDLE, y);
  }
}
