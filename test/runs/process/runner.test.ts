/** A run in this process trains, changes, pauses, waits for a full disk and ends, its files kept right. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Snapshot, writeSnapshot } from '../../../lib/dqn/checkpoint/checkpoint';
import { listCheckpoints } from '../../../lib/dqn/checkpoint/checkpoint-list';
import { readCheckpoint } from '../../../lib/dqn/checkpoint/read-checkpoint';
import { createConfig } from '../../../lib/dqn/config/presets';
import { PqnTraining } from '../../../lib/dqn/training/pqn-training';
import type { Training } from '../../../lib/dqn/training/training';
import { EventLog } from '../../../lib/runs/process/event-log';
import { Meter } from '../../../lib/runs/process/meter';
import { Recorder } from '../../../lib/runs/process/recorder';
import { Runner, type RunnerOptions } from '../../../lib/runs/process/runner';
import { findUsable } from '../../../lib/runs/record/checkpoints';
import { pathsIn, type RunPaths, writeJson } from '../../../lib/runs/record/folder';
import { MetricsLog, readMetrics } from '../../../lib/runs/record/metrics';
import { checkOwner, DEFAULT_SETTINGS, type RunChange } from '../../../lib/runs/record/run-config';
import { folderOfTest } from '../../helpers/folder';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyLearner } from '../../helpers/toy-network';
import { createQuickTraining, describeToy } from '../toy';

let paths: RunPaths;
beforeEach(() => {
  paths = pathsIn(folderOfTest(), 'toy');
  mkdirSync(paths.checkpoints);
});

interface Setup extends Partial<Pick<RunnerOptions, 'save' | 'recorder' | 'notice' | 'training'>> {
  readonly totalSteps?: number;
  readonly changes?: readonly RunChange[];
  readonly learningRate?: number;
  readonly checkpointSeconds?: number;
}

async function createRunner(setup: Setup = {}): Promise<{ runner: Runner; training: Training }> {
  const {
    totalSteps = 60,
    learningRate = 1e-3,
    changes = [],
    checkpointSeconds = 1000,
    ...rest
  } = setup;
  const edits = { totalSteps, learningRate, bufferSize: 100, batchSize: 4, learningStarts: 20 };
  const settings = { ...DEFAULT_SETTINGS, checkpointSeconds };
  const described = await describeToy({ edits, settings });
  await writeJson(paths.config, { ...described, changes });
  const { training = createQuickTraining(edits) } = setup;
  const runner = new Runner({
    paths,
    config: { ...described, changes },
    training,
    metrics: await MetricsLog.open({ path: paths.metrics, agentStep: 0 }),
    events: new EventLog({
      path: paths.events,
      now: () => new Date(0),
      check: () => checkOwner(paths, described),
    }),
    meter: new Meter(),
    recorder: new Recorder(undefined),
    checkpointStep: null,
    clock: () => performance.now(),
    diskRetryMs: 10,
    ...rest,
  });
  return { runner, training };
}

/** A runner at work on many steps; `end` stops it and waits for its end. */
async function startRunner(setup: Setup = {}) {
  const { runner, training } = await createRunner({ totalSteps: 100_000, ...setup });
  const running = runner.run();
  const end = async () => {
    await runner.stop();
    await running;
  };
  return { runner, training, running, end };
}

/** What a disk that cannot be written says. */
const readOnly = async () => {
  throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
};

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const events = () => readFileSync(paths.events, 'utf8').split('\n').slice(0, -1);

