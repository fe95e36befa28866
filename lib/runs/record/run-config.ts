/** A run's config.json: every value with its source, the changes since, and what made it. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError, type ConfigProblem, checkSavedConfig } from '../../dqn/config/check-config';
import type { ConfigEdits, ConfigValue, TrainingConfig } from '../../dqn/config/config';
import { createConfig, describeConfig, PRESETS, type PresetName } from '../../dqn/config/presets';
import { FileError } from '../../files/disk';
import { readJson } from '../../files/json';
import { ROOT } from '../../files/root';
import {
  exactly,
  fields,
  listOf,
  object,
  optional,
  orNull,
  recordOf,
  type Schema,
  schema,
  text,
  whole,
} from '../../files/schema';
import { RunError, type RunPaths } from './folder';

/** This number changes when the meaning of a run's files does. */
const FORMAT = 2;

/** How a run is kept, beside how it learns. */
export interface RunSettings {
  /** Seconds from one checkpoint to the next; default 300. */
  readonly checkpointSeconds: number;
  /** Save the replay memory, too; default true. Only then a resumed run goes on bit for bit. */
  readonly keepReplay: boolean;
  /** How pictures are remembered: compressed, the default, or as plain bytes. Batches are the same. */
  readonly replay: 'compressed' | 'plain';
}

export const DEFAULT_SETTINGS: RunSettings = {
  checkpointSeconds: 300,
  keepReplay: true,
  replay: 'compressed',
};

/** Values changed while the run went on. */
export interface RunChange {
  /** The agent step after which they changed. */
  readonly agentStep: number;
  readonly values: ConfigEdits;
}

/** The content of config.json. */
export interface RunConfig {
  readonly format: number;
  /** An id that no other run has, not even one that takes its place in a folder of the same name. */
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  readonly preset: PresetName;
  readonly seed: number;
  readonly settings: RunSettings;
  /** A name or file as in `launch`: what makes environment, network and memory. */
  readonly program: string;
  /** The values with which the run began. */
  readonly values: Readonly<
    Record<string, { readonly value: ConfigValue; readonly source: string }>
  >;
  readonly changes: readonly RunChange[];
  /** Versions of Node, of the packages and, once it has started, of TensorFlow's library. */
  readonly versions: Readonly<Record<string, string>>;
  /** The project's git commit, with "-dirty" when files were changed; null outside a clone. */
  readonly commit: string | null;
}

/** What each setting must be. More checkpoints in a second would leave a training no time. */
const SETTINGS: Readonly<
  Record<keyof RunSettings, readonly [string, (value: unknown) => boolean]>
> = {
  checkpointSeconds: [
    'a number of at least 0.1',
    (value) => Number.isFinite(value) && (value as number) >= 0.1,
  ],
  keepReplay: ['true or false', (value) => typeof value === 'boolean'],
  replay: ['compressed or plain', (value) => value === 'compressed' || value === 'plain'],
};

const CONTENT = fields<RunConfig>({
  format: exactly(FORMAT),
  id: optional(text), // runs had none at first
  name: text,
  created: text,
  preset: exactly(...(Object.keys(PRESETS) as PresetName[])),
  seed: whole,
  settings: fields<RunSettings>({
    checkpointSeconds: schema(...SETTINGS.checkpointSeconds),
    keepReplay: schema(...SETTINGS.keepReplay),
    replay: schema(...SETTINGS.replay),
  }),
  program: text,
  // `checkValues` checks the values
  values: recordOf(fields({ value: schema<ConfigValue>('a value', () => true), source: text })),
  changes: listOf(fields<RunChange>({ agentStep: whole, values: object as Schema<ConfigEdits> })),
  versions: recordOf(text),
  commit: orNull(text),
});

type Unchecked = { readonly [Name in keyof RunSettings]: unknown };

/** Preset, edits and settings as somebody wrote them, not checked yet. */
export interface DescribeRunOptions {
  readonly name: string;
  readonly preset: string;
  readonly edits: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly program: string;
  readonly created: Date;
  readonly settings: Unchecked;
}

/**
 * @throws RangeError when there is no such preset.
 * @throws ConfigError naming all wrong or unknown edits and settings.
 */
export async function describeRun(options: DescribeRunOptions): Promise<RunConfig> {
  const { name, seed, program, created } = options;
  const { config, preset, settings } = checkAll(options);
  const rows = describeConfig({ config, preset });
  const values = rows.map(({ field, value, source }) => [field, { value, source }]);
  return {
    format: FORMAT,
    id: randomUUID(),
    name,
    created: created.toISOString(),
    preset,
    seed,
    settings,
    program,
    values: Object.fromEntries(values),
    changes: [],
    versions: await readVersions(),
    commit: await readCommit(),
  };
}

