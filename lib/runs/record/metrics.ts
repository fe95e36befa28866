/** A run's metrics.jsonl, a JSON line for each episode: appended to and followed while it grows. */
import { type FileHandle, open } from 'node:fs/promises';
import { isMissing, withFile } from '../../files/disk';
import { parseJson } from '../../files/json';
import { MAX_BYTES, openToRead, readBytes } from '../../files/open';
import { fields, number, orNull, whole } from '../../files/schema';

/** One episode. Means are over the updates since the row before; null when there were none. */
export interface MetricsRow {
  /** Agent steps taken when the episode ended. */
  readonly agentStep: number;
  /** The episode's number; the first is 1. */
  readonly episode: number;
  /** Sum of the environment's rewards, not clipped. */
  readonly return: number;
  /** Agent steps. */
  readonly length: number;
  readonly loss: number | null;
  readonly meanQ: number | null;
  readonly epsilon: number;
  readonly stepsPerSecond: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
  /** Seconds of training up to here, without pauses. */
  readonly seconds: number;
}

const ROW = fields<MetricsRow>({
  agentStep: whole,
  episode: whole,
  return: number,
  length: whole,
  loss: orNull(number),
  meanQ: orNull(number),
  epsilon: number,
  stepsPerSecond: number,
  memoryBytes: number,
  seconds: number,
});

/** Appends rows to a file that stays whole: a write that fails leaves no part of it behind. */
export class MetricsLog {
  private readonly path: string;
  private readonly file: FileHandle;
  private length: number; // bytes of whole lines
  private pending: Buffer[] = [];

  private constructor(path: string, file: FileHandle, length: number) {
    this.path = path;
    this.file = file;
    this.length = length;
  }

  /**
   * Opens a file to go on after an agent step: later rows are cut off, and so is what follows the last
   * row that can be read.
   */
  static async open({ path, agentStep }: { path: string; agentStep: number }): Promise<MetricsLog> {
    return withFile(path, 'written', async () => {
      const bytes = await readBytes(path).catch((error) => {
        if (isMissing(error)) return Buffer.alloc(0);
        throw error;
      });
      const { rowBytes } = parseLines(bytes, (row) => row.agentStep <= agentStep);
      const file = await open(path, 'a');
      await file.truncate(rowBytes);
      return new MetricsLog(path, file, rowBytes);
    });
  }

  /** Keeps a row until the next `flush`. */
  add(row: MetricsRow): void {
    this.pending.push(Buffer.from(`${JSON.stringify(row)}\n`));
  }

  /** Writes what was added. @throws FileError; the rows are then kept for later. */
  async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    const rows = this.pending.length;
    const bytes = Buffer.concat(this.pending);
    try {
      await withFile(this.path, 'written', async () => {
        for (let done = 0; done < bytes.length; ) {
          done += (await this.file.write(bytes, done)).bytesWritten;
        }
      });
    } catch (error) {
      await this.file.truncate(this.length);
      throw error;
    }
    this.length += bytes.length;
    this.pending = this.pending.slice(rows);
  }

  /** Waits until all that was written is on the disk. */
  async sync(): Promise<void> {
    await withFile(this.path, 'written', () => this.file.sync());
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Follows a growing file: each `read` looks only at what is new. */
export class MetricsReader {
  /** All rows up to the last `read`. */
  rows: MetricsRow[] = [];
  private readonly path: string;
  private offset = 0;
  /** The last line read: after a resume has cut the file it has moved or changed. */
  private lastLine = Buffer.alloc(0);

  constructor(path: string) {
    this.path = path;
  }

  /** @returns all rows; none when there is no file yet */
  async read(): Promise<readonly MetricsRow[]> {
    let file: FileHandle;
    try {
      file = await openToRead(this.path, MAX_BYTES);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.restart();
      return this.rows;
    }
    try {
      if (!(await this.isSameFile(file))) this.restart();
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.max(0, size - this.offset));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.offset);
      const whole = parseLines(bytes.subarray(0, bytesRead), () => true);
      if (whole.bytes > 0) {
        const end = whole.bytes;
        this.lastLine = Buffer.from(bytes.subarray(bytes.lastIndexOf(NEWLINE, end - 2) + 1, end));
        this.offset += end;
        // a copy: what was handed out before does not change
        this.rows = [...this.rows, ...whole.rows];
      }
    } finally {
      await file.close();
    }
    return this.rows;
  }

  private async isSameFile(file: FileHandle): Promise<boolean> {
    const { length } = this.lastLine;
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, this.offset - length);
    return bytesRead === length && bytes.equals(this.lastLine);
  }

  private restart(): void {
    this.rows = [];
    this.offset = 0;
    this.lastLine = Buffer.alloc(0);
  }
}

/** All rows of a file. */
export function readMetrics(path: string): Promise<readonly MetricsRow[]> {
  return new MetricsReader(path).read();
}

const NEWLINE = 0x0a;

/** Whole lines: their rows, without lines that are none. */
interface Lines {
  readonly rows: MetricsRow[];
  /** Where the last whole line ends. */
  readonly bytes: number;
  /** Where the last row ends. */
  readonly rowBytes: number;
}

/** The lines up to the first row that is not wanted. */
function parseLines(bytes: Buffer, isWanted: (row: MetricsRow) => boolean): Lines {
  const rows: MetricsRow[] = [];
  let start = 0;
  let rowBytes = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    const row = end < 0 ? undefined : parseRow(bytes.toString('utf8', start, end));
    if (end < 0 || (row !== undefined && !isWanted(row))) return { rows, bytes: start, rowBytes };
    start = end + 1;
    if (row === undefined) continue; // one bad line does not cost the rows after it
    rows.push(row);
    rowBytes = start;
  }
}

function parseRow(line: string): MetricsRow | undefined {
  try {
    return parseJson(line, ROW, 'a row');
  } catch {
    return undefined; // blocks that never reached the disk before a power cut read as zeros
  }
}
