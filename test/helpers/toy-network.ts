/** A network and a learner that are small enough for the toy game. */
import type { LearnerOptions } from '../../lib/dqn/learner/learner';
import type { QNetworkOptions } from '../../lib/dqn/learner/q-network';
import { TensorFlowLearner } from '../../lib/dqn/learner/tensorflow-learner';
import { tf } from '../../lib/engine/tensorflow';

/** A network for small pictures: one hidden layer of 32. */
export function createToyNetwork(options: QNetworkOptions): tf.Sequential {
  const { observationShape, actions, atoms = 1, inputDivisor = 255, seed } = options;
  const [stack, height, width] = observationShape as [number, number, number];
  const init = (layer: number) => ({
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed + layer }),
  });
  return tf.sequential({
    layers: [
      tf.layers.rescaling({ scale: 1 / inputDivisor, inputShape: [height, width, stack] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 32, activation: 'relu', ...init(0) }),
      tf.layers.dense({ units: actions * atoms, ...init(1) }),
    ],
  });
}

/** The learner in TensorFlow with that network. */
export function createToyLearner(options: LearnerOptions): TensorFlowLearner {
  return new TensorFlowLearner({ ...options, createNetwork: createToyNetwork });
}
