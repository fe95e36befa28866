/** Compiled networks give TensorFlow.js's Q-values, and those no longer used leave no memory. */
import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileQValues } from '../../../lib/dqn/learner/compile-q-values';
import { createQNetwork } from '../../../lib/dqn/learner/q-network';
import { predictQ } from '../../../lib/dqn/learner/train-step';
import { tf } from '../../../lib/engine/tensorflow';
import { readWeights, writeWeights } from '../../../lib/engine/weights';
import { ensureEngines, randomBytes, relativeError } from '../../helpers/native-engine';

beforeAll(ensureEngines);

const SHAPE = [4, 36, 36] as const;
const SIZE = 4 * 36 * 36;

const { dense, flatten, maxPooling2d } = tf.layers;
const INPUT = { inputShape: [36, 36, 4] };

test.each<[string, RegExp, () => tf.LayersModel]>([
  [
    "Mnih et al.'s network",
    /^native engine, (avx512|avx2|baseline)$/,
    () => createQNetwork({ observationShape: SHAPE, actions: 4, seed: 3 }),
  ],
  [
    'one with a regularizer and a constraint, which change no value',
    /^native engine/,
    () => {
      const options = {
        kernelRegularizer: tf.regularizers.l2(),
        biasConstraint: 'nonNeg',
      } as const;
      return tf.sequential({ layers: [flatten(INPUT), dense({ units: 4, ...options })] });
    },
  ],
  [
    'one that the native engine cannot run',
    /^TensorFlow$/,
    () => {
      const layers = [maxPooling2d({ poolSize: 2, ...INPUT }), flatten(), dense({ units: 4 })];
      return tf.sequential({ layers });
    },
  ],
  [
    'a functional model',
    /^TensorFlow$/,
    () => {
      const inputs = tf.input({ shape: INPUT.inputShape });
      const outputs = dense({ units: 4 }).apply(flatten().apply(inputs)) as tf.SymbolicTensor;
      return tf.model({ inputs, outputs });
    },
  ],
])('%s is compiled with the values it has, and keeps them', (_, name, createNetwork) => {
  const tensors = tf.memory().numTensors;
  const network = createNetwork();
  const { qValues, engine, dispose } = compileQValues(network);
  expect(engine).toMatch(name);
  const batches = [1, 7].map((count) => randomBytes({ length: count * SIZE, seed: count }));
  const expected = batches.map((observations) => predictQ({ network, observations }));
  const got = batches.map(qValues);
  got.forEach((values, i) => {
    expect(relativeError(values, expected[i]!)).toBeLessThan(1e-5);
  });
  writeWeights({ network, weights: readWeights(network).map((values) => values.map(() => 0)) });
  expect(predictQ({ network, observations: batches[0]! })).toEqual(new Float32Array(4));
  expect(batches.map(qValues)).toEqual(got);
  network.dispose(); // it is the caller's
  expect(batches.map(qValues)).toEqual(got);
  dispose();
  dispose(); // twice is once
  expect(() => qValues(batches[0]!)).toThrow('was disposed');
  expect(tf.memory().numTensors).toBe(tensors);
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
