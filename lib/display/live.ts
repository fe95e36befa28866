/** Displays that are shown once and then replaced in place, at most so often. */
import { randomUUID } from 'node:crypto';
import { figureOutput, type Output } from './bundle';
import { type Clock, SYSTEM_CLOCK } from './clock';
import type { Figure } from './figure';
import type { PngOptions } from './frames';
import type { Picture } from './picture';
import type { PlotlyFigure } from './plotly-figure';
import { type DisplayHost, pictureOutput, requireHost } from './show';

export interface LiveOptions {
  /** Shortest time between two updates in milliseconds; 500 by default. */
  readonly periodMs?: number;
  /** The running notebook kernel by default. */
  readonly host?: DisplayHost;
  readonly clock?: Clock;
}

/** What is to be shown, or a function that makes it only when it is going to be shown. */
export type Source<T> = T | (() => T);

/**
 * One output of a cell that follows a changing state.
 *
 * Updates that come faster than the period are skipped, but the last one always arrives: by itself
 * after the period, or at once with `finish()`.
 */
export class LiveOutput<T extends object> {
  private readonly displayId: string = randomUUID();
  private readonly periodMs: number;
  private readonly host: DisplayHost;
  private readonly clock: Clock;
  private readonly encode: (state: T) => Output | Promise<Output>;
  private pending: Source<T> | undefined;
  private isShown = false;
  private nextAt = Number.NEGATIVE_INFINITY;
  private cancelTimer: (() => void) | undefined;
  private sending: Promise<void> | undefined;
  private failure: unknown;

  /** @throws Error outside a notebook, unless a host is passed. */
  constructor(encode: (state: T) => Output | Promise<Output>, options: LiveOptions = {}) {
    const { periodMs = 500, host = requireHost('A live display'), clock = SYSTEM_CLOCK } = options;
    if (!(periodMs >= 0)) throw new RangeError(`periodMs must be at least 0, got ${periodMs}`);
    this.encode = encode;
    this.periodMs = periodMs;
    this.host = host;
    this.clock = clock;
  }

  /**
   * Replaces what is shown, now or within the period. The first call gives the display its place
   * among the cell's outputs.
   *
   * Arrays of the state are read when it is shown: pass a function where that costs, such as
   * `() => env.render()`.
   * @throws what an earlier update failed with.
   */
  update(state: Source<T>): void {
    this.rethrow();
    if (!this.isShown) {
      // takes its place at once: which of several displays is encoded first is a matter of chance
      this.isShown = true;
      this.host.display({ 'text/plain': '' }, { displayId: this.displayId });
    }
    this.pending = state;
    this.schedule();
  }

  /** Shows the last state now and waits until it is on its way. @throws what an update failed with. */
  async finish(): Promise<void> {
    await this.sending;
    if (this.pending !== undefined) {
      this.cancelTimer?.();
      this.cancelTimer = undefined;
      await this.deliver();
    }
    this.rethrow();
  }

  private schedule(): void {
    if (this.sending || this.cancelTimer || this.pending === undefined) return;
    const wait = this.nextAt - this.clock.now();
    if (wait <= 0) {
      this.deliver();
      return;
    }
    this.cancelTimer = this.clock.after(wait, () => {
      this.cancelTimer = undefined;
      this.deliver();
    });
  }

  private deliver(): Promise<void> {
    const source = this.pending!;
    this.pending = undefined;
    this.nextAt = this.clock.now() + this.periodMs;
    this.sending = this.send(source)
      .catch((error) => {
        this.failure = error;
      })
      .finally(() => {
        this.sending = undefined;
        this.schedule();
      });
    return this.sending;
  }

  private async send(source: Source<T>): Promise<void> {
    const state = typeof source === 'function' ? source() : source;
    const { bundle, metadata = {} } = await this.encode(state);
    this.host.display(bundle, { displayId: this.displayId, update: true, metadata });
  }

  private rethrow(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

/** A figure that grows in place, by default once a second; the reader's zoom stays. */
export class LiveFigure extends LiveOutput<Figure | PlotlyFigure> {
  constructor(options: LiveOptions = {}) {
    super(figureOutput, { periodMs: 1000, ...options });
  }
}

export type LivePictureOptions = LiveOptions & PngOptions;

/** A picture that moves in place: by default 10 times a second. Only the last one is saved. */
export class LivePicture extends LiveOutput<Picture> {
  constructor(options: LivePictureOptions = {}) {
    super((picture) => pictureOutput(picture, options), { periodMs: 100, ...options });
  }
}
