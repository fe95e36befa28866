/** Outputs and gradients of the native engine against TensorFlow.js, for every kind of layer it knows. */
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../lib/engine/tensorflow';
import {
  compileWithRandomWeights,
  ensureNativeEngine,
  randomBytes,
  randomFloats,
  relativeError,
} from '../helpers/native-engine';

beforeAll(ensureNativeEngine);

const { conv2d, dense, flatten, layerNormalization, activation, reLU, rescaling } = tf.layers;
const relu = 'relu' as const;

interface Case {
  readonly title: string;
  readonly inputShape: number[];
  readonly layers: () => tf.layers.Layer[];
  readonly batch: number;
}

const CASES: Case[] = [
  {
    title: 'the network of Mnih et al. 2015',
    inputShape: [84, 84, 4],
    layers: () => [
      rescaling({ scale: 1 / 255 }),
      conv2d({ filters: 32, kernelSize: 8, strides: 4, activation: relu }),
      conv2d({ filters: 64, kernelSize: 4, strides: 2, activation: relu }),
      conv2d({ filters: 64, kernelSize: 3, activation: relu }),
      flatten(),
      dense({ units: 512, activation: relu }),
      dense({ units: 4 }),
    ],
    batch: 3,
  },
  {
    title: 'half width with a categorical head of 4 x 51',
    inputShape: [44, 44, 4],
    layers: () => [
      conv2d({ filters: 16, kernelSize: 8, strides: 4, activation: relu }),
      conv2d({ filters: 32, kernelSize: 4, strides: 2, activation: relu }),
      flatten(),
      dense({ units: 256, activation: relu }),
      dense({ units: 204 }),
    ],
    batch: 9,
  },
  {
    title: 'widths that are not multiples of 16, oblong kernels and strides',
    inputShape: [13, 17, 3],
    layers: () => [
      conv2d({ filters: 5, kernelSize: [3, 4], strides: [2, 1], activation: relu }),
      conv2d({ filters: 21, kernelSize: [2, 3], strides: [1, 3] }),
      conv2d({ filters: 33, kernelSize: 1, activation: relu }),
      flatten(),
      dense({ units: 37, activation: relu }),
      dense({ units: 7 }),
    ],
    batch: 5,
  },
  {
    title: 'a kernel that the stride leaves gaps between',
    inputShape: [15, 15, 2],
    layers: () => [
      conv2d({ filters: 8, kernelSize: 2, strides: 2, activation: relu }),
      conv2d({ filters: 8, kernelSize: 2, strides: 3, activation: relu }),
      flatten(),
      dense({ units: 3 }),
    ],
    batch: 6,
  },
  {
    title: 'layer normalization over the channels, relu as a layer',
    inputShape: [14, 14, 4],
    layers: () => [
      conv2d({ filters: 20, kernelSize: 4, strides: 2, useBias: false }),
      layerNormalization(),
      reLU(),
      conv2d({ filters: 12, kernelSize: 3 }),
      layerNormalization({ epsilon: 1e-5 }),
      activation({ activation: 'relu' }),
      flatten(),
      dense({ units: 50 }),
      layerNormalization(),
      activation({ activation: 'relu' }),
      dense({ units: 6 }),
    ],
    batch: 4,
  },
  {
    title: 'layer normalization over the whole image',
    inputShape: [10, 12, 4],
    layers: () => [
      conv2d({ filters: 9, kernelSize: 3, strides: 2 }),
      layerNormalization({ axis: [1, 2, 3] }),
      reLU(),
      conv2d({ filters: 6, kernelSize: 2, activation: relu }),
      flatten(),
      layerNormalization(),
      dense({ units: 4 }),
    ],
    batch: 4,
  },
  {
    title: 'features instead of pictures, one dense layer',
    inputShape: [7],
    layers: () => [dense({ units: 3 })],
    batch: 33,
  },
  {
    title: 'dense layers only',
    inputShape: [11],
    layers: () => [
      dense({ units: 40, activation: relu }),
      dense({ units: 40, activation: relu }),
      dense({ units: 2, useBias: false }),
    ],
    batch: 17,
  },
  {
    title: 'convolutions only',
    inputShape: [9, 9, 1],
    layers: () => [
      conv2d({ filters: 4, kernelSize: 3, activation: relu }),
      conv2d({ filters: 3, kernelSize: 3, activation: relu }),
      flatten(),
    ],
    batch: 2,
  },
];

function inputOf({ inputShape, batch }: Case, kind: 'uint8' | 'float32') {
  const length = inputShape.reduce((product, n) => product * n, batch);
  return kind === 'uint8'
    ? randomBytes({ length, seed: 5 })
    : randomFloats({ length, scale: 1, seed: 6 });
}

function build({ inputShape, layers }: Case): tf.Sequential {
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape }));
  for (const layer of layers()) model.add(layer);
  return model;
}

describe.each(CASES)('$title', (example) => {
  test.each(['uint8', 'float32'] as const)('outputs and gradients from %s', (kind) => {
    const model = build(example);
    const network = compileWithRandomWeights({ model, seed: 11 });
    const observations = inputOf(example, kind);
    const output = new Float32Array(example.batch * network.outputSize);
    network.forward([{ observations, weights: 'online', output, keep: true }]);

    const x = tf.tensor(Float32Array.from(observations), [example.batch, ...example.inputShape]);
    const expectedOutput = (model.predict(x) as tf.Tensor).dataSync();
    expect(relativeError(output, expectedOutput)).toBeLessThan(1e-5);

    const direction = randomFloats({ length: output.length, scale: 1, seed: 12 });
    const norm = network.backward(direction);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(() => {
      const y = model.apply(x) as tf.Tensor;
      return tf.sum(tf.mul(y, tf.tensor(direction, y.shape)));
    }, variables);
    const expected = variables.map((variable) => grads[variable.name]!.dataSync());
    const errors = network.getGradients().map((got, i) => relativeError(got, expected[i]!));
    expect(Math.max(...errors)).toBeLessThan(1e-4);
    const expectedNorm = Math.sqrt(expected.flatMap((g) => [...g]).reduce((s, v) => s + v * v, 0));
    expect(norm / expectedNorm).toBeCloseTo(1, 4);

    tf.dispose([x, ...Object.values(grads)]);
    network.dispose();
  });
});
