/** A stage of the set-up, and the folder juggling that all of them share. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Progress, startStage } from './report.mjs';

/** Where a stage works. */
export interface Site {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Stage {
  readonly name: string;
  /** Free disk space needed while it runs, in bytes. */
  readonly bytes: number;
  /** Whether its product is there, of the right version and undamaged as far as a quick look shows. */
  isDone(): boolean;
  /**
   * What the machine must have, looked at before anything is downloaded.
   * @throws SetupError
   */
  check?(): void;
  /** Makes its product, in a folder of its own until it is complete. */
  run(progress: Progress): Promise<void>;
  /** Files by whose size and time a later set-up sees that all is unchanged, relative to root. */
  readonly products: readonly string[];
}

/**
 * The site of a set-up. Its tools keep their temporary files in its work folder: on the disk whose room
 * was looked at, and gone with the next set-up when a tool is killed.
 */
export function makeSite(root: string): Site {
  const TMPDIR = join(workFolder({ root }), 'tmp');
  mkdirSync(TMPDIR, { recursive: true });
  return { root, env: { ...process.env, TMPDIR } };
}

/** Folder for unfinished work, on the same disk as the project so that renaming is one step. */
export function workFolder({ root }: Pick<Site, 'root'>): string {
  return join(root, '.cache/setup/work');
}

/** A new empty folder for unfinished work. */
export function makeWorkFolder(site: Site, name: string): string {
  mkdirSync(workFolder(site), { recursive: true });
  return mkdtempSync(join(workFolder(site), `${name}-`));
}

/** Log of a tool's output. */
export function logPath({ root }: Site, name: string): string {
  return join(root, '.cache/setup', `${name}.log`);
}

/**
 * Puts a complete folder in the place of another, which may be missing or in use: a program that has
 * files of the old one open keeps them.
 */
export function replaceFolder(site: Site, { from, to }: { from: string; to: string }): void {
  const old = join(makeWorkFolder(site, 'old'), 'folder');
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(to, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  renameSync(from, to);
  rmSync(dirname(old), { recursive: true, force: true });
}

/** Runs a stage and shows how far it is. */
export async function runStage(stage: Stage): Promise<void> {
  const progress = startStage(stage.name);
  try {
    await stage.run(progress);
    progress.done();
  } catch (error) {
    progress.stop();
    throw error;
  }
}
