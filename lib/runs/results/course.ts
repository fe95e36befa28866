/** Sums up the course of a run in a few hundred rows, which stay when the run's folder does not. */
import { join } from 'node:path';
import type { ConfigValue } from '../../dqn/config/config';
import { createConfig } from '../../dqn/config/presets';
import { FileError } from '../../files/disk';
import { requireJson } from '../../files/json';
import { ROOT } from '../../files/root';
import {
  fields,
  listOf,
  number,
  object,
  orNull,
  recordOf,
  type Schema,
  text,
  whole,
} from '../../files/schema';
import { mean, runningMean } from '../../statistics';
import { RunError } from '../record/folder';
import type { MetricsRow } from '../record/metrics';
import { firstConfig, type RunConfig } from '../record/run-config';

/** The folder of the courses that the project reports. */
export const RESULTS = join(ROOT, 'notebooks/results');

/** Most rows of a course. */
const ROWS = 200;
/** Episodes in a mean return, as in the criterion for a solved game. */
const WINDOW = 100;

/** The progress of a run after so many agent steps. */
export interface CourseRow {
  readonly agentStep: number;
  /** Episodes ended. */
  readonly episodes: number;
  /** Mean over the last 100 of them, or over all while there are fewer; not clipped. */
  readonly meanReturn: number;
  /** The highest return so far. */
  readonly bestReturn: number;
  /** Means over the updates since the row before; null when there were none. */
  readonly loss: number | null;
  readonly meanQ: number | null;
  readonly epsilon: number;
  /** Seconds of training up to here, without pauses. */
  readonly seconds: number;
}

export interface Course {
  /** The command that starts the run again. */
  readonly command: string;
  /** What was changed while it ran, and after which agent step. */
  readonly changes: RunConfig['changes'];
  readonly versions: RunConfig['versions'];
  /** The project's git commit. */
  readonly commit: string | null;
  readonly rows: readonly CourseRow[];
}

const COURSE = fields<Course>({
  command: text,
  changes: listOf(object) as Schema<unknown> as Schema<RunConfig['changes']>,
  versions: recordOf(text),
  commit: orNull(text),
  rows: listOf(
    fields<CourseRow>({
      agentStep: whole,
      episodes: whole,
      meanReturn: number,
      bestReturn: number,
      loss: orNull(number),
      meanQ: orNull(number),
      epsilon: number,
      seconds: number,
    }),
  ),
});

/** @param rows the run's metrics, one for each episode */
export function courseOf(config: RunConfig, rows: readonly MetricsRow[]): Course {
  const { changes, versions, commit } = config;
  return { command: commandOf(config), changes, versions, commit, rows: thin(rows) };
}

/**
 * The command that starts a run with the same values. It names what was edited and what today's preset
 * has otherwise, so it holds for the version that ran and for this one.
 */
export function commandOf(run: RunConfig): string {
  const { preset, name, seed, values } = run;
  const today = createConfig(preset) as unknown as Readonly<Record<string, ConfigValue>>;
  const edits = Object.entries(firstConfig(run))
    .filter(
      ([field, value]) => value !== today[field] || values[field]?.source.startsWith('edited'),
    )
    .map(([field, value]) => `--set ${field}=${show(value)}`);
  const begin = `npm run train -- --preset ${preset} --name ${name} --seed ${seed}`;
  return [begin, ...edits].join(' ');
}

function show(value: ConfigValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The last row of each of ROWS equal spans of agent steps in which episodes ended, with means over it. */
export function thin(rows: readonly MetricsRow[]): CourseRow[] {
  const last = rows.at(-1)?.agentStep ?? 0;
  const spanOf = (row: MetricsRow) => Math.ceil((ROWS * row.agentStep) / last);
  const kept: CourseRow[] = [];
  const returns = rows.map((row) => row.return);
  const means = runningMean(returns, WINDOW);
  let best = Number.NEGATIVE_INFINITY;
  let span: MetricsRow[] = [];
  rows.forEach((row, i) => {
    best = Math.max(best, row.return);
    span.push(row);
    const next = rows[i + 1];
    if (next !== undefined && spanOf(next) === spanOf(row)) return;
    const { agentStep, epsilon, seconds } = row;
    kept.push({
      agentStep,
      episodes: i + 1,
      meanReturn: round(means[i]!),
      bestReturn: best,
      loss: meanOf(span, 'loss'),
      meanQ: meanOf(span, 'meanQ'),
      epsilon: round(epsilon),
      seconds,
    });
    span = [];
  });
  return kept;
}

function meanOf(rows: readonly MetricsRow[], field: 'loss' | 'meanQ'): number | null {
  const values = rows.flatMap((row) => row[field] ?? []);
  return values.length > 0 ? round(mean(values)) : null;
}

/** Four significant digits: the file is read by people, too. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** One row a line, so that a change of the file can be read. */
export function encodeCourse({ rows, ...rest }: Course): string {
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, '');
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  return `${head},\n  "rows": [\n${lines}\n  ]\n}\n`;
}

/**
 * Reads an exported course.
 * @param name a file in RESULTS, without .json
 * @throws RunError when there is no such file, or it holds something else.
 */
export function loadCourse(name: string): Promise<Course> {
  return readCourse(join(RESULTS, `${name}.json`));
}

/** Reads a course from a path. @throws RunError when there is no such file, or it holds something else. */
export async function readCourse(path: string): Promise<Course> {
  try {
    return await requireJson(path, COURSE);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new RunError(
      `${error.message}: a course is what an export makes of a run, export it again`,
    );
  }
}
