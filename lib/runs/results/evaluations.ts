/** What `npm run evaluate` reported about the agents that the project reports. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunError } from '../record/folder';
import { RESULTS } from './course';

export interface EvaluationResult {
  /** The command that reported it. */
  readonly command: string;
  /** What computed the values: with another one the games go another way, and the mean a little, too. */
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
  /** Of each game. */
  readonly returns: readonly number[];
}

/** All of them, by name. @throws RunError when the file cannot be read. */
export async function loadEvaluations(): Promise<Readonly<Record<string, EvaluationResult>>> {
  const path = join(RESULTS, 'evaluations.json');
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new RunError(`${path} cannot be read (${(error as Error).message}): restore it from git`);
  }
}
