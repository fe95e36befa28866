/** The Q-network has the layers of Mnih et al. 2015, and first weights by He's and Glorot's rules. */
import { expect, test } from 'vitest';
import { createQNetwork, describeNetwork } from '../../../lib/dqn/learner/q-network';
import { tf } from '../../../lib/engine/tensorflow';
import { readWeights } from '../../../lib/engine/weights';

const OPTIONS = { observationShape: [4, 84, 84], actions: 4, seed: 1 };

test('has the layers of Mnih et al. 2015', () => {
  const network = createQNetwork(OPTIONS);
  const shapes = network.layers.map((layer) => layer.outputShape);
  expect(shapes).toEqual([
    [null, 84, 84, 4],
    [null, 20, 20, 32],
    [null, 9, 9, 64],
    [null, 7, 7, 64],
    [null, 3136],
    [null, 512],
    [null, 4],
  ]);
  // 8*8*4*32+32 + 4*4*32*64+64 + 3*3*64*64+64 + 3136*512+512 + 512*4+4
  expect(network.countParams()).toBe(1_686_180);
});

test('can be narrower, with layer normalization before each relu', () => {
  const network = createQNetwork({ ...OPTIONS, width: 0.5, layerNorm: true });
  const kinds = network.layers.map((layer) => layer.getClassName());
  const [conv, norm, relu] = ['Conv2D', 'LayerNormalization', 'ReLU'];
  expect(kinds).toEqual([
    ...['Rescaling', conv, norm, relu, conv, norm, relu, conv, norm, relu],
    ...['Flatten', 'Dense', norm, relu, 'Dense'],
  ]);
  // 8*8*4*16+16 + 4*4*16*32+32 + 3*3*32*32+32 + 1568*256+256 + 256*4+4, and the norms'
  // 2 * (20*20*16 + 9*9*32 + 7*7*32 + 256)
  expect(network.countParams()).toBe(424_276 + 21_632);
});

test('divides the bytes of its input', () => {
  const input = tf.randomUniform([2, 84, 84, 4], 0, 256, 'float32', 3);
  const divided = tf.div(input, 255);
  const bytes = createQNetwork({ ...OPTIONS, inputDivisor: 255 }).predict(input) as tf.Tensor;
  const floats = createQNetwork({ ...OPTIONS, inputDivisor: 1 }).predict(divided) as tf.Tensor;
  const difference = tf.max(tf.abs(tf.sub(bytes, floats))).dataSync()[0];
  expect(difference).toBeLessThan(1e-5);
});

test('equal seeds give equal weights, other seeds others; biases are 0', () => {
  const networks = [1, 1, 2].map((seed) => readWeights(createQNetwork({ ...OPTIONS, seed })));
  const [a, b, c] = networks.map((weights) => weights.map((values) => Buffer.from(values.buffer)));
  a!.forEach((values, i) => {
    expect(values.equals(b![i]!)).toBe(true);
  });
  expect(a![0]!.equals(c![0]!)).toBe(false);
  expect(new Set(networks[0]![1])).toEqual(new Set([0]));
});

test("draws from He's normal distribution with heNormal", () => {
  const weights = readWeights(createQNetwork({ ...OPTIONS, initializer: 'heNormal' }));
  const dense = weights[6]!; // [3136, 512]
  const variance = dense.reduce((sum, w) => sum + w * w, 0) / dense.length;
  // 2 / fan in, cut off at two standard deviations: 0.77374 of the variance is left
  expect(variance * 3136).toBeCloseTo(2 * 0.77374, 2);
  expect(dense.reduce((sum, w) => sum + w, 0) / dense.length).toBeCloseTo(0, 3);
});

test("starts within Glorot's limits", () => {
  const [firstKernel] = readWeights(createQNetwork(OPTIONS));
  const limit = Math.sqrt(6 / (8 * 8 * 4 + 8 * 8 * 32)); // fan in + fan out
  const largest = firstKernel!.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  expect(largest).toBeLessThanOrEqual(limit);
  expect(largest).toBeGreaterThan(0.99 * limit);
});

test('is described as text', () => {
  const text = describeNetwork(createQNetwork(OPTIONS));
  expect(text).toContain('[null,20,20,32]');
  expect(text).toContain('Total params: 1686180');
});