test('a run trains to its end, with a row for each episode and a checkpoint at last', async () => {
  const { runner, training } = await createRunner();
  await runner.run();
  expect(runner.status()).toMatchObject({ state: 'finished', agentStep: 60, checkpointStep: 60 });
  expect(readJson(paths.status)).toMatchObject({ state: 'finished', agentStep: 60 });
  const rows = await readMetrics(paths.metrics);
  // three balls that fall three rows each make an episode of the toy
  expect(rows.map(({ agentStep }) => agentStep)).toEqual([9, 18, 27, 36, 45, 54]);
  expect(rows.map(({ loss }) => loss !== null)).toEqual([false, false, true, true, true, true]);
  expect(rows.map(({ episode }) => episode)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(training.updates).toBe(11); // at 20, 24, ... 60
});

describe('a checkpoint while the training goes on', () => {
  /** Writes when it is let. */
  function slowDisk() {
    const writes: { snapshot: Snapshot; go: () => void }[] = [];
    const save = async (snapshot: Snapshot) => {
      await new Promise<void>((go) => writes.push({ snapshot, go }));
      return writeSnapshot(snapshot);
    };
    return { writes, save };
  }

  const soon = <T>(value: () => T) => expect.poll(value, { timeout: 30_000 });

  test('is written beside the training, one at a time, with the state of when it was asked for', async () => {
    const { writes, save } = slowDisk();
    const { runner, training, running } = await startRunner({ save, checkpointSeconds: 0.1 });
    await soon(() => writes.length).toBe(1);
    const { agentStep } = writes[0]!.snapshot;
    await soon(() => training.agentStep).toBeGreaterThan(agentStep + 300);
    expect(writes).toHaveLength(1); // others were due meanwhile
    expect(await runner.pause()).toMatchObject({ state: 'paused', saving: true });
    writes[0]!.go();
    await soon(() => runner.status().checkpointStep).toBe(agentStep);
    expect(runner.status().saving).toBe(false);
    const [newest] = await listCheckpoints(paths.checkpoints);
    expect((await readCheckpoint(newest!)).counters.agentStep).toBe(agentStep);
    const stopped = runner.stop();
    await soon(() => writes.length).toBe(2);
    writes[1]!.go();
    const { agentStep: last } = await stopped;
    expect(writes[1]!.snapshot).toMatchObject({ isCopy: false, agentStep: last });
    await running;
  });

  test('is replied when it is written, and the training goes on meanwhile', async () => {
    const { writes, save } = slowDisk();
    const { runner, training, running } = await startRunner({ save });
    const asked = [runner.checkpoint(), runner.checkpoint()];
    for (let i = 0; i < 2; i++) {
      await soon(() => writes.length).toBe(i + 1);
      const { agentStep } = writes[i]!.snapshot;
      await soon(() => training.agentStep).toBeGreaterThan(agentStep + 100);
      writes[i]!.go();
    }
    const steps = writes.map(({ snapshot }) => String(snapshot.agentStep));
    const names = (await Promise.all(asked)).map((path) => path.replace(/.*checkpoint-0*/, ''));
    expect(names).toEqual(steps);
    const stopped = runner.stop();
    await soon(() => writes.length).toBe(3);
    writes[2]!.go();
    await stopped;
    await running;
  });

  test('ends the run when it fails unasked, and is otherwise told to whoever asked', async () => {
    const asked = await startRunner({ save: readOnly });
    await expect(asked.runner.checkpoint()).rejects.toThrow('EROFS');
    expect(asked.runner.status()).toMatchObject({ state: 'running', saving: false });
    const failing = expect(asked.running).rejects.toThrow('EROFS');
    await expect(asked.runner.stop()).rejects.toThrow('EROFS');
    await failing;
    const { running } = await startRunner({ save: readOnly, checkpointSeconds: 0.1 });
    await expect(running).rejects.toThrow('EROFS');
  });
});

test.each([
  ['stop', (runner: Runner) => runner.stop()],
  ['checkpoint', (runner: Runner) => runner.checkpoint().then(() => runner.stop())],
])(
  'a full disk at a %s makes the run wait with a message and go on when there is room',
  async (_, ask) => {
    const full = () =>
      Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    let failures = 3;
    const seen: string[] = [];
    const { runner } = await createRunner({
      totalSteps: 100_000,
      save: async (snapshot) => {
        if (failures-- > 0) throw full();
        return writeSnapshot(snapshot);
      },
    });
    const poll = setInterval(() => seen.push(runner.status().state), 2);
    const stopped = ask(runner);
    await runner.run();
    clearInterval(poll);
    await stopped;
    expect(seen).toContain('waiting');
    expect(runner.status()).toMatchObject({ state: 'stopped', message: null });
    expect(events().filter((line) => /full|room/.test(line))).toEqual([
      expect.stringMatching(/the disk of .* is full: free some space/),
      expect.stringMatching(/the disk has room again, going on/),
    ]);
    const [newest] = await listCheckpoints(paths.checkpoints);
    const { counters } = await readCheckpoint(newest!);
    expect(counters.agentStep).toBe(runner.status().agentStep);
  },
);

describe('changes', () => {
  test('of an earlier process take hold again after the same agent step', async () => {
    const changes = [
      { agentStep: 0, values: { learningRate: 5e-4 } },
      { agentStep: 30, values: { epsilonStart: 0.25, epsilonEnd: 0.25, randomSteps: 0 } },
    ];
    const { runner, training } = await createRunner({ changes });
    const epsilons: number[] = [];
    const step = training.step.bind(training);
    training.step = () => {
      const result = step();
      for (const event of result) if (event.type === 'step') epsilons.push(event.epsilon);
      return result;
    };
    await runner.run();
    expect(training.learner.learningRate).toBe(5e-4);
    expect(epsilons[29]).toBeGreaterThan(0.9); // step 30, the last of the old schedule
    expect(epsilons.slice(30)).toEqual(new Array(30).fill(0.25));
  });

  test('are written down, and wrong ones change nothing', async () => {
    const { runner, training, end } = await startRunner();
    const { agentStep } = await runner.set({ values: { learningRate: 1e-5 } });
    await expect(runner.set({ values: { bufferSize: 7, batchSize: 2 } })).rejects.toThrow(
      /bufferSize: expected 100 until the end, .*got 7\n {2}batchSize: expected 4 until the end/,
    );
    await expect(
      runner.set({ values: { learningRat: 1, gamma: 7, epsilonEnd: [2], numEnvs: 3 } }),
    ).rejects.toThrow(
      [
        'the config has 4 wrong field(s), change them:',
        '  gamma: expected 0.99 until the end, as it cannot change while training, got 7',
        '  learningRat: expected a known field, the nearest is learningRate, got 1',
        '  numEnvs: expected no such field, as the method is dqn, got 3',
        '  epsilonEnd: expected a number from 0 to 1, got [2]',
      ].join('\n'),
    );
    await end();
    expect(training.learner.learningRate).toBe(1e-5);
    expect(readJson(paths.config)).toMatchObject({
      changes: [{ agentStep, values: { learningRate: 1e-5 } }],
      values: { learningRate: { value: 1e-3, source: 'edited, was 0.0001' } },
    });
  });
});

test('a pause holds the training and everything else goes on', async () => {
  const { runner, training, end } = await startRunner();
  const { agentStep } = await runner.pause();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(runner.status()).toMatchObject({ state: 'paused', agentStep });
  expect(await runner.checkpoint()).toMatch(new RegExp(`checkpoint-0*${agentStep}$`));
  await runner.resume();
  while (training.agentStep === agentStep) await new Promise((resolve) => setTimeout(resolve, 5));
  await end();
});

test('a failing training keeps the last good checkpoint and says why', async () => {
  const { runner, training, running } = await startRunner();
  const kept = await runner.checkpoint();
  training.learner.update = () => {
    throw new Error('the loss must be finite, got NaN');
  };
  await expect(running).rejects.toThrow('got NaN');
  await runner.fail(new Error('the loss must be finite, got NaN'));
  expect(runner.status()).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('NaN'),
  });
  expect((await readCheckpoint(kept)).counters.agentStep).toBeLessThan(training.agentStep + 1);
  await expect(runner.pause()).rejects.toThrow('the run has ended');
});

