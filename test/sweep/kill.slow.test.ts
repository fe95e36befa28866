/** Sweeps that are killed or stopped at random moments, as a whole or trial by trial, and on a full disk. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { runPaths } from '../../lib/runs/record/folder';
import { Run } from '../../lib/runs/run';
import { listRuns } from '../../lib/runs/start';
import { loadSweep } from '../../lib/sweep/results';
import { fill } from '../helpers/disk';
import { folderOfAll } from '../helpers/folder';
import { killHard } from '../runs/kill';
import { TOY } from '../runs/toy';

const KILLS = 12;
const folder = folderOfAll();

/** Starts the command on a sweep's file. */
function startSweep(runsFolder: string, file: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'lib/cli/sweep.ts', file], {
    cwd: ROOT,
    env: { ...process.env, BREAKOUT_RUNS: runsFolder, INIT_CWD: ROOT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const endOf = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.once('close', resolve));

function write(name: string, sweep: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(sweep));
  return path;
}

async function weightsIn(runsFolder: string): Promise<string[][]> {
  const { settings } = await loadSweep('rates', { runsFolder });
  return settings.map(({ trials }) => trials.map(({ weights }) => weights));
}

test('a sweep of Breakout, killed and stopped at random moments, ends as one that nothing disturbed', async () => {
  const file = write('rates.json', {
    vary: { learningRate: [1e-4, 1e-3] },
    seeds: [1, 2, 3],
    steps: 800,
    set: { learningStarts: 100, bufferSize: 600, batchSize: 4, epsilonDecaySteps: 500 },
    checkpointSeconds: 0.5,
  });
  const [straight, disturbed] = [join(folder, 'straight'), join(folder, 'disturbed')] as const;
  expect(await endOf(startSweep(straight, file))).toBe(0);

  const done = { sweep: 0, stop: 0, trial: 0 };
  for (let i = 0; i < KILLS; i++) {
    const child = startSweep(disturbed, file);
    const ended = endOf(child);
    await setTimeout(2000 + randomInt(5000));
    if (i % 3 === 0 && child.kill('SIGKILL')) done.sweep++;
    if (i % 3 === 1 && child.kill('SIGINT')) done.stop++;
    if (i % 3 === 2) {
      const live = (await listRuns({ runsFolder: disturbed })).filter(
        (run) => run.state === 'running',
      );
      for (const { name } of live) {
        done.trial += Number(await killHard(new Run(runPaths(name, { runsFolder: disturbed }))));
      }
      await setTimeout(1000);
      child.kill('SIGKILL');
    }
    await ended;
  }
  expect(Math.min(...Object.values(done)), JSON.stringify(done)).toBeGreaterThan(0);
  expect(await endOf(startSweep(disturbed, file))).toBe(0);
  expect(await weightsIn(disturbed)).toEqual(await weightsIn(straight));
});

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

// only root may mount a small disk
describe.skipIf(!isRoot)('on a full disk', () => {
  test('a sweep waits, says so, and goes on when there is room', async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    const set = { learningStarts: 50, bufferSize: 200, batchSize: 4 };
    const file = write('full.json', { program: TOY, vary: [{}], seeds: [1, 2], steps: 3000, set });
    const film = join(disk, 'film');
    fill(film);
    const child = startSweep(disk, file);
    const ended = endOf(child);
    try {
      let said = '';
      child.stderr!.on('data', (text) => {
        said += text;
      });
      while (!said.includes('the disk is full: free some space')) await setTimeout(100);
      rmSync(film);
      while ((await listRuns({ runsFolder: disk })).every(({ state }) => state !== 'running')) {
        await setTimeout(50);
      }
      fill(film); // and in the middle, too
      await setTimeout(8000);
      rmSync(film);
      expect(await ended, said).toBe(0);
      const { settings } = await loadSweep('full', { runsFolder: disk });
      expect(settings[0]!.trials).toHaveLength(2);
    } finally {
      child.kill('SIGKILL');
      for (const { name } of await listRuns({ runsFolder: disk })) {
        await killHard(new Run(runPaths(name, { runsFolder: disk })));
      }
      execFileSync('umount', [disk]);
    }
  });
});
