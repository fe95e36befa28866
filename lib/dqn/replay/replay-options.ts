/** The options of a replay buffer, and the check of their ranges. */
import { MIN_PICTURES_PER_BLOCK } from './compressed-pictures';

/** Steps of a row are kept in one byte. */
const MAX_STEPS = 255;

export interface ReplayBufferOptions {
  /** Pictures kept: one for each transition and one more for each episode. Above the stack's height. */
  readonly capacity: number;
  /** [stack, height, width] of an observation. */
  readonly observationShape: readonly number[];
  /** Transitions in a sample, 1 or more. */
  readonly batchSize: number;
  /** Transitions from an observation to its next one, 1 to 255; default 1. */
  readonly nSteps?: number;
  /** What a reward counts one step later, 0 to 1; needed when `nSteps` is more than 1. */
  readonly gamma?: number;
  /**
   * Keep pictures compressed. Batches are the same to the last bit. Breakout takes about 100 bytes a
   * transition in place of 7,067, and a sample takes longer. Default: true for more than 1 GB of
   * pictures, as a million of 84x84 are more than one array can hold on Node 20.
   */
  readonly compress?: boolean;
  /**
   * Most bytes of compressed pictures, up to 2 GiB; default 450 million. Play takes a fraction of it.
   * Pictures that have little in common reach it before the capacity: then the oldest go earlier, some
   * dozens at once.
   */
  readonly maxBytes?: number;
}

/** @throws RangeError when an option is out of its range. */
export function checkOptions({
  capacity,
  observationShape,
  batchSize,
  compress,
  nSteps,
  gamma = nSteps === 1 ? 1 : undefined,
}: ReplayBufferOptions & { compress: boolean; nSteps: number }): void {
  const stack = observationShape[0]!;
  if (compress && stack >= MIN_PICTURES_PER_BLOCK) {
    throw new RangeError(
      `an observation must stack fewer than ${MIN_PICTURES_PER_BLOCK} pictures to be compressed, got ` +
        `${stack}: set compress to false or stack fewer`,
    );
  }
  const isWhole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  if (!isWhole(capacity, stack + 1)) {
    throw new RangeError(
      `capacity must be a whole number above the stack of ${stack} pictures, got ${capacity}`,
    );
  }
  if (!isWhole(nSteps, 1) || nSteps > MAX_STEPS) {
    throw new RangeError(`nSteps must be a whole number of 1 to ${MAX_STEPS}, got ${nSteps}`);
  }
  if (gamma === undefined || !(gamma >= 0 && gamma <= 1)) {
    throw new RangeError(`gamma must be 0 to 1 for ${nSteps} steps, got ${gamma}`);
  }
  if (!isWhole(batchSize, 1)) {
    throw new RangeError(`batchSize must be a whole number of at least 1, got ${batchSize}`);
  }
}
