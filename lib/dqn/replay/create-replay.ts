/** Chooses how a training remembers. */
import type { Replay, SavedReplay } from './replay';
import { ReplayBuffer } from './replay-buffer';
import { ReplayMemory, type ReplayMemoryOptions } from './replay-memory';

/** Most bytes of pictures kept as they are: 141,723 pictures of 84x84. */
const MAX_PLAIN_BYTES = 1_000_000_000;

/**
 * A `ReplayBuffer` for up to 1 GB of pictures and targets of one step, else a `ReplayMemory`: a million
 * pictures of 84x84 are more than one array can hold on Node 20, and than many a machine has. Batches
 * are the same.
 * @throws RangeError when an option is out of its range.
 */
export function createReplay(options: ReplayMemoryOptions): Replay & SavedReplay {
  const [, height, width] = options.observationShape as [number, number, number];
  const isPlain = options.capacity * height * width <= MAX_PLAIN_BYTES;
  return isPlain && (options.nSteps ?? 1) === 1
    ? new ReplayBuffer(options)
    : new ReplayMemory(options);
}
