/** Outputs and gradients of the native engine against TensorFlow.js, and of the graph engine against it, for every kind of layer it knows. */
import { beforeAll, describe, expect, test } from 'vitest';
import { GraphNetwork } from '../../lib/engine/graph/network';
import type { NativeNetwork } from '../../lib/engine/native/network';
import { tf } from '../../lib/engine/tensorflow';
import { writeWeights } from '../../lib/engine/weights';
import {
  compareWithTensorFlow,
  compileWithRandomWeights,
  ensureEngines,
  randomBytes,
  randomFloats,
  relativeError,
} from '../helpers/native-engine';

beforeAll(ensureEngines);

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
    const errors = compareWithTensorFlow({ model, network, observations });
    expect(errors.output).toBeLessThan(1e-5);
    expect(errors.gradient).toBeLessThan(1e-4);
    expect(errors.norm).toBeCloseTo(1, 4);
    network.dispose();
  });

  test('outputs and gradients in the graph engine', () => {
    const model = build(example);
    const native = compileWithRandomWeights({ model, seed: 11, layout: 'channelsFirst' });
    const observations = inputOf(example, 'uint8') as Uint8Array;
    const { batch: count } = example;
    const output = new Float32Array(count * native.outputSize);
    const direction = randomFloats({ length: output.length, scale: 1, seed: 12 });
    native.forward([{ observations, weights: 'online', output, keep: true }]);
    native.backward(direction);
    const graph = new GraphNetwork({ network: native.description });
    graph.setWeights(native.getWeights());
    expect(relativeError(graph.predict({ observations }), output)).toBeLessThan(1e-5);
    const step = graph.createStep({
      ...{ count, batches: 1, columns: 0 },
      lossOf: ({ graph: ops }) => ({
        losses: ops.floats([0]),
        values: ops.floats([0]),
        slope: ops.floats([...direction.map((value) => value * count)], [count, native.outputSize]),
      }),
    });
    step({ observations: [observations], columns: [] }, { learningRate: 1 });
    const { m } = graph.optimizerState(); // a tenth of the first gradient
    for (const [i, gradient] of native.getGradients().entries()) {
      const expected = gradient.map((value) => value / 10);
      expect(relativeError(m[i]!, expected)).toBeLessThan(1e-4);
    }
    for (const network of [native, graph]) network.dispose();
  });
});

test.each(['avx512', 'avx2', 'baseline'] as const)('gradients with %s', (instructionSet) => {
  // Widths of one and several panels, with and without a rest, in blocks of every height.
  const example: Case = {
    title: '',
    inputShape: [13, 11, 3],
    layers: () => [
      conv2d({ filters: 20, kernelSize: [3, 2], strides: [2, 1], activation: relu }),
      layerNormalization(),
      conv2d({ filters: 33, kernelSize: 2, activation: relu }),
      flatten(),
      dense({ units: 50, activation: relu }),
      dense({ units: 5 }),
    ],
    batch: 7,
  };
  const model = build(example);
  try {
    const network = compileWithRandomWeights({ model, seed: 11, instructionSet });
    expect(network.instructionSet).toBe(instructionSet);
    const observations = inputOf(example, 'float32');
    const errors = compareWithTensorFlow({ model, network, observations });
    expect(errors.output).toBeLessThan(1e-5);
    expect(errors.gradient).toBeLessThan(1e-4);
    network.dispose();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    expect(error.message).toContain(`this processor does not have "${instructionSet}"`);
  }
});

describe('layer normalization of values near 100', () => {
  const FEATURES = 7;
  const BATCH = 5;
  /** Multiples of 1/16 below 1: every sum of products is exact in float32, whatever its order. */
  const sixteenths = (length: number, seed: number) =>
    randomFloats({ length, scale: 1, seed }).map((value) => Math.round(value * 16) / 16);

  /** Gives the first layer an exact kernel and a bias of 100, in both engines. */
  const setNear100 = ({ model, network }: { model: tf.LayersModel; network: NativeNetwork }) => {
    const weights = network.getWeights();
    weights[0] = sixteenths(weights[0]!.length, 1);
    weights[1]!.fill(100);
    writeWeights({ network: model, weights });
    network.setWeights(weights);
    return weights;
  };

  test.each([2, 4, 16, 20, 33])('%i units', (units) => {
    const model = tf.sequential({
      layers: [
        dense({ units, inputShape: [FEATURES] }),
        layerNormalization({ epsilon: 1e-5 }),
        dense({ units: 3 }),
      ],
    });
    const network = compileWithRandomWeights({ model, seed: 11 });
    const weights = setNear100({ model, network });
    const observations = sixteenths(BATCH * FEATURES, 2);
    const [kernel, , gamma, beta, head, headBias] = weights as Float32Array[];
    const expected = Array.from({ length: BATCH }, (_, n) => {
      const x = observations.subarray(n * FEATURES, (n + 1) * FEATURES);
      const column = (unit: number) => (sum: number, value: number, i: number) =>
        sum + value * kernel![i * units + unit]!;
      const z = Array.from({ length: units }, (_, unit) => x.reduce(column(unit), 100));
      const mean = z.reduce((sum, value) => sum + value, 0) / units;
      const variance = z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / units;
      const y = z.map((value, i) => {
        return ((value - mean) / Math.sqrt(variance + 1e-5)) * gamma![i]! + beta![i]!;
      });
      return [0, 1, 2].map((j) =>
        y.reduce((sum, value, i) => sum + value * head![i * 3 + j]!, headBias![j]!),
      );
    }).flat();
    expect(relativeError(network.predict({ observations }), expected)).toBeLessThan(2e-5);
    const errors = compareWithTensorFlow({ model, network, observations });
    expect(errors.gradient).toBeLessThan(1e-3); // TensorFlow.js rounds near 100, too
    network.dispose();
  });

  test.each([2, 4, 20])('images of %i channels, over the channels and over all', (filters) => {
    for (const axis of [-1, [1, 2, 3]]) {
      const model = tf.sequential({
        layers: [
          conv2d({ filters, kernelSize: 2, inputShape: [4, 4, 3] }),
          layerNormalization({ axis, epsilon: 1e-5 }),
          flatten(),
          dense({ units: 3 }),
        ],
      });
      const network = compileWithRandomWeights({ model, seed: 11 });
      setNear100({ model, network });
      const observations = sixteenths(BATCH * 4 * 4 * 3, 2);
      const errors = compareWithTensorFlow({ model, network, observations });
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.gradient).toBeLessThan(1e-3);
      network.dispose();
    }
  });
});
