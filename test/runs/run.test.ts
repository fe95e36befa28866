import { randomInt } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathsIn } from '../../lib/runs/folder';
import { attach, listRuns, type StartOptions, startRun } from '../../lib/runs/start';
import { killHard, until, weightsOf } from './kill';

const TOY = new URL('../helpers/toy-run.ts', import.meta.url).pathname;

let runsFolder = '';
beforeAll(() => {
  runsFolder = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterAll(() => rmSync(runsFolder, { recursive: true }));

/** A few hundred steps a second, for some seconds. */
function startToy(options: Partial<StartOptions> & { name: string }) {
  return startRun({
    preset: 'quick',
    program: TOY,
    runsFolder,
    totalSteps: 1200,
    learningStarts: 50,
    bufferSize: 200,
    batchSize: 4,
    checkpointSeconds: 0.3,
    ...options,
  });
}

test('a run lives in a process of its own and obeys from anywhere', async () => {
  const run = await startToy({ name: 'obeys', totalSteps: 1_000_000, learningRate: 1e-3 });
  const { pid } = await run.status();
  expect(pid).not.toBe(process.pid);

  const paused = await run.pause();
  expect(paused.state).toBe('paused');
  const elsewhere = await attach('obeys', { runsFolder });
  const changed = await elsewhere.set({ learningRate: 2e-4, epsilon: 0.3 });
  expect(changed).toMatchObject({ learningRate: 2e-4, epsilon: 0.3, agentStep: paused.agentStep });
  await expect(elsewhere.set({ gamma: 0.5 })).rejects.toThrow(/gamma: expected 0.99 until the end/);
  await expect(run.picture()).rejects.toThrow('has no pictures');
  expect((await run.resume()).state).toBe('running');

  await expect(startToy({ name: 'obeys' })).rejects.toThrow('there is a run named obeys already');
  const stopped = await run.stop();
  expect(stopped).toMatchObject({ state: 'stopped', checkpointStep: stopped.agentStep, pid });
  await expect(run.pause()).rejects.toThrow('the run obeys is not running: resume it first');
  expect(await listRuns({ runsFolder })).toContainEqual(stopped);

  // in a new process, with everything that was changed
  const resumed = await elsewhere.resume();
  expect(resumed).toMatchObject({ state: 'running', learningRate: 2e-4, epsilon: 0.3 });
  expect(resumed.pid).not.toBe(pid);
  expect(resumed.agentStep).toBeGreaterThanOrEqual(stopped.agentStep);
  await run.stop();

  const { values, changes, versions, commit } = await run.config();
  expect(values.learningRate).toEqual({ value: 1e-3, source: 'edited, was 0.0001' });
  expect(values.batchSize.source).toBe('edited, was 32');
  expect(changes).toHaveLength(1);
  expect(versions.node).toBe(process.versions.node);
  expect(commit).toMatch(/^[0-9a-f]{40}/);
});

test('killed hard again and again, it ends with the same weights as never killed', async () => {
  const [straight, killed] = await Promise.all([
    startToy({ name: 'straight' }),
    startToy({ name: 'killed' }),
  ]);
  let before = 0;
  for (let kill = 0; kill < 2; kill++) {
    const { checkpointStep } = await until(
      killed,
      (status) => (status.checkpointStep ?? 0) > before,
    );
    await new Promise((resolve) => setTimeout(resolve, randomInt(200)));
    if (!(await killHard(killed))) break; // it was faster
    const lost = await killed.status();
    expect(lost).toMatchObject({ state: 'lost', message: expect.stringMatching(/resume it/) });
    const resumed = await killed.resume();
    expect(resumed.agentStep).toBeGreaterThanOrEqual(checkpointStep!);
    before = checkpointStep!;
  }
  await until(killed, ({ state }) => state === 'finished');
  await until(straight, ({ state }) => state === 'finished');

  expect(await weightsOf(killed)).toEqual(await weightsOf(straight));
  const course = async (run: typeof killed) =>
    (await run.metrics()).map(({ stepsPerSecond, memoryBytes, seconds, ...row }) => row);
  expect(await course(killed)).toEqual(await course(straight));
  expect(await killed.checkpoints()).toHaveLength(2);
  await expect(killed.resume()).rejects.toThrow(
    'has finished its 1200 agent steps: resume it with more',
  );
}, 180_000);

test('a damaged checkpoint is passed over for the one before, with a message', async () => {
  const run = await startToy({ name: 'damaged', totalSteps: 1_000_000 });
  await run.checkpoint();
  await run.stop();
  const [newest, older] = await run.checkpoints();
  const file = join(newest!, 'target.bin');
  const bytes = readFileSync(file);
  bytes[100]! ^= 1;
  writeFileSync(file, bytes);
  mkdirSync(join(run.paths.checkpoints, 'checkpoint-000999999.unfinished'));
  await run.resume();
  await run.stop();
  const log = readFileSync(run.paths.events, 'utf8');
  expect(log).toContain('target.bin does not match its checksum');
  expect(log).toContain(`resumed from ${older}`);
  const names = readdirSync(run.paths.checkpoints);
  expect(names.filter((name) => name.startsWith('damaged-'))).toHaveLength(1);
  expect(names.filter((name) => name.endsWith('.unfinished'))).toEqual([]);

  for (const path of await run.checkpoints()) rmSync(join(path, 'adam.bin'));
  await expect(run.resume()).rejects.toThrow(/has no usable checkpoint:\n.*adam.bin is missing/);
});

describe('what cannot be is refused in a sentence', () => {
  for (const name of ['../up', 'a/b', '', '.hidden', 'a b', 'x'.repeat(65)]) {
    test(`the name "${name.slice(0, 10)}"`, async () => {
      await expect(startToy({ name })).rejects.toThrow(/a run's name must be 1 to 64 letters/);
      await expect(attach(name, { runsFolder })).rejects.toThrow(/a run's name must be/);
    });
  }

  test('wrong values, all at once, before anything is made', async () => {
    const wrong = { name: 'wrong', gamma: 2, learningRat: 1 } as StartOptions;
    await expect(startToy(wrong)).rejects.toThrow(/nearest is learningRate.*\n.*gamma: expected/);
    await expect(startToy({ name: 'wrong', preset: 'quik' as 'quick' })).rejects.toThrow(
      /one of keras/,
    );
    await expect(startToy({ name: 'wrong', checkpointSeconds: 0 })).rejects.toThrow(
      /above 0, got 0/,
    );
    expect(existsSync(join(runsFolder, 'wrong'))).toBe(false);
  });

  test('a memory that does not fit, and the name stays free', async () => {
    const huge = { name: 'huge', preset: 'nature', replay: 'plain', bufferSize: 1e9 } as const;
    await expect(startRun({ ...huge, runsFolder })).rejects.toThrow(
      /1000000000 pictures needs 7076.8 GB of memory .*, \d+\.\d GB are free/,
    );
    expect(existsSync(join(runsFolder, 'huge'))).toBe(false);
  });

  test('a run that is not there, or of another version', async () => {
    await expect(attach('nobody', { runsFolder })).rejects.toThrow(/there is no run named nobody/);
    const foreign = pathsIn(join(runsFolder, 'foreign'), 'foreign');
    mkdirSync(foreign.folder);
    writeFileSync(foreign.config, JSON.stringify({ format: 99 }));
    await expect(attach('foreign', { runsFolder })).rejects.toThrow(
      /has the format 99, this program reads format 2/,
    );
    const names = (await listRuns({ runsFolder })).map(({ name }) => name);
    expect(names).not.toContain('foreign');
    expect(await listRuns({ runsFolder: join(runsFolder, 'none') })).toEqual([]);
  });
});
