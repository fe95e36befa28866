/** TD targets agree with numbers worked by hand and with the bits of TensorFlow.js. */
import { describe, expect, test } from 'vitest';
import { tdTargets } from '../../../lib/dqn/equations/td-targets';
import { tf } from '../../../lib/engine/tensorflow';
import { Mt19937 } from '../../../lib/random';

describe('tdTargets, worked by hand', () => {
  // three transitions, two actions: goes on, terminated, cut off (which is not terminated)
  const rewards = [1, 4, 2];
  const terminateds = [0, 1, 0];
  const nextQ = [10, 20, 30, 40, 50, 60];
  const given = { rewards, terminateds, nextQ, gamma: 0.5, terminalTarget: null };

  test('reward plus discounted best next value, the reward alone at the end', () => {
    expect([...tdTargets(given)]).toEqual([1 + 0.5 * 20, 4, 2 + 0.5 * 60]);
  });

  test('a terminal target replaces the last reward', () => {
    expect([...tdTargets({ ...given, terminalTarget: -1 })]).toEqual([11, -1, 32]);
    expect(tdTargets({ ...given, terminalTarget: 0 })[1]).toBe(0);
  });

  test('several steps discount the next value as often', () => {
    const steps = [3, 2, 1];
    expect([...tdTargets({ ...given, steps })]).toEqual([1 + 0.5 ** 3 * 20, 4, 2 + 0.5 * 60]);
  });

  test("gives the bits of TensorFlow's float32 arithmetic", () => {
    const random = new Mt19937(8);
    const draw = (length: number) =>
      Float32Array.from({ length }, () => 8 * random.nextDouble() - 4);
    const batch = { rewards: draw(500), nextQ: draw(2000) };
    const ends = Float32Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? 1 : 0));
    const ours = tdTargets({ ...batch, terminateds: ends, gamma: 0.99, terminalTarget: null });
    const theirs = tf.tidy(() => {
      const best = tf.max(tf.tensor2d(batch.nextQ, [500, 4]), 1);
      return tf.add(
        tf.tensor1d(batch.rewards),
        tf.mul(0.99, tf.mul(tf.sub(1, tf.tensor1d(ends)), best)),
      );
    });
    expect([...ours]).toEqual([...theirs.dataSync()]);
  });

  test('double DQN: one network chooses, the other values', () => {
    const choosingQ = [1, 0, 0, 0, 0, 1];
    expect([...tdTargets({ ...given, choosingQ })]).toEqual([1 + 0.5 * 10, 4, 2 + 0.5 * 60]);
  });
});
