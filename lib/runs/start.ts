/** Starts runs, finds them, lists them. */
import { existsSync } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import type { ConfigEdits, Unchecked } from '../dqn/config/config';
import { FileError, makeFolder, withFile } from '../files/disk';
import { messageOf } from '../text';
import { findSocket } from './control/ownership';
import { noteStart } from './control/starting';
import { BREAKOUT, launch, programFile } from './launch';
import {
  listNames,
  RunError,
  type RunPaths,
  type RunsFolder,
  runPaths,
  runsFolderOf,
  writeJson,
} from './record/folder';
import {
  checkOwner,
  DEFAULT_SETTINGS,
  describeRun,
  RemovedError,
  type RunConfig,
  type RunSettings,
  readRunConfig,
} from './record/run-config';
import { emptyStatus, type RunStatus } from './record/status';
import { Run } from './run';

/** A run's name and settings, and values that differ from the preset: `{ name, learningRate: 1e-4 }`. */
export interface StartOptions
  extends Unchecked<ConfigEdits>,
    Unchecked<Partial<RunSettings>>,
    RunsFolder {
  /** The run's folder in `runs/`. */
  readonly name: string;
  /** One of `PRESETS`; default `quick`. */
  readonly preset?: string;
  /** A whole number, default 1: equal seeds give equal runs. */
  readonly seed?: number;
  /**
   * A file that calls `runProcess` with an environment, network or memory of your own, in lib/runs or test
   * and with a name as `my-process.ts`; default Breakout with the network of Mnih et al. 2015.
   */
  readonly program?: string;
  /** Threads that compute; default one for each core. They change the speed and nothing else. */
  readonly threads?: number;
}

/**
 * Starts a training in a process of its own and returns as soon as it trains. It goes on when the
 * notebook's kernel, or the program that started it, ends.
 * @throws ConfigError naming all wrong or unknown values and settings.
 * @throws RunError when the name is taken or wrong, the memory does not fit, or the process fails.
 */
export async function startRun(options: StartOptions): Promise<Run> {
  const { paths, config } = await createRun(options, noteStart);
  try {
    const { threads } = options;
    await launch({ paths, program: programFile(config.program), edits: {}, threads });
  } catch (error) {
    await removeUntrained(paths, config);
    throw error;
  }
  return new Run(paths);
}

/**
 * Makes the folder of a run that has not begun.
 * @param prepare called when the folder is there and holds no run yet
 * @throws ConfigError, RunError as `startRun`, FileError when the disk does not take it: the name stays free.
 */
export async function createRun(
  options: StartOptions,
  prepare: (paths: RunPaths) => Promise<void> = async () => {},
): Promise<{ readonly paths: RunPaths; readonly config: RunConfig }> {
  const { name, preset = 'quick', seed = 1, program = BREAKOUT, threads: _, ...rest } = options;
  const {
    runsFolder,
    checkpointSeconds = DEFAULT_SETTINGS.checkpointSeconds,
    keepReplay = DEFAULT_SETTINGS.keepReplay,
    replay = DEFAULT_SETTINGS.replay,
    ...edits
  } = rest;
  const paths = runPaths(name, options);
  const settings = { checkpointSeconds, keepReplay, replay };
  const created = new Date();
  const config = await describeRun({ name, preset, seed, edits, program, settings, created });
  await createFolder(paths, options);
  try {
    await prepare(paths);
    await writeJson(paths.config, config);
  } catch (error) {
    // nobody else can have begun a run in it: it has never had a config.json
    await rm(paths.folder, { recursive: true, force: true });
    throw error;
  }
  return { paths, config };
}

/**
 * A run that was started before, here or elsewhere, whether its process is running or not.
 * @throws RunError when there is none of that name, or it was made by another version.
 */
export async function attach(name: string, options: RunsFolder = {}): Promise<Run> {
  const paths = runPaths(name, options);
  await readRunConfig(paths);
  return new Run(paths);
}

/** All runs, by name. Those that cannot be read are `unreadable`, with a message that says why. */
export async function listRuns(options: RunsFolder = {}): Promise<RunStatus[]> {
  const runs: RunStatus[] = [];
  for (const name of await listNames(options)) {
    const paths = runPaths(name, options);
    // else a folder of something else; a link that leads nowhere was a run's
    const isRun = await lstat(paths.config).then(
      () => true,
      () => false,
    );
    if (!isRun) continue;
    try {
      runs.push(await (await attach(name, options)).status());
    } catch (error) {
      // one run's fault, whatever it is, leaves the others in the list
      runs.push({ ...emptyStatus(name), state: 'unreadable', message: messageOf(error) });
    }
  }
  return runs;
}

/** Removes a folder in which nothing was trained, unless somebody has resumed the run meanwhile. */
async function removeUntrained(paths: RunPaths, config: RunConfig): Promise<void> {
  const owner = await findSocket(paths).catch(() => 'there, and silent or foreign');
  if (owner !== undefined) return;
  try {
    await checkOwner(paths, config);
  } catch (error) {
    if (error instanceof RemovedError) return;
    throw error;
  }
  await rm(paths.folder, { recursive: true, force: true });
}

async function createFolder(paths: RunPaths, options: RunsFolder): Promise<void> {
  const { name, folder, config } = paths;
  const runs = runsFolderOf(options);
  await makeFolder(runs);
  try {
    // settings, pictures and logs are its user's alone
    await withFile(folder, 'written', () => mkdir(folder, { mode: 0o700 }));
  } catch (error) {
    if (!(error instanceof FileError) || error.code !== 'EEXIST') throw error;
    throw new RunError(
      existsSync(config)
        ? `there is a run named ${name} already: choose another name, or attach('${name}') and resume it`
        : `${folder} is there already and holds no run, as it has no config.json: choose another name, ` +
            'or remove the folder',
    );
  }
}
