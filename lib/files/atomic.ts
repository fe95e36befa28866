/** Replaces files in one step: a crash leaves the old content or the new one, a reader sees no half. */
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withFile } from './disk';
import { flushFolder, writeFlushed } from './flushed';

/**
 * Writes a file beside the old one, flushes it, renames it into place and flushes the folder.
 * @throws FileError when the folder does not exist or cannot be written; the old file is still there then.
 */
export function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  return withFile(path, 'written', () => replace(path, content));
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const suffix = `${randomBytes(4).toString('hex')}.tmp`;
  const temporary = join(dirname(path), `.${basename(path)}.${suffix}`);
  try {
    await writeFlushed({ path: temporary, parts: [Buffer.from(content)] });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}
