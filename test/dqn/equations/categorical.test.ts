/** Distributions of returns agree with numbers worked by hand, the C51 paper and TensorFlow.js. */
import { describe, expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import {
  categoricalLoss,
  expectedValues,
  projectReturns,
  type Support,
  softmax,
  supportOf,
  targetDistributions,
} from '../../../lib/dqn/equations/categorical';
import { tf } from '../../../lib/engine/tensorflow';
import { Mt19937 } from '../../../lib/random';

const FIVE: Support = { atoms: 5, min: -2, max: 2 }; // z = -2, -1, 0, 1, 2

const expectNear = (got: ArrayLike<number>, expected: readonly number[]) => {
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(got[i]).toBeCloseTo(value, 6);
  });
};

test('a config of either method says which support, and null without atoms', () => {
  expect(supportOf(createConfig('dqn', { atoms: 51 }))).toEqual({ atoms: 51, min: -10, max: 10 });
  expect(supportOf(createConfig('dqn'))).toBeNull();
  expect(supportOf(createConfig('fast'))).toEqual({ atoms: 51, min: -1, max: 10 });
  expect(supportOf(createConfig('fast', { atoms: null }))).toBeNull();
});

describe('softmax and expected values, worked by hand', () => {
  test('each row by itself, whatever is added to all of it', () => {
    const outputs = Float32Array.of(0, Math.log(3), 1000, 1000);
    expectNear(softmax({ outputs, atoms: 2 }), [0.25, 0.75, 0.5, 0.5]);
  });

  test('the value of an action is the mean of its returns', () => {
    const probabilities = Float32Array.of(0.5, 0, 0, 0, 0.5, 0.1, 0.2, 0, 0.4, 0.3);
    expectNear(expectedValues({ probabilities, support: FIVE }), [0, -0.2 - 0.2 + 0.4 + 0.6]);
  });
});

describe('projection onto five atoms from -2 to 2, worked by hand', () => {
  const cases: [string, number, number[]][] = [
    ['right on an atom', 1, [0, 0, 0, 1, 0]],
    ['on the lowest', -2, [1, 0, 0, 0, 0]],
    ['on the highest', 2, [0, 0, 0, 0, 1]],
    ['between two', 0.25, [0, 0, 0.75, 0.25, 0]],
    ['below the lowest', -7, [1, 0, 0, 0, 0]],
    ['above the highest', 7, [0, 0, 0, 0, 1]],
  ];
  test.each(cases)('a return %s', (_, value, expected) => {
    const into = new Float32Array(5);
    projectReturns({ returns: [value], probabilities: [1], support: FIVE, into });
    expectNear(into, expected);
  });

  test('several returns add up', () => {
    const into = new Float32Array(5);
    const returns = [-3, -0.5, 1.5];
    projectReturns({ returns, probabilities: [0.5, 0.2, 0.3], support: FIVE, into });
    expectNear(into, [0.5, 0.1, 0.1, 0.15, 0.15]);
  });
});

