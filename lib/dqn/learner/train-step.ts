/** One gradient step in TensorFlow.js. */
import { tf } from '../../engine/tensorflow';
import { observationTensor } from '../../engine/upload';
import { copyWeights } from '../../engine/weights';
import type { DqnConfig, TrainingConfig } from '../config/config';
import { checkLoss } from '../equations/loss';
import { type TargetRule, tdTargets } from '../equations/td-targets';
import type { Batch, FitBatch } from '../replay/replay';
import type { UpdateResult } from './learner';

/** A network's outputs as numbers. @returns [batch * actions] float32, or [batch * actions * atoms] */
export function predictQ({
  network,
  observations,
}: {
  network: tf.LayersModel;
  /** [batch, stack, height, width] uint8 */
  observations: Uint8Array;
}): Float32Array {
  const output = tf.tidy(() => network.apply(inputOf({ network, observations })) as tf.Tensor2D);
  const values = output.dataSync<'float32'>(); // outside tidy, which would walk through the array
  output.dispose();
  return values;
}

/** Bytes as the network's input: [batch, height, width, stack] float32. */
function inputOf({
  network,
  observations,
}: {
  network: tf.LayersModel;
  observations: Uint8Array;
}): tf.Tensor4D {
  const [, height, width, stack] = network.inputs[0]!.shape as [null, number, number, number];
  const batch = observations.length / (stack * height * width);
  return observationTensor({ observations, shape: [batch, stack, height, width] });
}

export interface TrainStepOptions {
  readonly qNetwork: tf.LayersModel;
  readonly targetNetwork: tf.LayersModel;
  /** Adam of lib/engine, or tf.train.adam, which is slower and applies gradients that are not finite. */
  readonly optimizer: tf.Optimizer;
  readonly batch: Batch;
  readonly config: TargetRule & Pick<DqnConfig, 'loss'>;
}

/**
 * One gradient step on the loss between Q(s, a) and its TD target.
 * @throws Error when the loss is not finite, or the optimizer refuses the gradient; nothing has changed then.
 */
export function trainStep(options: TrainStepOptions): UpdateResult {
  const { qNetwork, targetNetwork, optimizer, batch, config } = options;
  const nextQ = predictQ({ network: targetNetwork, observations: batch.nextObservations });
  const choosingQ = config.doubleDqn
    ? predictQ({ network: qNetwork, observations: batch.nextObservations })
    : nextQ;
  const targets = tdTargets({ ...batch, nextQ, choosingQ, ...config });
  return fitStep({ qNetwork, optimizer, batch: { ...batch, targets }, loss: config.loss });
}

export interface FitStepOptions {
  readonly qNetwork: tf.LayersModel;
  readonly optimizer: tf.Optimizer;
  readonly batch: FitBatch;
  readonly loss: TrainingConfig['loss'];
}

/**
 * One gradient step on the loss between Q(s, a) and the targets given.
 * @throws Error when the loss is not finite, or the optimizer refuses the gradient; nothing has changed then.
 */
export function fitStep({ qNetwork, optimizer, batch, loss: kind }: FitStepOptions): UpdateResult {
  return descend({
    qNetwork,
    optimizer,
    observations: batch.observations,
    lossOf: (q) => {
      const actions = tf.tensor1d(batch.actions, 'int32');
      const taken = tf.sum(tf.mul(q, tf.oneHot(actions, q.shape[1])), 1); // [batch]
      const y = tf.tensor1d(batch.targets);
      const loss =
        kind === 'huber' ? tf.losses.huberLoss(y, taken) : tf.losses.meanSquaredError(y, taken);
      return { loss, meanQ: tf.mean(taken) };
    },
  });
}

export interface DescendOptions {
  readonly qNetwork: tf.LayersModel;
  readonly optimizer: tf.Optimizer;
  /** [batch, stack, height, width] uint8 */
  readonly observations: Uint8Array;
  /** Computes the loss from the network's outputs, [batch, outputs]. */
  readonly lossOf: (outputs: tf.Tensor2D) => {
    readonly loss: tf.Tensor;
    readonly meanQ: tf.Tensor;
  };
}

/**
 * One step down the gradient of any loss of the network's outputs.
 * @throws Error when the loss is not finite; the weights are then as they were before.
 */
export function descend(options: DescendOptions): UpdateResult {
  const { qNetwork, optimizer, observations, lossOf } = options;
  const { loss, meanQ, gradients } = tf.tidy(() => {
    const input = inputOf({ network: qNetwork, observations });
    let meanQ = 0;
    const { value, grads } = tf.variableGrads(() => {
      const result = lossOf(qNetwork.apply(input) as tf.Tensor2D);
      meanQ = result.meanQ.dataSync()[0]!;
      return result.loss as tf.Scalar;
    }, trainableVariables(qNetwork));
    return { loss: value.dataSync()[0]!, meanQ, gradients: grads };
  });

  try {
    checkLoss(loss);
    optimizer.applyGradients(gradients);
  } finally {
    tf.dispose(gradients);
  }
  return { loss, meanQ };
}

/** The variables a training step may change. */
export function trainableVariables(network: tf.LayersModel): tf.Variable[] {
  return network.trainableWeights.map((weight) => weight.read() as tf.Variable);
}

/** The target network takes over the network's weights. */
export function syncTarget({
  qNetwork,
  targetNetwork,
}: {
  qNetwork: tf.LayersModel;
  targetNetwork: tf.LayersModel;
}): void {
  copyWeights({ from: qNetwork, to: targetNetwork });
}
