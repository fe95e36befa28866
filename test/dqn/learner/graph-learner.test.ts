/** What the learner in a graph has beside what all learners have: observations that stay on the device. */
import { beforeAll, expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import { createConfig } from '../../../lib/dqn/config/presets';
import { GraphLearner } from '../../../lib/dqn/learner/graph-learner';
import type { LearnerOptions } from '../../../lib/dqn/learner/learner';
import { PqnTraining } from '../../../lib/dqn/training/pqn-training';
import { tf } from '../../../lib/engine/tensorflow';
import { folderOfTest } from '../../helpers/folder';
import { ensureEngines } from '../../helpers/native-engine';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyNetwork } from '../../helpers/toy-network';
import { batchOf, observationsOf, runTo, TOY } from '../../helpers/training';

beforeAll(ensureEngines);

const config = createConfig('fast', { numEnvs: 2, rolloutSteps: 4, batchSize: 4, epochs: 2 });

test('kept rows are learned as the pictures themselves, bit for bit', () => {
  const [kept, fed] = [1, 2].map(() => new GraphLearner({ ...TOY, config })) as [
    GraphLearner,
    GraphLearner,
  ];
  const observations = observationsOf({ count: 8 });
  const size = observations.length / 8;
  for (let first = 0; first < 8; first += 2) {
    const pair = observations.slice(first * size, (first + 2) * size);
    expect(kept.store!.qValues({ first, observations: pair })).toEqual(fed.qValues(pair));
  }
  const rows = Int32Array.of(7, 0, 3, 3);
  const pictures = Uint8Array.from(
    [...rows].flatMap((row) => [...observations.subarray(row * size, (row + 1) * size)]),
  );
  const batch = batchOf({ seed: 1, size: 4 });
  kept.fit({ ...batch, observations: new Uint8Array(pictures.length), rows });
  fed.fit({ ...batch, observations: pictures });
  expect(kept.state()).toEqual(fed.state());
  kept.restore(fed.state()); // another rollout: its pictures are not on the device
  for (const learner of [kept, fed]) learner.fit({ ...batch, observations: pictures, rows });
  expect(kept.state()).toEqual(fed.state());
  for (const learner of [kept, fed]) learner.dispose();
});

test('a training resumed within a rollout goes on bit for bit', async () => {
  const create = () =>
    new PqnTraining({
      createEnv: () => new CatchEnv(),
      config,
      seed: 3,
      createLearner: (options: LearnerOptions) =>
        new GraphLearner({ ...options, createNetwork: createToyNetwork }),
    });
  const straight = create();
  runTo({ training: straight, to: 42 });
  const folder = folderOfTest();
  const path = await saveCheckpoint({ training: straight, folder, keepReplay: true });
  const expected = runTo({ training: straight, to: 100 });
  const resumed = create();
  await loadCheckpoint({ training: resumed, path });
  expect(runTo({ training: resumed, to: 100 })).toEqual(expected);
  expect(resumed.updates).toBe(48);
  expect(resumed.state({ keepReplay: true })).toEqual(straight.state({ keepReplay: true }));
});

test('memory is flat, and learners leave none behind', () => {
  const tensors = tf.memory().numTensors;
  const batch = batchOf({ seed: 1, size: 4 });
  const use = () => {
    const learner = new GraphLearner({ ...TOY, config });
    for (let i = 0; i < 30; i++) learner.fit(batch);
    learner.dispose();
    expect(() => learner.fit(batch)).toThrow('the graph was closed');
  };
  for (let i = 0; i < 5; i++) use();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 20; i++) use();
  expect(process.memoryUsage().rss - before).toBeLessThan(40e6);
  expect(tf.memory().numTensors).toBe(tensors);
});
