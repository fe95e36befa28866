/** Every file of a checkpoint, torn in every way that a crash or a disk tears: the older one is taken, and said. */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveCheckpoint } from '../../lib/dqn/checkpoint/checkpoint';
import { findUsable } from '../../lib/runs/record/checkpoints';
import { pathsIn, type RunPaths } from '../../lib/runs/record/folder';
import { folderOfAll } from '../helpers/folder';
import { createToyTraining, runTo } from '../helpers/training';
import { describeToy } from './toy';

const root = folderOfAll();
let paths: RunPaths;
let older = '';
let newest = '';

beforeAll(async () => {
  paths = pathsIn(join(root, 'runs/toy'), 'toy');
  mkdirSync(paths.folder, { recursive: true });
  const training = createToyTraining({ edits: { clipRewards: true } });
  writeFileSync(paths.config, JSON.stringify(await describeToy({ seed: training.seed })));
  runTo({ training, to: 60 });
  const options = { training, folder: paths.checkpoints, keepReplay: true };
  older = await saveCheckpoint(options);
  runTo({ training, to: 120 });
  newest = await saveCheckpoint(options);
});

/** What is left of a file. */
const TEARS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'cut after its first byte': (bytes) => bytes.subarray(0, 1),
  'cut in the middle': (bytes) => bytes.subarray(0, bytes.length >> 1),
  'cut after three quarters': (bytes) => bytes.subarray(0, Math.floor(0.75 * bytes.length)),
  'cut before its last byte': (bytes) => bytes.subarray(0, -1),
  emptied: () => Buffer.alloc(0),
  'with a flipped bit at its beginning': (bytes) => flipped(bytes, 0),
  'with a flipped bit in the middle': (bytes) => flipped(bytes, bytes.length >> 1),
  'with a flipped bit at its end': (bytes) => flipped(bytes, bytes.length - 1),
  'with zeros at its beginning': (bytes) => zeroed(bytes, 0),
  'with zeros at its end': (bytes) => zeroed(bytes, bytes.length - 512),
  'with zeros in the middle': (bytes) => zeroed(bytes, (bytes.length >> 1) - 256),
  'all zeros': (bytes) => Buffer.alloc(bytes.length),
  'with three bytes more': (bytes) => Buffer.concat([bytes, Buffer.from('abc')]),
  'twice in a row': (bytes) => Buffer.concat([bytes, bytes]),
  'without its first byte': (bytes) => bytes.subarray(1),
  'with its halves exchanged': (bytes) => {
    const middle = bytes.length >> 1;
    return Buffer.concat([bytes.subarray(middle), bytes.subarray(0, middle)]);
  },
};

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 4;
  return copy;
}

/** A disk's block of zeros, as after a power cut. */
function zeroed(bytes: Buffer, from: number): Buffer {
  const copy = Buffer.from(bytes);
  return copy.fill(0, Math.max(0, from), Math.min(bytes.length, Math.max(0, from) + 512));
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

let files = 0;
afterAll(() => console.log(`${files} torn files, the older checkpoint was taken for each`));

it.each(Object.entries(TEARS))('a file %s', async (name, tear) => {
  const all = filesOf(newest);
  expect(all.length).toBeGreaterThan(5);
  let torn = 0;
  for (const path of all) {
    const bytes = readFileSync(path);
    const left = tear(bytes);
    if (left.equals(bytes)) continue;
    torn++;
    writeFileSync(path, left);
    const usable = await findUsable(paths);
    expect(usable?.path, `${relative(newest, path)} ${name}`).toBe(older);
    expect(usable!.damages).toHaveLength(1);
    expect(usable!.damages[0]).toContain(newest);
    expect(usable!.damages[0]).toContain(relative(newest, path));
    writeFileSync(path, bytes);
  }
  files += torn;
  expect(torn).toBeGreaterThanOrEqual(all.length - 3); // what is all zeros already stays so
  expect((await findUsable(paths))?.path).toBe(newest);
});

it('says what is wrong with each when all are torn, and deletes none', async () => {
  const kept = join(root, 'kept');
  cpSync(paths.checkpoints, kept, { recursive: true });
  for (const folder of [older, newest]) writeFileSync(filesOf(folder)[0]!, 'torn');
  await expect(findUsable(paths)).rejects.toThrow(
    /the run toy has no usable checkpoint:\n.*passed over: .*\n.*passed over: .*\nPut a copy of one there/,
  );
  for (const folder of [older, newest]) {
    expect(filesOf(folder)).toHaveLength(
      filesOf(join(kept, relative(paths.checkpoints, folder))).length,
    );
  }
  rmSync(kept, { recursive: true });
});
