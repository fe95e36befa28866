/** The compiled learner learns as the one in TensorFlow.js does, and goes on from its states. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import type { ConfigEdits, DqnConfig, TrainingConfig } from '../../../lib/dqn/config/config';
import { createConfig, type PresetName } from '../../../lib/dqn/config/presets';
import { argmax } from '../../../lib/dqn/equations/policy';
import type { Learner } from '../../../lib/dqn/learner/learner';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import type { TrainEvent } from '../../../lib/dqn/training/events';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { folderOfTest } from '../../helpers/folder';
import { ensureEngines } from '../../helpers/native-engine';
import * as toy from '../../helpers/training';
import { createToyTraining, LEARNERS, ofType, runTo } from '../../helpers/training';

beforeAll(ensureEngines);

const ACTIONS = 4;
const IMAGE = { stack: 4, side: 36 };
const SHAPE = { observationShape: [4, 36, 36], actions: ACTIONS, seed: 5 };
const observationsOf = (options: { count: number; seed: number }) =>
  toy.observationsOf({ ...IMAGE, ...options });
const batchOf = (seed: number) => toy.batchOf({ ...IMAGE, seed, size: 16, actions: ACTIONS });

/** TensorFlow.js takes a second for an update of the whole network on a busy machine. */
const NARROW = { networkWidth: 0.25 };
const narrow = (preset: PresetName, edits: ConfigEdits = {}) =>
  createConfig(preset, { ...edits, ...NARROW });

describe('beside the other learners', () => {
  // Rounding differs, and a relu that flips by it sends two runs apart for good: TensorFlow.js from
  // itself by 4e-3 within 200 updates at four times this learning rate, when weights change by 1e-7.
  const LEARNING_RATE = 2.5e-5;
  const variants: [string, DqnConfig][] = [
    ['keras: huber, clipped per variable, a terminal target', createConfig('keras')],
    ['cleanrl: mse', createConfig('cleanrl', NARROW)],
    [
      'double, huber, clipped globally',
      createConfig('nature', { ...NARROW, doubleDqn: true, globalClipNorm: 0.1 }),
    ],
  ];
  test.each(variants)('200 updates end at the same Q and actions (%s)', (_, preset) => {
    const config = { ...preset, inputDivisor: 255, learningRate: LEARNING_RATE };
    const learners = LEARNERS.map(([, SomeLearner]) => new SomeLearner({ ...SHAPE, config }));
    const observations = observationsOf({ count: 32, seed: 1 });
    const before = learners[0]!.qValues(observations);
    const largest = (values: Float32Array, from: Float32Array) =>
      values.reduce((most, q, i) => Math.max(most, Math.abs(q - from[i]!)), 0);
    for (let update = 1; update <= 200; update++) {
      const [ours, ...others] = learners.map((learner) => learner.update(batchOf(update)));
      for (const theirs of others) {
        expect(ours!.loss).toBeCloseTo(theirs.loss, 3);
        expect(ours!.meanQ).toBeCloseTo(theirs.meanQ, 3);
      }
      if (update % 40 === 0) for (const learner of learners) learner.syncTarget();
    }
    const [ours, ...others] = learners.map((learner) => learner.qValues(observations));
    expect(largest(ours!, before)).toBeGreaterThan(0.03); // they have learned something
    const actionsOf = (q: Float32Array) =>
      Array.from({ length: 32 }, (_, i) => argmax(q.subarray(i * ACTIONS, (i + 1) * ACTIONS)));
    for (const theirs of others) {
      expect(largest(ours!, theirs)).toBeLessThan(1e-3);
      expect(actionsOf(ours!)).toEqual(actionsOf(theirs));
    }
    const updates = learners.map((learner) => learner.state().optimizer.updates);
    expect(updates).toEqual(learners.map(() => 200));
    for (const learner of learners) learner.dispose();
  });

  const common: [string, 'update' | 'fit', TrainingConfig][] = [
    ['huber, clipped per variable', 'update', narrow('keras', { clipNorm: 0.01 })],
    ['mse', 'update', narrow('cleanrl')],
    ['double, several steps', 'update', narrow('dqn', { terminalTarget: -1 })],
    ['categorical', 'update', narrow('cleanrl', { atoms: 51 })],
    ['categorical, double', 'update', narrow('dqn', { atoms: 21, terminalTarget: -1 })],
    ['histograms, layer norm, clipped together', 'fit', narrow('fast', { globalClipNorm: 0.01 })],
    ['values, epsilon hat', 'fit', narrow('fast', { atoms: null, adamEpsilonHat: true })],
  ];
  test.each(common)('each goes on from the state of another (%s)', (_, step, config) => {
    const learners = LEARNERS.map(([, SomeLearner], i) => {
      return new SomeLearner({ ...SHAPE, seed: i, config });
    });
    const [first, ...others] = learners as readonly Learner[] as [Learner, ...Learner[]];
    for (let update = 1; update <= 5; update++) first[step](batchOf(update));
    for (const other of others) {
      other.restore(first.state());
      expect(other.state()).toEqual(first.state());
    }
    for (const learner of learners) learner[step](batchOf(6));
    for (const learner of learners) learner.syncTarget();
    const ours = first.state();
    for (const other of others) {
      const theirs = other.state();
      ours.weights.forEach((values, i) => {
        values.forEach((value, j) => {
          if (Math.abs(value - theirs.weights[i]![j]!) > 1e-5) throw new Error(`weight ${i}, ${j}`);
        });
      });
      first.restore(theirs);
      expect(first.state()).toEqual(theirs);
    }
    for (const learner of learners) learner.dispose();
  });
});