test('a training that diverges is not saved: the last good checkpoint stays, and is gone on from', async () => {
  const { runner, training, running } = await startRunner();
  await runner.pause();
  // how far it came before the pause depends on the machine; it learns at every fourth step from 20 on
  while (training.agentStep < 40 || training.agentStep % 4 !== 0) training.step();
  const { agentStep } = training;
  const kept = await runner.checkpoint();
  // float32 makes an infinite step of it; the loss is still finite in the update that takes it
  Object.defineProperty(training, 'learningRate', { value: 1e39 });
  while (training.agentStep < agentStep + 4) training.step();
  const areFinite = training.learner.state().weights.every((array) => array.every(Number.isFinite));
  expect(areFinite).toBe(false);
  await expect(runner.checkpoint()).rejects.toThrow(
    /weights must be finite to be saved, got .*: the training has diverged, go on from the last checkpoint/,
  );
  expect(await listCheckpoints(paths.checkpoints)).toEqual([kept]);
  const failing = expect(running).rejects.toThrow('weights must be finite');
  await expect(runner.stop()).rejects.toThrow('weights must be finite');
  await failing;
  await runner.fail(new Error('diverged'));
  const usable = await findUsable(paths);
  expect(usable).toMatchObject({ path: kept, info: { counters: { agentStep } }, damages: [] });
});

test('a stop whose checkpoint fails ends the run all the same, and says why', async () => {
  const { runner, running } = await startRunner({ save: readOnly });
  const failing = expect(running).rejects.toThrow('EROFS');
  await expect(runner.stop()).rejects.toThrow('EROFS');
  await failing;
  await runner.fail(new Error('EROFS'));
  expect(readJson(paths.status)).toMatchObject({ state: 'failed', message: 'EROFS' });
});

test('who stops a run twice gets its end twice, and what else is asked for then is refused', async () => {
  const { runner, training, running } = await startRunner();
  const asked = [runner.pause(), runner.stop(), runner.resume(), runner.stop()];
  const ends = await Promise.allSettled(asked);
  expect(
    ends.map((end) => (end.status === 'fulfilled' ? end.value.state : end.reason.message)),
  ).toEqual(['paused', 'stopped', 'the run toy has ended', 'stopped']);
  await running;
  const { agentStep } = training;
  expect(readJson(paths.status)).toMatchObject({ state: 'stopped', agentStep });
  expect(events().map((line) => line.split(': ')[1])).toEqual(['running', 'paused', 'stopped']);
  await expect(runner.set({ values: {} })).rejects.toThrow('the run has ended: resume it first');
});

