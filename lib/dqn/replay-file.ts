/** A replay memory in one file: whole, or not there. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flushFolder } from './files';
import type { ReplayState, SavedReplay } from './replay';

/** First bytes of every file; the number changes when the meaning of what follows does. */
const NAME = 'breakout-dqn replay memory';
const VERSION = 1;

/** The head is one line of text and far below this. */
const MAX_HEAD_BYTES = 1 << 16;
/** Arrays go through in parts of this size, so that saving and loading take no more memory. */
const CHUNK_BYTES = 1 << 22;
const DIGEST_BYTES = 32;

type ReplayArray = ReplayState['arrays'][string];

interface Head {
  readonly name: string;
  readonly version: number;
  readonly counters: ReplayState['counters'];
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
  const { arrays, counters } = memory.state();
  const head: Head = {
    name: NAME,
    version: VERSION,
    counters,
    arrays: Object.entries(arrays).map(([name, { byteLength: bytes }]) => ({ name, bytes })),
  };
  const unfinished = `${path}.unfinished`;
  try {
    const file = await open(unfinished, 'w');
    try {
      const hash = createHash('sha256');
      for (const part of [Buffer.from(`${JSON.stringify(head)}\n`), ...Object.values(arrays)]) {
        for (const chunk of chunksOf(part)) {
          hash.update(chunk);
          await writeAll(file, chunk);
        }
      }
      await writeAll(file, hash.digest());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/**
 * Brings a memory to where it was saved; it must have the same capacity, picture size and `maxBytes`.
 * The file is verified first, so a memory is never filled with anything but what was saved.
 * @throws ReplayFileError when the file is foreign, torn or changed; the memory is then as it was.
 * @throws RangeError when the memory is of another size; it is then as it was.
 */
export async function loadReplay({ memory, path }: ReplayFileOptions): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { head, start } = await readHead({ file, path });
    await verify({ file, path, bytes: start + sum(head.arrays.map(({ bytes }) => bytes)) });
    const { arrays } = memory.restore(head.counters);
    try {
      let position = start;
      for (const { name, bytes } of head.arrays) {
        await fill({ file, position, array: arrays[name], bytes });
        position += bytes;
      }
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
  if (!isRecord(head) || !isRecord(head.counters) || !Array.isArray(head.arrays)) return false;
  return head.arrays.every((array) => isRecord(array) && Number.isSafeInteger(array.bytes));
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
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; position < bytes; ) {
    const part = chunk.subarray(0, Math.min(CHUNK_BYTES, bytes - position));
    await readAll({ file, position, into: part });
    hash.update(part);
    position += part.length;
  }
  const expected = Buffer.alloc(DIGEST_BYTES);
  await readAll({ file, position: bytes, into: expected });
  if (!hash.digest().equals(expected)) {
    throw new ReplayFileError(path, 'its content does not match its checksum');
  }
}

async function fill({
  file,
  position,
  array,
  bytes,
}: {
  file: FileHandle;
  position: number;
  array: ReplayArray | undefined;
  bytes: number;
}): Promise<void> {
  if (array?.byteLength !== bytes) {
    throw new RangeError(`an array must have ${array?.byteLength} bytes, it has ${bytes}`);
  }
  for (const part of chunksOf(array)) {
    await readAll({ file, position, into: part });
    position += part.length;
  }
}

function* chunksOf(array: ReplayArray): Generator<Uint8Array> {
  const { buffer, byteOffset, byteLength } = array;
  for (let done = 0; done < byteLength; done += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, byteLength - done);
    yield new Uint8Array(buffer, byteOffset + done, length);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done)).bytesWritten; // a nearly full disk takes only some
  }
}

async function readAll({
  file,
  position,
  into,
}: {
  file: FileHandle;
  position: number;
  into: Uint8Array;
}): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new RangeError(`the file ends after ${position + done} bytes`);
    done += bytesRead;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
