/** Reads what is printed on the process's own stdout and stderr, which launch.sh has made pipes. */
import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { isMainThread, workerData } from 'node:worker_threads';

type StreamName = 'stdout' | 'stderr';

const STDERR = 2;
/** The numbers that launch.sh gives. */
const LOG = 3;
const PIPES = { stdout: 4, stderr: 5 } as const;
const CHUNK = 65_536;

/** Whether launch.sh has made pipes of this process's stdout and stderr. */
export const isCaptured: boolean = isMainThread
  ? process.argv.at(-1) === '--captured'
  : workerData?.isCaptured === true;

/** Writes a line to the server's log. */
export function log(text: string): void {
  writeSync(isCaptured ? LOG : STDERR, `${text}\n`);
}

/** Bytes after which a flood waits: a child may write faster than the thread reads, or clients do. */
const MOST_AT_ONCE = 1 << 20;
/** How long it waits, in ms. */
const PAUSE = 50;

class Pipe {
  private readonly fd: number;
  private readonly onText: (text: string) => void;
  private readonly socket: Socket;
  private readonly decoder = new StringDecoder('utf8');
  private readonly buffer = Buffer.alloc(CHUNK);
  /** Bytes that came in the latest moment. */
  private recent = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(fd: number, onText: (text: string) => void) {
    this.fd = fd;
    this.onText = onText;
    this.socket = new Socket({ fd, readable: true, writable: false }); // makes the pipe non-blocking
    this.socket.on('data', (chunk) => this.takeInTime(chunk));
    this.socket.on('error', () => {}); // nothing more comes
  }

  /** Takes what is there, without waiting for the event that says so; of a flood, a part. */
  read(): void {
    try {
      for (let left = MOST_AT_ONCE; left > 0; ) {
        const length = readSync(this.fd, this.buffer);
        if (length === 0) return;
        left -= length;
        this.take(this.buffer.subarray(0, length));
      }
    } catch {
      // EAGAIN: the pipe is empty
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.socket.destroy();
  }

  private takeInTime(chunk: Buffer): void {
    this.take(chunk);
    this.recent += chunk.length;
    if (this.recent >= MOST_AT_ONCE) this.socket.pause();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.recent = 0;
      this.socket.resume();
    }, PAUSE);
  }

  private take(bytes: Buffer): void {
    const text = this.decoder.write(bytes);
    if (text) this.onText(text);
  }
}

export class StdioPipes {
  private readonly pipes: readonly Pipe[];

  constructor(onText: (name: StreamName, text: string) => void) {
    const names = isCaptured ? (['stdout', 'stderr'] as const) : [];
    this.pipes = names.map((name) => new Pipe(PIPES[name], (text) => onText(name, text)));
  }

  read(): void {
    for (const pipe of this.pipes) pipe.read();
  }

  close(): void {
    for (const pipe of this.pipes) pipe.close();
  }
}
