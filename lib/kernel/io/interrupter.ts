/**
 * How Interrupt reaches a main thread that may be busy. First by message: an awaiting cell sees it
 * at once. A thread that has not looked at its messages after a while runs synchronous code: then
 * the flag that loops in cells read, and at last SIGINT, which breaks any synchronous code of a cell.
 */
import { SHARED, type ToMain } from './thread-protocol';

/** How long the main thread may take to see a message, in ms. */
const MESSAGE_GRACE = 300;
/** How long a loop may take to read the flag, in ms. */
const FLAG_GRACE = 300;

export interface InterrupterOptions {
  readonly shared: Int32Array;
  readonly notify: (message: ToMain) => void;
}

export class Interrupter {
  private readonly shared: Int32Array;
  private readonly notify: (message: ToMain) => void;
  private sequence = 0;
  private unseen = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: InterrupterOptions) {
    this.shared = options.shared;
    this.notify = options.notify;
  }

  interrupt(): void {
    const again = this.unseen > 0;
    this.sequence += 1;
    this.unseen = this.sequence;
    this.notify({ kind: 'interrupt', sequence: this.sequence });
    const promisedToEnd = Atomics.load(this.shared, SHARED.soft) === 1;
    clearTimeout(this.timer);
    // A cell that took the signal may be in a long step; only a second Interrupt breaks that.
    if (!promisedToEnd || again) this.timer = setTimeout(() => this.raiseFlag(), MESSAGE_GRACE);
  }

  /** The main thread has seen interrupt number `sequence`. */
  seen(sequence: number): void {
    if (sequence !== this.sequence) return;
    this.unseen = 0;
    clearTimeout(this.timer);
    Atomics.store(this.shared, SHARED.interrupt, 0);
  }

  private raiseFlag(): void {
    Atomics.store(this.shared, SHARED.interrupt, this.sequence);
    this.timer = setTimeout(() => {
      // Outside a cell's synchronous part nothing would turn SIGINT into an exception.
      if (Atomics.load(this.shared, SHARED.breakable) === 1) process.kill(process.pid, 'SIGINT');
    }, FLAG_GRACE);
  }
}
