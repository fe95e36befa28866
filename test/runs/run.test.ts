/** Runs live in real processes that obey, survive kill -9 and refuse mistakes in a sentence. */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { FileError } from '../../lib/files/disk';
import { openControl } from '../../lib/runs/control/ownership';
import { pathsIn } from '../../lib/runs/record/folder';
import { Run } from '../../lib/runs/run';
import { attach, createRun, listRuns, type StartOptions, startRun } from '../../lib/runs/start';
import { folderOfAll } from '../helpers/folder';
import { courseOf, finish, isAlive, killHard, until, weightsOf } from './kill';
import { TOY } from './toy';

const runsFolder = folderOfAll();

const METHODS = [
  ['DQN', 'quick'],
  ['PQN', 'fast'],
] as const;
/** As many updates as agent steps, so that it takes its time. */
const TOY_PQN = { numEnvs: 2, rolloutSteps: 8, epochs: 4, learningRateEnd: null };

/** A few hundred steps a second, for some seconds. */
function startToy(options: Partial<StartOptions> & { name: string }) {
  return startRun({
    program: TOY,
    runsFolder,
    totalSteps: 1200,
    batchSize: 4,
    ...(options.preset === 'fast' ? TOY_PQN : { learningStarts: 50, bufferSize: 200 }),
    checkpointSeconds: 0.3,
    ...options,
  });
}

test('a start that loses its run to somebody who resumes it leaves the folder to them', async () => {
  const starting = startToy({ name: 'raced' });
  const paths = pathsIn(join(runsFolder, 'raced'), 'raced');
  while (!existsSync(paths.config)) await new Promise((resolve) => setTimeout(resolve, 1));
  const control = await openControl({ paths, handle: async () => 'theirs' });
  await expect(starting).rejects.toThrow('the run raced is already running');
  expect(existsSync(paths.config)).toBe(true);
  await control.close();
});

test('a run is starting from its first moment, also after a kill', async () => {
  const name = 'starts';
  const paths = pathsIn(join(runsFolder, name), name);
  const states = new Set<string>();
  /** Looks at the run until its process trains. */
  const watch = async (process: Promise<unknown>) => {
    let isOver = false;
    const ended = process.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      if (existsSync(paths.config)) states.add((await new Run(paths).status()).state);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await ended;
    return [...states];
  };
  const seen = await watch(startToy({ name, totalSteps: 1_000_000 }));
  expect(seen).toEqual(expect.arrayContaining(['starting']));
  expect(seen.filter((state) => state !== 'starting' && state !== 'running')).toEqual([]);
  const run = await attach(name, { runsFolder });
  await run.checkpoint();
  expect(await killHard(run)).toBe(true);
  states.clear();
  const resumed = await watch(run.resume());
  // it is lost until somebody has begun to resume it
  expect(resumed.slice(Number(resumed[0] === 'lost'))).toEqual(['starting', 'running']);
  expect(readdirSync(paths.control).filter((each) => each.startsWith('starting'))).toEqual([]);
  await run.stop();
});

test('a config.json that names code outside of the project, or in a run, does not have it run', async () => {
  const run = await startToy({ name: 'gift', totalSteps: 1_000_000 });
  await run.stop();
  const evil = join(run.folder, 'evil.mjs');
  const trace = join(run.folder, 'trace');
  writeFileSync(evil, `import { writeFileSync } from 'node:fs'; writeFileSync('${trace}', '');`);
  const config = JSON.parse(readFileSync(run.paths.config, 'utf8'));
  for (const program of [evil, 'toString', '/etc/hostname', '../none.ts', '']) {
    writeFileSync(run.paths.config, JSON.stringify({ ...config, program }));
    await expect(run.resume()).rejects.toThrow(
      `as lib/runs/process/my-process.ts, got '${program}': look`,
    );
  }
  expect(existsSync(trace)).toBe(false);
});

