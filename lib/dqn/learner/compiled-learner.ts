/** What the learners of both compiled engines share: all but the gradient step. */
import type { AdamSettings, AdamState } from '../../engine/adam-rule';
import {
  type Description,
  describeModel,
  type NetworkDescription,
} from '../../engine/native/describe';
import type { tf } from '../../engine/tensorflow';
import { readWeights, writeWeights } from '../../engine/weights';
import type { TrainingConfig } from '../config/config';
import { type Support, supportOf, valuesFrom } from '../equations/categorical';
import type { Batch, FitBatch } from '../replay/replay';
import type { EngineUse, Learner, LearnerState, UpdateResult } from './learner';
import { type NetworkOptions, networkFor } from './q-network';

/** A network, and what the compiled engines say about it. */
export interface DescribedNetwork {
  readonly model: tf.LayersModel;
  readonly description: Description;
}

/** @throws Error, RangeError as `networkFor`. */
export function buildNetwork(options: NetworkOptions): DescribedNetwork {
  const model = networkFor(options);
  return { model, description: describeModel(model) };
}

export interface CompiledLearnerOptions extends NetworkOptions {
  /** What `buildNetwork` made of these options, by default in the constructor; it becomes the learner's. */
  readonly network?: DescribedNetwork;
}

/** What an engine compiles: weights, a target network's, and Adam's moments. */
export interface CompiledNetwork {
  predict(options: { observations: Uint8Array }): Float32Array;
  getWeights(set?: 'online' | 'target'): Float32Array[];
  setWeights(weights: readonly Float32Array[], set?: 'online' | 'target'): void;
  syncTarget(): void;
  optimizerState(): AdamState;
  restoreOptimizer(state: AdamState): void;
  dispose(): void;
}

/**
 * Learns as `TensorFlowLearner` does: the states of all learners are interchangeable, and their losses
 * and weights differ by float32's rounding only.
 */
export abstract class CompiledLearner<Network extends CompiledNetwork> implements Learner {
  abstract readonly engine: EngineUse;
  learningRate: number;
  protected readonly config: TrainingConfig;
  protected readonly support: Support | null;
  protected readonly network: Network;
  private readonly model: tf.LayersModel;
  /** The model has the network's weights. */
  private modelIsCurrent = true;

  /**
   * @param compile makes the engine's network, whose weights may be anything
   * @throws Error when the engine cannot run the network; Error, RangeError as `networkFor`.
   */
  constructor(options: CompiledLearnerOptions, compile: (network: NetworkDescription) => Network) {
    const { config, network: { model, description } = buildNetwork(options) } = options;
    this.config = config;
    this.support = supportOf(config);
    this.learningRate = config.learningRate;
    this.model = model;
    try {
      if (!description.supported) throw new Error(description.reason);
      this.network = compile(description.network);
    } catch (error) {
      model.dispose();
      throw error;
    }
    this.network.setWeights(readWeights(model));
    this.network.syncTarget();
  }

  abstract update(batch: Batch): UpdateResult;

  abstract fit(batch: FitBatch): UpdateResult;

  get qNetwork(): tf.LayersModel {
    if (!this.modelIsCurrent) {
      writeWeights({ network: this.model, weights: this.network.getWeights() });
      this.modelIsCurrent = true;
    }
    return this.model;
  }

  qValues(observations: Uint8Array): Float32Array {
    const outputs = this.network.predict({ observations });
    return valuesFrom({ outputs, support: this.support });
  }

  setWeights(weights: readonly Float32Array[]): void {
    this.network.setWeights(weights);
    this.modelIsCurrent = false;
  }

  syncTarget(): void {
    this.network.syncTarget();
  }

  state(): LearnerState {
    const { network } = this;
    return {
      weights: network.getWeights('online'),
      targetWeights: network.getWeights('target'),
      optimizer: network.optimizerState(),
    };
  }

  restore({ weights, targetWeights, optimizer }: LearnerState): void {
    this.setWeights(weights);
    this.network.setWeights(targetWeights, 'target');
    this.network.restoreOptimizer(optimizer);
  }

  dispose(): void {
    this.network.dispose();
    this.model.dispose();
  }

  /** What the next update tells Adam. */
  protected get adam(): AdamSettings {
    const {
      adamEpsilon: epsilon,
      adamEpsilonHat: epsilonHat,
      clipNorm,
      globalClipNorm,
    } = this.config;
    return { learningRate: this.learningRate, epsilon, epsilonHat, clipNorm, globalClipNorm };
  }

  /** The weights have changed. */
  protected moved(): void {
    this.modelIsCurrent = false;
  }
}