interface Checked {
  readonly config: TrainingConfig;
  readonly preset: PresetName;
  readonly settings: RunSettings;
}

function checkAll({ preset: name, edits, seed, settings }: DescribeRunOptions): Checked {
  const problems: ConfigProblem[] = [];
  const preset = name as PresetName; // createConfig refuses any other name
  let config: TrainingConfig | undefined;
  try {
    config = createConfig(preset, edits);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  if (!isSeed(seed)) problems.push({ field: 'seed', expected: SEED, got: seed });
  problems.push(...findSettingProblems(settings));
  if (config === undefined || problems.length > 0) throw new ConfigError(problems);
  return { config, preset, settings: settings as RunSettings };
}

const SEED = 'a whole number of at least 0';

export function isSeed(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** All that is wrong with how a run is to be kept. */
export function findSettingProblems(settings: Unchecked): ConfigProblem[] {
  const names = Object.keys(SETTINGS) as (keyof RunSettings)[];
  return names.flatMap((field) => {
    const [expected, fits] = SETTINGS[field];
    const got = settings[field];
    return fits(got) ? [] : [{ field, expected, got }];
  });
}

/**
 * Makes sure that a folder is still this run's, before something is written to it.
 * @throws RemovedError when somebody has removed it, even if another run has taken its place.
 */
export async function checkOwner(paths: RunPaths, { id }: Pick<RunConfig, 'id'>): Promise<void> {
  const { folder } = paths;
  const content = await readJson(paths.config, IDENTITY).catch((error) => {
    // a file that somebody's editor has damaged is no sign of another run
    if (error instanceof FileError && error.code === undefined) return null;
    throw error;
  });
  if (content === undefined) throw new RemovedError(`${folder} was removed: the run ends`);
  const found = content === null ? undefined : withId(content).id;
  if (found === undefined || found === id) return;
  throw new RemovedError(`${folder} holds another run by now, this one was removed: it ends`);
}

/** There is no folder any more that the run may write to. */
export class RemovedError extends RunError {
  constructor(message: string) {
    super(message);
    this.name = 'RemovedError';
  }
}

const IDENTITY = fields<Pick<RunConfig, 'id' | 'created'>>({
  id: optional(text),
  created: optional(text),
});

/** Runs had no ids at first; they differ in the millisecond that they were created in. */
function withId<Config extends Pick<RunConfig, 'id' | 'created'>>(config: Config): Config {
  return { ...config, id: config.id ?? config.created };
}

/** @throws RunError when there is no such run, it was made by another version, or its file is damaged. */
export async function readRunConfig(paths: RunPaths): Promise<RunConfig> {
  const { name, folder } = paths;
  const config = await readJson(paths.config, (content, field) => {
    const { format } = object(content, field);
    if (Number.isSafeInteger(format) && format !== FORMAT) throw otherFormat(name, format);
    return CONTENT(content, field);
  }).catch((error) => {
    if (!(error instanceof FileError)) throw error;
    const advice = error.code === undefined ? ': mend or remove it' : '';
    throw new RunError(error.message + advice);
  });
  if (config === undefined) {
    throw new RunError(`there is no run named ${name}: ${folder} has no config.json`);
  }
  checkValues(config, paths.config);
  return { ...withId(config), name }; // the folder may be a copy
}

function otherFormat(name: string, format: unknown): RunError {
  return new RunError(
    `the run ${name} has the format ${format}, this program reads format ${FORMAT}: use the ` +
      'version of the program that made it',
  );
}

/** @throws RunError naming all values that a training cannot begin with, or change to later. */
function checkValues(config: RunConfig, path: string): void {
  try {
    let current: TrainingConfig = firstConfig(config);
    for (const change of config.changes) {
      current = checkSavedConfig({ ...current, ...change.values });
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new RunError(new ConfigError(error.problems, path).message);
  }
}

/** The values a run began with. @throws ConfigError when the file was edited wrongly. */
export function firstConfig({ values }: RunConfig): TrainingConfig {
  return checkSavedConfig(
    Object.fromEntries(Object.entries(values).map(([field, { value }]) => [field, value])),
  );
}

async function readVersions(): Promise<Record<string, string>> {
  const text = await readFile(join(ROOT, 'package.json'), 'utf8');
  const { version, dependencies } = JSON.parse(text) as Record<'version', string> &
    Record<'dependencies', Record<string, string>>;
  return { 'breakout-dqn': version, node: process.versions.node, ...dependencies };
}

async function readCommit(): Promise<string | null> {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'];
    const { stdout } = await promisify(execFile)('git', args, { cwd: ROOT });
    return stdout.trim();
  } catch {
    return null; // no git, or no clone
  }
}