test.each(METHODS)(
  'a run of %s lives in its own process and obeys from anywhere',
  async (_, preset) => {
    const name = `obeys-${preset}`;
    const run = await startToy({ name, preset, totalSteps: 1_000_000, learningRate: 1e-3 });
    const { pid } = await run.status();
    expect(pid).not.toBe(process.pid);
    expect(statSync(join(runsFolder, name)).mode & 0o777).toBe(0o700);

    const paused = await run.pause();
    expect(paused.state).toBe('paused');
    const elsewhere = await attach(name, { runsFolder });
    const changed = await elsewhere.set({ learningRate: 2e-4, epsilon: 0.3 });
    expect(changed).toMatchObject({
      learningRate: 2e-4,
      epsilon: 0.3,
      agentStep: paused.agentStep,
    });
    await expect(elsewhere.set({ gamma: 0.5 })).rejects.toThrow(
      /gamma: expected 0.99 until the end/,
    );
    await expect(run.picture()).rejects.toThrow('has no pictures');
    expect((await run.resume()).state).toBe('running');

    symlinkSync(run.folder, join(runsFolder, 'link'));
    const linked = (await listRuns({ runsFolder })).find((each) => each.name === 'link');
    expect(linked).toMatchObject({ state: 'running', pid });
    rmSync(join(runsFolder, 'link'));

    await expect(startToy({ name })).rejects.toThrow(`there is a run named ${name} already`);
    const stopped = await run.stop();
    expect(stopped).toMatchObject({ state: 'stopped', checkpointStep: stopped.agentStep, pid });
    await expect(run.pause()).rejects.toThrow(`the run ${name} is not running: resume it first`);
    expect(await listRuns({ runsFolder })).toContainEqual(stopped);

    // in a new process, with everything that was changed
    const resumed = await elsewhere.resume();
    expect(resumed).toMatchObject({ state: 'running', learningRate: 2e-4, epsilon: 0.3 });
    expect(resumed.pid).not.toBe(pid);
    expect(resumed.agentStep).toBeGreaterThanOrEqual(stopped.agentStep);
    await run.stop();

    const { values, changes, versions, commit } = await run.config();
    expect(values.learningRate).toEqual({
      value: 1e-3,
      source: expect.stringMatching(/^edited, was 0.000[15]$/),
    });
    expect(values.batchSize.source).toBe('edited, was 32');
    expect(changes).toHaveLength(1);
    expect(versions.node).toBe(process.versions.node);
    expect(commit).toMatch(/^[0-9a-f]{40}/);
  },
);

test.each(METHODS)(
  '%s killed hard again and again ends with the same weights as never killed',
  async (_, preset) => {
    const [straight, killed] = await Promise.all([
      startToy({ name: `straight-${preset}`, preset }),
      startToy({ name: `killed-${preset}`, preset, checkpointSeconds: 0.1 }),
    ]);
    let before = 0;
    for (let kill = 0; kill < 2; kill++) {
      const { checkpointStep } = await until(
        killed,
        (status) => (status.checkpointStep ?? 0) > before,
      );
      await new Promise((resolve) => setTimeout(resolve, randomInt(100)));
      expect(await killHard(killed)).toBe(true); // false: it was faster, so nothing is tested
      const lost = await killed.status();
      expect(lost).toMatchObject({ state: 'lost', message: expect.stringMatching(/resume it/) });
      const resumed = await killed.resume();
      expect(resumed.agentStep).toBeGreaterThanOrEqual(checkpointStep!);
      before = checkpointStep!;
    }
    for (const run of [killed, straight]) await finish(run);

    expect(await weightsOf(killed)).toEqual(await weightsOf(straight));
    expect(await courseOf(killed)).toEqual(await courseOf(straight));
    expect(await killed.checkpoints()).toHaveLength(2);
    await expect(killed.resume()).rejects.toThrow(
      'has finished its 1200 agent steps: resume it with more',
    );
  },
  180_000,
);

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
  const { message } = await run.resume();
  expect(message).toContain(`the checkpoint ${newest} was passed over: target.bin does not match`);
  expect(message).toContain(`resumed from ${older}`);
  expect(message).not.toContain('Use an older one');
  expect((await run.stop()).message).toBeNull(); // it has a newer checkpoint
  const log = readFileSync(run.paths.events, 'utf8');
  expect(log).toContain('target.bin does not match its checksum');
  expect(log).toContain(`resumed from ${older}`);
  const names = readdirSync(run.paths.checkpoints);
  expect(names.filter((name) => name.startsWith('damaged-'))).toHaveLength(1);
  expect(names.filter((name) => name.endsWith('.unfinished'))).toEqual([]);

  for (const path of await run.checkpoints()) rmSync(join(path, 'adam.bin'));
  await expect(run.resume()).rejects.toThrow(/has no usable checkpoint:\n.*adam.bin is missing/);
});

