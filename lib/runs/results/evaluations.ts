/** What `npm run evaluate` printed for the agents that the project reports. */
import { join } from 'node:path';
import { FileError } from '../../files/disk';
import { requireJson } from '../../files/json';
import {
  fields,
  listOf,
  number,
  optional,
  orNull,
  recordOf,
  text,
  whole,
} from '../../files/schema';
import { RunError } from '../record/folder';
import { RESULTS } from './course';

export interface EvaluationResult {
  /** The command that printed it. */
  readonly command: string;
  /** What computed the values: another engine rounds otherwise, so its games and mean differ. */
  readonly engine: string;
  /** SHA-256 of the weights.bin that played, hexadecimal; left out where the agent was not kept. */
  readonly weights?: string;
  readonly mean: number;
  /** Standard deviation of the returns; null for one episode, as JSON has no NaN. */
  readonly std: number | null;
  readonly median: number;
  readonly best: number;
  readonly episodes: number;
  readonly epsilon: number;
  /** One for each game. */
  readonly returns: readonly number[];
}

const EVALUATIONS = recordOf(
  fields<EvaluationResult>({
    command: text,
    engine: text,
    weights: optional(text),
    mean: number,
    std: orNull(number),
    median: number,
    best: number,
    episodes: whole,
    epsilon: number,
    returns: listOf(number),
  }),
);

/** All evaluations, by name. @throws RunError when the file cannot be read. */
export async function loadEvaluations(): Promise<Readonly<Record<string, EvaluationResult>>> {
  const path = join(RESULTS, 'evaluations.json');
  try {
    return await requireJson(path, EVALUATIONS);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new RunError(`${error.message}: restore it from git`);
  }
}
