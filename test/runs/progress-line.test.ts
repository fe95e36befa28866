import { expect, test } from 'vitest';
import { progressLine } from '../../lib/runs/progress-line';
import { emptyStatus } from '../../lib/runs/record/status';

const status = { ...emptyStatus('toy'), agentStep: 150, totalSteps: 1000, memoryBytes: 7e8 };

test.each([
  [
    { state: 'running', stepsPerSecond: 10, meanReturn: 1.25 },
    /^█+░+ {2}150 \/ 1,000 .* 10 \/s · .*mean return 1.3 · ε 1.000/,
  ],
  [{ state: 'running', stepsPerSecond: 10 }, /left · ε 1.000 · memory 0.70 GB$/],
  [{ state: 'paused' }, /^█+░+ {2}now paused · 150 \/ 1,000 agent steps · 15%/],
] as const)('the line of %j', (values, line) => {
  expect(progressLine({ ...status, ...values })).toMatch(line);
});
