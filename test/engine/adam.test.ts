/** Adam takes steps worked out by hand and those of tf.train.adam, and refuses bad gradients. */
import { describe, expect, test } from 'vitest';
import { Adam } from '../../lib/engine/adam';
import { NonFiniteGradientError } from '../../lib/engine/adam-rule';
import { nodeBackend } from '../../lib/engine/binding';
import { tf } from '../../lib/engine/tensorflow';

const RATE = 0.01;

function applyTo(optimizer: tf.Optimizer, gradients: Record<string, number[]>): void {
  tf.tidy(() => {
    const tensors = Object.entries(gradients).map(([name, g]) => [name, tf.tensor1d(g)]);
    optimizer.applyGradients(Object.fromEntries(tensors));
  });
}

function liveHandles(): { raw: number; tensors: number } {
  return { raw: nodeBackend().binding.getNumOfTensors(), tensors: tf.memory().numTensors };
}

test.each([
  // m^ = 0.5, v^ = 0.25: the step is 0.01 * 0.5 / (0.5 + 0.1)
  ['bias-corrected root, as Kingma and Ba', false, 0.01 * (0.5 / 0.6)],
  // m = 0.05, v = 0.00025, rate 0.01 * sqrt(0.001) / 0.1 = 0.00316228: step 0.00316228 * 0.05 / 0.1158114
  ['uncorrected root, as Keras', true, 0.00136527],
])('worked by hand, gradient 0.5, epsilon 0.1 is added to the %s', (_, epsilonHat, step) => {
  const w = tf.variable(tf.tensor1d([1]));
  const adam = new Adam({ variables: [w], learningRate: RATE, epsilon: 0.1, epsilonHat });
  applyTo(adam, { [w.name]: [0.5] });
  expect(w.dataSync()[0]).toBeCloseTo(1 - step, 7);
});

test('stays within 1e-5 of tf.train.adam over 200 updates', () => {
  const start = tf.randomNormal([40], 0, 1, 'float32', 7);
  const ours = tf.variable(tf.mul(start, 1));
  const theirs = tf.variable(tf.mul(start, 1));
  const adam = new Adam({ variables: [ours], learningRate: RATE });
  const reference = tf.train.adam(RATE, 0.9, 0.999, 1e-8);
  for (let i = 0; i < 200; i++) {
    const gradient = Array.from({ length: 40 }, (_, j) => Math.sin(i * 1.7 + j));
    applyTo(adam, { [ours.name]: gradient });
    applyTo(reference, { [theirs.name]: gradient });
  }
  const a = ours.dataSync();
  const b = theirs.dataSync();
  expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(1e-5);
});

describe('clipping, seen in the first moment (0.1 * the clipped gradient)', () => {
  // norms 5 and 1, together sqrt(26)
  test.each([
    ['none', {}, [3, 4, 0.6, 0.8]],
    ['clipNorm, each by itself', { clipNorm: 2.5 }, [1.5, 2, 0.6, 0.8]],
    ['globalClipNorm, all together', { globalClipNorm: Math.sqrt(26) / 2 }, [1.5, 2, 0.3, 0.4]],
    ['globalClipNorm above the norm', { globalClipNorm: 6 }, [3, 4, 0.6, 0.8]],
  ])('%s', (_, option, clipped) => {
    const variables = [tf.variable(tf.zeros([2])), tf.variable(tf.zeros([2]))] as const;
    const adam = new Adam({ variables, learningRate: RATE, ...option });
    applyTo(adam, { [variables[0].name]: [3, 4], [variables[1].name]: [0.6, 0.8] });
    const m = adam.state().m.flatMap((values) => [...values]);
    expect(m).toHaveLength(4);
    clipped.forEach((gradient, i) => {
      expect(m[i]).toBeCloseTo(0.1 * gradient, 6);
    });
  });

  test('both at once are refused', () => {
    const create = () =>
      new Adam({ variables: [], learningRate: RATE, clipNorm: 1, globalClipNorm: 1 });
    expect(create).toThrow(/clipNorm or globalClipNorm, got both/);
  });
});

test('sees values that others assigned to the variable', () => {
  const w = tf.variable(tf.tensor1d([1]));
  const adam = new Adam({ variables: [w], learningRate: RATE });
  applyTo(adam, { [w.name]: [1] });
  const five = tf.tensor1d([5]);
  w.assign(five);
  five.dispose();
  applyTo(adam, { [w.name]: [1] });
  expect(w.dataSync()[0]).toBeCloseTo(5 - RATE, 5); // equal gradients: each step is the learning rate
});