test('wrong edits do not resume a run, and leave it as it was', async () => {
  const run = await startToy({ name: 'edited', totalSteps: 1_000_000 });
  const stopped = await run.stop();
  await expect(run.resume({ learningRate: -1, bufferSize: 7 })).rejects.toThrow(
    /bufferSize: expected 200 until the end.*\n.*learningRate: expected a number from 0 to 1/,
  );
  expect(await run.status()).toEqual(stopped);
  expect((await run.config()).changes).toEqual([]);
  const resumed = await run.resume({ learningRate: 1e-5 });
  expect(resumed).toMatchObject({ state: 'running', learningRate: 1e-5, message: null });
  await run.stop();
});

test('a solved run says how it can go on', async () => {
  // of the three balls of an episode two are caught, as some episode of a hundred thousand steps does
  const solved = { name: 'solved', solvedReturn: 0, solvedEpisodes: 1, totalSteps: 100_000 };
  const run = await startToy(solved);
  const { agentStep } = await finish(run);
  expect(agentStep).toBeLessThan(100_000);
  await expect(run.resume()).rejects.toThrow(
    `the run solved has solved its game after ${agentStep} of 100000 agent steps`,
  );
  await expect(run.resume({ totalSteps: 200_000 })).rejects.toThrow(/with a higher solvedReturn/);
  expect((await run.resume({ solvedReturn: null })).state).toBe('running');
  await run.stop();
});

test('a run started in the place of a removed one is left alone by the old process', async () => {
  const old = await startToy({ name: 'place', totalSteps: 1_000_000, checkpointSeconds: 1000 });
  const { pid } = await old.status();
  rmSync(old.folder, { recursive: true });
  const run = await startToy({ name: 'place', totalSteps: 1_000_000, seed: 5 });
  expect((await run.status()).pid).not.toBe(pid);
  process.kill(pid, 'SIGTERM'); // saves a checkpoint and ends
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  expect((await run.status()).state).toBe('running');
  const stopped = await run.stop();
  expect((await run.resume()).agentStep).toBeGreaterThanOrEqual(stopped.agentStep);
  expect((await run.stop()).message).toBeNull();
  expect(readFileSync(run.paths.events, 'utf8')).not.toContain('failed');
});

test('a copy of a running run is a run of its own', async () => {
  const run = await startToy({ name: 'copied', totalSteps: 1_000_000 });
  await run.checkpoint();
  execFileSync('cp', ['-a', run.folder, join(runsFolder, 'copy')]);
  const copy = await attach('copy', { runsFolder });
  expect(await copy.status()).toMatchObject({ name: 'copy', state: 'lost' });
  expect((await copy.config()).name).toBe('copy');
  const [{ pid }, resumed] = [await run.status(), await copy.resume()];
  expect(resumed).toMatchObject({ name: 'copy', state: 'running' });
  expect(resumed.pid).not.toBe(pid);
  await copy.stop();
  expect(await run.stop()).toMatchObject({ name: 'copied', state: 'stopped', pid });
});

test('a process that is held is told with what it last wrote', async () => {
  const run = await startToy({ name: 'held', totalSteps: 1_000_000 });
  const { pid } = await run.status();
  process.kill(pid, 'SIGSTOP');
  const held = await run.status({ silenceMs: 300 });
  expect(held).toMatchObject({ state: 'running', pid, secondsLeft: null });
  expect(held.message).toMatch(/no sign of life for 0.3 s: let it go on/);
  process.kill(pid, 'SIGCONT');
  expect((await run.stop()).state).toBe('stopped');
});

