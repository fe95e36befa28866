/** The interface of a learner, whatever engine does its gradient steps. */
import type { tf } from '../../engine/tensorflow';
import type { Batch, FitBatch } from '../replay/replay';
import type { NetworkOptions } from './q-network';

/** What a training gives to whoever creates its learner; `seed` draws the first weights. */
export type LearnerOptions = Omit<NetworkOptions, 'createNetwork'>;

/** What one update reports. */
export interface UpdateResult {
  /** Mean loss of the batch. */
  readonly loss: number;
  /** Mean of Q(s, a) over the batch, before the update. */
  readonly meanQ: number;
}

/** Everything a learner needs to go on as if it had never stopped; all arrays are copies. */
export interface LearnerState {
  /** In the order of the network's `getWeights()`, row by row as TensorFlow has them. */
  readonly weights: readonly Float32Array[];
  readonly targetWeights: readonly Float32Array[];
  readonly optimizer: {
    /** Updates done. */
    readonly updates: number;
    /** Adam's moments, in the order of the trainable weights. */
    readonly m: readonly Float32Array[];
    readonly v: readonly Float32Array[];
  };
}

/** The engine that computes. */
export interface EngineUse {
  readonly name: 'native' | 'graph' | 'tensorflow';
  /** One sentence for the reader: what computes, and why that. */
  readonly sentence: string;
  /** That training is slower than it could be on this machine, and what to do. */
  readonly warning?: string;
}

/** Observations of a rollout that stay on a device, so that they go there once. */
export interface ObservationStore {
  /**
   * As the learner's `qValues`; the observations become the rows from `first` on, which `fit` finds by a
   * batch's `rows`.
   */
  qValues(options: { first: number; observations: Uint8Array }): Float32Array;
}

/** A Q-network, its target network and its optimizer. */
export interface Learner {
  readonly engine: EngineUse;
  /** Where a learner of PQN has one. */
  readonly store?: ObservationStore;
  /**
   * The network with the current weights, to be read: weights are set by `setWeights`. Ask for it again
   * after an update; one that you got before may still have the older weights.
   */
  readonly qNetwork: tf.LayersModel;
  /** Adam's step size, which may be changed between updates. */
  learningRate: number;
  /**
   * Values of all actions.
   * @param observations [n, stack, height, width] uint8, oldest picture first
   * @returns [n * actions] float32, the caller's
   */
  qValues(observations: Uint8Array): Float32Array;
  /**
   * One gradient step of DQN, towards the TD targets of a batch.
   * @throws Error when the loss or the gradient is not finite; nothing has changed then.
   */
  update(batch: Batch): UpdateResult;
  /**
   * One gradient step towards targets that are given.
   * @throws Error when the loss or the gradient is not finite; nothing has changed then.
   */
  fit(batch: FitBatch): UpdateResult;
  /**
   * Sets the network's weights. Adam's moments and its number of updates stay, and so does the target
   * network: `syncTarget` makes it follow, `restore` sets everything.
   * @param weights copied, in the order of the network's `getWeights()`, row by row
   * @throws RangeError when their number or a length does not fit; nothing has changed then.
   */
  setWeights(weights: readonly Float32Array[]): void;
  /** The target network takes over the weights. */
  syncTarget(): void;
  state(): LearnerState;
  /** @throws RangeError when the state is of another architecture. */
  restore(state: LearnerState): void;
  /** Frees all tensors. */
  dispose(): void;
}
