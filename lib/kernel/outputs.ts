/** Sends what code prints and shows to the cell that it belongs to. */
import { StringDecoder } from 'node:string_decoder';
import { types } from 'node:util';
import { type Cell, cellContext, isCodeOf } from './cells/cell';
import type { DisplayOptions, MimeBundle } from './host';
import type { IoChannel } from './io/io-channel';
import type { JsonObject, Parent } from './io/message';

type StreamName = 'stdout' | 'stderr';
type WriteCallback = (error?: Error | null) => void;

export class Outputs {
  private readonly io: IoChannel;
  /** The cell that runs or ran last. */
  private latest: Cell | undefined;
  private readonly works = new WeakSet<Promise<unknown>>();
  private readonly decoders = new Map<string, StringDecoder>();

  constructor(io: IoChannel) {
    this.io = io;
  }

  /** The cell that the running code belongs to: the one that started it, else the latest. */
  get owner(): Cell | undefined {
    const cell = cellContext.getStore();
    return cell && (!cell.cutOff || isCodeOf(cell)) ? cell : this.latest;
  }

  get parent(): Parent {
    return this.owner?.parent ?? {};
  }

  /** From now on `cell` gets the output of code that no cell has started. */
  begin(cell: Cell): void {
    this.latest = cell;
    this.decoders.clear();
  }

  /** Redirects process.stdout and process.stderr, and with them console. */
  capture(): void {
    for (const name of ['stdout', 'stderr'] as const) {
      process[name].write = (
        chunk: string | Uint8Array,
        encoding?: BufferEncoding | WriteCallback,
        callback?: WriteCallback,
      ): boolean => {
        this.write(name, chunk, typeof encoding === 'string' ? encoding : undefined);
        const done = typeof encoding === 'function' ? encoding : callback;
        if (done) process.nextTick(done);
        return true;
      };
    }
  }

  write(name: StreamName, chunk: string | Uint8Array, encoding?: BufferEncoding): void {
    const { owner } = this;
    if (owner?.cutOff) return;
    const isText = typeof chunk === 'string' && (!encoding || /^utf-?8$/i.test(encoding));
    const text = isText ? chunk : this.decode(name, toBytes(chunk, encoding));
    this.io.stream(name, { parent: this.parent, text });
  }

  display(bundle: MimeBundle, options: DisplayOptions = {}): void {
    if (options.update && options.displayId === undefined) {
      throw new TypeError('display() with update needs the displayId of what to replace');
    }
    this.publish(options.update ? 'update_display_data' : 'display_data', {
      data: bundle,
      metadata: options.metadata ?? {},
      transient: options.displayId === undefined ? {} : { display_id: options.displayId },
    });
  }

  /** The running cell is not over before `work` is, whether it awaits it or not. @returns what to await */
  finish(work: Promise<void>): Promise<void> {
    const { owner } = this;
    owner?.showing.add(work);
    const done = () => owner?.showing.delete(work);
    work.then(done, done);
    const awaited = work.then(); // an error of it is the cell's, if nobody handles it
    this.works.add(awaited);
    return awaited;
  }

  /** Whether a value is what `finish` returned. */
  isWork(value: unknown): boolean {
    return types.isPromise(value) && this.works.has(value);
  }

  clear(wait: boolean): void {
    this.publish('clear_output', { wait });
  }

  private publish(msgType: string, content: JsonObject): void {
    if (this.owner?.cutOff) return;
    this.io.publish(msgType, { parent: this.parent, content });
  }

  /** A character may be split between two writes of bytes. */
  private decode(name: StreamName, bytes: Uint8Array): string {
    const key = `${name} ${this.parent.msg_id ?? ''}`;
    const decoder = this.decoders.get(key) ?? new StringDecoder('utf8');
    this.decoders.set(key, decoder);
    return decoder.write(Buffer.from(bytes));
  }
}

function toBytes(chunk: string | Uint8Array, encoding?: BufferEncoding): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}
