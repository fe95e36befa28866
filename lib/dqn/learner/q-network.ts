/** The Q-network of Mnih et al. 2015: pictures in, the value of each action out. */
import { tf } from '../../engine/tensorflow';
import type { TrainingConfig } from '../config/config';
import { supportOf } from '../equations/categorical';

export interface QNetworkOptions {
  /** [stack, height, width] of an observation, as the environment gives it. */
  readonly observationShape: readonly number[];
  /** Number of actions. */
  readonly actions: number;
  /** Divides the pictures' bytes; the default 255 brings them to 0 ... 1. */
  readonly inputDivisor?: number;
  /** Multiplies the widths of all layers but the last; default 1. */
  readonly width?: number;
  /** Normalizes each layer's outputs before its relu; default false. */
  readonly layerNorm?: boolean;
  /**
   * Draws the weights, by default from Glorot's uniform distribution. He's normal distribution is cut off
   * at two standard deviations, as in TensorFlow.js. Biases start at zero.
   */
  readonly initializer?: TrainingConfig['initializer'];
  /** Outputs for each action; default 1: its value. More are those of lib/dqn/equations/categorical.ts. */
  readonly atoms?: number;
  /** A whole number: equal seeds give equal weights. */
  readonly seed: number;
}

export interface NetworkOptions
  extends Pick<QNetworkOptions, 'observationShape' | 'actions' | 'seed'> {
  readonly config: TrainingConfig;
  /** Builds the network; default `createQNetwork`. */
  readonly createNetwork?: (options: QNetworkOptions) => tf.LayersModel;
}

/**
 * The network that a config describes.
 * @throws RangeError when `createNetwork` makes one with too many or too few outputs.
 * @throws Error when it has a regularizer or a constraint.
 */
export function networkFor(options: NetworkOptions): tf.LayersModel {
  const { config, createNetwork = createQNetwork, observationShape, actions, seed } = options;
  const { inputDivisor, networkWidth: width, layerNorm, initializer } = config;
  const atoms = supportOf(config)?.atoms ?? 1;
  const shape = { observationShape, actions, atoms, seed };
  const network = createNetwork({ ...shape, inputDivisor, width, layerNorm, initializer });
  try {
    checkPlain(network);
    const outputs = network.outputs[0]!.shape[1];
    if (outputs === actions * atoms) return network;
    throw new RangeError(
      `the network must have ${actions * atoms} outputs, ${atoms} for each of ${actions} actions, got ` +
        `${outputs}: let createNetwork heed both options`,
    );
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/**
 * Input [batch, 84, 84, 4] float32 of 0 ... 255, the oldest picture in channel 0; output [batch, actions],
 * or [batch, actions * atoms], the first action's atoms first.
 * 1,686,180 weights for Breakout's 4 actions.
 * Source: Mnih et al. 2015, methods; the default initial weights and zero biases as in Keras.
 * `layerNorm` is after Gallici et al. 2024, whose code normalizes each position over its channels; here
 * all features that a layer makes of a picture are normalized together.
 */
export function createQNetwork({
  observationShape,
  actions,
  inputDivisor = 255,
  width: factor = 1,
  layerNorm = false,
  initializer = 'glorotUniform',
  atoms = 1,
  seed,
}: QNetworkOptions): tf.Sequential {
  const [stack, height, width] = observationShape as [number, number, number];
  const features = (count: number) => Math.max(1, Math.round(count * factor));
  let layer = 0; // each layer's weights come from a seed of its own
  const init = () => ({
    kernelInitializer: tf.initializers[initializer]({ seed: seed + layer++ }),
  });
  const activation = layerNorm ? 'linear' : 'relu';
  /** What stands between a layer and its relu. @param axis what is normalized together */
  const norm = (axis: number | number[]) =>
    layerNorm ? [tf.layers.layerNormalization({ axis, epsilon: 1e-5 }), tf.layers.reLU()] : [];
  const conv = (filters: number, kernelSize: number, strides: number) => [
    tf.layers.conv2d({ filters: features(filters), kernelSize, strides, activation, ...init() }),
    ...norm([1, 2, 3]),
  ];
  return tf.sequential({
    layers: [
      // [batch, 84, 84, 4] bytes -> 0 ... 1
      tf.layers.rescaling({ scale: 1 / inputDivisor, inputShape: [height, width, stack] }),
      ...conv(32, 8, 4), // -> [batch, 20, 20, 32]
      ...conv(64, 4, 2), // -> [batch, 9, 9, 64]
      ...conv(64, 3, 1), // -> [batch, 7, 7, 64]
      tf.layers.flatten(), // -> [batch, 3136]
      tf.layers.dense({ units: features(512), activation, ...init() }), // -> [batch, 512]
      ...norm(-1),
      tf.layers.dense({ units: actions * atoms, ...init() }), // -> [batch, actions * atoms]
    ],
  });
}

/** A table of a network's layers, their output shapes and weights, as text. */
export function describeNetwork(network: tf.LayersModel): string {
  const lines: string[] = [];
  network.summary(88, undefined, (line) => lines.push(String(line ?? '')));
  return lines.join('\n');
}

/**
 * @throws Error when a layer has a regularizer or a constraint: learners minimize the loss alone and
 *   change weights by Adam alone, so it would have no effect.
 */
function checkPlain(network: tf.LayersModel): void {
  for (const layer of network.layers) {
    const name = findPenalty(layer.getConfig());
    if (name === undefined) continue;
    throw new Error(
      `the layer "${layer.name}" has a ${name}, which no learner here applies: create it without one`,
    );
  }
}

/** The first regularizer or constraint of a layer's config, or of layers inside it. */
function findPenalty(config: unknown): string | undefined {
  if (typeof config !== 'object' || config === null) return undefined;
  for (const [name, value] of Object.entries(config)) {
    if (/(Regularizer|Constraint)$/.test(name) && value) return name;
    const inside = findPenalty(value);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
