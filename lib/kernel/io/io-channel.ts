/** The main thread's end of the connection to the I/O thread. */
import type { MessagePort } from 'node:worker_threads';
import { waitWhile } from '../../wait';
import { type JsonObject, type Parent, toJson } from './message';
import { type Request, SHARED, type ToIo, type ToMain } from './thread-protocol';

/** With this many characters unsent, a cell that prints or displays waits: memory must not grow without end. */
const MAX_BACKLOG = 8_000_000;
/** How long such a cell waits for the I/O thread at a time, in ms. */
const BACKLOG_WAIT = 1_000;

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
    const content = toJson(options.content);
    const { parent, buffers = [] } = options;
    this.waitForRoom(sentLength(content, buffers));
    this.send({ kind: 'send', msgType, parent, content, buffers });
  }

  reply({ channel, identities, header }: Request, msgType: string, content: JsonObject): void {
    const request = { channel, identities };
    const text = toJson(content);
    Atomics.add(this.shared, SHARED.backlog, text.length);
    this.send({ kind: 'send', msgType, request, parent: header, content: text, buffers: [] });
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

  /** From now on the process's own stdout and stderr belong to this request's cell. */
  beginCell(parent: Parent): void {
    Atomics.store(this.shared, SHARED.knowsCell, 0);
    this.send({ kind: 'cell', parent });
    waitWhile(this.shared, { index: SHARED.knowsCell, value: 0, timeoutMs: BACKLOG_WAIT });
  }

  send(message: ToIo): void {
    this.port.postMessage(message);
  }
}

/** What a message counts in the backlog: characters of its content, bytes of its buffers. */
export function sentLength(content: string, buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.byteLength, content.length);
}
