/** Gives back notebooks as they came with the project, and keeps what a reader made of them. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { replaceFile } from '../files/atomic';
import { ROOT } from '../files/root';
import { NOTEBOOKS, type NotebookSource, readIfThere } from './files';
import { buildNotebook, formatNotebook } from './ipynb';

/** Where the readers' own notebooks are kept; git ignores it. */
export const MINE = join(NOTEBOOKS, 'mine');

/** The text of a file in the newest commit; undefined outside of a clone, and for a file that is not in it. */
function readCommitted(file: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['show', `HEAD:./${relative(ROOT, file)}`], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 50e6,
  });
  return status === 0 ? stdout : undefined;
}

export interface RestoreOptions {
  /** Folder for the notebook that is there now, by its path below the notebooks' folder. */
  readonly keepIn: string;
  /** The notebooks' folder; default: the project's. */
  readonly folder?: string;
  /** The committed text of a file; default: what git has. */
  readonly committed?: (file: string) => string | undefined;
}

/**
 * Writes the committed notebook, or without a clone one built from its source, without outputs.
 * @returns where the reader's notebook is kept; undefined when nothing had changed.
 */
export async function restoreNotebook(
  { file, cells }: NotebookSource,
  { keepIn, folder = NOTEBOOKS, committed = readCommitted }: RestoreOptions,
): Promise<string | undefined> {
  const original = committed(file) ?? formatNotebook(buildNotebook(cells));
  const present = readIfThere(file);
  if (present === original) return undefined;
  const kept = join(keepIn, relative(folder, file));
  if (present !== undefined) {
    mkdirSync(dirname(kept), { recursive: true });
    copyFileSync(file, kept);
  }
  mkdirSync(dirname(file), { recursive: true });
  await replaceFile(file, original);
  return kept;
}
