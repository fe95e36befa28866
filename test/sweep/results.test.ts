/** The table of a sweep has the numbers worked out by hand, and its file brings them back. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../lib/files/flushed';
import { bandOf } from '../../lib/runs/bands';
import { runPaths } from '../../lib/runs/record/folder';
import { emptyStatus } from '../../lib/runs/record/status';
import { checkSweep } from '../../lib/sweep/check-sweep';
import { loadSweep, SweepReader, sweepTable, writeResults } from '../../lib/sweep/results';
import type { Trial } from '../../lib/sweep/spec';
import type { TrialState } from '../../lib/sweep/trial';
import { folderOfTest } from '../helpers/folder';
import { describeToy, metricsRow } from '../runs/toy';

/** A run's folder after these returns, one every 100 agent steps. */
async function createTrial(
  trial: Trial,
  {
    runsFolder,
    returns,
    state,
  }: { runsFolder: string; returns: number[]; state: 'finished' | 'lost' },
): Promise<TrialState> {
  const paths = runPaths(trial.name, { runsFolder });
  const network = join(paths.checkpoints, 'checkpoint-300/network');
  mkdirSync(network, { recursive: true });
  writeFileSync(join(network, 'weights.bin'), trial.name);
  const config = { ...(await describeToy({ name: trial.name, seed: trial.seed })), commit: 'abc' };
  writeFileSync(paths.config, JSON.stringify(config));
  const status = { ...emptyStatus(trial.name), state, seconds: 60 * trial.seed };
  writeFileSync(paths.status, JSON.stringify(status));
  const rows = returns.map((value, i) => metricsRow(100 * (i + 1), value));
  writeFileSync(paths.metrics, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return { trial, status, problem: undefined };
}

test('settings are summed up over their finished trials', async () => {
  const runsFolder = folderOfTest();
  const sweep = checkSweep({
    name: 'rates',
    vary: { nSteps: [1, 3, 5] },
    seeds: [1, 2],
    steps: 300,
    set: { gamma: 0.9 },
  });
  const returns: Record<string, number[]> = {
    'rates-nSteps1-seed1': [2, 4], // mean 3
    'rates-nSteps1-seed2': [5, 5],
    'rates-nSteps3-seed1': [4, 4],
    'rates-nSteps3-seed2': [Array.from({ length: 100 }, () => 9), 0, 0].flat().reverse(), // the last 100 count
    'rates-nSteps5-seed1': [7, 7],
  };
  const states: TrialState[] = [];
  for (const trial of sweep.trials) {
    const its = returns[trial.name];
    const state = trial.setting.label === 'nSteps=5' ? 'lost' : 'finished';
    states.push(
      its
        ? await createTrial(trial, { runsFolder, returns: its, state })
        : { trial, status: undefined, problem: undefined },
    );
  }
  const reader = new SweepReader(sweep, { runsFolder });
  const results = await reader.results(states);
  const [base, other, last] = results.settings;
  expect(base).toMatchObject({ iqm: 4, interval: [3, 5], minutes: 1.5, improvement: null });
  // 4 is more than 3, 9 more than both
  expect(other).toMatchObject({ iqm: 6.5, interval: [4, 9], improvement: 0.75 });
  expect(other!.trials[1]).toEqual({
    run: 'rates-nSteps3-seed2',
    seed: 2,
    score: 9,
    minutes: 2,
    weights: sha256('rates-nSteps3-seed2'),
  });
  expect(last).toMatchObject({ trials: [], iqm: null, interval: null, improvement: null });
  expect(last!.curve.agentSteps).toHaveLength(60); // the course of what has begun
  expect(results).toMatchObject({ set: { gamma: 0.9 }, commits: ['abc'] });
  expect(sweepTable(results).map((row) => Object.values(row))).toEqual([
    ['nSteps=1', '2 of 2', '4.0', '3.0 ... 5.0', '1.5', '-', '-'],
    ['nSteps=3', '2 of 2', '6.5', '4.0 ... 9.0', '1.5', '0.75', '0.00 ... 1.00'],
    ['nSteps=5', '0 of 2', '-', '-', '-', '-', '-'],
  ]);

  await writeResults(results, { runsFolder });
  const loaded = await loadSweep('rates', { runsFolder });
  expect(sweepTable(loaded)).toEqual(sweepTable(results));
  const text = readFileSync(join(runsFolder, 'rates.sweep.json'), 'utf8');
  expect(text).toContain('\n      "interval": [ 4, 9 ],\n');
  await expect(loadSweep('none', { runsFolder })).rejects.toThrow(
    'there are no results of a sweep none',
  );
  writeFileSync(join(runsFolder, 'none.sweep.json'), '[]');
  await expect(loadSweep('none', { runsFolder })).rejects.toThrow(
    /none\.sweep\.json must be an object, got/,
  );
});

test('a band goes from where all have begun to where the first one ends', () => {
  const runs = [
    { agentSteps: [10, 100, 200], values: [0, 2, 4] },
    { agentSteps: [40, 159], values: [5, 7] },
  ];
  const { agentSteps, middle, low, high } = bandOf(runs, 1);
  expect([agentSteps.length, agentSteps[0], agentSteps.at(-1)]).toEqual([60, 40, 159]);
  const at = (step: number) => agentSteps.findIndex((other) => other >= step);
  expect([middle[0], low[0], high[0]]).toEqual([2.5, 0, 5]);
  expect([middle[at(100)], low[at(100)], high[at(100)]]).toEqual([3.5, 2, 5]);
  expect([middle.at(-1), low.at(-1), high.at(-1)]).toEqual([4.5, 2, 7]);
  expect(bandOf([{ agentSteps: [10], values: [3] }], 1)).toEqual({
    agentSteps: [10],
    middle: [3],
    low: [3],
    high: [3],
  });
  expect(bandOf([{ agentSteps: [], values: [] }], 1).agentSteps).toEqual([]);
});
