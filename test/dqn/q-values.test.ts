import { beforeAll, expect, test } from 'vitest';
import { predictQ } from '../../lib/dqn/agent';
import { createQNetwork } from '../../lib/dqn/network';
import { compileQValues } from '../../lib/dqn/q-values';
import { tf } from '../../lib/engine/tensorflow';
import { ensureNativeEngine, randomBytes } from '../helpers/native-engine';

beforeAll(ensureNativeEngine);

const SHAPE = [4, 36, 36] as const;
const SIZE = 4 * 36 * 36;

test("a compiled network has TensorFlow's values, for one observation and for many", () => {
  const network = createQNetwork({ observationShape: SHAPE, actions: 4, seed: 3 });
  const qValues = compileQValues(network);
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
  expect(compileQValues(network)(observations)).toEqual(predictQ({ network, observations }));
});