describe('target distributions, worked by hand', () => {
  // two actions; the first has the mean 0.5 * -1 + 0.5 * 1 = 0, the second 0.5 * 0 + 0.5 * 2 = 1
  const nextProbabilities = Float32Array.of(0, 0.5, 0, 0.5, 0, 0, 0, 0.5, 0, 0.5);
  const given = {
    rewards: [1],
    terminateds: [0],
    nextProbabilities,
    gamma: 0.5,
    terminalTarget: null,
    support: FIVE,
  };

  test('the reward plus the discounted returns of the action with the best mean', () => {
    // 1 + 0.5 * 0 = 1 and 1 + 0.5 * 2 = 2
    expectNear(targetDistributions(given), [0, 0, 0, 0.5, 0.5]);
  });

  test('several steps discount as often', () => {
    // 1 + 0.25 * 0 = 1 and 1 + 0.25 * 2 = 1.5
    expectNear(targetDistributions({ ...given, steps: [2] }), [0, 0, 0, 0.75, 0.25]);
  });

  test('at the end the reward alone, or the terminal target in its place', () => {
    const end = { ...given, terminateds: [1] };
    expectNear(targetDistributions(end), [0, 0, 0, 1, 0]);
    expectNear(targetDistributions({ ...end, terminalTarget: -1.25 }), [0.25, 0.75, 0, 0, 0]);
    expectNear(targetDistributions({ ...end, terminalTarget: 0 }), [0, 0, 1, 0, 0]);
  });

  test('double: one network chooses, the other has the distribution', () => {
    // chooses the first action: 1 + 0.5 * -1 = 0.5 and 1 + 0.5 * 1 = 1.5
    const choosingProbabilities = Float32Array.of(0, 0, 0, 0, 1, 1, 0, 0, 0, 0);
    const got = targetDistributions({ ...given, choosingProbabilities });
    expectNear(got, [0, 0, 0.25, 0.5, 0.25]);
  });

  test('each row of a batch has its own reward, end and steps', () => {
    const got = targetDistributions({
      ...given,
      rewards: [0, -0.5, 9],
      terminateds: [0, 1, 0],
      steps: [1, 3, 2],
      nextProbabilities: Float32Array.from([1, 2, 3].flatMap(() => [...nextProbabilities])),
    });
    expectNear(got.subarray(0, 5), [0, 0, 0.5, 0.5, 0]);
    expectNear(got.subarray(5, 10), [0, 0.5, 0.5, 0, 0]);
    expectNear(got.subarray(10), [0, 0, 0, 0, 1]);
  });

  test("are those of the paper's algorithm in its own terms", () => {
    const random = new Mt19937(3);
    const support: Support = { atoms: 51, min: -10, max: 10 };
    const outputs = Float32Array.from({ length: 40 * 51 }, () => 6 * random.nextDouble() - 3);
    const probabilities = softmax({ outputs, atoms: 51 });
    const rewards = Array.from({ length: 40 }, () => 24 * random.nextDouble() - 12);
    const ours = targetDistributions({
      ...{ rewards, terminateds: new Uint8Array(40), nextProbabilities: probabilities },
      ...{ gamma: 0.99, terminalTarget: null, support },
    });
    const dz = 20 / 50;
    rewards.forEach((reward, i) => {
      const m = new Float64Array(51);
      for (let j = 0; j < 51; j++) {
        const tz = Math.min(10, Math.max(-10, reward + 0.99 * (-10 + j * dz)));
        const b = (tz + 10) / dz;
        const [l, u] = [Math.floor(b), Math.ceil(b)];
        const p = probabilities[i * 51 + j]!;
        if (l === u) m[l]! += p;
        m[l]! += p * (u - b);
        m[u]! += p * (b - l);
      }
      expectNear(ours.subarray(i * 51, (i + 1) * 51), [...m]);
      expect(m.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    });
  });
});

test('the loss is the cross-entropy, worked by hand', () => {
  const support: Support = { atoms: 2, min: 0, max: 4 };
  const outputs = Float32Array.of(9, 9, 0, Math.log(3), 0, 0, 9, 9); // actions 1 and 0 are taken
  const targets = Float32Array.of(0.5, 0.5, 1, 0);
  const got = categoricalLoss({ outputs, actions: [1, 0], targets, support });
  const first = -(0.5 * Math.log(0.25) + 0.5 * Math.log(0.75));
  expect(got.loss).toBeCloseTo((first + Math.log(2)) / 2, 6);
  expect(got.meanQ).toBeCloseTo((4 * 0.75 + 4 * 0.5) / 2, 6);
  expectNear(got.gradient, [0, 0, -0.125, 0.125, -0.25, 0.25, 0, 0]);
});

test("loss and gradient are TensorFlow's", () => {
  const [batch, actions, atoms] = [16, 4, 51];
  const support: Support = { atoms, min: -10, max: 10 };
  const random = new Mt19937(4);
  const draw = (length: number) =>
    Float32Array.from({ length }, () => 10 * random.nextDouble() - 5);
  const outputs = draw(batch * actions * atoms);
  const targets = softmax({ outputs: draw(batch * atoms), atoms });
  const taken = Int32Array.from({ length: batch }, () => Math.floor(actions * random.nextDouble()));
  const ours = categoricalLoss({ outputs, actions: taken, targets, support });
  const theirs = tf.tidy(() => {
    const rows = tf.add(
      tf.mul(tf.range(0, batch, 1, 'int32'), actions),
      tf.tensor1d(taken, 'int32'),
    );
    const { value, grad } = tf.valueAndGrad((all: tf.Tensor) => {
      const logits = tf.gather(all, tf.cast(rows, 'int32'));
      const probabilities = tf.div(tf.exp(logits), tf.sum(tf.exp(logits), 1, true));
      const entropies = tf.sum(
        tf.mul(tf.tensor2d(targets, [batch, atoms]), tf.log(probabilities)),
        1,
      );
      return tf.neg(tf.mean(entropies));
    })(tf.tensor2d(outputs, [batch * actions, atoms]));
    return { value: value.dataSync()[0]!, gradient: grad.dataSync() };
  });
  expect(ours.loss).toBeCloseTo(theirs.value, 5);
  expectNear(ours.gradient, [...theirs.gradient]);
  expect(ours.gradient.filter((slope) => slope !== 0)).toHaveLength(batch * atoms);
});
