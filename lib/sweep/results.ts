/** What a sweep has brought: a table and a curve for each setting, in one file. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Band, NamedBand } from '../display/curves';
import type { TableRow } from '../display/table';
import type { ConfigEdits } from '../dqn/config/config';
import { replaceFile } from '../files/atomic';
import { digestFile } from '../files/flushed';
import { readJson } from '../files/json';
import {
  exactly,
  fields,
  listOf,
  number,
  object,
  orNull,
  type Schema,
  schema,
  text,
  whole,
} from '../files/schema';
import { Mt19937 } from '../random';
import { bandOf } from '../runs/bands';
import { RunError, type RunsFolder, runPaths, runsFolderOf } from '../runs/record/folder';
import { MetricsReader, type MetricsRow } from '../runs/record/metrics';
import { RESULTS } from '../runs/results/course';
import { Run } from '../runs/run';
import {
  bootstrapInterval,
  type Interval,
  interquartileMean,
  mean,
  probabilityOfImprovement,
} from '../statistics';
import type { Setting, Sweep, Trial } from './spec';
import { isFinished, type TrialState } from './trial';

/** This number changes when the meaning of the file does. */
const FORMAT = 1;

/** Episodes in a mean return, as in the criterion for a solved game. */
const WINDOW = 100;

/** The end of one trial. */
export interface TrialResult {
  /** The run's name. */
  readonly run: string;
  readonly seed: number;
  /** Mean return of the last 100 episodes of training, or of all while there are fewer. */
  readonly score: number;
  /** Minutes of training, without pauses. */
  readonly minutes: number;
  /** SHA-256 of the last weights, hexadecimal: equal for equal seeds and settings. */
  readonly weights: string;
}

export interface SettingResult {
  /** What is changed, or the preset's name. */
  readonly label: string;
  readonly edits: ConfigEdits;
  /** The trials that have finished. */
  readonly trials: readonly TrialResult[];
  /** Interquartile mean of their scores; null while none has finished. */
  readonly iqm: number | null;
  /** Its 95 % bootstrap interval. */
  readonly interval: Interval | null;
  /** Mean of their minutes. */
  readonly minutes: number | null;
  /** Probability that a trial scores more than one of the first setting; null for that one itself. */
  readonly improvement: number | null;
  readonly improvementInterval: Interval | null;
  /** The mean return over agent steps, over the seeds that have begun. */
  readonly curve: Band;
}

/** The content of NAME.sweep.json in the runs folder. */
export interface SweepResults {
  readonly format: number;
  readonly name: string;
  readonly preset: string;
  /** Values of all settings that differ from the preset. */
  readonly set: ConfigEdits;
  readonly seeds: readonly number[];
  /** Agent steps of each trial. */
  readonly steps: number;
  /** The project's git commits that the finished trials were begun with. */
  readonly commits: readonly string[];
  readonly settings: readonly SettingResult[];
}

