/** The folder of a run: its name, and the files in it. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFile } from '../../files/atomic';
import { isMissing, withFile } from '../../files/disk';
import { ROOT } from '../../files/root';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Says in a sentence what a run cannot do, and what to do about it. */
export class RunError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RunError';
  }
}

/** The folder of all runs; a run's folder in it has the run's name. */
export interface RunsFolder {
  /** Default: the environment variable BREAKOUT_RUNS or, without it, `runs/` in the repository. */
  readonly runsFolder?: string;
}

export interface RunPaths {
  readonly name: string;
  readonly folder: string;
  /** What was asked for, and all changes since (`RunConfig`). */
  readonly config: string;
  /** State and progress when it last began, paused, saved or ended (`RunStatus`). */
  readonly status: string;
  /** One JSON object a line for each episode (`MetricsRow`). */
  readonly metrics: string;
  /** What happened, one line each, for people. */
  readonly events: string;
  /** What the process printed. */
  readonly output: string;
  readonly checkpoints: string;
  /** How to reach the process; the owner's alone. */
  readonly control: string;
}

export function runsFolderOf({ runsFolder }: RunsFolder): string {
  return runsFolder ?? (process.env.BREAKOUT_RUNS || join(ROOT, 'runs'));
}

/** Whether a name can be a folder's on every system. */
export function isRunName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}

/** @throws RunError as `isRunName` says. */
export function runPaths(name: string, options: RunsFolder = {}): RunPaths {
  if (!isRunName(name)) {
    throw new RunError(
      `a run's name must be 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first, got ` +
        `${JSON.stringify(name)}: choose another`,
    );
  }
  return pathsIn(join(runsFolderOf(options), name), name);
}

export function pathsIn(path: string, name: string): RunPaths {
  const folder = resolve(path); // the run's process works elsewhere
  return {
    name,
    folder,
    config: join(folder, 'config.json'),
    status: join(folder, 'status.json'),
    metrics: join(folder, 'metrics.jsonl'),
    events: join(folder, 'events.log'),
    output: join(folder, 'output.log'),
    checkpoints: join(folder, 'checkpoints'),
    control: join(folder, 'control'),
  };
}

/** Folders that may be runs, in alphabetical order. */
export async function listNames(options: RunsFolder = {}): Promise<string[]> {
  const folder = runsFolderOf(options);
  const read = () => readdir(folder, { withFileTypes: true });
  const entries = await withFile(folder, 'read', read).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .filter((entry) => NAME.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** Replaces a file by a value as JSON, in one step and lastingly. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await replaceFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
