/** The main thread's end of the connection to the I/O thread. */
import type { MessagePort } from 'node:worker_threads';
import type { Header, JsonObject } from './message';
import { type Request, SHARED, type ToIo, type ToMain } from './thread-protocol';

/** With this many characters unsent, a cell that prints or displays waits: memory must not grow without end. */
const MAX_BACKLOG = 8_000_000;
/** How long such a cell waits for the I/O thread at a time, in ms. */
const BACKLOG_WAIT = 1_000;

export type Parent = Header | Record<string, never>;

export class IoChannel {
  private readonly port: MessagePort;
  private readonly shared: Int32Array;

  constructor(port: MessagePort, shared: Int32Array) {
    this.port = port;
    this.shared = shared;
  }

  onMessage(handler: (message: ToMain) => void): void {
    this.port.on('message', handler);
  }

  /** @throws TypeError when the content has no JSON form. */
  publish(
    msgType: string,
    options: {
      readonly parent: Parent;
      readonly content: JsonObject;
      readonly buffers?: readonly Uint8Array[];
    },
  ): void {
    const content = JSON.stringify(options.content, encodeBytes);
    const { parent, buffers = [] } = options;
    this.waitForRoom(publishedLength(content, buffers));
    this.send({ kind: 'publish', msgType, parent, content, buffers });
  }

  stream(name: 'stdout' | 'stderr', options: { parent: Parent; text: string }): void {
    if (options.text === '') return;
    this.waitForRoom(options.text.length);
    this.send({ kind: 'stream', name, ...options });
  }

  /** Counts what is about to be sent; the I/O thread takes it off again once it is out. */
  private waitForRoom(length: number): void {
    const backlog = Atomics.add(this.shared, SHARED.backlog, length);
    if (backlog > MAX_BACKLOG) {
      Atomics.wait(this.shared, SHARED.backlog, backlog + length, BACKLOG_WAIT);
    }
  }

  reply(request: Request, msgType: string, content: JsonObject): void {
    const { channel, identities, header } = request;
    const json = JSON.parse(JSON.stringify(content, encodeBytes)) as JsonObject;
    this.send({ kind: 'reply', msgType, request: { channel, identities, header }, content: json });
  }

  send(message: ToIo): void {
    this.port.postMessage(message);
  }
}

/** What a published message counts in the backlog: characters of its content, bytes of its buffers. */
export function publishedLength(content: string, buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.byteLength, content.length);
}

/** Bytes in a MIME bundle travel as base64, Jupyter's form of them. */
function encodeBytes(this: unknown, key: string, value: unknown): unknown {
  // Buffer has a toJSON, so look at what the object really holds.
  const held: unknown = (this as Record<string, unknown> | null)?.[key];
  if (held instanceof Uint8Array) {
    return Buffer.from(held.buffer, held.byteOffset, held.byteLength).toString('base64');
  }
  return typeof value === 'bigint' ? value.toString() : value;
}
