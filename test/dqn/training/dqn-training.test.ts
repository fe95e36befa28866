/** DQN acts, updates, copies and ends at the steps counted by hand, watched by a stub learner. */
import { describe, expect, test } from 'vitest';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import type { Learner } from '../../../lib/dqn/learner/learner';
import type { Batch } from '../../../lib/dqn/replay/replay';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import type { EpisodeEvent, TrainEvent, UpdateEvent } from '../../../lib/dqn/training/events';
import { train } from '../../../lib/dqn/training/train';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyTraining, ofType, runTo } from '../../helpers/training';

const TINY: Partial<DqnConfig> = {
  totalSteps: 120,
  epsilonDecaySteps: 60,
  learningStarts: 40,
  bufferSize: 60,
  batchSize: 4,
  trainFrequency: 3,
  targetUpdateInterval: 25,
};

function createTraining({ seed = 1 } = {}): DqnTraining {
  return createToyTraining({ config: createConfig('quick', TINY), seed });
}

/** A learner that always prefers one action and notes what it is asked. */
class StubLearner implements Learner {
  readonly engine = { name: 'tensorflow', sentence: 'A stub computes.' } as const;
  readonly calls: string[] = [];
  readonly batches: Batch[] = [];
  learningRate = 0;
  private readonly best: number;

  constructor(best: number) {
    this.best = best;
  }

  get qNetwork(): tf.LayersModel {
    throw new Error('a stub has no network');
  }

  qValues(): Float32Array {
    return Float32Array.from({ length: 3 }, (_, i) => (i === this.best ? 1 : 0));
  }

  update(batch: Batch) {
    this.calls.push('update');
    this.batches.push({
      ...batch,
      rewards: batch.rewards.slice(),
      terminateds: batch.terminateds.slice(),
    });
    return { loss: 0.5, meanQ: 2 };
  }

  fit(): never {
    throw new Error('DQN does not fit values that are given');
  }

  setWeights(): void {}

  syncTarget(): void {
    this.calls.push('sync');
  }

  state() {
    return { weights: [], targetWeights: [], optimizer: { updates: 0, m: [], v: [] } };
  }

  restore(): void {}

  dispose(): void {}
}

function createStub(edits: Partial<DqnConfig> = {}) {
  const learner = new StubLearner(2);
  const config = createConfig('quick', { ...TINY, ...edits });
  const createLearner = () => learner;
  const training = new DqnTraining({ env: new CatchEnv(), config, seed: 1, createLearner });
  return { learner, training };
}

function runStub(edits: Partial<DqnConfig>) {
  const { learner, training } = createStub({ epsilonStart: 0, epsilonEnd: 0, ...edits });
  const events: TrainEvent[] = [];
  while (!training.finished) events.push(...training.step());
  return { learner, training, events };
}

async function collect(training: DqnTraining, signal?: AbortSignal): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  let now = 0;
  const clock = () => (now += 30);
  for await (const event of train({ training, clock, ...(signal && { signal }) })) {
    events.push(event);
  }
  return events;
}

describe('the loop', () => {
  test('updates every trainFrequency steps from learningStarts on and copies the target network', () => {
    const { events, learner } = runStub({});
    const updates = ofType(events, 'update');
    expect(updates.map(({ agentStep }) => agentStep)).toEqual(
      Array.from({ length: 27 }, (_, i) => 42 + 3 * i), // 42, 45, ... 120
    );
    expect(updates.map(({ update }) => update)).toEqual(
      Array.from({ length: 27 }, (_, i) => i + 1),
    );
    expect(updates[0]).toMatchObject({ loss: 0.5, meanQ: 2 });
    // copies at 25, 50, 75, 100; the second one comes after the updates at 42, 45 and 48
    expect(learner.calls.filter((call) => call === 'sync').length).toBe(4);
    expect(learner.calls.slice(0, 5)).toEqual(['sync', 'update', 'update', 'update', 'sync']);
  });

  test('takes the best action when epsilon is 0, and random ones before randomSteps', () => {
    const greedy = ofType(runStub({}).events, 'step').map(({ action }) => action);
    expect(new Set(greedy)).toEqual(new Set([2]));
    const mixed = ofType(runStub({ randomSteps: 61 }).events, 'step');
    expect(new Set(mixed.slice(0, 60).map(({ action }) => action)).size).toBe(3);
    expect(new Set(mixed.slice(60).map(({ action }) => action))).toEqual(new Set([2]));
    expect(mixed.map(({ epsilon }) => epsilon)).toEqual([
      ...Array(60).fill(1),
      ...Array(60).fill(0),
    ]);
  });

  test("reports each episode's return and length, unclipped, and their mean", () => {
    const { events } = runStub({ clipRewards: true });
    const steps = ofType(events, 'step');
    const episodes = ofType(events, 'episode');
    expect(episodes.length).toBe(Math.floor(120 / 9)); // three balls of three steps
    let total = 0;
    episodes.forEach((episode, i) => {
      const own = steps.filter((step) => step.episode === i + 1);
      const sum = own.reduce((s, { reward }) => s + reward, 0);
      total += sum;
      expect(episode).toMatchObject({
        episode: i + 1,
        length: 9,
        return: sum,
        agentStep: 9 * (i + 1),
      });
      expect(episode.meanReturn).toBeCloseTo(total / (i + 1), 12);
      expect(own.at(-1)!.terminated).toBe(true);
    });
  });

  test('cuts an episode off at maxEpisodeSteps, which is not an end for the target', () => {
    const { events, learner } = runStub({ maxEpisodeSteps: 5 });
    const episodes = ofType(events, 'episode');
    expect(new Set(episodes.map(({ length }) => length))).toEqual(new Set([5]));
    const lasts = ofType(events, 'step').filter(({ agentStep }) => agentStep % 5 === 0);
    expect(lasts.every(({ truncated, terminated }) => truncated && !terminated)).toBe(true);
    expect(learner.batches.flatMap(({ terminateds }) => [...terminateds])).not.toContain(1);
  });

  test('a lost life is an end for the target only when asked for', () => {
    const share = (edits: Partial<DqnConfig>) => {
      const all = runStub({ trainFrequency: 1, batchSize: 20, ...edits }).learner.batches.flatMap(
        ({ terminateds }) => [...terminateds],
      );
      return all.reduce((sum, t) => sum + t, 0) / all.length;
    };
    // of the nine steps of an episode one ends it, three lose a ball
    expect(share({})).toBeCloseTo(1 / 9, 1);
    expect(share({ lifeLossIsTerminal: true })).toBeCloseTo(3 / 9, 1);
  });

  test('ends when the mean return of solvedEpisodes episodes exceeds solvedReturn', () => {
    const { events, training } = runStub({ totalSteps: 600, solvedReturn: 0, solvedEpisodes: 1 });
    const returns = ofType(events, 'episode').map((episode) => episode.return);
    expect(returns.slice(0, -1).every((r) => r <= 0)).toBe(true);
    expect(returns.at(-1)).toBeGreaterThan(0);
    expect(ofType(events, 'solved')).toEqual([
      {
        type: 'solved',
        agentStep: 9 * returns.length,
        episode: returns.length,
        meanReturn: returns.at(-1),
      },
    ]);
    expect(training.solved).toBe(true);
    expect(training.agentStep).toBeLessThan(600);
  });

  test('is not solved by fewer than solvedEpisodes episodes, nor when there is no criterion', () => {
    for (const edits of [
      { solvedReturn: 0, solvedEpisodes: 14 },
      { solvedReturn: null, solvedEpisodes: 1 },
    ]) {
      const { training } = runStub(edits); // 13 episodes
      expect(training.solved).toBe(false);
      expect(training.agentStep).toBe(120);
    }
  });
});

