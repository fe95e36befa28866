/** The gradient of tile, and through it of layer normalization in TensorFlow.js. */
import { expect, test } from 'vitest';
import { createConfig } from '../../lib/dqn/config/presets';
import { TensorFlowLearner } from '../../lib/dqn/learner/tensorflow-learner';
import { tf } from '../../lib/engine/tensorflow';
import { batchOf } from '../helpers/training';

test.each([
  [[2], [3]],
  [
    [2, 3],
    [1, 1],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 3],
    [2, 4],
  ],
  [
    [2, 1, 3],
    [1, 5, 2],
  ],
  [
    [1, 2, 1, 3, 2],
    [4, 1, 5, 2, 3],
  ],
])('adds up the slopes of all copies: shape %o, repetitions %o', (shape, reps) => {
  const x = tf.randomNormal(shape, 0, 1, 'float32', 1);
  const weights = tf.randomNormal(
    shape.map((length, i) => length * reps[i]!),
    ...([0, 1, 'float32', 2] as const),
  );
  const slope = tf.grad((value) => tf.sum(tf.mul(tf.tile(value, reps), weights)))(x);
  const expected = new Float32Array(x.size);
  const positions = tf.tile(tf.reshape(tf.range(0, x.size), shape), reps).dataSync();
  for (const [i, weight] of weights.dataSync().entries()) expected[positions[i]!]! += weight;
  expect(slope.shape).toEqual(shape);
  for (const [i, value] of slope.dataSync().entries()) expect(value).toBeCloseTo(expected[i]!, 4);
});

test('an update with layer normalization runs hundreds of kernels, not some for each feature', async () => {
  const learner = new TensorFlowLearner({
    ...{ observationShape: [4, 84, 84], actions: 4, seed: 1 },
    config: createConfig('fast'),
  });
  const batch = batchOf({ seed: 1, size: 2, stack: 4, side: 84, actions: 4 });
  const { kernels } = await tf.profile(() => {
    learner.fit(batch);
    return [];
  });
  expect(kernels.length).toBeGreaterThan(100);
  expect(kernels.length).toBeLessThan(700); // 44,000 with TensorFlow.js' own gradient
  learner.dispose();
});
