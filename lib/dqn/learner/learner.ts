/** What learns: the one interface for every engine that can do a gradient step. */
import type { tf } from '../../engine/tensorflow';
import type { TrainingConfig } from '../config/config';
import type { Batch, FitBatch } from '../replay/replay';
import type { QNetworkOptions } from './q-network';

/** What `createLearner` needs; `seed` draws the first weights. */
export interface LearnerOptions
  extends Pick<QNetworkOptions, 'observationShape' | 'actions' | 'seed'> {
  readonly config: TrainingConfig;
}

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

/** What computes. */
export interface EngineUse {
  readonly name: 'native' | 'tensorflow';
  /** One sentence for the reader: what computes, and why that. */
  readonly sentence: string;
}

/** A Q-network, its target network and its optimizer. */
export interface Learner {
  readonly engine: EngineUse;
  /**
   * The network with the current weights. Ask for it again after an update: until then it may have older
   * ones. Weights set on it, all or a few, hold from the learner's next call on; what Adam remembers and
   * the target network stay as they are.
   */
  readonly qNetwork: tf.LayersModel;
  /** May be changed between updates. */
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
  /** The target network takes over the weights. */
  syncTarget(): void;
  state(): LearnerState;
  /** @throws RangeError when the state is of another architecture. */
  restore(state: LearnerState): void;
  /** Frees all tensors. */
  dispose(): void;
}
