/** Finds checkpoints without loading TensorFlow. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The checkpoints of a folder, newest first; unfinished ones are left out. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const whole = names.filter((name) => /^checkpoint-\d+$/.test(name)).sort();
  return whole.reverse().map((name) => join(folder, name));
}
