/**
 * How Interrupt reaches a main thread that may be busy. First by message: an awaiting cell sees it at
 * once. A thread that has not looked at its messages after a while runs synchronous code: the
 * inspector, which can be asked from here, breaks it wherever it is. Children of the
 * process get a SIGINT, as from a terminal: the code may be waiting for one of them.
 */
import { Session } from 'node:inspector';
import { interruptChildren } from './process-group';
import { BREAK_CELL, type BreakWhat, SHARED, type ToMain } from './thread-protocol';

/** How long the main thread may take to see a message, in ms. */
const MESSAGE_GRACE = 300;
/** How long one attempt to break its code may take, in ms. */
const ROUND = 500;
/** From this attempt on, code is broken that no cell has started, too. */
const FORCED_ROUND = 2;
/** When this attempt is reached, the main thread is in native code. */
const STUCK_ROUND = 3;
/** How often, in ms, and how many times code of a cut-off cell is looked for. */
const WATCH_INTERVAL = 100;
const WATCHES = 600;

export interface InterrupterOptions {
  readonly shared: Int32Array;
  readonly notify: (message: ToMain) => void;
  /** Called when a second Interrupt has not reached the main thread either. */
  readonly onStuck: () => void;
}

export class Interrupter {
  private readonly options: InterrupterOptions;
  private sequence = 0;
  private unseen = 0;
  private timer: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private session: Session | undefined;
  /** Whether the main thread has not yet come to what was asked of it. */
  private isPosted = false;

  constructor(options: InterrupterOptions) {
    this.options = options;
  }

  interrupt(): void {
    const { shared, notify } = this.options;
    const again = this.unseen > 0;
    this.sequence += 1;
    this.unseen = this.sequence;
    notify({ kind: 'interrupt', sequence: this.sequence });
    const promisedToEnd = Atomics.load(shared, SHARED.soft) === 1;
    clearTimeout(this.timer);
    // A cell that took the signal may be in a long step; only a second Interrupt breaks that.
    if (!promisedToEnd || again) {
      this.timer = setTimeout(() => this.break({ again, round: 0 }), MESSAGE_GRACE);
    }
  }

  /** The main thread has seen interrupt number `sequence`. */
  seen(sequence: number): void {
    if (sequence !== this.sequence) return;
    this.unseen = 0;
    clearTimeout(this.timer);
    Atomics.store(this.options.shared, SHARED.breaking, 0);
  }

  /** Breaks code of a cut-off cell wherever it is found in the next minute. */
  watchCutOff(): void {
    clearInterval(this.watch);
    let left = WATCHES;
    this.watch = setInterval(() => {
      this.post('cut-off');
      left -= 1;
      if (left === 0) clearInterval(this.watch);
    }, WATCH_INTERVAL);
  }

  /** Stops its timers and the session, for which Node would wait at the process's end. */
  close(): void {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.session?.disconnect();
  }

  /** Goes on until the message is seen: a child may have been started after it was signalled. */
  private break({ again, round }: { readonly again: boolean; readonly round: number }): void {
    const { onStuck, shared } = this.options;
    Atomics.store(shared, SHARED.breaking, 1);
    this.post(round < FORCED_ROUND ? 'cell' : 'any');
    interruptChildren();
    if (again && round === STUCK_ROUND) onStuck();
    this.timer = setTimeout(() => this.break({ again, round: round + 1 }), ROUND);
  }

  private post(what: BreakWhat): void {
    if (this.isPosted) return;
    if (!this.session) {
      this.session = new Session();
      this.session.connectToMainThread();
    }
    this.isPosted = true;
    const { session, sequence } = this;
    const expression = `globalThis[Symbol.for('${BREAK_CELL}')]('${what}', ${sequence})`;
    session.post('Runtime.evaluate', { expression }, () => {
      this.isPosted = false;
    });
  }
}
