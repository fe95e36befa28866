import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadReplay, ReplayFileError, saveReplay } from '../../../lib/dqn/replay/replay-file';
import { ReplayMemory } from '../../../lib/dqn/replay/replay-memory';
import { Mt19937 } from '../../../lib/random';
import { changePicture, RandomPlay } from '../../helpers/random-play';
import { ReplayReference } from '../../helpers/replay-reference';

const SIZE = 20 * 20;

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
  path = join(folder, 'memory.replay');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function create(capacity = 400): ReplayMemory {
  return new ReplayMemory({ capacity, observationShape: [3, 20, 20], batchSize: 8 });
}

/** The same play for the same seed, into one memory or two. */
function player(seed: number): (options: { memory: ReplayMemory; steps: number }) => void {
  const reference = new ReplayReference({ stack: 3, pictureSize: SIZE, nSteps: 1, gamma: 1 });
  const random = new Mt19937(seed);
  const play = new RandomPlay({ random, reference, pictureSize: SIZE, episodeLength: 20 });
  return ({ memory, steps }) => {
    for (let i = 0; i < steps; i++) play.step({ memory, kind: i % 50 === 0 ? 'noise' : 'moves' });
  };
}

/** A checksum of everything that some batches hold. */
function fingerprint(memory: ReplayMemory): string {
  const random = new Mt19937(11);
  const hash = createHash('sha256').update(`${memory.length}`);
  for (let i = 0; i < 20 && memory.length > 0; i++) {
    const { size, ...arrays } = memory.sample(random);
    for (const array of Object.values(arrays)) hash.update(array);
  }
  return hash.digest('hex');
}

test('a loaded memory goes on as the saved one', async () => {
  const saved = create();
  const play = player(1);
  const playAgain = player(1);
  play({ memory: saved, steps: 1000 });
  await saveReplay({ memory: saved, path });
  expect(await readdir(folder)).toEqual(['memory.replay']);

  const loaded = create();
  playAgain({ memory: loaded, steps: 1000 });
  loaded.clear();
  await loadReplay({ memory: loaded, path });
  expect(loaded.length).toBe(saved.length);
  expect(fingerprint(loaded)).toBe(fingerprint(saved));
  play({ memory: saved, steps: 700 });
  playAgain({ memory: loaded, steps: 700 });
  expect(loaded.length).toBe(saved.length);
  expect(fingerprint(loaded)).toBe(fingerprint(saved));
});

test('an empty memory can be saved, too', async () => {
  await saveReplay({ memory: create(), path });
  const loaded = create();
  player(2)({ memory: loaded, steps: 30 });
  await loadReplay({ memory: loaded, path });
  expect(loaded.length).toBe(0);
});

test('a file takes what the memory has in use, not its capacity', async () => {
  const memory = create(100_000);
  player(3)({ memory, steps: 200 });
  await saveReplay({ memory, path });
  const { length } = await readFile(path);
  expect(length).toBeLessThan(200 * SIZE);
});

test('a file of several times four million bytes is read and written in parts', async () => {
  const options = { capacity: 2000, observationShape: [1, 84, 84], batchSize: 8 };
  const memory = new ReplayMemory(options);
  const random = new Mt19937(12);
  const observation = new Uint8Array(84 * 84);
  memory.startEpisode(observation);
  for (let action = 0; action < 1300; action++) {
    changePicture({ picture: observation, kind: 'noise', random });
    memory.add({
      ...{ action, reward: action, terminated: false, truncated: false },
      nextObservation: observation,
    });
  }
  await saveReplay({ memory, path });
  expect((await stat(path)).size).toBeGreaterThan(9_000_000);
  const loaded = new ReplayMemory(options);
  await loadReplay({ memory: loaded, path });
  expect(fingerprint(loaded)).toBe(fingerprint(memory));
});

test('saving replaces an older file, and leaves it alone when it fails', async () => {
  const memory = create();
  const play = player(4);
  play({ memory, steps: 50 });
  await saveReplay({ memory, path });
  const older = fingerprint(memory);
  play({ memory, steps: 50 });
  // claims more bytes than there are, which shows when it is written
  const short = { buffer: new ArrayBuffer(5), byteOffset: 0, byteLength: 10 } as Uint8Array;
  const failing = {
    state: () => {
      const { arrays, ...head } = memory.state();
      return { ...head, arrays: { ...arrays, short } };
    },
    restore: () => memory.state(),
    verify: () => {},
    clear: () => {},
  };
  await expect(saveReplay({ memory: failing, path })).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['memory.replay']);
  const loaded = create();
  await loadReplay({ memory: loaded, path });
  expect(fingerprint(loaded)).toBe(older);
  await saveReplay({ memory, path });
  await loadReplay({ memory: loaded, path });
  expect(fingerprint(loaded)).toBe(fingerprint(memory));
});

test('refuses whatever is not a whole file, and keeps what the memory has', async () => {
  const memory = create();
  player(5)({ memory, steps: 300 });
  const before = fingerprint(memory);
  await saveReplay({ memory, path });
  const whole = await readFile(path);
  const refused = async (reason: string) => {
    const error = await loadReplay({ memory, path }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ReplayFileError);
    expect(String(error)).toContain(reason);
    expect(fingerprint(memory)).toBe(before);
  };

  for (const length of [whole.length - 1, whole.length >> 1, 5000]) {
    await writeFile(path, whole);
    await truncate(path, length);
    await refused(`it must have ${whole.length} bytes, it has ${length}`);
  }
  await truncate(path, 100); // within the first line
  await refused('it does not begin as a breakout-dqn replay memory does');
  await writeFile(path, Buffer.concat([whole, Buffer.from('x')]));
  await refused(`it has ${whole.length + 1}`);

  const random = new Mt19937(6);
  const headEnd = whole.indexOf('\n');
  for (let i = 0; i < 60; i++) {
    const torn = Buffer.from(whole);
    const at = headEnd + 1 + Math.floor(random.nextDouble() * (whole.length - headEnd - 1));
    torn[at]! ^= 1 << (i % 8);
    await writeFile(path, torn);
    await refused('its content does not match its checksum');
  }
  for (let i = 0; i < headEnd; i += 5) {
    const torn = Buffer.from(whole);
    torn[i]! ^= 2;
    await writeFile(path, torn);
    await refused(''); // which reason depends on the byte
  }

  const text = (from: string, to: string) =>
    Buffer.from(whole.toString('latin1').replace(from, to), 'latin1');
  await writeFile(path, text('"version":2', '"version":1'));
  await refused('its format is version 1, this program reads version 2');
  await writeFile(path, '{"name":"another program"}\n');
  await refused('it does not begin as');
  await writeFile(path, 'null\n');
  await refused('it does not begin as');
  await writeFile(path, '');
  await refused('it does not begin as');
});

test('refuses a memory of another size and leaves it as it was', async () => {
  const saved = create();
  player(7)({ memory: saved, steps: 100 });
  await saveReplay({ memory: saved, path });
  const other = create(401);
  player(8)({ memory: other, steps: 100 });
  const before = fingerprint(other);
  await expect(loadReplay({ memory: other, path })).rejects.toThrow(
    "the memory's capacity must be the saved 400, got 401",
  );
  expect(fingerprint(other)).toBe(before);
});

test('a file that does not exist is no damaged one', async () => {
  await expect(loadReplay({ memory: create(), path })).rejects.toThrow('ENOENT');
});