const NUMBERS = listOf(number);
const EDITS = object as Schema<unknown> as Schema<ConfigEdits>;
const INTERVAL = orNull(
  schema<Interval>(
    'two numbers',
    (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((end) => end === null || Number.isFinite(end)),
  ),
);
/** JSON has no NaN, which the mean of no episodes is. */
const MEAN = orNull(number) as Schema<number>;
const TRIAL = fields<TrialResult>({
  run: text,
  seed: whole,
  score: MEAN,
  minutes: number,
  weights: text,
});
const CONTENT = fields<SweepResults>({
  format: exactly(FORMAT),
  name: text,
  preset: text,
  set: EDITS,
  seeds: listOf(whole),
  steps: whole,
  commits: listOf(text),
  settings: listOf(
    fields<SettingResult>({
      label: text,
      edits: EDITS,
      trials: listOf(TRIAL),
      iqm: MEAN,
      interval: INTERVAL,
      minutes: orNull(number),
      improvement: orNull(number),
      improvementInterval: INTERVAL,
      curve: fields<Band>({ agentSteps: NUMBERS, middle: NUMBERS, low: NUMBERS, high: NUMBERS }),
    }),
  ),
});

interface End {
  readonly result: TrialResult;
  readonly commit: string | null;
}

/** Follows the trials of a sweep, and sums them up. */
export class SweepReader {
  private readonly sweep: Sweep;
  private readonly folder: RunsFolder;
  private readonly readers: ReadonlyMap<string, MetricsReader>;
  private readonly ended = new Map<string, End>();

  constructor(sweep: Sweep, folder: RunsFolder = {}) {
    this.sweep = sweep;
    this.folder = folder;
    this.readers = new Map(
      sweep.trials.map(({ name }) => [name, new MetricsReader(runPaths(name, folder).metrics)]),
    );
  }

  /** The curves as far as they go; a setting without an episode has none. */
  async bands(): Promise<NamedBand[]> {
    const bands = await Promise.all(
      this.sweep.settings.map(async (setting) => ({
        name: setting.label,
        ...(await this.bandOf(setting)),
      })),
    );
    return bands.filter(({ agentSteps }) => agentSteps.length > 0);
  }

  /** @param states those that have finished count */
  async results(states: readonly TrialState[]): Promise<SweepResults> {
    const finished = states.filter(isFinished);
    for (const { trial } of finished) {
      if (!this.ended.has(trial.name)) this.ended.set(trial.name, await this.readEnd(trial));
    }
    const { name, preset, set, seeds, steps, settings } = this.sweep;
    const ends = finished.map(({ trial }) => this.ended.get(trial.name)!);
    const commits = [...new Set(ends.flatMap(({ commit }) => commit ?? []))];
    const trialsOf = (setting: Setting) =>
      finished
        .filter(({ trial }) => trial.setting === setting)
        .map(({ trial }) => this.ended.get(trial.name)!.result);
    const base = scoresOf(trialsOf(settings[0]!));
    const results = settings.map(async (setting, i) => {
      const trials = trialsOf(setting);
      const against = i === 0 ? [] : base;
      const curve = await this.bandOf(setting);
      return { ...setting, trials, ...sumUp(trials, against), curve };
    });
    return {
      ...{ format: FORMAT, name, preset, set, seeds, steps, commits },
      settings: await Promise.all(results),
    };
  }

  private async bandOf(setting: Setting): Promise<Band> {
    const trials = this.sweep.trials.filter((trial) => trial.setting === setting);
    const rows = await Promise.all(trials.map(({ name }) => this.readers.get(name)!.read()));
    const begun = rows.filter((each) => each.length > 0);
    return begun.length === 0
      ? { agentSteps: [], middle: [], low: [], high: [] }
      : bandOf(begun.map(seriesOf), WINDOW);
  }

  private async readEnd({ name, seed }: Trial): Promise<End> {
    const run = new Run(runPaths(name, this.folder));
    const [rows, { seconds }, { commit }, [newest]] = await Promise.all([
      this.readers.get(name)!.read(),
      run.status(),
      run.config(),
      run.checkpoints(),
    ]);
    const { sha256: weights } = await digestFile(join(newest!, 'network/weights.bin'));
    const last = rows.slice(-WINDOW).map((row) => row.return);
    const result = { run: name, seed, score: mean(last), minutes: seconds / 60, weights };
    return { result, commit };
  }
}

function seriesOf(rows: readonly MetricsRow[]) {
  return {
    agentSteps: rows.map(({ agentStep }) => agentStep),
    values: rows.map((row) => row.return),
  };
}

const scoresOf = (trials: readonly TrialResult[]) => trials.map(({ score }) => score);

/** @param base scores to compare with; none for the base itself */
function sumUp(trials: readonly TrialResult[], base: readonly number[]) {
  const scores = scoresOf(trials);
  const generator = new Mt19937(1);
  const random = () => generator.nextDouble();
  const isKnown = scores.length > 0;
  const isCompared = isKnown && base.length > 0;
  return {
    iqm: isKnown ? interquartileMean(scores) : null,
    interval: isKnown
      ? bootstrapInterval({
          strata: [scores],
          estimate: ([drawn]) => interquartileMean(drawn!),
          random,
        })
      : null,
    minutes: isKnown ? mean(trials.map(({ minutes }) => minutes)) : null,
    improvement: isCompared ? probabilityOfImprovement(scores, base) : null,
    improvementInterval: isCompared
      ? bootstrapInterval({
          strata: [scores, base],
          estimate: ([drawn, drawnBase]) => probabilityOfImprovement(drawn!, drawnBase!),
          random,
        })
      : null,
  };
}

/** One row for each setting, as README and notebooks show them. */
export function sweepTable({ settings, seeds }: SweepResults): TableRow[] {
  const text = (value: number | null, digits: number) =>
    value === null ? '-' : value.toFixed(digits);
  const range = (interval: Interval | null, digits: number) =>
    interval === null ? '-' : interval.map((end) => text(end, digits)).join(' ... ');
  return settings.map((setting) => ({
    setting: setting.label,
    seeds: `${setting.trials.length} of ${seeds.length}`,
    'mean return (IQM)': text(setting.iqm, 1),
    '95 % interval': range(setting.interval, 1),
    minutes: text(setting.minutes, 1),
    'P(better than the first)': text(setting.improvement, 2),
    'its interval': range(setting.improvementInterval, 2),
  }));
}

/** Where a sweep's results are. */
export function resultsPath(name: string, folder: RunsFolder = {}): string {
  return join(runsFolderOf(folder), `${name}.sweep.json`);
}

/** Writes the results, in one step. */
export async function writeResults(results: SweepResults, folder: RunsFolder = {}): Promise<void> {
  await mkdir(runsFolderOf(folder), { recursive: true });
  const text = JSON.stringify(results, rounded, 2);
  // a list of numbers a line, so that people can read the rest
  const lists = text.replace(/\[[-\d.e+,\s]+\]/g, (list) => list.replace(/\s+/g, ' '));
  await replaceFile(resultsPath(results.name, folder), `${lists}\n`);
}

/** Six significant digits. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(6))
    : value;
}

/**
 * Reads the results of a sweep: from the runs folder, or as the project reports them in notebooks/results.
 * @throws RunError when there is no such file; FileError when it holds something else.
 */
export async function loadSweep(name: string, folder: RunsFolder = {}): Promise<SweepResults> {
  const paths = [resultsPath(name, folder), join(RESULTS, `${name}.sweep.json`)];
  for (const path of paths) {
    const results = await readJson(path, CONTENT);
    if (results) return results;
  }
  throw new RunError(
    `there are no results of a sweep ${name}, neither ${paths.join(' nor ')}: run it first`,
  );
}
