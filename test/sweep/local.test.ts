/** Sweeps of real processes on the toy: to their ends, from where they are, around what goes wrong. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { attach } from '../../lib/runs/start';
import { checkSweep } from '../../lib/sweep/check-sweep';
import { countSlots, runLocally } from '../../lib/sweep/local';
import { loadSweep } from '../../lib/sweep/results';
import { sweep } from '../../lib/sweep/sweep';
import { FakeHost } from '../display/fake-host';
import { folderOfTest } from '../helpers/folder';
import { weightsOf } from '../runs/kill';
import { describeToy, TOY } from '../runs/toy';

// a plain variable: its words are of type string
const TOYS = {
  name: 'toys',
  preset: 'quick',
  program: TOY,
  vary: { learningRate: [1e-3, 1e-2] },
  seeds: [1],
  steps: 400,
  set: { learningStarts: 50, bufferSize: 200, batchSize: 4 },
};
const never = new AbortController().signal;

test('a cell trains all, shows it live, says what is wrong, and goes on where it was', async () => {
  const runsFolder = folderOfTest();
  const [first, second] = checkSweep(TOYS).trials;
  mkdirSync(join(runsFolder, first!.name)); // as a kill before config.json leaves it
  const foreign = join(runsFolder, second!.name);
  mkdirSync(foreign);
  const config = await describeToy({ name: second!.name, seed: 9, edits: { totalSteps: 60 } });
  writeFileSync(join(foreign, 'config.json'), JSON.stringify(config));
  const host = new FakeHost();
  const one = await sweep({ ...TOYS, runsFolder }, { host });
  expect(one.settings.map(({ trials }) => trials.length)).toEqual([1, 0]);
  const [progress, problem] = host
    .texts()
    .map(String)
    .findLast((text) => text.startsWith('sweep'))!
    .split('\n')
    .slice(1);
  expect(progress).toMatch(
    /^█+░+ {2}400 \/ 800 agent steps · 50% .* · trials 1 of 2 done, 0 running$/,
  );
  expect(problem).toMatch(
    /^toys-learningRate0.01-seed1: the run .* is there and is not this trial \(program 'none', not '.*', seed 9, not 1, /,
  );
  expect(problem).toContain('totalSteps 60, not 400');
  const [figure, table] = host.shown.slice(-2).map(({ bundle }) => bundle);
  expect(figure).toHaveProperty(['application/vnd.plotly.v1+json']);
  expect(figure).toHaveProperty(['image/png']);
  expect(table!['text/plain']).toMatch(/^setting .*\nlearningRate=0.001 +1 of 1 +/);

  rmSync(foreign, { recursive: true });
  const both = await sweep({ ...TOYS, runsFolder }, { host: new FakeHost() });
  expect(both.settings[0]).toEqual(one.settings[0]); // what is done stays
  const run = await attach(second!.name, { runsFolder });
  const { weights } = both.settings[1]!.trials[0]!;
  expect(await weightsOf(run)).toMatchObject({ 'network/weights.bin': weights });
  const { settings, ...rest } = await loadSweep('toys', { runsFolder });
  expect({ settings, ...rest }).toMatchObject({
    ...rest,
    settings: [{ iqm: expect.any(Number) }, {}],
  });
});

test('a trial that cannot start is tried again while others run, and then given up', async () => {
  const runsFolder = folderOfTest();
  const program = 'test/helpers/unstartable-program.mjs';
  const log = join(runsFolder, 'log');
  vi.stubEnv('TEST_LOG', log);
  onTestFinished(() => void vi.unstubAllEnvs());
  const states = await runLocally({
    sweep: checkSweep({ ...TOYS, program, seeds: [1] }),
    runsFolder,
    signal: never,
    onLook: () => {},
    cores: 7,
  });
  for (const { trial, problem } of states) {
    expect(problem).toBe(`the run ${trial.name} cannot start: no memory`);
  }
  expect(readFileSync(log, 'utf8')).toBe('3,3,'); // seven cores for two trials
});

test.each([
  [{ seeds: [1, 2] }, 16, 64e9, 4],
  [{}, 2, 64e9, 2],
  [{ seeds: [1, 2], parallel: 3 }, 16, 64e9, 3],
  [{}, 16, 1e9, 1],
  [{ preset: 'dqn', replay: 'plain' }, 16, 5e9, 2], // 1.4 GB of pictures and 0.8 each
  [{ preset: 'dqn', replay: 'plain' }, 16, 1, 1],
] as const)('with %j on %d cores and %d bytes %d run at once', (options, cores, bytes, slots) => {
  const { program, ...breakout } = { ...TOYS, set: {}, ...options };
  expect(countSlots(checkSweep(breakout), cores, bytes)).toBe(slots);
});
