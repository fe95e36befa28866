/** Ticks at a steady pace, as a console's clock does. */
import type { Clock } from '../display/clock';

/** Time that is made up for after a delay; what is lost beyond it stays lost. */
const MOST_BEHIND_MS = 100;

export class Pace {
  private readonly clock: Clock;
  private readonly onTick: () => void;
  private periodMs = 1000 / 60;
  private due = 0;
  private cancel: (() => void) | undefined;

  constructor(clock: Clock, onTick: () => void) {
    this.clock = clock;
    this.onTick = onTick;
  }

  get isRunning(): boolean {
    return this.cancel !== undefined;
  }

  /** @param perSecond ticks */
  start(perSecond: number): void {
    this.stop();
    this.periodMs = 1000 / perSecond;
    this.due = this.clock.now();
    this.schedule();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private schedule(): void {
    const now = this.clock.now();
    this.due = Math.max(this.due + this.periodMs, now - MOST_BEHIND_MS);
    this.cancel = this.clock.after(Math.max(0, this.due - now), () => {
      this.schedule(); // first: the tick may stop or start the pace
      this.onTick();
    });
  }
}
