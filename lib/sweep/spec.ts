/** What a sweep is: settings times seeds, each pair a run of its own. */
import type { ConfigEdits, ConfigValue, TrainingConfig } from '../dqn/config/config';
import { createConfig, type PresetName } from '../dqn/config/presets';
import { sha256 } from '../files/flushed';
import type { RunsFolder } from '../runs/record/folder';
import type { RunSettings } from '../runs/record/run-config';

/** A sweep as it is asked for: the content of a SWEEP.json, or what `sweep` is called with. */
export interface SweepOptions extends Partial<RunSettings>, RunsFolder {
  /** At most 32 characters; by default made of the preset and of what all trials have in common. */
  readonly name?: string;
  /** Default `quick`. */
  readonly preset?: PresetName;
  /**
   * Values for each field, of which every combination is a setting; or the settings themselves. The first
   * setting is the base with which the others are compared: `[{}, { epochs: 2 }]` begins with the preset.
   */
  readonly vary:
    | { readonly [Field in keyof ConfigEdits]: readonly ConfigValue[] }
    | readonly ConfigEdits[];
  /** Each setting is trained once with each of them. */
  readonly seeds: readonly number[];
  /** Agent steps of every trial. So `solvedReturn` is null here unless it is set. */
  readonly steps: number;
  /** Values of all settings that differ from the preset. */
  readonly set?: ConfigEdits;
  /** Most trials at once; default as many as the machine's cores and memory allow. */
  readonly parallel?: number;
  /** As in `startRun`. */
  readonly program?: string;
  /** What a trial needs on a Ray cluster, and whether weak ones end early. */
  readonly ray?: Partial<RayOptions>;
}

export interface RayOptions {
  /** Cores of each trial, default 1: it computes with as many threads. */
  readonly cpus: number;
  /** GPUs of each trial, or a share of one; default 0. */
  readonly gpus: number;
  /** Bytes of memory that Ray sets aside for each trial, in 1e9; default what its replay memory can take. */
  readonly gigabytes?: number;
  /**
   * Asynchronous successive halving (Li et al. 2020): at `graceSteps` agent steps, and at each
   * `reduction` times as many, only the best of each `reduction` trials go on. Default none.
   */
  readonly asha: { readonly graceSteps: number; readonly reduction: number } | null;
}

export interface Setting {
  /** 'learningRate=0.0001 epochs=2', or the preset's name when nothing is changed. */
  readonly label: string;
  readonly edits: ConfigEdits;
}

/** A setting with a seed: a run in the runs folder. */
export interface Trial {
  /** The run's name. */
  readonly name: string;
  readonly setting: Setting;
  readonly seed: number;
  /** All that differs from the preset. */
  readonly edits: ConfigEdits;
  readonly config: TrainingConfig;
}

/** A sweep without mistakes. */
export interface Sweep {
  readonly name: string;
  readonly preset: PresetName;
  readonly set: ConfigEdits;
  readonly settings: readonly Setting[];
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly trials: readonly Trial[];
  readonly keeping: Partial<RunSettings>;
  readonly parallel: number | undefined;
  readonly program: string | undefined;
  readonly ray: RayOptions;
}

/** Every combination of the values of each field, the last field changing fastest. */
export function combine(
  vary: Readonly<Record<string, readonly unknown[]>>,
): Record<string, unknown>[] {
  return Object.entries(vary).reduce<Record<string, unknown>[]>(
    (settings, [field, values]) =>
      settings.flatMap((setting) => values.map((value) => ({ ...setting, [field]: value }))),
    [{}],
  );
}

/** What all trials change: their length, and what the sweep says. */
export function commonEdits({ steps, set = {} }: Pick<SweepOptions, 'steps' | 'set'>): ConfigEdits {
  return { solvedReturn: null, ...set, totalSteps: steps };
}

export function labelOf(edits: object, preset: string): string {
  return (
    Object.entries(edits)
      .map(([field, value]) => `${field}=${value}`)
      .join(' ') || preset
  );
}

/** A name for a sweep that has none: another one when trials of that name would not be the same. */
export function defaultName(preset: string, common: object): string {
  return `${preset}-sweep-${sha256(JSON.stringify(common)).slice(0, 8)}`;
}

/** Settings in order and, within each round, one trial of each: so the first results compare all settings. */
export function listTrials(options: {
  readonly name: string;
  readonly preset: PresetName;
  readonly settings: readonly Setting[];
  readonly seeds: readonly number[];
  readonly common: ConfigEdits;
}): Trial[] {
  const { name, preset, settings, seeds, common } = options;
  return seeds.flatMap((seed) =>
    settings.map((setting) => {
      const edits = { ...common, ...setting.edits };
      const config = createConfig(preset, edits);
      return { name: trialName({ name, setting, seed }), setting, seed, edits, config };
    }),
  );
}

/** The longest name of a run. */
const NAME_LENGTH = 64;

/** 'NAME-learningRate0.0001-seed1'; a long setting is cut short, with a digest in place of the rest. */
function trialName({
  name,
  setting,
  seed,
}: {
  name: string;
  setting: Setting;
  seed: number;
}): string {
  const changes = Object.entries(setting.edits).map(([field, value]) => `${field}${value}`);
  const whole = (changes.join('-') || 'base').replace(/[^A-Za-z0-9._-]/g, '_');
  const room = NAME_LENGTH - `${name}--seed${seed}`.length;
  const short =
    whole.length <= room ? whole : `${whole.slice(0, room - 9)}-${sha256(whole).slice(0, 8)}`;
  return `${name}-${short}-seed${seed}`;
}
