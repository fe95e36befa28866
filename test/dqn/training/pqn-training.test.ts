/** PQN plays, learns, resumes and repeats as counted by hand, alike in both engines. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import { readCheckpoint } from '../../../lib/dqn/checkpoint/read-checkpoint';
import type { PqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import { NativeLearner } from '../../../lib/dqn/learner/native-learner';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import type { FitBatch } from '../../../lib/dqn/replay/replay';
import { PqnTraining } from '../../../lib/dqn/training/pqn-training';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { folderOfTest } from '../../helpers/folder';
import { ensureEngines, randomNumbers, randomPictures } from '../../helpers/native-engine';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyLearner } from '../../helpers/toy-network';
import { ofType, playCatch, runTo } from '../../helpers/training';

beforeAll(ensureEngines);

const EDITS: Partial<PqnConfig> = {
  totalSteps: 400,
  numEnvs: 4,
  rolloutSteps: 8,
  batchSize: 16,
  epochs: 2,
  epsilonDecaySteps: 200,
  maxEpisodeSteps: 7, // cuts episodes of 9 steps off
  solvedReturn: null,
};

function createTraining({
  edits = {},
  seed = 1,
}: {
  edits?: Partial<PqnConfig>;
  seed?: number;
} = {}) {
  return new PqnTraining({
    createEnv: () => new CatchEnv(),
    config: createConfig('fast', { ...EDITS, ...edits }),
    seed,
    createLearner: createToyLearner,
  });
}

describe('the loop', () => {
  test('steps all games, and learns when each has played rolloutSteps', () => {
    const events = runTo({ training: createTraining(), to: 100 });
    expect(ofType(events, 'step').map(({ agentStep }) => agentStep)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    // 4 games of 8 steps: 32 transitions, two batches of 16, twice over
    const updates = ofType(events, 'update');
    expect(updates.map(({ agentStep }) => agentStep)).toEqual(
      [32, 64, 96].flatMap((step) => Array(4).fill(step)),
    );
    expect(updates.map(({ update }) => update)).toEqual(updates.map((_, i) => i + 1));
    expect(updates.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  test('numbers the episodes of all games in the order of their beginning', () => {
    const events = runTo({ training: createTraining(), to: 100 });
    const episodes = ofType(events, 'episode');
    // all four games are cut off after 7 steps each: at 28 and at 56 steps of all
    expect(episodes.map(({ agentStep, episode, length }) => [agentStep, episode, length])).toEqual(
      [25, 26, 27, 28, 53, 54, 55, 56, 81, 82, 83, 84].map((step, i) => [step, i + 1, 7]),
    );
    for (const { episode, return: total } of episodes) {
      const own = ofType(events, 'step').filter((step) => step.episode === episode);
      expect(own.reduce((sum, { reward }) => sum + reward, 0)).toBe(total);
    }
  });

  test('the learning rate falls with the steps', () => {
    const training = createTraining({
      edits: { learningRate: 1e-3, learningRateEnd: 0, optimizer: 'adam' },
    });
    runTo({ training, to: 200 });
    // the last learning was after 192 of 400 steps
    expect(training.learner.learningRate).toBeCloseTo(1e-3 * (1 - 192 / 400), 12);
  });

  test('two runs of one seed give the same events, another seed others', () => {
    const [a, b, c] = [1, 1, 2].map((seed) =>
      runTo({ training: createTraining({ seed }), to: 150 }),
    );
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
  });

  test('leaves no tensor behind', () => {
    const live = () => [nodeBackend().binding.getNumOfTensors(), tf.memory().numTensors];
    const before = live();
    const training = createTraining();
    runTo({ training, to: 200 });
    training.dispose();
    expect(live()).toEqual(before);
  });
});

describe('a resumed training', () => {
  test.each([95, 96, 130])('goes on bit for bit from step %d', async (at) => {
    const folder = folderOfTest();
    const straight = createTraining();
    runTo({ training: straight, to: at });
    const { agentStep } = straight; // steps come in fours
    const path = await saveCheckpoint({ training: straight, folder, keepReplay: true });
    const expected = runTo({ training: straight, to: 250 });
    const { config } = await readCheckpoint(path);
    const resumed = createTraining({ edits: config as PqnConfig });
    await loadCheckpoint({ training: resumed, path });
    expect(resumed.agentStep).toBe(agentStep);
    expect(runTo({ training: resumed, to: 250 })).toEqual(expected);
    expect(resumed.state({ keepReplay: true })).toEqual(straight.state({ keepReplay: true }));
  });

  test('starts new episodes when the rollout was not kept', async () => {
    const folder = folderOfTest();
    const before = createTraining();
    runTo({ training: before, to: 100 });
    const path = await saveCheckpoint({ training: before, folder, keepReplay: false });
    const resumed = createTraining();
    await loadCheckpoint({ training: resumed, path });
    expect(resumed.episodes).toBe(before.episodes);
    expect(resumed.memory.length).toBe(0);
    const updates = ofType(runTo({ training: resumed, to: 140 }), 'update');
    expect(updates[0]).toMatchObject({ agentStep: 132, update: before.updates + 1 });
  });

  test('is refused the state of another number of games', () => {
    const state = createTraining({ edits: { numEnvs: 2 } }).state({ keepReplay: true });
    expect(() => createTraining().restore(state)).toThrow(
      'a training with 4 games cannot take over 2',
    );
  });
});

describe('fitting given values', () => {
  const SIDE = 36;
  const SHAPE = { observationShape: [4, SIDE, SIDE], actions: 3, seed: 5 };
  const batchOf = (seed: number): FitBatch => {
    const next = randomNumbers(seed);
    return {
      size: 8,
      observations: randomPictures({ count: 4 * 8, side: SIDE, channels: 1, seed }),
      actions: Int32Array.from({ length: 8 }, () => Math.floor(3 * next())),
      targets: Float32Array.from({ length: 8 }, () => 4 * next()),
    };
  };

  test('both engines give the same losses and values but for rounding', () => {
    const config = createConfig('fast', { networkWidth: 0.25, learningRate: 1e-4 });
    const learners = [NativeLearner, TensorFlowLearner].map((L) => new L({ ...SHAPE, config }));
    for (let update = 1; update <= 30; update++) {
      const [ours, theirs] = learners.map((learner) => learner.fit(batchOf(update)));
      expect(ours!.loss).toBeCloseTo(theirs!.loss, 3);
      expect(ours!.meanQ).toBeCloseTo(theirs!.meanQ, 3);
    }
    const { observations } = batchOf(99);
    const [ours, theirs] = learners.map((learner) => learner.qValues(observations));
    ours!.forEach((q, i) => {
      expect(q).toBeCloseTo(theirs![i]!, 3);
    });
    for (const learner of learners) learner.dispose();
  });

  test('a learner of one method refuses the work of the other', () => {
    const config = createConfig('fast');
    const learner = new NativeLearner({ ...SHAPE, config });
    const batch = { ...batchOf(1), rewards: new Float32Array(8), terminateds: new Uint8Array(8) };
    expect(() => learner.update({ ...batch, nextObservations: batch.observations })).toThrow(
      'update() is for the method dqn, this is pqn: call fit()',
    );
    learner.dispose();
  });
});

test('RAdam takes smaller steps at first, and none in the first five updates', () => {
  const rates = (optimizer: PqnConfig['optimizer']) => {
    const training = createTraining({ edits: { optimizer, learningRateEnd: null } });
    const { learner } = training;
    const taken: number[] = [];
    const fit = learner.fit.bind(learner);
    learner.fit = (batch) => {
      taken.push(learner.learningRate / training.config.learningRate);
      return fit(batch);
    };
    runTo({ training, to: 96 });
    return taken;
  };
  expect(rates('adam')).toEqual(new Array(12).fill(1));
  const rectified = rates('radam');
  expect(rectified.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(rectified[5]).toBeCloseTo(0.0258211, 6); // torch.optim.RAdam
  expect(rectified[9]).toBeCloseTo(0.048998, 6);
});

test('learns to catch nearly every ball', async () => {
  const training = createTraining({
    edits: {
      atoms: null,
      totalSteps: 8000,
      epsilonDecaySteps: 3000,
      epsilonEnd: 0.05,
      learningRate: 5e-3,
      maxEpisodeSteps: 100,
    },
  });
  expect(await playCatch(training)).toBeLessThan(0.5);
  runTo({ training, to: 8000 });
  expect(await playCatch(training)).toBeGreaterThan(2.5); // 3 is perfect
  training.dispose();
});
