/** The checkpoints of a run: the newest that is whole, and no more than two. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CheckpointError, type CheckpointInfo, readCheckpoint } from '../dqn/checkpoint';
import { listCheckpoints } from '../dqn/checkpoint-list';
import { RunError, type RunPaths } from './folder';

/** Kept: the newest, and the one before in case the newest is damaged. */
const KEPT = 2;

export interface UsableCheckpoint {
  readonly path: string;
  readonly info: CheckpointInfo;
  /** Of newer ones that are damaged. */
  readonly damages: readonly string[];
}

/**
 * The newest checkpoint whose files all match their checksums; undefined when none was ever made.
 * @throws RunError when all are damaged.
 * @throws CheckpointVersionError when one is of another version.
 */
export async function findUsable(paths: RunPaths): Promise<UsableCheckpoint | undefined> {
  const damages: string[] = [];
  for (const path of await listCheckpoints(paths.checkpoints).catch(noFolder)) {
    try {
      return { path, info: await readCheckpoint(path), damages };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      damages.push(error.message);
    }
  }
  if (damages.length === 0) return undefined;
  throw new RunError(`the run ${paths.name} has no usable checkpoint:\n${damages.join('\n')}`);
}

/** Removes what a crash left half written, and puts damaged checkpoints newer than this one aside. */
export async function clearAfter(paths: RunPaths, usable: string | undefined): Promise<void> {
  await mkdir(paths.checkpoints, { recursive: true });
  for (const name of await readdir(paths.checkpoints)) {
    const path = join(paths.checkpoints, name);
    if (name.endsWith('.unfinished')) await rm(path, { recursive: true, force: true });
  }
  for (const path of await listCheckpoints(paths.checkpoints)) {
    if (path === usable) return;
    const aside = join(paths.checkpoints, `damaged-${basename(path)}`);
    await rm(aside, { recursive: true, force: true });
    await rename(path, aside);
  }
}

/** Removes all but the newest two. */
export async function prune(paths: RunPaths): Promise<void> {
  const old = (await listCheckpoints(paths.checkpoints)).slice(KEPT);
  for (const path of old) await rm(path, { recursive: true, force: true });
}

function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
