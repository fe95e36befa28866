/** A kernel's display channel that keeps what it was given, and a clock turned by hand. */
import type { Clock } from '../../lib/display/clock';
import type { DisplayOptions, MimeBundle } from '../../lib/kernel/host';

export interface Shown {
  readonly bundle: MimeBundle;
  readonly options: DisplayOptions;
}

export class FakeHost {
  readonly shown: Shown[] = [];

  display(bundle: MimeBundle, options: DisplayOptions = {}): void {
    this.shown.push({ bundle, options });
  }

  /** The text of each update in place. */
  texts(): unknown[] {
    const updates = this.shown.filter(({ options }) => options.update);
    return updates.map(({ bundle }) => bundle['text/plain']);
  }
}

export class FakeClock implements Clock {
  private time = 1_000_000;
  private timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, calls what is due and waits until asynchronous work has settled. */
  async advance(ms: number): Promise<void> {
    this.time += ms;
    const due = this.timers.filter(({ at }) => at <= this.time);
    this.timers = this.timers.filter(({ at }) => at > this.time);
    for (const { callback } of due) callback();
    await settle();
  }

  get pending(): number {
    return this.timers.length;
  }
}

/** Lets promises that wait for nothing outside resolve. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
