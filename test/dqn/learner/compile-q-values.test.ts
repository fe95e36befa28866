import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileQValues } from '../../../lib/dqn/learner/compile-q-values';
import { createQNetwork } from '../../../lib/dqn/learner/q-network';
import { predictQ } from '../../../lib/dqn/learner/train-step';
import { tf } from '../../../lib/engine/tensorflow';
import { ensureNativeEngine, randomBytes } from '../../helpers/native-engine';

beforeAll(ensureNativeEngine);

const SHAPE = [4, 36, 36] as const;
const SIZE = 4 * 36 * 36;

test("a compiled network has TensorFlow's values, for one observation and for many", () => {
  const network = createQNetwork({ observationShape: SHAPE, actions: 4, seed: 3 });
  const { qValues, engine, dispose } = compileQValues(network);
  expect(engine).toMatch(/^native engine, (avx512|avx2|baseline)$/);
  for (const count of [1, 7]) {
    const observations = randomBytes({ length: count * SIZE, seed: count });
    const expected = predictQ({ network, observations });
    const got = qValues(observations);
    expect(got).toHaveLength(count * 4);
    for (const [i, q] of expected.entries()) expect(got[i]).toBeCloseTo(q, 5);
  }
  // it keeps the weights it was made with
  const observations = randomBytes({ length: SIZE, seed: 1 });
  const before = qValues(observations);
  network.setWeights(network.getWeights().map((weight) => tf.zerosLike(weight)));
  expect(predictQ({ network, observations })).toEqual(new Float32Array(4));
  expect(qValues(observations)).toEqual(before);
  dispose();
  expect(() => qValues(observations)).toThrow('was disposed');
});

test('a network that cannot be compiled is asked in TensorFlow', () => {
  const network = tf.sequential({
    layers: [
      tf.layers.maxPooling2d({ poolSize: 2, inputShape: [36, 36, 4] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4 }),
    ],
  });
  const observations = randomBytes({ length: 2 * SIZE, seed: 5 });
  const { qValues, engine, dispose } = compileQValues(network);
  expect(engine).toBe('TensorFlow');
  expect(qValues(observations)).toEqual(predictQ({ network, observations }));
  dispose();
  expect(() => qValues(observations)).toThrow('was disposed');
  network.predict(tf.zeros([1, 36, 36, 4])); // the network stays the caller's
});

describe('networks compiled one after the other', () => {
  /** The engine keeps 35 MB for the 1.7 million weights of the Nature network. */
  const MEGABYTES = 1e6;
  const create = () => createQNetwork({ observationShape: [4, 84, 84], actions: 4, seed: 3 });
  const observation = randomBytes({ length: 4 * 84 * 84, seed: 1 });
  const threads = () => readdirSync('/proc/self/task').length;
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  test('and disposed of leave no memory and no thread', async ({ skip }) => {
    skip(process.platform !== 'linux', 'threads are counted in /proc');
    const network = create();
    const measure = async () => {
      collectGarbage(); // copies of the weights on their way to the engine
      await setImmediate(); // finalizers run between tasks
      return { threads: threads(), resident: process.memoryUsage.rss() };
    };
    const use = () => {
      const { qValues, dispose } = compileQValues(network);
      qValues(observation);
      dispose();
    };
    for (let i = 0; i < 5; i++) use();
    const before = await measure();
    for (let i = 0; i < 60; i++) use();
    const after = await measure();
    expect(after.threads).toBe(before.threads);
    // 2,100 when all stay; malloc keeps up to 300 of what is freed, however many are made.
    expect(after.resident - before.resident).toBeLessThan(1200 * MEGABYTES);
  });

  test('and forgotten are collected before they fill the memory', async () => {
    const network = create();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 60; i++) {
      compileQValues(network).qValues(observation);
      await setImmediate();
    }
    const grown = process.memoryUsage.rss() - before;
    expect(grown).toBeLessThan(1000 * MEGABYTES); // 2,100 when none is collected
  });
});