test('changes to begin with must leave something to do', async () => {
  const { runner, training } = await createRunner();
  training.solved = true;
  await expect(runner.begin({ totalSteps: 200 })).rejects.toThrow(
    'has solved its game after 0 of 200 agent steps, as its mean return exceeds solvedReturn: ' +
      'resume it with a higher solvedReturn, or with null to take all steps',
  );
  await runner.begin({ solvedReturn: null });
  await runner.run();
  expect(runner.status()).toMatchObject({ state: 'finished', agentStep: 200 });
});

test('a notice is told until the next checkpoint', async () => {
  const { runner, end } = await startRunner({ notice: 'an older checkpoint' });
  expect((await runner.pause()).message).toBe('an older checkpoint');
  await runner.checkpoint();
  expect(runner.status().message).toBeNull();
  await end();
});

test('a paused run has no speed and no time left', async () => {
  const { runner, end } = await startRunner();
  await expect.poll(() => runner.status().secondsLeft).toBeGreaterThan(0);
  expect(await runner.pause()).toMatchObject({ stepsPerSecond: 0, secondsLeft: null });
  await end();
});

test('a run that another one has taken the folder of ends, and writes nothing to it', async () => {
  const { runner, training, running } = await startRunner({ checkpointSeconds: 0.3 });
  const failing = expect(running).rejects.toThrow(/holds another run by now/);
  await runner.pause();
  rmSync(paths.folder, { recursive: true });
  mkdirSync(paths.checkpoints, { recursive: true });
  await writeJson(paths.config, { format: 2, id: 'another' });
  await runner.resume().catch(() => {}); // writes status and event

  await failing;
  await runner.fail(new Error('it ends'));
  expect(training.agentStep).toBeLessThan(100_000);
  expect(readdirSync(paths.folder).sort()).toEqual(['checkpoints', 'config.json']);
  expect(readdirSync(paths.checkpoints)).toEqual([]);
});

test('a run whose folder somebody removed ends, and does not make a new one', async () => {
  const { runner } = await createRunner({ totalSteps: 100_000, checkpointSeconds: 0.1 });
  rmSync(paths.config);
  await expect(runner.run()).rejects.toThrow(/was removed: the run ends/);
  await runner.fail(new Error('removed'));
  expect(readdirSync(paths.checkpoints)).toEqual([]);
});

describe('pictures', () => {
  const picture = () => ({ data: new Uint8Array(12), shape: [2, 2, 3] });

  test('an animation shows the steps that follow', async () => {
    const { runner, end } = await startRunner({ recorder: new Recorder(picture) });
    await runner.resume(); // it runs now
    const gif = await runner.gif({ steps: 20 });
    expect(gif.frameCount).toBe(20);
    expect(Buffer.from(gif.base64, 'base64').toString('latin1', 0, 6)).toBe('GIF89a');
    expect(Buffer.from((await runner.picture()).base64, 'base64').toString('latin1', 1, 4)).toBe(
      'PNG',
    );
    await expect(runner.gif({ steps: 0 })).rejects.toThrow(
      'steps must be a whole number from 1 to 1000, got 0',
    );
    await runner.pause();
    await expect(runner.gif({ steps: 5 })).rejects.toThrow('the run is paused: resume it first');
    await end();
  });

  test('an animation of PQN shows one of its games, each step once', async () => {
    class CountingEnv extends CatchEnv {
      steps = 0;
      override step(action: number) {
        this.steps++;
        return super.step(action);
      }
    }
    const envs = Array.from({ length: 3 }, () => new CountingEnv());
    const others = [...envs];
    const shown: number[] = [];
    const counted = () => {
      shown.push(envs[0]!.steps);
      return picture();
    };
    const config = createConfig('fast', { numEnvs: 3, batchSize: 32, totalSteps: 100_000 });
    const createEnv = () => others.shift()!;
    const training = new PqnTraining({
      createEnv,
      config,
      seed: 1,
      createLearner: createToyLearner,
    });
    const { runner, end } = await startRunner({ training, recorder: new Recorder(counted) });
    await runner.resume(); // it runs now
    await runner.gif({ steps: 20 });
    expect(shown).toEqual(shown.map((_, i) => shown[0]! + i));
    expect(shown).toHaveLength(20);
    await end();
  });

  test('what is not complete at the end is given up', async () => {
    const { runner, running } = await startRunner({
      recorder: new Recorder(picture),
      totalSteps: 40,
    });
    await runner.resume();
    await expect(runner.gif({ steps: 1000 })).rejects.toThrow('has ended');
    await running;
  });
});
