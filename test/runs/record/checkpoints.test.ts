/** A usable checkpoint is left whatever call to the disk is the last, and foreign ones are put aside. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import { listCheckpoints } from '../../../lib/dqn/checkpoint/checkpoint-list';
import { CheckpointError } from '../../../lib/dqn/checkpoint/read-checkpoint';
import type { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import { clearAfter, findUsable, prune } from '../../../lib/runs/record/checkpoints';
import { pathsIn, type RunPaths, writeJson } from '../../../lib/runs/record/folder';
import type { RunConfig } from '../../../lib/runs/record/run-config';
import { writeSparse } from '../../helpers/disk';
import { folderOfTest } from '../../helpers/folder';
import { createQuickTraining, describeToy } from '../toy';

/** kill -9 before one of the calls that change a folder: nothing happens any more after it. */
const kill = vi.hoisted(() => ({
  before: Number.POSITIVE_INFINITY,
  calls: 0,
  /** A file that the disk does not give. */
  unreadable: '',
}));

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const guard = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      if (++kill.calls >= kill.before) throw new Error('killed');
      return call(...args);
    };
  };
  const rm = async (path: string, options: object) => {
    kill.calls++;
    // it takes the files of a folder one by one
    if (kill.calls === kill.before) await real.rm(join(path, 'state.json'), { force: true });
    if (kill.calls >= kill.before) throw new Error('killed');
    await real.rm(path, options);
  };
  return {
    ...real,
    rm,
    rename: guard(real.rename),
    mkdir: guard(real.mkdir),
    open: guard(async (...args: Parameters<typeof real.open>) => {
      if (args[0] === kill.unreadable) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return real.open(...args);
    }),
  };
});

const EDITS = { totalSteps: 200, bufferSize: 50, batchSize: 4, learningStarts: 20 };

let paths: RunPaths;
let config: RunConfig;
beforeEach(async () => {
  kill.before = Number.POSITIVE_INFINITY;
  paths = pathsIn(folderOfTest(), 'toy');
  mkdirSync(paths.checkpoints);
  config = await describeToy({ edits: EDITS });
  await writeJson(paths.config, config);
});

const createTraining = (seed = 1) => createQuickTraining(EDITS, seed);

function save(training: DqnTraining, run: string | undefined = config.id): Promise<string> {
  const folder = paths.checkpoints;
  const owner = run === undefined ? {} : { run };
  return saveCheckpoint({ training, folder, keepReplay: true, ...owner });
}

describe('a kill while the only checkpoint is replaced by one of the same step', () => {
  test('leaves a whole one, at whatever moment it comes', async () => {
    const training = createTraining();
    await save(training);
    kill.calls = 0;
    await save(training);
    const { calls } = kill;
    expect(calls).toBeGreaterThan(15); // files, folders, names
    // the names change at last: each of these moments, and some of the many before
    const moments = Array.from({ length: 9 }, (_, i) => calls - 8 + i);
    for (const before of [1, calls >> 1, ...moments]) {
      rmSync(paths.checkpoints, { recursive: true, force: true });
      await save(training);
      kill.calls = 0;
      kill.before = before;
      const saving = save(training).catch((error: Error) => error.message);
      expect(await saving).toBe('killed');
      kill.before = Number.POSITIVE_INFINITY;
      const found = await findUsable(paths);
      expect(found, `killed at call ${before} of ${calls}`).toMatchObject({ damages: [] });
      // the next process goes on from it and tidies up
      expect(await clearAfter(paths, found!.path)).toEqual([]);
      await prune(paths);
      expect((await findUsable(paths))!.path).toBe(found!.path);
      expect(readdirSync(paths.checkpoints).filter((name) => /\.\w+$/.test(name))).toEqual([]);
    }
  });
});

