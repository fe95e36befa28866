/** The loss and its slope agree with numbers worked by hand and with TensorFlow.js. */
import { describe, expect, test } from 'vitest';
import { CONFIG_FIELDS } from '../../../lib/dqn/config/config';
import { checkLoss, tdLoss } from '../../../lib/dqn/equations/loss';
import { tf } from '../../../lib/engine/tensorflow';
import { Mt19937 } from '../../../lib/random';

describe('tdLoss, worked by hand', () => {
  // two transitions, three actions; actions 2 and 0; errors 0.5 and -3
  const q = Float32Array.of(9, 9, 1.5, 1, 9, 9);
  const given = { q, actions: [2, 0], targets: [1, 4] };

  test('mse: mean of 0.25 and 9; the slope is twice the error over the batch', () => {
    const { loss, meanQ, gradient } = tdLoss({ ...given, loss: 'mse' });
    expect(loss).toBe((0.25 + 9) / 2);
    expect(meanQ).toBe((1.5 + 1) / 2);
    expect([...gradient]).toEqual([0, 0, 0.5, -3, 0, 0]);
  });

  test('huber: mean of 0.125 and 3 - 0.5; the slope is at most 1 over the batch', () => {
    const { loss, gradient } = tdLoss({ ...given, loss: 'huber' });
    expect(loss).toBe((0.125 + 2.5) / 2);
    expect([...gradient]).toEqual([0, 0, 0.25, -0.5, 0, 0]);
  });
});

test.each(['huber', 'mse'] as const)("%s has TensorFlow's value and gradient", (loss) => {
  const random = new Mt19937(4);
  const draw = (length: number) => Float32Array.from({ length }, () => 6 * random.nextDouble() - 3);
  const [q, targets] = [draw(64 * 4), draw(64)];
  const actions = Int32Array.from({ length: 64 }, () => Math.floor(4 * random.nextDouble()));
  const ours = tdLoss({ q, actions, targets, loss });
  const theirs = tf.tidy(() => {
    const meanLoss = (values: tf.Tensor) => {
      const taken = tf.sum(tf.mul(values, tf.oneHot(tf.tensor1d(actions, 'int32'), 4)), 1);
      const y = tf.tensor1d(targets);
      return loss === 'huber'
        ? tf.losses.huberLoss(y, taken)
        : tf.losses.meanSquaredError(y, taken);
    };
    const { value, grad } = tf.valueAndGrad(meanLoss)(tf.tensor2d(q, [64, 4]));
    return { value: value.dataSync()[0]!, gradient: grad.dataSync() };
  });
  expect(ours.loss).toBeCloseTo(theirs.value, 5);
  ours.gradient.forEach((slope, i) => {
    expect(slope).toBeCloseTo(theirs.gradient[i]!, 7);
  });
  expect(ours.gradient.filter((slope) => slope !== 0)).toHaveLength(64);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a loss of %f is refused', (loss) => {
  expect(() => checkLoss(loss)).toThrow(`the loss must be finite, got ${loss}`);
  // what it advises is possible: a running training can change the one, but not the other
  expect(() => checkLoss(loss)).toThrow(
    /last checkpoint with a lower learningRate, or start a new/,
  );
  expect(CONFIG_FIELDS.learningRate.changeable).toBe(true);
  expect(CONFIG_FIELDS.clipNorm.changeable).toBeUndefined();
  expect(() => checkLoss(1e30)).not.toThrow();
});
