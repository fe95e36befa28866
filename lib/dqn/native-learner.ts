/** The learner that runs in the native engine: networks it can compile, on the CPU. */
import { describeModel } from '../engine/native/describe';
import { NativeNetwork } from '../engine/native/network';
import type { tf } from '../engine/tensorflow';
import { readWeights, writeWeights } from '../engine/weights';
import { targetRule, tdTargets, type UpdateResult } from './agent';
import type { TrainingConfig } from './config';
import type { EngineUse, Learner, LearnerState } from './learner';
import { checkLoss, type TdLossOptions, tdLoss } from './loss';
import { createQNetwork, networkOptions } from './network';
import type { Batch } from './replay-buffer';
import type { FitBatch } from './rollout';
import type { TensorFlowLearnerOptions } from './tensorflow-learner';

export interface NativeLearnerOptions extends TensorFlowLearnerOptions {
  /** The number of cores unless told. It changes the speed and nothing else. */
  readonly threads?: number;
}

/** A network that the native engine cannot compile; the message is one sentence. */
export class UnsupportedNetworkError extends Error {}

/**
 * Learns as `TensorFlowLearner` does, several times faster: the states of both are interchangeable, and
 * their losses and weights differ by float32's rounding only.
 */
export class NativeLearner implements Learner {
  readonly engine: EngineUse;
  learningRate: number;
  private readonly config: TrainingConfig;
  private readonly network: NativeNetwork;
  private readonly model: tf.LayersModel;
  /** The model has the network's weights. */
  private modelIsCurrent = true;

  /** @throws UnsupportedNetworkError when the engine cannot compile the network. */
  constructor({
    config,
    createNetwork = createQNetwork,
    threads,
    ...options
  }: NativeLearnerOptions) {
    this.config = config;
    this.learningRate = config.learningRate;
    this.model = createNetwork({ ...options, ...networkOptions(config) });
    const description = describeModel(this.model);
    if (!description.supported) {
      this.model.dispose();
      throw new UnsupportedNetworkError(description.reason);
    }
    this.network = new NativeNetwork({
      network: description.network,
      layout: 'channelsFirst',
      ...(threads === undefined ? {} : { threads }),
    });
    this.network.setWeights(readWeights(this.model));
    this.syncTarget();
    this.engine = { name: 'native', sentence: describeEngine(this.network) };
  }

  /** The weights as they are now; ask again after an update. */
  get qNetwork(): tf.LayersModel {
    if (!this.modelIsCurrent) {
      writeWeights({ network: this.model, weights: this.network.getWeights() });
      this.modelIsCurrent = true;
    }
    return this.model;
  }

  qValues(observations: Uint8Array): Float32Array {
    return this.network.predict({ observations });
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
    const targets = tdTargets({ ...batch, nextQ, choosingQ, ...rule });
    return this.learn({ q, actions: batch.actions, targets });
  }

  fit({ size, observations, actions, targets }: FitBatch): UpdateResult {
    const { network } = this;
    const q = new Float32Array(size * network.outputSize);
    network.forward([{ observations, weights: 'online', output: q, keep: true }]);
    return this.learn({ q, actions, targets });
  }

  /** The second half of a gradient step, after a pass that was kept. */
  private learn({
    q,
    actions,
    targets,
  }: Pick<TdLossOptions, 'q' | 'actions' | 'targets'>): UpdateResult {
    const { network, config } = this;
    const { loss, meanQ, gradient } = tdLoss({ q, actions, targets, loss: config.loss });
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
    this.modelIsCurrent = false;
    this.network.setWeights(weights, 'online');
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
