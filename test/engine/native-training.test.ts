/** Training in the native engine: the same learning as TensorFlow.js, the same bits every time. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { Adam } from '../../lib/engine/adam';
import { NonFiniteGradientError } from '../../lib/engine/adam-rule';
import { NativeNetwork } from '../../lib/engine/native/network';
import { tf } from '../../lib/engine/tensorflow';
import { readWeights, writeWeights } from '../../lib/engine/weights';
import {
  compileWithRandomWeights,
  describeOrThrow,
  ensureEngines,
  randomBytes,
  randomFloats,
  randomPictures,
  relativeError,
} from '../helpers/native-engine';

beforeAll(ensureEngines);

const SHAPE = [36, 36, 4] as const;
const SIZE = 36 * 36 * 4;
const BATCH = 16;
const ACTIONS = 4;

function qNetwork(relu: 'relu' | 'linear' = 'relu'): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [...SHAPE] }),
      tf.layers.conv2d({ filters: 16, kernelSize: 8, strides: 4, activation: relu }),
      tf.layers.conv2d({ filters: 24, kernelSize: 4, strides: 2, activation: relu }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 64, activation: relu }),
      tf.layers.dense({ units: ACTIONS }),
    ],
  });
}

/** Observations and the values to learn for all actions, different in every update. */
function batchOf(update: number) {
  return {
    observations: randomPictures({ count: BATCH, side: 36, channels: 4, seed: 1000 + update }),
    values: randomFloats({ length: BATCH * ACTIONS, scale: 1, seed: 5000 + update }),
  };
}

/** One update on the mean Huber loss over all outputs; its gradient is the clipped error / count. */
function trainNative(network: NativeNetwork, update: number, options = {}): number {
  const { observations, values } = batchOf(update);
  const output = new Float32Array(values.length);
  network.forward([{ observations, weights: 'online', output, keep: true }]);
  const gradient = output.map((q, i) => Math.max(-1, Math.min(1, q - values[i]!)) / output.length);
  const norm = network.backward(gradient);
  network.update({ learningRate: 1e-4, ...options });
  return norm;
}

function trainTensorFlow(model: tf.Sequential, optimizer: tf.Optimizer, update: number): void {
  tf.tidy(() => {
    const { observations, values } = batchOf(update);
    const x = tf.tensor(Float32Array.from(observations), [BATCH, ...SHAPE]);
    const y = tf.tensor2d(values, [BATCH, ACTIONS]);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(
      () => tf.losses.huberLoss(y, model.apply(x) as tf.Tensor2D),
      variables,
    );
    optimizer.applyGradients(grads);
  });
}

function hash(arrays: readonly Float32Array[]): string {
  const digest = createHash('sha256');
  for (const array of arrays) digest.update(new Uint8Array(array.buffer));
  return digest.digest('hex');
}

describe('200 updates', () => {
  // A relu that is off by one rounding error sends two runs apart for good, in TensorFlow.js from itself,
  // too: with the learning rate of Rainbow it takes longer, and without relu it cannot happen.
  const variants = [
    { title: 'with relu', activation: 'relu', options: { learningRate: 6.25e-5 }, tolerance: 1e-3 },
    { title: 'linear', activation: 'linear', options: { learningRate: 1e-3 }, tolerance: 1e-5 },
    {
      title: "linear with Keras' clipnorm",
      activation: 'linear',
      options: { learningRate: 1e-3, clipNorm: 0.02, epsilonHat: true, epsilon: 1e-7 },
      tolerance: 1e-5,
    },
    {
      title: 'linear with a global norm',
      activation: 'linear',
      options: { learningRate: 1e-3, globalClipNorm: 0.05, beta1: 0.8, beta2: 0.99, epsilon: 1e-3 },
      tolerance: 1e-5,
    },
  ] as const;
  test.each(variants)('$title end where TensorFlow.js ends, in Q', (variant) => {
    const { options, activation, tolerance } = variant;
    const model = qNetwork(activation);
    const network = compileWithRandomWeights({ model, seed: 3 });
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const optimizer =
      Object.keys(options).length === 1
        ? tf.train.adam(options.learningRate, 0.9, 0.999, 1e-8)
        : new Adam({ variables, ...options });
    const observations = randomPictures({ count: 8, side: 36, channels: 4, seed: 9 });
    const before = network.predict({ observations });
    for (let update = 0; update < 200; update++) {
      trainNative(network, update, options);
      trainTensorFlow(model, optimizer, update);
    }
    const x = tf.tensor(Float32Array.from(observations), [8, ...SHAPE]);
    const expected = (model.predict(x) as tf.Tensor).dataSync();
    const got = network.predict({ observations });
    const difference = Math.max(...got.map((q, i) => Math.abs(q - expected[i]!)));
    const learned = Math.max(...got.map((q, i) => Math.abs(q - before[i]!)));
    expect(learned).toBeGreaterThan(0.02); // else a network that never learns would pass
    expect(difference).toBeLessThan(tolerance);
    x.dispose();
    network.dispose();
  });
});