test('goes on from a saved state bit for bit', () => {
  const gradients = [
    [0.1, -2],
    [0.7, 0.3],
    [-1, 1],
  ];
  const straight = tf.variable(tf.tensor1d([1, 2]));
  const adam = new Adam({ variables: [straight], learningRate: RATE });
  for (const g of gradients) applyTo(adam, { [straight.name]: g });

  const first = tf.variable(tf.tensor1d([1, 2]));
  const before = new Adam({ variables: [first], learningRate: RATE });
  applyTo(before, { [first.name]: gradients[0]! });
  const saved = before.state();
  const second = tf.variable(tf.tensor1d(first.dataSync()));
  const after = new Adam({ variables: [second], learningRate: RATE });
  after.restore(saved);
  for (const g of gradients.slice(1)) applyTo(after, { [second.name]: g });

  expect([...second.dataSync()]).toEqual([...straight.dataSync()]);
  expect(after.state()).toEqual(adam.state());
  expect(saved).toEqual(before.state()); // what was handed over has not been written to
});

test('refuses gradients of other variables or shapes and leaves everything as it was', () => {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const adam = new Adam({ variables: [w], learningRate: RATE });
  const before = liveHandles();
  expect(() => applyTo(adam, { other: [1] })).toThrow(/optimizer's variables .* got "other"/);
  expect(() => applyTo(adam, { [w.name]: [1, 2, 3] })).toThrow(/shape \[2\], got \[3\]/);
  expect([...w.dataSync()]).toEqual([1, 2]);
  expect(adam.state().updates).toBe(0);
  expect(liveHandles()).toEqual(before);
});

describe('a gradient that is not finite', () => {
  const options = [{}, { clipNorm: 1 }, { globalClipNorm: 1 }];
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const cases = options.flatMap((option) => values.map((value) => ({ option, value })));
  test.each(cases)('$value is refused and changes nothing, $option', ({ option, value }) => {
    const variables = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3]))] as const;
    const adam = new Adam({ variables, learningRate: RATE, ...option });
    const [one, two] = variables;
    applyTo(adam, { [one.name]: [1, 1], [two.name]: [1] });
    const state = () => [...variables.map((variable) => [...variable.dataSync()]), adam.state()];
    const before = state();
    const handles = liveHandles();
    const apply = () => applyTo(adam, { [one.name]: [1, 1], [two.name]: [value] });
    expect(apply).toThrow(NonFiniteGradientError);
    expect(state()).toEqual(before);
    expect(liveHandles()).toEqual(handles);
  });
});

test('refuses numbers that would make weights NaN, a learning rate when it is used, and wrong states', () => {
  const w = tf.variable(tf.tensor1d([1]));
  const create = (option: object) => () => new Adam({ variables: [w], learningRate: 1, ...option });
  for (const option of [{ beta1: 1 }, { beta2: -1 }, { epsilon: 0 }, { clipNorm: 0 }]) {
    expect(create(option)).toThrow(RangeError);
  }
  const adam = create({})();
  adam.learningRate = Number.NaN;
  expect(() => applyTo(adam, { [w.name]: [1] })).toThrow('learningRate must be a finite number');
  expect(w.dataSync()[0]).toBe(1);
  expect(() => adam.restore({ ...adam.state(), updates: -3 })).toThrow('0 or more, got -3');
  const ofOthers = { updates: 1, m: [new Float32Array(3)], v: [new Float32Array(3)] };
  expect(() => adam.restore(ofOthers)).toThrow(/lengths \[1\], got \[3\]/);
});

test('minimize trains a model of tf.layers, which predicts with the new weights', () => {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, useBias: false, inputShape: [1] })],
  });
  model.setWeights([tf.tensor2d([[2]])]);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const adam = new Adam({ variables, learningRate: 0.5 });
  const cost = () => model.apply(tf.tensor2d([[1]])) as tf.Tensor2D;
  adam.minimize(() => tf.sum(cost()), false, variables);
  expect((model.predict(tf.tensor2d([[1]])) as tf.Tensor).dataSync()[0]).toBeCloseTo(1.5, 6);
});

test('holds the number of handles over 1,000 updates and frees its own at the end', () => {
  const before = liveHandles();
  const variables = tf.tidy(
    () => [tf.variable(tf.zeros([30])), tf.variable(tf.zeros([5]))] as const,
  );
  const adam = new Adam({ variables, learningRate: RATE, clipNorm: 1 });
  const update = () => {
    applyTo(adam, {
      [variables[0].name]: Array(30).fill(1),
      [variables[1].name]: Array(5).fill(0.1),
    });
  };
  update();
  const during = liveHandles();
  for (let i = 0; i < 1000; i++) update();
  expect(liveHandles()).toEqual(during);
  adam.dispose();
  for (const variable of variables) variable.dispose();
  expect(liveHandles()).toEqual(before);
});
