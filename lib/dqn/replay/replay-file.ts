/** A replay memory in one file: whole, or not there. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DIGEST_BYTES, digestStart, flushFolder, readAt, writeFlushed } from '../../files/flushed';
import type { ReplayHead, SavedReplay } from './replay';

/** First bytes of every file; the number changes when the meaning of what follows does. */
const NAME = 'breakout-dqn replay memory';
const VERSION = 2;

/** The head is one line of text and far below this. */
const MAX_HEAD_BYTES = 1 << 16;

interface Head extends ReplayHead {
  readonly name: string;
  readonly version: number;
  /** The arrays that follow, in this order, little-endian. */
  readonly arrays: readonly { readonly name: string; readonly bytes: number }[];
}

/** A file that is no replay memory, or is torn or changed. */
export class ReplayFileError extends Error {
  constructor(path: string, reason: string) {
    super(`${path} cannot be loaded: ${reason}. Use another file, or fill the memory by playing.`);
    this.name = 'ReplayFileError';
  }
}

export interface ReplayFileOptions {
  readonly memory: SavedReplay;
  readonly path: string;
}

/**
 * Writes a memory: a line of JSON, its arrays, and the SHA-256 of all that. It is written and flushed
 * under another name first and renamed at last. The memory must not change meanwhile.
 */
export async function saveReplay({ memory, path }: ReplayFileOptions): Promise<void> {
  const { kind, counters, arrays } = memory.state();
  const lengths = Object.entries(arrays).map(([name, { byteLength: bytes }]) => ({ name, bytes }));
  const head: Head = { name: NAME, version: VERSION, kind, counters, arrays: lengths };
  const parts = [Buffer.from(`${JSON.stringify(head)}\n`), ...Object.values(arrays)];
  const unfinished = `${path}.${randomBytes(4).toString('hex')}.unfinished`;
  try {
    await writeFlushed({ path: unfinished, parts, seal: true });
    await rename(unfinished, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/**
 * Brings a memory to where it was saved; it must be of the same class with the same capacity, stack,
 * picture size and `maxBytes`. The file is verified first, so a memory is never filled with anything
 * but what was saved.
 * @throws ReplayFileError when the file is foreign, torn or changed; the memory is then as it was.
 * @throws ReplayFileError when the arrays of a whole file hold what no memory can; the memory is then
 *   empty.
 * @throws RangeError when the memory is of another kind or size, or the file's counters, or the names
 *   and lengths of its arrays, are not those of such a memory; it is then as it was.
 */
export async function loadReplay({ memory, path }: ReplayFileOptions): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { head, start } = await readHead({ file, path });
    await verify({ file, path, bytes: start + sum(head.arrays.map(({ bytes }) => bytes)) });
    const bytes = Object.fromEntries(head.arrays.map((array) => [array.name, array.bytes]));
    const { arrays } = memory.restore({ kind: head.kind, counters: head.counters, bytes });
    try {
      let position = start;
      for (const { name } of head.arrays) {
        const into = arrays[name]!; // its names and lengths are those of the file
        await readAt({ file, path, position, into });
        position += into.byteLength;
      }
      memory.verify();
    } catch (error) {
      memory.clear();
      const reason = error instanceof Error ? error.message : String(error);
      throw new ReplayFileError(path, `${reason}; the memory is now empty`);
    }
  } finally {
    await file.close();
  }
}

async function readHead({
  file,
  path,
}: {
  file: FileHandle;
  path: string;
}): Promise<{ head: Head; start: number }> {
  const buffer = Buffer.alloc(MAX_HEAD_BYTES);
  const { bytesRead } = await file.read(buffer, 0, MAX_HEAD_BYTES, 0);
  const end = buffer.subarray(0, bytesRead).indexOf('\n');
  const head = end < 0 ? undefined : parse(buffer.toString('utf8', 0, end));
  if (!isRecord(head) || head.name !== NAME) {
    throw new ReplayFileError(path, `it does not begin as a ${NAME} does`);
  }
  if (head.version !== VERSION) {
    throw new ReplayFileError(
      path,
      `its format is version ${head.version}, this program reads version ${VERSION}`,
    );
  }
  if (!isHead(head)) throw new ReplayFileError(path, 'its first line is damaged');
  return { head, start: end + 1 };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isHead(head: unknown): head is Head {
  if (!isRecord(head) || typeof head.kind !== 'string') return false;
  if (!isRecord(head.counters) || !Array.isArray(head.arrays)) return false;
  const isArray = ({ name, bytes }: Record<string, unknown>) =>
    typeof name === 'string' && Number.isSafeInteger(bytes) && (bytes as number) >= 0;
  const names = new Set(head.arrays.map((array) => array?.name));
  const areArrays = head.arrays.every((array) => isRecord(array) && isArray(array));
  return areArrays && names.size === head.arrays.length;
}

/** @throws ReplayFileError unless the file has so many bytes and their checksum, and nothing else. */
async function verify({
  file,
  path,
  bytes,
}: {
  file: FileHandle;
  path: string;
  bytes: number;
}): Promise<void> {
  const { size } = await file.stat();
  if (size !== bytes + DIGEST_BYTES) {
    throw new ReplayFileError(path, `it must have ${bytes + DIGEST_BYTES} bytes, it has ${size}`);
  }
  const expected = Buffer.alloc(DIGEST_BYTES);
  await readAt({ file, path, position: bytes, into: expected });
  const { sha256 } = await digestStart({ file, bytes });
  if (sha256 !== expected.toString('hex')) {
    throw new ReplayFileError(path, 'its content does not match its checksum');
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
