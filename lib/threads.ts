/** How many threads a training may use. */
import { availableParallelism } from 'node:os';

const MOST = 256;

/**
 * As many as the variable BREAKOUT_THREADS says, where several trainings share a machine; else one for each core.
 * @throws RangeError when the variable is not a whole number of 1 to 256.
 */
export function defaultThreads(): number {
  const { BREAKOUT_THREADS: given } = process.env;
  if (!given) return Math.min(availableParallelism(), MOST);
  return checkThreads('BREAKOUT_THREADS', Number(given));
}

/** @throws RangeError when the number is not a whole one of 1 to 256. */
export function checkThreads(name: string, threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST) return threads;
  throw new RangeError(`${name} must be a whole number of 1 to ${MOST}, got ${threads}`);
}
