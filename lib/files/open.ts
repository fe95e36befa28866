/** Opens files to read them, and nothing else: a pipe keeps its reader waiting, a device has no end. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FileError, withFile } from './disk';

/** Far above any text of ours. */
export const MAX_BYTES = 1 << 28;

/**
 * Opens a file; whoever calls closes it.
 * @throws FileError when it cannot be opened, is no regular file, or has more than `most` bytes.
 */
export function openToRead(path: string, most: number): Promise<FileHandle> {
  return withFile(path, 'read', async () => {
    // without O_NONBLOCK opening a pipe waits for a writer
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new FileError(`${path} must be a file, and is none`);
      if (found.size > most) {
        throw new FileError(`${path} must have at most ${most} bytes, it has ${found.size}`);
      }
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  });
}

/** A file's content. @throws FileError as `openToRead`. */
export async function readBytes(path: string, most = MAX_BYTES): Promise<Buffer> {
  const file = await openToRead(path, most);
  try {
    return await withFile(path, 'read', () => file.readFile());
  } finally {
    await file.close();
  }
}
