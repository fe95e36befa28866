/** A run in this process trains, changes, pauses, shows itself and ends, its files kept right. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { PqnTraining } from '../../../lib/dqn/training/pqn-training';
import { Recorder } from '../../../lib/runs/process/recorder';
import { writeJson } from '../../../lib/runs/record/folder';
import { readMetrics } from '../../../lib/runs/record/metrics';
import { markProcess } from '../../../lib/runs/record/process-mark';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyLearner } from '../../helpers/toy-network';
import { createRunner, readEvents, readJson, startRunner } from './toy-runner';

test('a run trains to its end, with a row for each episode and a checkpoint at last', async () => {
  const { paths, runner, training } = await createRunner();
  await runner.run();
  expect(runner.status()).toMatchObject({ state: 'finished', agentStep: 60, checkpointStep: 60 });
  const mark = await markProcess(paths, process.pid);
  const written = { state: 'finished', agentStep: 60, process: mark };
  expect(readJson(paths.status)).toMatchObject(written);
  const rows = await readMetrics(paths.metrics);
  // three balls that fall three rows each make an episode of the toy
  expect(rows.map(({ agentStep }) => agentStep)).toEqual([9, 18, 27, 36, 45, 54]);
  expect(rows.map(({ loss }) => loss !== null)).toEqual([false, false, true, true, true, true]);
  expect(rows.map(({ episode }) => episode)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(training.updates).toBe(11); // at 20, 24, ... 60
});

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
    const { paths, runner, training, end } = await startRunner();
    const { agentStep } = await runner.set({ values: { learningRate: 1e-5 } });
    await runner.set({ values: {} }); // is no change
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

test('who stops a run twice gets its end twice, and what else is asked for then is refused', async () => {
  const { paths, runner, training, running } = await startRunner();
  const asked = [runner.pause(), runner.stop(), runner.resume(), runner.stop()];
  const ends = await Promise.allSettled(asked);
  expect(
    ends.map((end) => (end.status === 'fulfilled' ? end.value.state : end.reason.message)),
  ).toEqual(['paused', 'stopped', 'the run toy has ended', 'stopped']);
  await running;
  const { agentStep } = training;
  expect(readJson(paths.status)).toMatchObject({ state: 'stopped', agentStep });
  expect(readEvents(paths).map((line) => line.split(': ')[1])).toEqual([
    'running',
    'paused',
    'stopped',
  ]);
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
  const { paths, runner, training, running } = await startRunner({ checkpointSeconds: 0.3 });
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
  const { paths, runner } = await createRunner({ totalSteps: 100_000, checkpointSeconds: 0.1 });
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