test('a run on Breakout shows its play through the socket', async () => {
  const run = await startRun({
    name: 'play',
    runsFolder,
    totalSteps: 1_000_000,
    learningStarts: 1_000_000,
    bufferSize: 100,
    networkWidth: 1 / 32,
  });
  const { data, delayMs } = await run.gif({ steps: 20 });
  const { format, delay, width, pageHeight } = await sharp(data, { animated: true }).metadata();
  expect({ format, ratio: pageHeight! / width! }).toEqual({ format: 'gif', ratio: 210 / 160 });
  // pictures that do not differ make one that stays longer
  expect(delay!.reduce((sum, ms) => sum + ms, 0)).toBe(20 * delayMs);
  const last = await sharp(data, { page: delay!.length - 1 }).stats();
  expect(last.channels[0]!.stdev).toBeGreaterThan(10); // walls, bricks and ball on black
  expect((await sharp((await run.picture()).data).metadata()).format).toBe('png');
  expect((await run.config()).versions.tensorflow).toMatch(/^\d+\.\d+\.\d+$/);
  await run.stop();
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
      /at least 0.1, got 0/,
    );
    const all = { gamma: 2, seed: -1, checkpointSeconds: 0, replay: 'zip' as 'plain' };
    await expect(startToy({ name: 'wrong', ...all })).rejects.toThrow(
      [
        'the config has 4 wrong field(s), change them:',
        '  gamma: expected a number from 0 to 1, got 2',
        '  seed: expected a whole number of at least 0, got -1',
        '  checkpointSeconds: expected a number of at least 0.1, got 0',
        '  replay: expected compressed or plain, got "zip"',
      ].join('\n'),
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
    const odd = pathsIn(join(runsFolder, 'odd'), 'odd');
    mkdirSync(odd.folder);
    writeFileSync(odd.config, 'null');
    mkdirSync(join(runsFolder, 'hollow'));
    const listed = await listRuns({ runsFolder });
    const told = listed.filter(({ state }) => state === 'unreadable');
    expect(told.map(({ name, message }) => [name, message])).toEqual([
      ['foreign', expect.stringMatching(/has the format 99/)],
      ['odd', expect.stringMatching(/config.json must be an object, got null: mend or remove it/)],
    ]);
    expect(listed.map(({ name }) => name)).not.toContain('hollow');
    expect(await listRuns({ runsFolder: join(runsFolder, 'none') })).toEqual([]);
  });

  test('a folder that holds no run', async () => {
    mkdirSync(join(runsFolder, 'empty'));
    await expect(startToy({ name: 'empty' })).rejects.toThrow(
      /empty is there already and holds no run, as it has no config.json: choose another name/,
    );
    await expect(attach('empty', { runsFolder })).rejects.toThrow(/there is no run named empty/);
  });

  test('a disk that does not take it, and the name stays free', async () => {
    const options = { name: 'full', runsFolder };
    const fail = async () => {
      throw new FileError('the disk is full');
    };
    await expect(createRun(options, fail)).rejects.toThrow('the disk is full');
    expect(existsSync(join(runsFolder, 'full'))).toBe(false);
    const file = join(runsFolder, 'file');
    writeFileSync(file, '');
    await expect(startToy({ name: 'x', runsFolder: join(file, 'runs') })).rejects.toThrow(
      `${file}/runs cannot be written (ENOTDIR): a file stands where a folder must be`,
    );
  });

  test('a program that fails, with what it printed, as its folder goes', async () => {
    const program = new URL('../helpers/failing-program.mjs', import.meta.url).pathname;
    await expect(startToy({ name: 'failing', program })).rejects.toThrow(
      'the run failing cannot start: its process ended (exit code 3), and printed:\nno such engine',
    );
    expect(existsSync(join(runsFolder, 'failing'))).toBe(false);
  });
});