test('of one step the newest counts, also the tenth, and the step before is kept', async () => {
  const training = createTraining();
  training.step();
  const first = await save(training);
  training.step();
  for (let i = 0; i < 11; i++) await save(training);
  await prune(paths);
  const [newest, ...others] = await listCheckpoints(paths.checkpoints);
  expect(newest).toMatch(/checkpoint-000000002-11$/);
  expect(others).toEqual([first]);
});

test('a checkpoint that cannot be read for the moment is not damaged, and stays where it is', async () => {
  const training = createTraining();
  await save(training);
  training.step();
  const newest = await save(training);
  for (const file of ['state.json', 'adam.bin']) {
    const path = join(newest, file);
    kill.unreadable = path;
    const finding = findUsable(paths);
    await expect(finding).rejects.toThrow(
      `${path} cannot be read (EIO): the disk reports an error`,
    );
    await expect(finding).rejects.not.toBeInstanceOf(CheckpointError);
    kill.unreadable = '';
  }
  expect((await findUsable(paths))!.path).toBe(newest);
});

test.each<[string, (path: string) => void]>([
  ['a folder', (path) => mkdirSync(path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ['a device', (path) => symlinkSync('/dev/zero', path)],
  ['a file that is far too long', (path) => writeSparse(path)],
])('a checkpoint with %s in a place of a file is passed over', async (_, make) => {
  const training = createTraining();
  const older = await save(training);
  training.step();
  const newest = await save(training);
  for (const file of ['state.json', 'adam.bin']) {
    const path = join(newest, file);
    renameSync(path, `${path}.kept`);
    make(path);
    expect((await findUsable(paths))!.path).toBe(older);
    rmSync(path, { recursive: true });
    renameSync(`${path}.kept`, path);
  }
});

describe("a checkpoint that is not the run's", () => {
  const foreign: [string, () => Promise<string>, RegExp][] = [
    ['of another run', () => save(createTraining(), 'another'), /it was made by another run/],
    ['of another seed', () => save(createTraining(7)), /it was made with seed 7, the run has 1/],
  ];
  for (const [name, make, reason] of foreign) {
    test(`is passed over and put aside: ${name}`, async () => {
      const training = createTraining();
      const own = await save(training);
      const path = (await make()).replace(/-2$/, '');
      expect(path).toBe(own); // both of step 0: the later one took the place of the run's
      await expect(findUsable(paths)).rejects.toThrow(reason);

      training.step();
      const usable = await save(training);
      expect((await findUsable(paths))!.path).toBe(usable);
    });
  }

  test('one that names no run is taken', async () => {
    const path = await saveCheckpoint({
      training: createTraining(),
      folder: paths.checkpoints,
      keepReplay: true,
    });
    expect((await findUsable(paths))!.path).toBe(path);
  });
});

test('one set of damaged checkpoints is kept aside, and later ones take its place', async () => {
  const training = createTraining();
  const usable = await save(training);
  for (const step of [1, 2]) {
    training.step();
    const damaged = await save(training);
    rmSync(join(damaged, 'adam.bin'));
    const { path, damages } = (await findUsable(paths))!;
    expect(path).toBe(usable);
    expect(damages).toEqual([`the checkpoint ${damaged} was passed over: adam.bin is missing`]);
    const aside = join(paths.checkpoints, `damaged-checkpoint-00000000${step}`);
    expect(await clearAfter(paths, path)).toEqual([aside]);
    expect(readdirSync(paths.checkpoints).filter((name) => name.startsWith('damaged'))).toEqual([
      `damaged-checkpoint-00000000${step}`,
    ]);
  }
});

test('a file in place of the folder is named', async () => {
  const paths = pathsIn(folderOfTest(), 'toy');
  writeFileSync(paths.checkpoints, '');
  const said = `${paths.checkpoints} cannot be`;
  await expect(listCheckpoints(paths.checkpoints)).rejects.toThrow(
    `${said} read (ENOTDIR): a file`,
  );
  await expect(clearAfter(paths, undefined)).rejects.toThrow(`${said} written (EEXIST)`);
});
