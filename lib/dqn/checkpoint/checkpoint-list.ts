/** Finds and removes checkpoints without loading TensorFlow. */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFile } from '../../files/disk';

/** A checkpoint's name: its step, and a number when it is not the first one saved at that step. */
const NAME = /^checkpoint-(\d+)(?:-(\d+))?$/;
/** Ends the name of a checkpoint that is being removed. */
const REMOVED = '.removed';

/**
 * The checkpoints of a folder, newest first; unfinished ones are left out.
 * @throws FileError when it is not there or cannot be read.
 */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await withFile(folder, 'read', () => readdir(folder));
  const found = names.flatMap((name) => {
    const [, step, number = '1'] = NAME.exec(name) ?? [];
    return step === undefined ? [] : [{ name, step: Number(step), number: Number(number) }];
  });
  found.sort((a, b) => b.step - a.step || b.number - a.number);
  return found.map(({ name }) => join(folder, name));
}

/** Removes a checkpoint: a crash meanwhile leaves none that is listed and half there. */
export function removeCheckpoint(path: string): Promise<void> {
  return withFile(path, 'written', async () => {
    await rm(path + REMOVED, { recursive: true, force: true });
    await rename(path, path + REMOVED);
    await rm(path + REMOVED, { recursive: true, force: true });
  });
}

/** Removes what a crash left behind: a checkpoint half written or half removed. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const isLeft = name.endsWith('.unfinished') || name.endsWith(REMOVED);
    if (isLeft) await rm(join(folder, name), { recursive: true, force: true });
  }
}
