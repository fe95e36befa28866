/** The learner that runs in the native engine: networks it can compile, on the CPU. */
import { handleOf } from '../../engine/binding';
import { describeModel, type NetworkDescription } from '../../engine/native/describe';
import { NativeNetwork } from '../../engine/native/network';
import type { tf } from '../../engine/tensorflow';
import { networkVariables, readWeights, writeWeights } from '../../engine/weights';
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
import { networkFor } from './q-network';
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
  private readonly support: Support | null;
  private readonly network: NativeNetwork;
  private readonly model: tf.LayersModel;
  /** The model has the network's weights. */
  private modelIsCurrent = true;
  private readonly variables: readonly tf.Variable[];
  /** What the model's variables held when last seen: another handle is a weight that somebody set. */
  private handles: readonly number[];

  /**
   * @throws UnsupportedNetworkError when the engine cannot compile the network.
   * @throws Error, RangeError as `networkFor`.
   */
  constructor(options: NativeLearnerOptions) {
    const { config, threads } = options;
    this.config = config;
    this.support = supportOf(config);
    this.learningRate = config.learningRate;
    this.model = networkFor(options);
    this.network = new NativeNetwork({
      network: describeOrDispose(this.model),
      layout: 'channelsFirst',
      ...(threads === undefined ? {} : { threads }),
    });
    this.network.setWeights(readWeights(this.model));
    this.network.syncTarget();
    this.variables = networkVariables(this.model);
    this.handles = this.variables.map(handleOf);
    this.engine = { name: 'native', sentence: describeEngine(this.network) };
  }

  /** The weights as they are now; ask again after an update. */
  get qNetwork(): tf.LayersModel {
    this.takeOverSetWeights();
    if (!this.modelIsCurrent) {
      writeWeights({ network: this.model, weights: this.network.getWeights() });
      this.handles = this.variables.map(handleOf);
      this.modelIsCurrent = true;
    }
    return this.model;
  }

  /** Only those that were set: the model's others may be older than the network's. */
  private takeOverSetWeights(): void {
    const handles = this.variables.map(handleOf);
    if (handles.every((handle, i) => handle === this.handles[i])) return;
    const weights = this.network.getWeights().map((values, i) => {
      const isOurs = handles[i] === this.handles[i];
      return isOurs ? values : this.variables[i]!.dataSync<'float32'>();
    });
    this.network.setWeights(weights);
    this.handles = handles;
  }

  qValues(observations: Uint8Array): Float32Array {
    this.takeOverSetWeights();
    const outputs = this.network.predict({ observations });
    return valuesFrom({ outputs, support: this.support });
  }

  update(batch: Batch): UpdateResult {
    const { network } = this;
    const rule = targetRule(this.config);
    this.takeOverSetWeights();
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
    this.takeOverSetWeights();
    const q = new Float32Array(size * network.outputSize);
    network.forward([{ observations, weights: 'online', output: q, keep: true }]);
    return this.learn(tdLoss({ q, actions, targets, loss: config.loss }));
  }

  /** Of what the networks put out for a batch: values, or with a support what makes distributions. */
  private lossOf({
    batch,
    q,
    nextQ,
    choosingQ,
  }: {
    batch: Batch;
    q: Float32Array;
    nextQ: Float32Array;
    choosingQ: Float32Array;
  }): TdLoss {
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

  syncTarget(): void {
    this.takeOverSetWeights();
    this.network.syncTarget();
  }

  state(): LearnerState {
    const { network } = this;
    this.takeOverSetWeights();
    return {
      weights: network.getWeights('online'),
      targetWeights: network.getWeights('target'),
      optimizer: network.optimizerState(),
    };
  }

  restore({ weights, targetWeights, optimizer }: LearnerState): void {
    this.takeOverSetWeights(); // else they would come back later, over those of the state
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

/** Disposes of a model that is refused: nobody else has it. */
function describeOrDispose(model: tf.LayersModel): NetworkDescription {
  const description = describeModel(model);
  if (description.supported) return description.network;
  model.dispose();
  throw new UnsupportedNetworkError(description.reason);
}

function describeEngine({ threads, instructionSet }: NativeNetwork): string {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return `The native engine does the updates, on ${count} with ${instructionSet} instructions.`;
}
