/** A kernel's display channel that keeps what it was given, its buttons, and a clock turned by hand. */
import { expect } from 'vitest';
import { CHANNEL_VERSION } from '../../lib/display/channel';
import type { Clock } from '../../lib/display/clock';
import type { Comm, DisplayOptions, MimeBundle } from '../../lib/kernel/host';

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

interface ButtonRow {
  readonly id: string;
  readonly buttons: readonly { readonly id: string; readonly disabled: boolean }[];
}

type Message = { readonly id: string; readonly type: string; readonly [key: string]: unknown };

/** A page's end of the comm. */
export class FakePage {
  readonly replies: unknown[] = [];
  private listener: ((data: unknown) => unknown) | undefined;

  constructor(id: string, open: (comm: Comm) => void) {
    open({
      ...{ id, target: 'breakout-display' },
      send: (data) => this.replies.push(data),
      close: () => {},
      onMessage: (listener) => {
        this.listener = (data) => listener(data, []);
      },
      onClose: () => {},
    });
  }

  /** Waits for what comes of it. */
  async say(message: Message): Promise<void> {
    await this.listener!({ version: CHANNEL_VERSION, ...message });
  }
}

/** A host whose front end shows buttons and presses them. */
export class ButtonHost extends FakeHost {
  private readonly pages: FakePage[] = [];
  private open: ((comm: Comm) => void) | undefined;

  onCommOpen(target: string, handler: (comm: Comm, data: unknown) => void): void {
    expect(target).toBe('breakout-display');
    this.open = (comm) => handler(comm, {});
    this.openPage();
  }

  /** One more page of the same kernel; the first one is there from the beginning. */
  openPage(): FakePage {
    const page = new FakePage(String(this.pages.length), this.open!);
    this.pages.push(page);
    return page;
  }

  get replies(): unknown[] {
    return this.pages[0]?.replies ?? [];
  }

  /** What was shown last as this type. */
  latest(mime: string): unknown {
    return this.shown.filter(({ bundle }) => mime in bundle).at(-1)?.bundle[mime];
  }

  /** The row of buttons as it is shown now. */
  row(): ButtonRow {
    return this.latest('application/vnd.breakout-dqn.buttons+json') as ButtonRow;
  }

  enabled(): string[] {
    return this.row()
      .buttons.filter(({ disabled }) => !disabled)
      .map(({ id }) => id);
  }

  /** What the first page says; waits for what comes of it. */
  say(message: Message): Promise<void> {
    return this.pages[0]!.say(message);
  }

  /** Presses a button and waits for what it does. */
  async press(button: string, id = this.row().id): Promise<void> {
    await this.say({ id, type: 'press', button });
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
