/** Both engines learn distributions of returns alike, and their networks play a saved game again. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import { readCheckpoint } from '../../../lib/dqn/checkpoint/read-checkpoint';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import { supportOf } from '../../../lib/dqn/equations/categorical';
import { compileQValues } from '../../../lib/dqn/learner/compile-q-values';
import { NativeLearner } from '../../../lib/dqn/learner/native-learner';
import { createQNetwork } from '../../../lib/dqn/learner/q-network';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import type { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import { evaluate } from '../../../lib/dqn/training/evaluate';
import { tf } from '../../../lib/engine/tensorflow';
import { folderOfTest } from '../../helpers/folder';
import { ensureEngines } from '../../helpers/native-engine';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyNetwork } from '../../helpers/toy-network';
import * as toy from '../../helpers/training';
import { createToyTraining, LEARNERS, observationsOf, runTo, TOY } from '../../helpers/training';

beforeAll(ensureEngines);

const BATCH = 8;
const batchOf = (seed: number) => toy.batchOf({ seed, size: BATCH });

const HEAD = { atoms: 11, valueMin: -4, valueMax: 4 };

describe('the learners', () => {
  test.each([
    ['plain', {}],
    ['double, with a terminal target', { doubleDqn: true, terminalTarget: -1 }],
  ])('end at the same values after 100 updates (%s)', (_, edits: Partial<DqnConfig>) => {
    const config = createConfig('nature', { ...HEAD, ...edits, learningRate: 1e-3 });
    const learners = LEARNERS.map(([, SomeLearner]) => new SomeLearner({ ...TOY, config }));
    const observations = observationsOf({ seed: 1 });
    const [before] = learners.map((learner) => learner.qValues(observations));
    expect(before).toHaveLength(BATCH * 3);
    for (let update = 1; update <= 100; update++) {
      const [ours, ...others] = learners.map((learner) => learner.update(batchOf(update)));
      for (const theirs of others) {
        expect(ours!.loss).toBeCloseTo(theirs.loss, 4);
        expect(ours!.meanQ).toBeCloseTo(theirs.meanQ, 4);
      }
      if (update % 40 === 0) for (const learner of learners) learner.syncTarget();
    }
    const [ours, ...others] = learners.map((learner) => learner.qValues(observations));
    ours!.forEach((value, i) => {
      for (const theirs of others) expect(value).toBeCloseTo(theirs[i]!, 3);
    });
    const moved = ours!.map((value, i) => Math.abs(value - before![i]!));
    expect(Math.max(...moved)).toBeGreaterThan(0.2); // they have learned something
    for (const learner of learners) learner.dispose();
  });

  test.each(LEARNERS)('%s stops at a loss that is not finite', (_, SomeLearner) => {
    const learner = new SomeLearner({ ...TOY, config: createConfig('nature', HEAD) });
    const before = learner.state();
    const batch = batchOf(1);
    batch.rewards.fill(Number.NaN);
    expect(() => learner.update(batch)).toThrow('the loss must be finite, got NaN');
    expect(learner.state()).toEqual(before);
    learner.dispose();
  });

  test.each(LEARNERS)('%s fits values as histograms, until they are what was asked', (_, Some) => {
    const learner = new Some({
      ...TOY,
      config: createConfig('nature', { ...HEAD, learningRate: 3e-3 }),
    });
    const batch = { ...batchOf(1), actions: new Int32Array(batchOf(1).size).fill(2) };
    const targets = Float32Array.from({ length: batch.size }, (_, i) => (i % 2 === 0 ? -0.3 : 0.8));
    const first = learner.fit({ ...batch, targets }).loss;
    for (let i = 0; i < 300; i++) learner.fit({ ...batch, targets });
    const { loss, meanQ } = learner.fit({ ...batch, targets });
    expect(loss).toBeLessThan(first);
    expect(meanQ).toBeCloseTo(0.25, 1);
    const values = learner.qValues(batch.observations);
    targets.forEach((target, i) => {
      expect(Math.abs(values[3 * i + 2]! - target)).toBeLessThan(0.15);
    });
    const before = learner.state();
    targets[0] = Number.NaN;
    expect(() => learner.fit({ ...batch, targets })).toThrow('the loss must be finite, got NaN');
    expect(learner.state()).toEqual(before);
    learner.dispose();
  });

  test.each(LEARNERS)('%s refuses a network with one output an action', (_, SomeLearner) => {
    const config = createConfig('nature', HEAD);
    const createNetwork: typeof createToyNetwork = ({ atoms: _ignored, ...options }) =>
      createToyNetwork(options);
    expect(() => new SomeLearner({ ...TOY, config, createNetwork })).toThrow(
      'the network must have 33 outputs, 11 for each of 3 actions, got 3',
    );
  });

  test('updates leave no tensor', () => {
    const learner = new TensorFlowLearner({ ...TOY, config: createConfig('nature', HEAD) });
    learner.update(batchOf(1));
    const before = tf.memory().numTensors;
    for (let update = 2; update <= 100; update++) learner.update(batchOf(update));
    expect(tf.memory().numTensors).toBe(before);
    learner.dispose();
  });
});

test("Mnih et al.'s network gets outputs for all atoms of all actions", () => {
  const network = createQNetwork({ observationShape: [4, 36, 36], actions: 4, atoms: 51, seed: 1 });
  expect(network.outputs[0]!.shape).toEqual([null, 4 * 51]);
  network.dispose();
});

/** A training on the toy that learns within 2,500 steps. */
function createTraining(): DqnTraining {
  return createToyTraining({
    SomeLearner: NativeLearner,
    seed: 1,
    config: createConfig('quick', {
      ...{ ...HEAD, nSteps: 3, doubleDqn: true },
      ...{ totalSteps: 2500, epsilonDecaySteps: 1000, learningStarts: 200, bufferSize: 2600 },
      ...{ trainFrequency: 2, targetUpdateInterval: 50, learningRate: 3e-3 },
    }),
  });
}

