/** What a training needs of a replay memory, whichever way it keeps its pictures. */
import type { Mt19937 } from '../random';
import type { Batch, Outcome } from './replay-buffer';

export interface Replay {
  /** Pictures kept: one for each transition and one more for each episode. */
  readonly capacity: number;
  /** Transitions that can be sampled. */
  readonly length: number;
  /** An episode begins with this observation, [stack, height, width] uint8. */
  startEpisode(observation: Uint8Array): void;
  /** What the latest observation led to. */
  add(outcome: Outcome): void;
  /** Transitions drawn uniformly, with replacement; the batch is reused by the next sample. */
  sample(random: Mt19937): Batch;
}

/** A batch whose rewards may be those of several steps. */
export interface SpanBatch extends Batch {
  /** [batch], R = r_1 + gamma r_2 + ... over the row's `steps`. */
  readonly rewards: Float32Array;
  /** [batch], steps from observation to next observation: its value counts gamma^steps. */
  readonly steps: Uint8Array;
  /** [batch], 1 where the last step was cut off: the next observation's value still counts. */
  readonly truncateds: Uint8Array;
}

/** A memory's content: views of its own arrays, valid until it changes, and its counters. */
export interface ReplayState {
  readonly arrays: Readonly<Record<string, Uint8Array | Int32Array | Float32Array>>;
  /** Whole numbers. */
  readonly counters: Readonly<Record<string, number>>;
}

/** A memory that can be saved. */
export interface SavedReplay {
  state(): ReplayState;
  /**
   * Takes over saved counters. The content follows: fill the arrays returned with the saved ones.
   * @throws RangeError when they are not those of such a memory; it is then as it was.
   */
  restore(counters: ReplayState['counters']): ReplayState;
  /** Forgets everything. */
  clear(): void;
}
