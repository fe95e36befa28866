/** What a run was asked to do: every value with its source, and what made it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkSavedConfig } from '../dqn/check-config';
import type { ConfigEdits, ConfigValue, TrainingConfig } from '../dqn/config';
import { createConfig, describeConfig, type PresetName } from '../dqn/presets';
import { ROOT, RunError, type RunPaths, readJson } from './folder';

/** Changes when the meaning of a run's files does. */
const FORMAT = 2;

/** How a run is kept, beside how it learns. */
export interface RunSettings {
  /** Seconds from one checkpoint to the next; 300 unless told. */
  readonly checkpointSeconds: number;
  /** Save the replay memory, too; true unless told. Only then a resumed run goes on bit for bit. */
  readonly keepReplay: boolean;
  /** How pictures are remembered: compressed, unless told, or as plain bytes. Batches are the same. */
  readonly replay: 'compressed' | 'plain';
}

export const DEFAULT_SETTINGS: RunSettings = {
  checkpointSeconds: 300,
  keepReplay: true,
  replay: 'compressed',
};

/** Values changed while the run went on. */
export interface RunChange {
  /** After this agent step. */
  readonly agentStep: number;
  readonly values: ConfigEdits;
}

/** The content of config.json. */
export interface RunConfig {
  readonly format: number;
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  readonly preset: PresetName;
  readonly seed: number;
  readonly settings: RunSettings;
  /** The file that is the run's process: its environment, network and memory. */
  readonly program: string;
  /** As the run began. */
  readonly values: Readonly<
    Record<string, { readonly value: ConfigValue; readonly source: string }>
  >;
  readonly changes: readonly RunChange[];
  /** Of Node and of the packages. */
  readonly versions: Readonly<Record<string, string>>;
  /** The project's git commit, with "-dirty" when files were changed; null outside a clone. */
  readonly commit: string | null;
}

export interface DescribeRunOptions {
  readonly name: string;
  readonly preset: PresetName;
  readonly edits: ConfigEdits;
  readonly seed: number;
  readonly program: string;
  readonly created: Date;
  readonly settings: RunSettings;
}

/**
 * @throws RangeError when there is no such preset or the seed is none.
 * @throws ConfigError naming all wrong or unknown edits.
 * @throws RunError for a wrong setting.
 */
export async function describeRun(options: DescribeRunOptions): Promise<RunConfig> {
  const { name, preset, edits, seed, program, created, settings } = options;
  const config = createConfig(preset, edits);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed must be a whole number of at least 0, got ${seed}`);
  }
  checkSettings(settings);
  const rows = describeConfig({ config, preset });
  const values = rows.map(({ field, value, source }) => [field, { value, source }]);
  return {
    format: FORMAT,
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

function checkSettings({ checkpointSeconds, keepReplay, replay }: RunSettings): void {
  if (!(checkpointSeconds > 0 && Number.isFinite(checkpointSeconds))) {
    throw new RunError(`checkpointSeconds must be a number above 0, got ${checkpointSeconds}`);
  }
  if (typeof keepReplay !== 'boolean') {
    throw new RunError(`keepReplay must be true or false, got ${keepReplay}`);
  }
  if (replay !== 'compressed' && replay !== 'plain') {
    throw new RunError(`replay must be compressed or plain, got ${replay}`);
  }
}

/** @throws RunError when there is no such run, or it was made by another version. */
export async function readRunConfig(paths: RunPaths): Promise<RunConfig> {
  const { name, folder } = paths;
  const content = await readJson(paths.config).catch((error: Error) => {
    throw new RunError(`${paths.config} cannot be read (${error.message}): mend or remove it`);
  });
  if (content === undefined) {
    throw new RunError(`there is no run named ${name}: ${folder} has no config.json`);
  }
  const config = content as RunConfig;
  if (config.format !== FORMAT) {
    throw new RunError(
      `the run ${name} has the format ${config.format}, this program reads format ${FORMAT}: use the ` +
        'version of the program that made it',
    );
  }
  return config;
}

/** The values a run began with. @throws ConfigError when the file was edited wrongly. */
export function firstConfig({ values }: RunConfig): TrainingConfig {
  return checkSavedConfig(
    Object.fromEntries(Object.entries(values).map(([field, { value }]) => [field, value])),
  );
}

async function readVersions(): Promise<Record<string, string>> {
  const text = await readFile(join(ROOT, 'package.json'), 'utf8');
  const { version, dependencies } = JSON.parse(text) as {
    version: string;
    dependencies: Record<string, string>;
  };
  return { 'breakout-dqn': version, node: process.versions.node, ...dependencies };
}

async function readCommit(): Promise<string | null> {
  try {
    const git = promisify(execFile);
    const { stdout } = await git(
      'git',
      ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'],
      {
        cwd: ROOT,
      },
    );
    return stdout.trim();
  } catch {
    return null; // no git, or no clone
  }
}
