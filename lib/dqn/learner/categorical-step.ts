/** A gradient step of the categorical head in TensorFlow.js, which differentiates the loss itself. */
import { tf } from '../../engine/tensorflow';
import { atomsOf, type Support, softmax, targetDistributions } from '../equations/categorical';
import type { FitBatch } from '../replay/replay';
import type { UpdateResult } from './learner';
import { descend, type FitStepOptions, predictQ, type TrainStepOptions } from './train-step';

export interface CategoricalStepOptions extends TrainStepOptions {
  readonly support: Support;
}

/**
 * One gradient step on the cross-entropy between the distribution for (s, a) and its target.
 * @throws Error when the loss is not finite; the weights are then as they were before.
 */
export function categoricalStep(options: CategoricalStepOptions): UpdateResult {
  const { qNetwork, targetNetwork, optimizer, batch, config, support } = options;
  const { atoms } = support;
  const { nextObservations } = batch;
  const predict = (network: tf.LayersModel) =>
    softmax({ outputs: predictQ({ network, observations: nextObservations }), atoms });
  const nextProbabilities = predict(targetNetwork);
  const choosingProbabilities = config.doubleDqn ? predict(qNetwork) : nextProbabilities;
  const given = { ...batch, ...config, nextProbabilities, choosingProbabilities, support };
  const targets = targetDistributions(given);
  return fitDistributions({ ...batch, qNetwork, optimizer, targets, support });
}

export interface FitDistributionsOptions
  extends Pick<FitStepOptions, 'qNetwork' | 'optimizer'>,
    Pick<FitBatch, 'size' | 'observations' | 'actions'> {
  /** [size * atoms]: each row sums up to 1. */
  readonly targets: Float32Array;
  readonly support: Support;
}

/**
 * One gradient step on the cross-entropy between the distribution for (s, a) and the one given.
 * @throws Error when the loss is not finite; the weights are then as they were before.
 */
export function fitDistributions(options: FitDistributionsOptions): UpdateResult {
  const { qNetwork, optimizer, observations, size, actions, targets, support } = options;
  const { atoms } = support;
  return descend({
    qNetwork,
    optimizer,
    observations,
    lossOf: (outputs) => {
      const perAction = tf.reshape(outputs, [size, -1, atoms]); // [batch, actions, atoms]
      const mask = tf.oneHot(tf.tensor1d(actions, 'int32'), perAction.shape[1]!);
      const taken = tf.sum(tf.mul(perAction, tf.expandDims(mask, 2)), 1); // [batch, atoms]
      const z = tf.tensor1d(Float32Array.from(atomsOf(support)));
      const meanQ = tf.mean(tf.sum(tf.mul(tf.softmax(taken), z), 1));
      const m = tf.tensor2d(targets, [size, atoms]);
      const entropies = tf.neg(tf.sum(tf.mul(m, tf.logSoftmax(taken)), 1)); // [batch]
      return { loss: tf.mean(entropies), meanQ };
    },
  });
}
