/** The kernel's end of the channel between live outputs and their page (see `messages.ts`). */
import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Comm, KernelHost } from '../kernel/host';
import { messageOf } from '../text';
import type { ChannelVersion, FromPage, ToPage, Unaddressed } from './messages';

/** The labextension's name for the comm. */
const COMM_TARGET = 'breakout-display';
export const CHANNEL_VERSION: ChannelVersion = 3;

/** What the channel needs of the kernel. */
export type ChannelHost = Pick<KernelHost, 'display' | 'onCommOpen'>;

export interface ChannelOptions {
  readonly host: ChannelHost;
  /** Called for each message of the page. What it throws is shown in the output. */
  readonly onMessage: (message: FromPage) => void | Promise<void>;
  /** Called when newer outputs have taken its place. */
  readonly onForgotten?: () => void;
}

/**
 * The latest outputs, oldest first. The kernel is not told when an output's cell runs again: kept for
 * ever, each run would keep its output and all that the output holds.
 */
const channels = new Map<string, Channel>();
const MAX_CHANNELS = 20;
const listening = new WeakSet<object>();

/** One live output's end. It can send as soon as the page has drawn the output and said so. */
export class Channel {
  readonly id: string = randomUUID();
  readonly options: ChannelOptions;
  /** Takes a message as code of the cell that made the output: what it shows appears there. */
  private readonly receive: ChannelOptions['onMessage'];
  private comm: Comm | undefined;

  constructor(options: ChannelOptions) {
    this.options = options;
    this.receive = AsyncResource.bind((message: FromPage) => options.onMessage(message));
    channels.set(this.id, this);
    const [oldest] = channels.values();
    if (channels.size > MAX_CHANNELS) {
      channels.delete(oldest!.id);
      oldest!.options.onForgotten?.();
    }
    if (listening.has(options.host)) return;
    listening.add(options.host);
    options.host.onCommOpen(COMM_TARGET, answer);
  }

  /** @returns false when no page listens. */
  send(message: Unaddressed<ToPage>, buffers: readonly Uint8Array[] = []): boolean {
    if (!this.comm) return false;
    this.comm.send({ version: CHANNEL_VERSION, id: this.id, ...message }, buffers);
    return true;
  }

  /**
   * Takes a page's message. One page at a time is sent what happens: the one that drew the output last, or
   * that its reader uses; such a page is told first how things stand.
   */
  async hear(comm: Comm, message: FromPage): Promise<void> {
    if (this.comm !== comm) {
      if (message.type === 'seen') return; // of a page that was listening before
      this.comm = comm;
      const { version, id } = message;
      if (message.type !== 'attach') await this.receive({ version, id, type: 'attach' });
    }
    await this.receive(message);
  }

  /** The page is gone. */
  hangUp(): void {
    this.comm = undefined;
  }

  isHeardBy(comm: Comm): boolean {
    return this.comm === comm;
  }
}

function answer(comm: Comm): void {
  comm.onClose(() => {
    for (const channel of channels.values()) if (channel.isHeardBy(comm)) channel.hangUp();
  });
  comm.onMessage(async (data) => {
    const message = data as FromPage;
    const { version, id } = message;
    try {
      if (version !== CHANNEL_VERSION) {
        throw new Error(
          `This page speaks version ${version} of the kernel's messages, the kernel version ` +
            `${CHANNEL_VERSION}: reload the page`,
        );
      }
      const channel = channels.get(id);
      if (!channel) throw new Error('This output is too old: run its cell again');
      await channel.hear(comm, message);
    } catch (error) {
      comm.send({ version: CHANNEL_VERSION, id, type: 'error', error: messageOf(error) });
    }
  });
}
