/** The line of a run's progress is that written out by hand, and fits into any width. */
import { expect, test } from 'vitest';
import { progressLine } from '../../lib/runs/progress-line';
import type { RunStatus } from '../../lib/runs/record/status';

const status = {
  state: 'running',
  agentStep: 1500,
  totalSteps: 10_000,
  stepsPerSecond: 200,
  seconds: 8,
  meanReturn: 1.25,
  epsilon: 0.5,
  memoryBytes: 1.234e9,
} as RunStatus;
const rest = '1,500 / 10,000 agent steps · 15% · 200 /s';

test.each<[string, Partial<RunStatus>, string]>([
  ['a running run', {}, `${rest} · 43 s left · mean return 1.3 · ε 0.500 · memory 1.23 GB`],
  [
    'one that has ended no game',
    { meanReturn: null, stepsPerSecond: 0 },
    '1,500 / 10,000 agent steps · 15% · 0.0 /s · ε 0.500 · memory 1.23 GB',
  ],
  [
    'one that writes a checkpoint',
    { saving: true },
    `${rest} · 43 s left · saving a checkpoint · mean return 1.3 · ε 0.500 · memory 1.23 GB`,
  ],
  ['one that begins', { state: 'starting', agentStep: 0, totalSteps: 0 }, 'now starting'],
  [
    'a paused one',
    { state: 'paused' },
    `now paused · ${rest} · 43 s left · mean return 1.3 · ε 0.500 · memory 1.23 GB`,
  ],
])('the line of %s', (_title, change, expected) => {
  const line = progressLine({ ...status, ...change });
  expect(line.replace(/^[█░]+ {2}/, '')).toBe(expected);
});

test.each([20, 60, 80, 120])('the line fits into %d columns', (columns) => {
  const line = progressLine({ ...status, state: 'paused' }, { columns });
  expect(line.length).toBeLessThanOrEqual(columns);
});
