/** The learner that runs in the native engine: networks it can compile, on the CPU. */
import { type Description, describeModel } from '../../engine/native/describe';
import { NativeNetwork } from '../../engine/native/network';
import type { tf } from '../../engine/tensorflow';
import { readWeights, writeWeights } from '../../engine/weights';
import type { TrainingConfig } from '../config/config';
import {
  categoricalLoss,
  requireValues,
  type Support,
  softmax,
  supportOf,
  targetDistributions,
  valuesFrom,
} from '../equations/categorical';
import { checkLoss, type TdLoss, tdLoss } from '../equations/loss';
import { targetRule, tdTargets } from '../equations/td-targets';
import type { Batch, FitBatch } from '../replay/replay';
import type { EngineUse, Learner, LearnerState, UpdateResult } from './learner';
import { type NetworkOptions, networkFor } from './q-network';

/** A network, and what the native engine says about it. */
export interface DescribedNetwork {
  readonly model: tf.LayersModel;
  readonly description: Description;
}

/** @throws Error, RangeError as `networkFor`. */
export function buildNetwork(options: NetworkOptions): DescribedNetwork {
  const model = networkFor(options);
  return { model, description: describeModel(model) };
}

export interface NativeLearnerOptions extends NetworkOptions {
  /** Default: the number of cores. It changes the speed and nothing else. */
  readonly threads?: number;
  /** What `buildNetwork` made of these options, by default in the constructor; it becomes the learner's. */
  readonly network?: DescribedNetwork;
}

type Outputs = Readonly<Record<'q' | 'nextQ' | 'choosingQ', Float32Array>>;

/**
 * Learns as `TensorFlowLearner` does, several times faster: the states of both are interchangeable, and
 * their losses and weights differ by float32's rounding only.
 */
export class NativeLearner implements Learner {
  readonly engine: EngineUse;
  learningRate: number;
  private readonly config: TrainingConfig;
  private readonly support: Support | null;
  private readonly network: NativeNetwork;
  private readonly model: tf.LayersModel;
  /** Whether the model has the network's weights. */
  private modelIsCurrent = true;

  /** @throws Error when the engine cannot compile the network; Error, RangeError as `networkFor`. */
  constructor(options: NativeLearnerOptions) {
    const { config, threads, network: { model, description } = buildNetwork(options) } = options;
    if (!description.supported) {
      model.dispose();
      throw new Error(description.reason);
    }
    this.config = config;
    this.support = supportOf(config);
    this.learningRate = config.learningRate;
    this.model = model;
    this.network = new NativeNetwork({
      network: description.network,
      layout: 'channelsFirst',
      ...(threads === undefined ? {} : { threads }),
    });
    this.network.setWeights(readWeights(model));
    this.network.syncTarget();
    this.engine = { name: 'native', sentence: describeEngine(this.network) };
  }

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

  update(batch: Batch): UpdateResult {
    const { network } = this;
    const rule = targetRule(this.config);
    const { observations, nextObservations } = batch;
    const output = () => new Float32Array(batch.size * network.outputSize);
    const [q, nextQ] = [output(), output()];
    const choosingQ = rule.doubleDqn ? output() : nextQ;
    network.forward([
      { observations, weights: 'online', output: q, keep: true },
      { observations: nextObservations, weights: 'target', output: nextQ },
      ...(rule.doubleDqn
        ? [{ observations: nextObservations, weights: 'online', output: choosingQ } as const]
        : []),
    ]);
    return this.learn(this.lossOf({ batch, q, nextQ, choosingQ }));
  }

  fit({ size, observations, actions, targets }: FitBatch): UpdateResult {
    const { network, config, support } = this;
    requireValues(support);
    const q = new Float32Array(size * network.outputSize);
    network.forward([{ observations, weights: 'online', output: q, keep: true }]);
    return this.learn(tdLoss({ q, actions, targets, loss: config.loss }));
  }

  /** The loss from what the networks put out for a batch: values, or with a support distributions. */
  private lossOf({ batch, q, nextQ, choosingQ }: Outputs & { batch: Batch }): TdLoss {
    const { config, support } = this;
    const given = { ...batch, ...targetRule(config) };
    const { actions } = batch;
    if (support === null) {
      const targets = tdTargets({ ...given, nextQ, choosingQ });
      return tdLoss({ q, actions, targets, loss: config.loss });
    }
    const { atoms } = support;
    const nextProbabilities = softmax({ outputs: nextQ, atoms });
    const choosingProbabilities =
      choosingQ === nextQ ? nextProbabilities : softmax({ outputs: choosingQ, atoms });
    const next = { nextProbabilities, choosingProbabilities };
    const targets = targetDistributions({ ...given, ...next, support });
    return categoricalLoss({ outputs: q, actions, targets, support });
  }

  /** The second half of a gradient step, after a pass that was kept. */
  private learn({ loss, meanQ, gradient }: TdLoss): UpdateResult {
    const { network, config } = this;
    checkLoss(loss);
    network.backward(gradient);
    this.modelIsCurrent = false;
    network.update({
      learningRate: this.learningRate,
      epsilon: config.adamEpsilon,
      epsilonHat: config.adamEpsilonHat,
      clipNorm: config.clipNorm,
      globalClipNorm: config.globalClipNorm,
    });
    return { loss, meanQ };
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
}

function describeEngine({ threads, instructionSet }: NativeNetwork): string {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return `The native engine does the updates, on ${count} with ${instructionSet} instructions.`;
}