describe('train', () => {
  test('two runs of one seed give the same events, another seed others', async () => {
    const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => collect(createTraining({ seed }))));
    expect(b).toEqual(a);
    const actions = (events: TrainEvent[]) => ofType(events, 'step').map(({ action }) => action);
    expect(actions(c!)).not.toEqual(actions(a!));
    expect(ofType(a!, 'update').every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  test('an abort ends it after the running step, and it can be run on to the same end', async () => {
    const whole = await collect(createTraining());
    const training = createTraining();
    const controller = new AbortController();
    const first: TrainEvent[] = [];
    for await (const event of train({ training, clock: () => 0, signal: controller.signal })) {
      first.push(event);
      if (event.type === 'step' && event.agentStep === 50) controller.abort();
    }
    expect(training.agentStep).toBe(50);
    const rest = await collect(training);
    const lasting = (events: TrainEvent[]) => events.filter(({ type }) => type !== 'progress');
    expect([...lasting(first), ...lasting(rest)]).toEqual(lasting(whole));
  });

  test('lets timers run while it trains', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    await collect(createTraining());
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  test('tells speed and time left', async () => {
    const { training } = createStub();
    let now = 0;
    const progress = [];
    // each look at the clock is 60 ms later, and there are two a step: 120 ms
    for await (const event of train({ training, clock: () => (now += 60) })) {
      if (event.type === 'progress') progress.push(event);
    }
    expect(progress.at(-1)).toMatchObject({ agentStep: 120, totalSteps: 120, secondsLeft: 0 });
    const middle = progress[60]!;
    expect(middle.stepsPerSecond).toBeGreaterThan(1000 / 240);
    expect(middle.stepsPerSecond).toBeLessThan(1000 / 60);
    expect(middle.secondsLeft).toBeCloseTo((120 - middle.agentStep) / middle.stepsPerSecond, 9);
  });

  test('evaluates between steps without disturbing the training', async () => {
    const plain = await collect(createTraining());
    const training = createTraining();
    const evaluation = { env: new CatchEnv(), every: 50, episodes: 2, epsilon: 0, seed: 9 };
    const events: TrainEvent[] = [];
    for await (const event of train({ training, clock: () => 0, evaluation })) events.push(event);
    const evaluations = ofType(events, 'evaluation');
    expect(evaluations.map(({ agentStep }) => agentStep)).toEqual([50, 100]);
    expect(evaluations[0]!.evaluation.lengths).toEqual([9, 9]);
    const kinds: (UpdateEvent | EpisodeEvent)[] = [
      ...ofType(events, 'update'),
      ...ofType(events, 'episode'),
    ];
    expect(kinds).toEqual([...ofType(plain, 'update'), ...ofType(plain, 'episode')]);
  });
});

test('a training leaves no tensor behind', () => {
  const live = () => [nodeBackend().binding.getNumOfTensors(), tf.memory().numTensors];
  const before = live();
  const training = createTraining();
  expect(ofType(runTo({ training, to: 120 }), 'step').length).toBe(120);
  training.dispose();
  expect(live()).toEqual(before);
});
