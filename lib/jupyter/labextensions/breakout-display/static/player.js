// @ts-check
/** A live game in an output: shows what the kernel sends, and sends keys, pointer and commands. */
import { Input } from './player-input.js';
import { AgentSettings, Curve, element, ScoreLadder, ValueBars } from './player-parts.js';
import { Screen } from './player-screen.js';

/** @typedef {import('../../../../display/messages').ToPage} ToPage */
/** @typedef {import('../../../../display/messages').FromPage} FromPage */
/** @typedef {import('../../../../display/messages').Unaddressed<FromPage>} Outgoing */
/** @typedef {import('../../../../display/messages').PlayerStatus} PlayerStatus */
/** @typedef {import('../../../../display/messages').PlayerCommand} PlayerCommand */
/** @typedef {Extract<ToPage, { type: 'show' }>} Show */
/** @typedef {Extract<ToPage, { type: 'picture' }>} PictureMessage */

/** Pictures between two messages that say how many were seen: each such message is dear. */
const SEEN_EVERY = 6;
/** Latencies that are kept for whoever measures: those of some minutes. */
const MOST_LATENCIES = 2000;
/** Frames that Backspace goes back. */
const REWIND = 30;
const NOT_RUN = 'Run this cell to play.';
const HELP = {
  play: '← → or the mouse move the paddle, space or a click serves. P pauses, backspace goes back.',
  watch: 'An arrow key takes the paddle over. In a pause, drag the ball or the paddle elsewhere.',
};

export class PlayerView {
  /**
   * @param {HTMLElement} node of the output
   * @param {{ kind: 'play' | 'watch', still: string | undefined, send: (message: Outgoing) => Promise<void> }} options
   */
  constructor(node, { kind, still, send }) {
    this.kind = kind;
    this.send = send;
    /** @type {PlayerStatus | undefined} */
    this.status = undefined;
    this.inputs = 0;
    this.pictures = 0;
    this.isAsking = false;
    /** @type {(() => void) | undefined} */
    this.asked = undefined;
    /** @type {Map<number, number>} */
    this.pressedAt = new Map();
    /** For measurements: milliseconds from a key to its picture, and pictures shown. */
    this.measured = { latencies: /** @type {number[]} */ ([]), pictures: 0 };

    this.screen = new Screen(still);
    this.timeline = element('input', { type: 'range', min: '0', step: '1', title: 'Any moment' });
    this.score = element('b', { textContent: '0' });
    this.lives = element('span', { className: 'muted' });
    this.complaint = element('div', { className: 'complaint' });
    this.ladder = new ScoreLadder();
    this.bars = new ValueBars();
    this.curve = new Curve((frame) => this.ask(() => this.command('seek', frame)));
    this.settings = new AgentSettings((name, value) => this.command(name, value));
    /** @type {Record<string, HTMLButtonElement>} */
    this.buttons = {};
    this.root = element('div', { className: 'breakout-player', tabIndex: 0 });
    this.root.append(this.stage(), this.side());
    this.prepare();
    this.input = new Input(this.root, this.screen, {
      hovers: kind === 'play',
      onHold: (held) => this.hold(held),
      onWake: () => this.status?.paused && this.command('resume'),
      onKey: (key, isRepeated) => this.shortcut(key, isRepeated),
      onMove: (what, x, y) => this.ask(() => this.say({ type: 'move', what, x, y })),
      canMove: () => kind === 'watch' && this.status?.paused === true && !this.status.over,
    });
    node.replaceChildren(this.root);
  }

  prepare() {
    const { root, timeline } = this;
    root.setAttribute('aria-label', 'Breakout');
    timeline.setAttribute('aria-label', 'Moment of the game');
    // JupyterLab's shortcuts leave alone what happens in here
    root.dataset.lmSuppressShortcuts = 'true';
    Object.assign(root, { breakoutPlayer: this });
    timeline.addEventListener('input', () => {
      const frame = timeline.valueAsNumber;
      this.ask(() => this.command('seek', frame));
    });
    // keys play on after a button or a slider was used by the pointer
    for (const type of ['click', 'pointerup']) {
      root.addEventListener(type, ({ target }) => {
        const isUsed = target instanceof HTMLButtonElement || target instanceof HTMLInputElement;
        if (isUsed) root.focus({ preventScroll: true });
      });
    }
  }

  /** The game, its buttons and its time. */
  stage() {
    const bar = element('div', { className: 'bar' });
    /** @type {[string, string, string, () => void][]} */
    const buttons = [
      ['toggle', '▶', 'Play or pause (P)', () => this.toggle()],
      ['back', '◀◀', 'Half a second back (Backspace)', () => this.rewind()],
      ['frame', '+1', 'One frame (.)', () => this.command('frame')],
      ['step', '+4', 'One agent step: four frames', () => this.command('step')],
      ['half', '½', 'Half speed (H)', () => this.toggleSpeed()],
      ['restart', '↺', 'New game (R)', () => this.command('restart')],
    ];
    for (const [name, textContent, title, action] of buttons) {
      const button = element('button', { type: 'button', textContent, title });
      button.setAttribute('aria-label', title);
      button.addEventListener('click', action);
      this.buttons[name] = button;
      bar.append(button);
    }
    return element('div', {}, this.screen.node, bar, this.timeline);
  }

  /** Points, and what is known of the player. */
  side() {
    const points = element('div', { className: 'points' }, this.score, this.lives);
    const help = element('div', { className: 'muted', textContent: HELP[this.kind] });
    const { ladder, bars, curve, settings } = this;
    const parts = this.kind === 'play' ? [ladder] : [bars, curve, settings];
    const nodes = parts.map((part) => part.node);
    return element('div', { className: 'side' }, points, ...nodes, help, this.complaint);
  }