describe('repeatability', () => {
  function trainedHash(options: { threads?: number; instructionSet?: 'avx512' | 'avx2' }): string {
    const network = compileWithRandomWeights({ model: qNetwork(), seed: 3, ...options });
    for (let update = 0; update < 20; update++) trainNative(network, update);
    const { m, v } = network.optimizerState();
    const result = hash([...network.getWeights(), ...m, ...v]);
    network.dispose();
    return result;
  }

  test('20 updates give the same bits twice and on 1, 2, 3 and 7 threads', () => {
    const first = trainedHash({ threads: 2 });
    for (const threads of [2, 1, 3, 7]) expect(trainedHash({ threads })).toBe(first);
  });

  test('AVX2 and AVX-512 give the same bits', ({ skip }) => {
    const network = new NativeNetwork({ network: describeOrThrow(qNetwork()) });
    const both = network.instructionSet === 'avx512';
    network.dispose();
    skip(!both, 'this processor has no AVX-512');
    expect(trainedHash({ instructionSet: 'avx2' })).toBe(trainedHash({ instructionSet: 'avx512' }));
  });

  test('a restored state goes on with the same bits', () => {
    const one = compileWithRandomWeights({ model: qNetwork(), seed: 3 });
    for (let update = 0; update < 5; update++) trainNative(one, update);
    const two = new NativeNetwork({ network: one.description });
    two.setWeights(one.getWeights());
    two.setWeights(one.getWeights('target'), 'target');
    two.restoreOptimizer(one.optimizerState());
    for (let update = 5; update < 10; update++) {
      trainNative(one, update);
      trainNative(two, update);
    }
    expect(hash(two.getWeights())).toBe(hash(one.getWeights()));
    expect(hash(two.getWeights('target'))).toBe(hash(one.getWeights('target')));
    for (const network of [one, two]) network.dispose();
  });
});

describe('weights', () => {
  test('move to the TensorFlow.js model and back', () => {
    const model = qNetwork();
    const network = compileWithRandomWeights({ model, seed: 3 });
    trainNative(network, 0);
    writeWeights({ network: model, weights: network.getWeights() });
    const observations = randomBytes({ length: SIZE, seed: 9 });
    const x = tf.tensor(Float32Array.from(observations), [1, ...SHAPE]);
    const expected = (model.predict(x) as tf.Tensor).dataSync();
    expect(relativeError(network.predict({ observations }), expected)).toBeLessThan(1e-5);
    expect(hash(readWeights(model))).toBe(hash(network.getWeights()));
  });

  test('of the target network change at syncTarget only', () => {
    const network = compileWithRandomWeights({ model: qNetwork(), seed: 3 });
    const before = hash(network.getWeights('target'));
    trainNative(network, 0);
    expect(hash(network.getWeights('target'))).toBe(before);
    expect(hash(network.getWeights())).not.toBe(before);
    network.syncTarget();
    expect(hash(network.getWeights('target'))).toBe(hash(network.getWeights()));
    network.dispose();
  });
});

describe('values that are not finite', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'a gradient of %f is reported and changes no weight',
    (value) => {
      const network = compileWithRandomWeights({ model: qNetwork(), seed: 3 });
      trainNative(network, 0);
      const before = hash([...network.getWeights(), ...network.optimizerState().m]);
      const output = new Float32Array(BATCH * ACTIONS);
      const { observations } = batchOf(1);
      network.forward([{ observations, weights: 'online', output, keep: true }]);
      expect(() => network.backward(output.fill(value))).toThrow(NonFiniteGradientError);
      expect(() => network.update({ learningRate: 1 })).toThrow('update() before backward()');
      expect(hash([...network.getWeights(), ...network.optimizerState().m])).toBe(before);
      trainNative(network, 1); // goes on
      expect(network.getWeights().every((values) => values.every(Number.isFinite))).toBe(true);
      network.dispose();
    },
  );

  test('a weight that is NaN reaches the outputs, relu or not', () => {
    const network = compileWithRandomWeights({ model: qNetwork(), seed: 3 });
    const weights = network.getWeights();
    weights[0]!.fill(Number.NaN);
    network.setWeights(weights);
    const q = network.predict({ observations: randomBytes({ length: SIZE, seed: 9 }) });
    expect([...q].every(Number.isNaN)).toBe(true);
    network.dispose();
  });
});

test('2,000 updates of a small network leave heap and resident memory flat', () => {
  const conv = { filters: 8, kernelSize: 4, strides: 2, activation: 'relu' } as const;
  const { conv2d, flatten, dense } = tf.layers;
  const layers = [conv2d({ ...conv, inputShape: [12, 12, 2] }), flatten(), dense({ units: 3 })];
  const model = tf.sequential({ layers });
  const network = compileWithRandomWeights({ model, seed: 3 });
  const observations = randomBytes({ length: 8 * 288, seed: 1 });
  const output = new Float32Array(8 * 3);
  const update = () => {
    network.forward([
      { observations, weights: 'online', output, keep: true },
      { observations, weights: 'target', output: new Float32Array(output.length) },
    ]);
    network.backward(output);
    network.update({ learningRate: 1e-4, globalClipNorm: 1 });
    network.syncTarget();
  };
  for (let i = 0; i < 500; i++) update();
  const before = process.memoryUsage();
  for (let i = 0; i < 2000; i++) update();
  const after = process.memoryUsage();
  // A leak of 1 kB per update would be 2 MB of native memory; of one array per update, as much heap.
  expect(after.rss - before.rss).toBeLessThan(
    2e6 + Math.max(0, after.heapTotal - before.heapTotal),
  );
  network.dispose();
});

test('a disposed network frees its memory and says that it is gone', () => {
  const description = describeOrThrow(qNetwork());
  const rss = () => process.memoryUsage().rss;
  const create = () => new NativeNetwork({ network: description, threads: 3 });
  for (let i = 0; i < 20; i++) create().dispose();
  const before = rss();
  for (let i = 0; i < 300; i++) create().dispose(); // 0.5 MB of weights and moments each
  expect(rss() - before).toBeLessThan(30e6);
  const gone = create();
  gone.dispose();
  gone.dispose(); // twice is once
  expect(() => gone.getWeights()).toThrow('was disposed');
});
