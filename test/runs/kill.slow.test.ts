/** Runs killed hard at random moments, or on a full disk, end as runs that nothing disturbed. */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { findUsable } from '../../lib/runs/record/checkpoints';
import { startRun } from '../../lib/runs/start';
import { fill } from '../helpers/disk';
import { folderOfAll } from '../helpers/folder';
import { courseOf, finish, killHard, until, weightsOf } from './kill';
import { TOY } from './toy';

const KILLS = 20;
const runsFolder = folderOfAll();

const METHODS = [
  // the memory wraps
  { preset: 'quick', learningStarts: 100, bufferSize: 600, targetUpdateInterval: 200 },
  { preset: 'dqn', learningStarts: 100, bufferSize: 600, targetUpdateInterval: 200 },
  { preset: 'fast', numEnvs: 2, rolloutSteps: 10 },
] as const;

const CASES = METHODS.flatMap((method) =>
  (['native', 'graph'] as const).map((engine) => ({ ...method, engine })),
);

test.each(CASES)(
  'Breakout with $preset in the engine $engine, killed hard at 20 random moments, ends with the weights of a run never killed',
  async (method) => {
    const totalSteps = 2000;
    const options = {
      runsFolder,
      totalSteps,
      epsilonDecaySteps: 1500,
      batchSize: 4,
      checkpointSeconds: 0.5,
      seed: 3,
      ...method,
    };
    const straight = await startRun({
      ...options,
      name: `straight-${method.preset}-${method.engine}`,
    });
    await finish(straight);

    // moments all over the run; a poll takes some milliseconds, so add some of chance
    const moments = Array.from({ length: KILLS }, () => randomInt(Math.floor(totalSteps * 0.95)));
    moments.sort((a, b) => a - b);
    const run = await startRun({ ...options, name: `killed-${method.preset}-${method.engine}` });
    let saved = { agentStep: 0, episodes: 0, updates: 0 };
    for (const moment of moments) {
      await until(run, ({ agentStep }) => agentStep >= moment);
      await setTimeout(randomInt(30));
      expect(await killHard(run)).toBe(true);
      const counters = (await findUsable(run.paths))?.info.counters ?? saved;
      expectAtLeast(counters, saved); // no kill costs a checkpoint
      saved = counters;
      const { agentStep, episode: episodes, updates } = await run.resume();
      expectAtLeast({ agentStep, episodes, updates }, saved);
    }
    await finish(run);
    expect(saved.episodes).toBeGreaterThan(1); // of some 10
    expect(saved.updates).toBeGreaterThan(100); // of 475 and 500

    expect(await weightsOf(run)).toEqual(await weightsOf(straight));
    expect(await courseOf(run)).toEqual(await courseOf(straight));
  },
);

type Counters = Readonly<Record<'agentStep' | 'episodes' | 'updates', number>>;

function expectAtLeast(now: Counters, before: Counters): void {
  for (const counter of ['agentStep', 'episodes', 'updates'] as const) {
    expect(now[counter], counter).toBeGreaterThanOrEqual(before[counter]);
  }
}

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

// only root may mount a small disk
describe.skipIf(!isRoot)('on a full disk', () => {
  test('a run waits, tells so, and goes on when there is room', async () => {
    const disk = join(runsFolder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    const run = await startRun({
      name: 'full',
      runsFolder: disk,
      program: TOY,
      totalSteps: 1_000_000,
      learningStarts: 50,
      bufferSize: 200,
      batchSize: 4,
      checkpointSeconds: 0.2,
    });
    try {
      await until(run, ({ checkpointStep }) => checkpointStep !== null);
      fill(join(disk, 'film'));
      const waiting = await until(run, ({ state }) => state === 'waiting');
      expect(waiting.message).toMatch(/the disk of .*full is full: free some space/);
      rmSync(join(disk, 'film'));
      const { checkpointStep } = await until(run, ({ state }) => state === 'running');
      expect(checkpointStep).toBeGreaterThanOrEqual(waiting.agentStep);
      await run.stop();
      const steps = (await run.metrics()).map((row) => row.agentStep);
      // three balls of three rows make an episode of the toy: none is missing, none comes twice
      expect(steps).toEqual(steps.map((_, i) => 9 * (i + 1)));
    } finally {
      await killHard(run);
      execFileSync('umount', [disk]);
    }
  });
});
