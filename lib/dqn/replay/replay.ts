/** What a training needs of a replay memory, whichever way it keeps its pictures. */
import type { Mt19937 } from '../../random';

/** What happened after the latest observation. */
export interface Outcome {
  readonly action: number;
  readonly reward: number;
  /** Nothing follows: the TD target has no next value. */
  readonly terminated: boolean;
  /** The episode was cut off: the next value still counts. */
  readonly truncated: boolean;
  /** [stack, height, width] uint8, oldest first; only its newest picture is copied. */
  readonly nextObservation: Uint8Array;
}

/** Transitions side by side. The arrays belong to the buffer and are reused by its next sample. */
export interface Batch {
  readonly size: number;
  /** [batch, stack, height, width] uint8, oldest picture first. */
  readonly observations: Uint8Array;
  /** [batch] */
  readonly actions: Int32Array;
  /** [batch] */
  readonly rewards: Float32Array;
  /** [batch, stack, height, width] uint8 */
  readonly nextObservations: Uint8Array;
  /** [batch], 1 where the episode ended by itself. */
  readonly terminateds: Uint8Array;
  /** [batch], agent steps from observation to next observation; 1 each when left out. */
  readonly steps?: Uint8Array;
}

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

/** Observations, what was done, and the values to learn; arrays are reused by the next batch. */
export interface FitBatch {
  readonly size: number;
  /** [batch], the observations' rows in a rollout, for a learner that has kept them. */
  readonly rows?: Int32Array;
  /** [batch, stack, height, width] uint8, oldest picture first. */
  readonly observations: Uint8Array;
  /** [batch] */
  readonly actions: Int32Array;
  /** [batch], what Q(s, a) shall be. */
  readonly targets: Float32Array;
}

export type ReplayArrays = Readonly<Record<string, Uint8Array | Int32Array | Float32Array>>;

export interface ReplayHead {
  /** The memory's class: another one keeps its content in another way. */
  readonly kind: string;
  /** Whole numbers: the memory's sizes, and where it stands. */
  readonly counters: Readonly<Record<string, number>>;
}

/** A memory's content: its counters, and views of its own arrays, valid until it changes. */
export interface ReplayState extends ReplayHead {
  readonly arrays: ReplayArrays;
}

/** A saved memory but for its content: what `SavedReplay.restore` takes. */
export interface SavedHead extends ReplayHead {
  /** Length of each array. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** A memory that can be saved. */
export interface SavedReplay {
  state(): ReplayState;
  /**
   * Takes over saved counters. The content follows: fill the arrays returned with the saved ones, and
   * call `verify`.
   * @throws RangeError when kind, sizes, counters, or names and lengths of the arrays are not those of
   *   such a memory; it is then as it was.
   */
  restore(saved: SavedHead): ReplayState;
  /** @throws RangeError when the arrays were filled with what such a memory cannot hold: clear it. */
  verify(): void;
  /** Forgets everything. */
  clear(): void;
}
