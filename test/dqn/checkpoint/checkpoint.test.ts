/** A training goes on bit for bit from a checkpoint, and a damaged checkpoint is refused by name. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  loadCheckpoint,
  saveCheckpoint,
  takeSnapshot,
  writeSnapshot,
} from '../../../lib/dqn/checkpoint/checkpoint';
import { listCheckpoints } from '../../../lib/dqn/checkpoint/checkpoint-list';
import { CheckpointError, readCheckpoint } from '../../../lib/dqn/checkpoint/read-checkpoint';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { NativeLearner } from '../../../lib/dqn/learner/native-learner';
import { tf } from '../../../lib/engine/tensorflow';
import { folderOfTest } from '../../helpers/folder';
import { createToyTraining, ofType, runTo } from '../../helpers/training';

let folder = '';
beforeEach(() => {
  folder = folderOfTest();
});

test('a resumed training goes on bit for bit as the uninterrupted one', async () => {
  const straight = createToyTraining();
  runTo({ training: straight, to: 95 }); // in the middle of an episode, a life lost
  const expected = runTo({ training: straight, to: 200 });

  const before = createToyTraining();
  runTo({ training: before, to: 95 });
  const path = await saveCheckpoint({ training: before, folder, keepReplay: true });
  const { config, seed } = await readCheckpoint(path);
  const resumed = createToyTraining({ config: config as DqnConfig, seed });
  await loadCheckpoint({ training: resumed, path });
  const got = runTo({ training: resumed, to: 200 });

  expect(got).toEqual(expected);
  expect(resumed.state({ keepReplay: true })).toEqual(straight.state({ keepReplay: true }));
});

test('a copy is written as the training was, however far that has gone on', async () => {
  const training = createToyTraining({ SomeLearner: NativeLearner });
  runTo({ training, to: 95 });
  const options = { training, folder, keepReplay: true };
  const expected = await saveCheckpoint(options);
  expect(await takeSnapshot({ ...options, copyBytes: 100 })).toMatchObject({ isCopy: false });
  const snapshot = await takeSnapshot({ ...options, copyBytes: 1e6 });
  expect(snapshot).toMatchObject({ isCopy: true, agentStep: 95 });
  runTo({ training, to: 200 }); // the memory wraps
  const { files, ...info } = await readCheckpoint(expected);
  expect(await readCheckpoint(await writeSnapshot(snapshot))).toEqual({ ...info, files });
});

test('saving does not disturb the training', async () => {
  const undisturbed = createToyTraining();
  const saved = createToyTraining();
  runTo({ training: undisturbed, to: 60 });
  runTo({ training: saved, to: 60 });
  await saveCheckpoint({ training: saved, folder, keepReplay: true });
  expect(runTo({ training: saved, to: 120 })).toEqual(runTo({ training: undisturbed, to: 120 }));
});

test('without the memory it starts a new episode and fills the buffer before it learns again', async () => {
  const before = createToyTraining();
  runTo({ training: before, to: 95 });
  const path = await saveCheckpoint({ training: before, folder, keepReplay: false });
  expect((await readdir(path)).filter((name) => name.startsWith('replay'))).toEqual([]);
  const resumed = createToyTraining();
  runTo({ training: resumed, to: 10 }); // whatever it did before is gone
  await loadCheckpoint({ training: resumed, path });
  expect(resumed.agentStep).toBe(95);
  expect(resumed.episodes).toBe(before.episodes);
  expect(resumed.memory.length).toBe(0);
  expect(resumed.learner.state()).toEqual(before.learner.state());
  const updates = ofType(runTo({ training: resumed, to: 130 }), 'update');
  expect(updates[0]).toMatchObject({ agentStep: 116, update: before.updates + 1 }); // 95 + 20, even
});

test("the network is in TensorFlow.js' own format", async () => {
  const training = createToyTraining();
  runTo({ training, to: 60 });
  const path = await saveCheckpoint({ training, folder, keepReplay: false });
  const model = await tf.loadLayersModel(`file://${join(path, 'network', 'model.json')}`);
  const input = tf.randomUniform([3, 4, 4, 2], 0, 256, 'float32', 1);
  const [ours, loaded] = [training.learner.qNetwork, model].map((network) =>
    (network.predict(input) as tf.Tensor).dataSync(),
  );
  expect(loaded).toEqual(ours);
});

test('weights that are not finite are refused, and leave the checkpoints as they are', async () => {
  // float32 makes it 0, and Adam's step of a weight without a gradient 0 / 0
  const training = createToyTraining({ edits: { adamEpsilon: 1e-60 } });
  runTo({ training, to: 19 });
  const kept = await saveCheckpoint({ training, folder, keepReplay: false });
  runTo({ training, to: 20 }); // the first update
  expect(training.updates).toBe(1);
  const saving = saveCheckpoint({ training, folder, keepReplay: false });
  await expect(saving).rejects.toThrow(
    /^the weights must be finite to be saved, got NaN: the training/,
  );
  expect(await readdir(folder)).toEqual([basename(kept)]);
});

test('a checkpoint of the format before loads without its memory, whose kind it does not say', async () => {
  const before = createToyTraining();
  runTo({ training: before, to: 95 });
  const path = await saveCheckpoint({ training: before, folder, keepReplay: true });
  const file = join(path, 'state.json');
  const { info } = JSON.parse(readFileSync(file, 'utf8'));
  const { atoms, valueMin, valueMax, ...config } = info.config;
  const older = { ...info, version: 2, config, buffer: info.buffer.counters };
  const digest = createHash('sha256').update(JSON.stringify(older)).digest('hex');
  writeFileSync(file, JSON.stringify({ sha256: digest, info: older }));
  expect(await readCheckpoint(path)).toMatchObject({ buffer: null, config: info.config });
  const resumed = createToyTraining();
  await loadCheckpoint({ training: resumed, path });
  expect(resumed.learner.state()).toEqual(before.learner.state());
  expect(resumed.memory.length).toBe(0);
});

test('lists whole checkpoints, newest first', async () => {
  const training = createToyTraining();
  const paths: string[] = [];
  for (const to of [5, 20, 100]) {
    runTo({ training, to });
    paths.unshift(await saveCheckpoint({ training, folder, keepReplay: false }));
  }
  mkdirSync(join(folder, 'checkpoint-000000999.unfinished'));
  expect(await listCheckpoints(folder)).toEqual(paths);
  const newest = await saveCheckpoint({ training, folder, keepReplay: true }); // of the same step
  expect(newest).toBe(`${paths[0]}-2`);
  expect(await listCheckpoints(folder)).toEqual([newest, ...paths.slice(1)]);
  expect((await readCheckpoint(newest)).buffer).not.toBeNull();
});

describe('a damaged checkpoint is refused by name, and the training stays as it was', () => {
  const cases: [string, (path: string) => void, RegExp][] = [
    ['a flipped bit', (path) => flipBit(join(path, 'adam.bin')), /adam.bin does not match/],
    [
      'a torn file',
      (path) => truncateSync(join(path, 'replay-pictures.bin'), 100),
      /replay-pictures.bin must have \d+ bytes, it has 100/,
    ],
    [
      'a missing file',
      (path) => rmSync(join(path, 'network', 'weights.bin')),
      /weights.bin is missing/,
    ],
    [
      'a torn state',
      (path) => truncateSync(join(path, 'state.json'), 50),
      /state.json does not match/,
    ],
    ['an edited state', (path) => editState(path), /state.json does not match/],
    [
      'another file',
      (path) => reseal(path, { files: { '../../x': 1 } }),
      /files...\/..\/x must be an/,
    ],
    [
      'a list without the weights',
      (path) => reseal(path, { files: {} }),
      /must list network\/model/,
    ],
    [
      'a foreign name',
      (path) => reseal(path, {}, '../../adam.bin'),
      /lists ..\/..\/adam.bin, which/,
    ],
    ['no generators', (path) => reseal(path, { counters: 7 }), /counters must be an object, got 7/],
    ['no state', (path) => rmSync(join(path, 'state.json')), /no state.json/],
  ];
  for (const [name, damage, message] of cases) {
    test(name, async () => {
      const training = createToyTraining();
      runTo({ training, to: 60 });
      const path = await saveCheckpoint({ training, folder, keepReplay: true });
      damage(path);
      const other = createToyTraining();
      const before = JSON.stringify(other.state({ keepReplay: true }).counters);
      const loading = loadCheckpoint({ training: other, path });
      await expect(loading).rejects.toThrow(message);
      await expect(loading).rejects.toBeInstanceOf(CheckpointError);
      expect(JSON.stringify(other.state({ keepReplay: true }).counters)).toBe(before);
    });
  }
});

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}

function editState(path: string): void {
  const text = readFileSync(join(path, 'state.json'), 'utf8');
  writeFileSync(join(path, 'state.json'), text.replace('"agentStep":60', '"agentStep":61'));
}

/** Changes what a checkpoint says of itself, with a checksum that is right. */
function reseal(path: string, changes: object, file?: string): void {
  const state = join(path, 'state.json');
  const { info } = JSON.parse(readFileSync(state, 'utf8'));
  if (file !== undefined) info.files[file] = info.files['adam.bin'];
  const text = JSON.stringify({ ...info, ...changes });
  const sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(state, `{"sha256":"${sha256}","info":${text}}`);
}

test('a failing write leaves nothing behind', async () => {
  const training = createToyTraining();
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  await expect(saveCheckpoint({ training, folder: blocked, keepReplay: true })).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['file']);
});

test('a network of another size is refused', async () => {
  const path = await saveCheckpoint({ training: createToyTraining(), folder, keepReplay: false });
  const { dense, flatten } = tf.layers;
  const other = createToyTraining({
    createNetwork: ({ observationShape: [stack, height, width], actions }) =>
      tf.sequential({
        layers: [flatten({ inputShape: [height!, width!, stack!] }), dense({ units: actions })],
      }),
  });
  await expect(loadCheckpoint({ training: other, path })).rejects.toThrow(
    /checkpoint's architecture/,
  );
});