const play = (qValues: (observation: Uint8Array) => Float32Array) =>
  evaluate({ env: new CatchEnv(), qValues, episodes: 30, epsilon: 0, seed: 5 });

test('learns to catch nearly every ball in 2,500 steps', async () => {
  const training = createTraining();
  const qValues = (observation: Uint8Array) => training.learner.qValues(observation);
  const before = await play(qValues);
  runTo({ training, to: 2500 });
  const after = await play(qValues);
  expect(before.meanReturn).toBeLessThan(0.5);
  expect(after.meanReturn).toBeGreaterThan(2.5); // 3 is perfect
  training.dispose();
});

test('equal seeds give equal trainings, and a resumed one goes on bit for bit', async () => {
  const folder = folderOfTest();
  const go = ({ training, to }: { training: DqnTraining; to: number }) => {
    runTo({ training, to });
    return training.state({ keepReplay: true });
  };
  const [one, two] = [createTraining(), createTraining()];
  expect(go({ training: one, to: 400 })).toEqual(go({ training: two, to: 400 }));
  const path = await saveCheckpoint({ training: one, folder, keepReplay: true });
  const expected = go({ training: one, to: 600 });
  const resumed = createTraining();
  await loadCheckpoint({ training: resumed, path });
  expect(go({ training: resumed, to: 600 })).toEqual(expected);
});

test('a saved network plays as its training does: the checkpoint has the support', async () => {
  const folder = folderOfTest();
  const training = createTraining();
  runTo({ training, to: 600 });
  const path = await saveCheckpoint({ training, folder, keepReplay: false });
  const { config } = await readCheckpoint(path);
  const network = await tf.loadLayersModel(`file://${join(path, 'network', 'model.json')}`);
  const { qValues, dispose } = compileQValues(network, { support: supportOf(config) });
  const observations = observationsOf({ seed: 9 });
  expect(qValues(observations)).toEqual(training.learner.qValues(observations));
  expect(qValues(observations)).toHaveLength(BATCH * 3);
  dispose();
});
