/** The learner that runs in TensorFlow.js: any network, any device. */
import { Adam } from '../../engine/adam';
import { deviceText, type EngineInfo, engineInfo, type tf } from '../../engine/tensorflow';
import { readWeights, writeWeights } from '../../engine/weights';
import type { TrainingConfig } from '../config/config';
import { type Support, supportOf, valuesFrom } from '../equations/categorical';
import { targetRule } from '../equations/td-targets';
import { valueHistograms } from '../equations/value-histogram';
import type { Batch, FitBatch } from '../replay/replay';
import { categoricalStep, fitDistributions } from './categorical-step';
import type { EngineUse, Learner, LearnerState, UpdateResult } from './learner';
import { type NetworkOptions, networkFor } from './q-network';
import { fitStep, predictQ, syncTarget, trainableVariables, trainStep } from './train-step';

export interface TensorFlowLearnerOptions extends NetworkOptions {
  /** Why TensorFlow was chosen: the end of a sentence. */
  readonly because?: string;
  /** As `EngineUse` has it. */
  readonly warning?: string;
  /** The device that TensorFlow computes on; default: the one found here. */
  readonly info?: EngineInfo;
  /** What `networkFor` made of these options, by default in the constructor; it becomes the learner's. */
  readonly qNetwork?: tf.LayersModel;
}

export class TensorFlowLearner implements Learner {
  readonly engine: EngineUse;
  readonly qNetwork: tf.LayersModel;
  readonly targetNetwork: tf.LayersModel;
  private readonly config: TrainingConfig;
  private readonly support: Support | null;
  private readonly optimizer: Adam;

  /** @throws Error, RangeError as `networkFor`. */
  constructor(options: TensorFlowLearnerOptions) {
    const { config, qNetwork = networkFor(options), warning } = options;
    const told = warning === undefined ? {} : { warning };
    this.engine = { name: 'tensorflow', sentence: describeEngine(options), ...told };
    this.config = config;
    this.support = supportOf(config);
    this.qNetwork = qNetwork;
    this.targetNetwork = networkFor(options);
    this.optimizer = new Adam({
      variables: trainableVariables(qNetwork),
      learningRate: config.learningRate,
      epsilon: config.adamEpsilon,
      epsilonHat: config.adamEpsilonHat,
      clipNorm: config.clipNorm,
      globalClipNorm: config.globalClipNorm,
    });
    this.syncTarget();
  }

  get learningRate(): number {
    return this.optimizer.learningRate;
  }

  set learningRate(value: number) {
    this.optimizer.learningRate = value;
  }

  qValues(observations: Uint8Array): Float32Array {
    const outputs = predictQ({ network: this.qNetwork, observations });
    return valuesFrom({ outputs, support: this.support });
  }

  update(batch: Batch): UpdateResult {
    const { qNetwork, targetNetwork, optimizer, config, support } = this;
    const rule = { ...targetRule(config), loss: config.loss };
    const options = { qNetwork, targetNetwork, optimizer, batch, config: rule };
    return support === null ? trainStep(options) : categoricalStep({ ...options, support });
  }

  fit(batch: FitBatch): UpdateResult {
    const { qNetwork, optimizer, config, support } = this;
    if (support === null) return fitStep({ qNetwork, optimizer, batch, loss: config.loss });
    const targets = valueHistograms({ targets: batch.targets, support });
    return fitDistributions({ ...batch, qNetwork, optimizer, targets, support });
  }

  setWeights(weights: readonly Float32Array[]): void {
    writeWeights({ network: this.qNetwork, weights });
  }

  syncTarget(): void {
    syncTarget(this);
  }

  state(): LearnerState {
    return {
      weights: readWeights(this.qNetwork),
      targetWeights: readWeights(this.targetNetwork),
      optimizer: this.optimizer.state(),
    };
  }

  restore({ weights, targetWeights, optimizer }: LearnerState): void {
    this.setWeights(weights);
    writeWeights({ network: this.targetNetwork, weights: targetWeights });
    this.optimizer.restore(optimizer);
  }

  dispose(): void {
    this.optimizer.dispose();
    this.qNetwork.dispose();
    this.targetNetwork.dispose();
  }
}

function describeEngine({ because, info = engineInfo() }: TensorFlowLearnerOptions): string {
  const { tensorflow } = info;
  const reason = because === undefined ? '' : `, because ${because}`;
  return `TensorFlow ${tensorflow} does the updates, on the ${deviceText(info)}${reason}.`;
}
