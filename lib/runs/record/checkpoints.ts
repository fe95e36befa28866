/** Finds the newest usable checkpoint of a run, and keeps no more than two. */
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  listCheckpoints,
  removeCheckpoint,
  removeLeftovers,
} from '../../dqn/checkpoint/checkpoint-list';
import {
  CheckpointError,
  type CheckpointInfo,
  readCheckpoint,
} from '../../dqn/checkpoint/read-checkpoint';
import { makeFolder, withFile } from '../../files/disk';
import { RunError, type RunPaths } from './folder';
import { type RunConfig, readRunConfig } from './run-config';

/** How many are kept: the newest, and the one before in case the newest is damaged. */
const KEPT = 2;
/** Begins the name of a checkpoint that was put aside. */
const ASIDE = 'damaged-';

export interface UsableCheckpoint {
  readonly path: string;
  readonly info: CheckpointInfo;
  /** Why newer ones were passed over, a sentence for each. */
  readonly damages: readonly string[];
}

/**
 * The run's newest checkpoint whose files all match their checksums; undefined when none was ever made.
 * @throws RunError when none of them can be used.
 * @throws CheckpointVersionError when one is of another version.
 */
export async function findUsable(paths: RunPaths): Promise<UsableCheckpoint | undefined> {
  const run = await readRunConfig(paths);
  const damages: string[] = [];
  for (const path of await listCheckpoints(paths.checkpoints).catch(noFolder)) {
    try {
      const info = await readCheckpoint(path);
      checkOrigin({ path, info, run });
      return { path, info, damages };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      damages.push(`the checkpoint ${path} was passed over: ${error.reason}`);
    }
  }
  if (damages.length === 0) return undefined;
  throw new RunError(
    `the run ${paths.name} has no usable checkpoint:\n${damages.join('\n')}\n` +
      'Put a copy of one there, or start another run.',
  );
}

/** The newest usable checkpoint of a run that must have one. @param name the run's, for the message */
export async function requireUsable(paths: RunPaths, name: string): Promise<UsableCheckpoint> {
  const usable = await findUsable(paths);
  if (usable) return usable;
  throw new RunError(`the run ${name} has no checkpoint yet: run.checkpoint() makes one`);
}

/** @throws CheckpointError when the checkpoint was made by another run. */
export function checkOrigin(options: { path: string; info: CheckpointInfo; run: RunConfig }): void {
  const { path, info, run } = options;
  if (info.seed !== run.seed) {
    throw new CheckpointError(path, `it was made with seed ${info.seed}, the run has ${run.seed}`);
  }
  // what was saved outside a run, or before runs had ids, names none
  if (info.run !== undefined && info.run !== run.id) {
    throw new CheckpointError(path, 'it was made by another run');
  }
}

/**
 * Removes what a crash left half written or half removed, and puts damaged checkpoints newer than this
 * one aside, in place of those put aside earlier.
 * @returns where they are now
 */
export function clearAfter(paths: RunPaths, usable: string | undefined): Promise<string[]> {
  const { checkpoints } = paths;
  return withFile(checkpoints, 'written', () => clear(checkpoints, usable));
}

async function clear(checkpoints: string, usable: string | undefined): Promise<string[]> {
  await makeFolder(checkpoints);
  await removeLeftovers(checkpoints);
  const all = await listCheckpoints(checkpoints);
  const damaged = usable === undefined ? all : all.slice(0, all.indexOf(usable));
  if (damaged.length === 0) return [];
  for (const name of await readdir(checkpoints)) {
    if (name.startsWith(ASIDE)) await rm(join(checkpoints, name), { recursive: true, force: true });
  }
  const aside = damaged.map((path) => join(checkpoints, ASIDE + basename(path)));
  for (const [i, path] of damaged.entries()) await rename(path, aside[i]!);
  return aside;
}

/** Removes all but the newest two. */
export async function prune(paths: RunPaths): Promise<void> {
  const old = (await listCheckpoints(paths.checkpoints)).slice(KEPT);
  for (const path of old) await removeCheckpoint(path);
}

function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
