/** Files that are really on the disk when a function returns, with checksums. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { withFile } from './disk';
import { openToRead } from './open';
import { fields, schema, whole } from './schema';

/** Large arrays go through in parts of this size, so that memory stays flat. */
const CHUNK_BYTES = 1 << 22;

/** The length and checksum that a file must have. */
export interface FileRecord {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export const FILE_RECORD = fields<FileRecord>({
  bytes: whole,
  sha256: schema('64 hexadecimal digits', (value) => /^[0-9a-f]{64}$/.test(String(value))),
});

/** A checksum, hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Writes the parts one after the other into a new file and flushes it to the disk.
 * @throws FileError when the disk or the folder does not take it.
 */
export function writeFlushed(options: {
  path: string;
  parts: readonly ArrayBufferView[];
}): Promise<FileRecord> {
  return withFile(options.path, 'written', () => write(options));
}

async function write({
  path,
  parts,
}: {
  path: string;
  parts: readonly ArrayBufferView[];
}): Promise<FileRecord> {
  const hash = createHash('sha256');
  let total = 0;
  const file = await open(path, 'w');
  try {
    for (const part of parts) {
      const bytes = bytesOf(part);
      for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
        const chunk = bytes.subarray(start, start + CHUNK_BYTES);
        hash.update(chunk);
        await writeAll(file, chunk);
      }
      total += bytes.length;
    }
    await file.sync();
    return { bytes: total, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done)).bytesWritten; // a nearly full disk takes only some
  }
}

/** Makes the names in a folder lasting, as renames are only after this. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Length and checksum of a file. @throws FileError when it cannot be read, or has more than `most` bytes. */
export function digestFile(path: string, most = Number.POSITIVE_INFINITY): Promise<FileRecord> {
  return withFile(path, 'read', () => digest(path, most));
}

async function digest(path: string, most: number): Promise<FileRecord> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await openToRead(path, most);
  for await (const chunk of file.createReadStream({ highWaterMark: CHUNK_BYTES })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Fills an array with a file's bytes. @throws RangeError when the file is shorter. */
export async function readInto({
  path,
  into,
}: {
  path: string;
  into: ArrayBufferView;
}): Promise<void> {
  const bytes = bytesOf(into);
  const file = await openToRead(path, Number.POSITIVE_INFINITY);
  try {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(CHUNK_BYTES, bytes.length - done);
      const { bytesRead } = await file.read(bytes, done, length, done);
      if (bytesRead === 0) {
        throw new RangeError(`${path} must have at least ${bytes.length} bytes, got ${done}`);
      }
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