  /** @param {import('./player-input.js').HeldInput} held */
  hold(held) {
    if (!this.status) return;
    this.inputs++;
    this.pressedAt.set(this.inputs, performance.now());
    this.say({ type: 'input', held, number: this.inputs });
  }

  /**
   * @param {string} key
   * @param {boolean} isRepeated
   */
  shortcut(key, isRepeated) {
    if (key === 'backspace') this.rewind();
    else if (key === '.') this.ask(() => this.command('frame'));
    else if (isRepeated) return;
    else if (key === 'p') this.toggle();
    else if (key === 'h') this.toggleSpeed();
    else if (key === 'r') this.command('restart');
  }

  toggle() {
    this.command(this.status?.paused ? 'resume' : 'pause');
  }

  toggleSpeed() {
    this.command('speed', this.status?.speed === 1 ? 0.5 : 1);
  }

  rewind() {
    this.ask(() => this.command('seek', Math.max(0, (this.status?.frame ?? 0) - REWIND)));
  }

  /**
   * Asks for a picture, one at a time: what is asked meanwhile waits, the latest only.
   * @param {() => void} question
   */
  ask(question) {
    if (this.isAsking) {
      this.asked = question;
      return;
    }
    this.isAsking = true;
    question();
  }

  /**
   * @param {PlayerCommand} name
   * @param {number} [value]
   */
  command(name, value) {
    this.say({ type: 'command', name, ...(value !== undefined && { value }) });
  }

  /** @param {Outgoing} message */
  say(message) {
    this.send(message).catch((/** @type {Error} */ error) => this.complain(error.message));
  }

  /** Asks the kernel how things stand; one that does not know this output leaves the still picture. */
  attach() {
    this.send({ type: 'attach' }).catch(() => this.refuse());
  }

  /**
   * The kernel does not know this output.
   * @param {string} [text] why
   */
  refuse(text = NOT_RUN) {
    this.status = undefined;
    this.screen.hint.textContent = text;
  }

  /** @param {string} text */
  complain(text) {
    this.isAsking = false;
    if (this.status) this.complaint.textContent = text;
    else this.refuse(text);
  }

  /**
   * @param {ToPage} message
   * @param {Uint8Array[]} buffers
   */
  receive(message, buffers) {
    const [first, second] = /** @type {[Uint8Array, Uint8Array]} */ (buffers);
    if (message.type === 'error') this.complain(message.error);
    else if (message.type === 'overlay') this.screen.drawHeat(first);
    else if (message.type === 'show') {
      this.screen.begin(first, second);
      this.show(message);
    } else if (this.status) {
      this.screen.change(first);
      this.update(message);
    }
  }

  /** @param {Show} message */
  show({ status, actions, scores, steps }) {
    this.pictures = 0;
    this.ladder.set(scores);
    this.bars.setActions(actions);
    this.curve.set(steps ?? []);
    this.bars.show(steps?.at(-1));
    this.showStatus(status);
  }

  /** @param {PictureMessage} message */
  update({ status, step, look, forget }) {
    this.pictures++;
    if (this.pictures % SEEN_EVERY === 0) this.say({ type: 'seen', pictures: this.pictures });
    if (forget !== undefined) this.curve.forget(forget);
    if (step) this.curve.add(step);
    if (look ?? step) this.bars.show(look ?? step);
    this.measure(status);
    this.showStatus(status);
    this.isAsking = false;
    const next = this.asked;
    this.asked = undefined;
    if (next) this.ask(next);
  }

  /** @param {PlayerStatus} status */
  measure(status) {
    this.measured.pictures++;
    for (const [number, at] of this.pressedAt) {
      if (number > status.input) break;
      this.pressedAt.delete(number);
      const { latencies } = this.measured;
      latencies.push(performance.now() - at);
      if (latencies.length > MOST_LATENCIES) latencies.shift();
    }
  }

  /** @param {PlayerStatus} status */
  showStatus(status) {
    const before = this.status;
    this.status = status;
    const { score, lives, timeline } = this;
    if (status.score !== before?.score) {
      score.textContent = String(status.score);
      this.ladder.you(status.score);
    }
    if (status.lives !== before?.lives) {
      lives.textContent = '●'.repeat(status.lives) + '○'.repeat(Math.max(0, 5 - status.lives));
      lives.title = `${status.lives} balls left`;
    }
    this.curve.mark(status.frame);
    if (!status.paused) this.complaint.textContent = '';
    if (status.paused || status.frame % 6 === 0) {
      timeline.max = String(Math.max(1, status.length));
      timeline.value = String(status.frame);
    }
    if (before && JSON.stringify(settingsOf(before)) === JSON.stringify(settingsOf(status))) return;
    this.screen.hint.textContent = this.hintFor(status);
    this.screen.heat.hidden = status.overlay === 'none';
    const { toggle, half } = this.buttons;
    if (toggle) toggle.textContent = status.paused ? '▶' : '❚❚';
    half?.setAttribute('aria-pressed', String(status.speed < 1));
    this.settings.show(status);
  }

  /** @param {PlayerStatus} status */
  hintFor({ over, paused, frame, score }) {
    if (over) return `Game over: ${score} points.\nA key or a click begins the next game.`;
    if (!paused || this.kind === 'watch') return '';
    if (frame === 0) return 'Click here to play.\nSpace or a click serves.';
    return 'Paused: a key or a click goes on.';
  }

  /** The kernel pauses the game when nobody has seen its pictures for a while. */
  dispose() {
    this.curve.dispose();
  }
}

/**
 * What buttons and hints show of a status.
 * @param {PlayerStatus} status
 */
function settingsOf({ paused, over, speed, pilot, epsilon, overlay, frame }) {
  return { paused, over, speed, pilot, epsilon, overlay, isNew: frame === 0 };
}