const COMPILED = LEARNERS.filter(([name]) => name !== 'TensorFlow');

test.each(COMPILED)(
  'qNetwork of %s has the weights as they are, and asking for it leaves no tensor',
  (_, SomeLearner) => {
    const learner = new SomeLearner({ ...SHAPE, config: createConfig('nature') });
    const observations = observationsOf({ count: 2, seed: 1 });
    const input = tf.transpose(
      tf.tensor4d(Float32Array.from(observations), [2, 4, 36, 36]),
      [0, 2, 3, 1],
    );
    const live = () => [nodeBackend().binding.getNumOfTensors(), tf.memory().numTensors];
    tf.tidy(() => learner.qNetwork.predict(input)); // uploads what waits
    const before = live();
    for (let update = 1; update <= 100; update++) {
      learner.update(batchOf(update));
      const expected = learner.qValues(observations);
      const got = tf.tidy(() => (learner.qNetwork.predict(input) as tf.Tensor).dataSync());
      for (const [i, q] of expected.entries()) expect(got[i]).toBeCloseTo(q, 5);
    }
    expect(live()).toEqual(before);
    learner.dispose();
  },
);

const SPOILED = [Number.NaN, Number.POSITIVE_INFINITY];

test.each(
  COMPILED.flatMap(([name, type]) => SPOILED.map((reward) => [name, reward, type] as const)),
)(
  'a loss that is not finite stops %s before anything changes (reward %f)',
  (_, reward, SomeLearner) => {
    const learner = new SomeLearner({ ...SHAPE, config: createConfig('cleanrl') });
    learner.update(batchOf(1));
    const before = learner.state();
    const batch = batchOf(2);
    batch.rewards.fill(reward);
    expect(() => learner.update(batch)).toThrow(`the loss must be finite, got ${reward}`);
    expect(learner.state()).toEqual(before);
    learner.update(batchOf(2)); // and it can go on
    expect(learner.state().optimizer.updates).toBe(2);
    learner.dispose();
  },
);

test.each(COMPILED)(
  'a changed learning rate holds from the next update of %s on',
  (_, SomeLearner) => {
    const learner = new SomeLearner({ ...SHAPE, config: createConfig('nature') });
    learner.learningRate = 0;
    const before = learner.state();
    learner.update(batchOf(1));
    expect(learner.state().weights).toEqual(before.weights);
    learner.dispose();
  },
);

describe.each(COMPILED)('a training in %s', (_, Compiled) => {
  const createTraining = (SomeLearner: (typeof LEARNERS)[number][1] = Compiled) =>
    createToyTraining({ SomeLearner });
  const actionsOf = (events: readonly TrainEvent[]) =>
    ofType(events, 'step').map(({ action }) => action);

  test('repeats to the bit', () => {
    const [one, two] = [createTraining(), createTraining()];
    expect(runTo({ training: one, to: 300 })).toEqual(runTo({ training: two, to: 300 }));
    expect(one.state({ keepReplay: true })).toEqual(two.state({ keepReplay: true }));
    expect(one.updates).toBe(141);
  });

  test('takes the same actions as in TensorFlow', () => {
    const [ours, theirs] = [Compiled, TensorFlowLearner].map((SomeLearner) =>
      actionsOf(runTo({ training: createTraining(SomeLearner), to: 300 })),
    );
    expect(ours).toEqual(theirs);
    expect(new Set(ours).size).toBe(3);
  });

  test('is resumed bit for bit from a checkpoint, which TensorFlow reads, too', async () => {
    const folder = folderOfTest();
    const straight = createTraining();
    runTo({ training: straight, to: 95 });
    const path = await saveCheckpoint({ training: straight, folder, keepReplay: true });
    const expected = runTo({ training: straight, to: 300 });
    const resumed = createTraining();
    runTo({ training: resumed, to: 30 });
    await loadCheckpoint({ training: resumed, path });
    expect(runTo({ training: resumed, to: 300 })).toEqual(expected);
    expect(resumed.state({ keepReplay: true })).toEqual(straight.state({ keepReplay: true }));
    const other = createTraining(TensorFlowLearner);
    await loadCheckpoint({ training: other, path });
    expect(actionsOf(runTo({ training: other, to: 300 }))).toEqual(actionsOf(expected));
  });
});
