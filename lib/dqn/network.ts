/** The Q-network of Mnih et al. 2015: pictures in, the value of each action out. */
import { tf } from '../engine/tensorflow';

export interface QNetworkOptions {
  /** [stack, height, width] of an observation, as the environment gives it. */
  readonly observationShape: readonly number[];
  /** Number of actions. */
  readonly actions: number;
  /** Divides the pictures' bytes; 255 brings them to 0 ... 1 and is taken unless told. */
  readonly inputDivisor?: number;
  /** A whole number: equal seeds give equal weights. */
  readonly seed: number;
}

/**
 * Input [batch, 84, 84, 4] float32 of 0 ... 255, the oldest picture in channel 0; output [batch, actions].
 * 1,686,180 weights for Breakout's 4 actions.
 * Source: Mnih et al. 2015, methods; Glorot's uniform initial weights and zero biases as in Keras.
 */
export function createQNetwork({
  observationShape,
  actions,
  inputDivisor = 255,
  seed,
}: QNetworkOptions): tf.Sequential {
  const [stack, height, width] = observationShape as [number, number, number];
  let layer = 0; // each layer's weights come from a seed of its own
  const init = () => ({
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed + layer++ }),
  });
  return tf.sequential({
    layers: [
      // [batch, 84, 84, 4] bytes -> 0 ... 1
      tf.layers.rescaling({ scale: 1 / inputDivisor, inputShape: [height, width, stack] }),
      // -> [batch, 20, 20, 32]
      tf.layers.conv2d({ filters: 32, kernelSize: 8, strides: 4, activation: 'relu', ...init() }),
      // -> [batch, 9, 9, 64]
      tf.layers.conv2d({ filters: 64, kernelSize: 4, strides: 2, activation: 'relu', ...init() }),
      // -> [batch, 7, 7, 64]
      tf.layers.conv2d({ filters: 64, kernelSize: 3, strides: 1, activation: 'relu', ...init() }),
      // -> [batch, 3136] -> [batch, 512] -> [batch, actions]
      tf.layers.flatten(),
      tf.layers.dense({ units: 512, activation: 'relu', ...init() }),
      tf.layers.dense({ units: actions, ...init() }),
    ],
  });
}

/** A table of a network's layers, their output shapes and weights, as text. */
export function describeNetwork(network: tf.LayersModel): string {
  const lines: string[] = [];
  network.summary(88, undefined, (line) => lines.push(String(line ?? '')));
  return lines.join('\n');
}
