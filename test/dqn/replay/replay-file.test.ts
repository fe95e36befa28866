import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Replay, SavedReplay } from '../../../lib/dqn/replay/replay';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { loadReplay, ReplayFileError, saveReplay } from '../../../lib/dqn/replay/replay-file';
import { ReplayMemory } from '../../../lib/dqn/replay/replay-memory';
import { Mt19937 } from '../../../lib/random';
import { RandomPlay } from '../../helpers/random-play';
import { ReplayReference } from '../../helpers/replay-reference';

type Memory = Replay & SavedReplay;

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
  path = join(folder, 'memory.replay');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Shape {
  readonly capacity?: number;
  readonly stack?: number;
  readonly side?: number;
}

/** With 60 steps of play in it: it has wrapped. */
function createPlayed(
  SomeMemory: typeof ReplayBuffer | typeof ReplayMemory,
  { capacity = 40, stack = 3, side = 8 }: Shape = {},
): Memory {
  const options = { capacity, observationShape: [stack, side, side], batchSize: 8 };
  const memory: Memory = new SomeMemory(options);
  const pictureSize = side * side;
  const reference = new ReplayReference({ stack, pictureSize, nSteps: 1, gamma: 1 });
  const random = new Mt19937(1);
  const play = new RandomPlay({ random, reference, pictureSize, episodeLength: 20 });
  for (let i = 0; i < 60; i++) play.step({ memory, kind: 'moves' });
  return memory;
}

/** A checksum of everything that some batches hold. */
function fingerprint(memory: Memory): string {
  const random = new Mt19937(11);
  const hash = createHash('sha256').update(`${memory.length}`);
  for (let i = 0; i < 10; i++) {
    const { size, ...arrays } = memory.sample(random);
    for (const array of Object.values(arrays)) hash.update(array as Uint8Array);
  }
  return hash.digest('hex');
}

const KINDS = { ReplayBuffer, ReplayMemory };
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

test.each(NAMES)('a %s is loaded into another one', async (name) => {
  const saved = createPlayed(KINDS[name]);
  await saveReplay({ memory: saved, path });
  const shape = { capacity: 40, observationShape: [3, 8, 8], batchSize: 8 };
  const loaded = new KINDS[name](shape);
  await loadReplay({ memory: loaded, path });
  expect(fingerprint(loaded)).toBe(fingerprint(saved));
});

describe('a memory of another kind or size is refused, and stays as it was', () => {
  const other = { ReplayBuffer: 'ReplayMemory', ReplayMemory: 'ReplayBuffer' } as const;
  const refuse = async ({ memory, message }: { memory: Memory; message: string }) => {
    const before = fingerprint(memory);
    const loading = loadReplay({ memory, path });
    await expect(loading).rejects.toBeInstanceOf(RangeError);
    await expect(loading).rejects.toThrow(message);
    expect(fingerprint(memory)).toBe(before);
  };

  test.each(NAMES)('a file of a %s', async (name) => {
    await saveReplay({ memory: createPlayed(KINDS[name]), path });
    await refuse({
      memory: createPlayed(KINDS[other[name]]),
      message: `the memory must be a saved ${other[name]}, got a ${name}: create one of the saved kind`,
    });
    const shapes: [Shape, string][] = [
      [{ capacity: 41 }, "the memory's capacity must be the saved 40, got 41"],
      [{ stack: 5 }, "the memory's stack must be the saved 3, got 5"],
      [{ side: 6 }, "the memory's pictureSize must be the saved 64, got 36"],
    ];
    for (const [shape, message] of shapes) {
      await refuse({ memory: createPlayed(KINDS[name], shape), message });
    }
  });
});

interface Head {
  kind: string;
  counters: Record<string, number>;
  arrays: { name: string; bytes: number }[];
}

/** Changes a file, and seals it as a whole one. */
async function craft(edit: (head: Head, arrays: Record<string, Buffer>) => void): Promise<void> {
  const whole = await readFile(path);
  const end = whole.indexOf('\n');
  const head = JSON.parse(whole.toString('utf8', 0, end)) as Head;
  const arrays: Record<string, Buffer> = {};
  let position = end + 1;
  for (const { name, bytes } of head.arrays) {
    arrays[name] = whole.subarray(position, position + bytes);
    position += bytes;
  }
  edit(head, arrays);
  const body = Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...head.arrays.map(({ name }) => arrays[name] ?? Buffer.alloc(0)),
  ]);
  const digest = createHash('sha256').update(body).digest();
  await writeFile(path, Buffer.concat([body, digest]));
}

describe('a crafted file with a right checksum is refused', () => {
  type Craft = [string, (head: Head, arrays: Record<string, Buffer>) => void];
  const resize = (head: Head, by: number) => {
    head.arrays[0]!.bytes += by;
    head.arrays[1]!.bytes -= by;
  };
  const ofHead: Craft[] = [
    ['without an array', (head) => head.arrays.pop()],
    ['with another array', (head) => head.arrays.push({ name: 'x', bytes: 0 })],
    ['with an array twice', (head) => head.arrays.push({ name: head.arrays[0]!.name, bytes: 0 })],
    [
      'with a renamed array',
      (head, arrays) => {
        arrays.x = arrays[head.arrays[0]!.name]!;
        head.arrays[0]!.name = 'x';
      },
    ],
    ['with lengths that add up only', (head) => resize(head, 1)],
    ['with a negative length', (head) => resize(head, head.arrays[1]!.bytes + 1)],
    ['without a kind', (head) => Reflect.deleteProperty(head, 'kind')],
    ['with a counter more', (head) => Object.assign(head.counters, { x: 1 })],
    ['with a counter less', (head) => Reflect.deleteProperty(head.counters, 'next')],
    ['that continues behind the end', (head) => Object.assign(head.counters, { next: 40 })],
    ['with more transitions than pictures', (head) => Object.assign(head.counters, { length: 41 })],
  ];
  const all = NAMES.flatMap((kind) => ofHead.map(([name, edit]) => [name, kind, edit] as const));
  test.each(all)('%s (%s), and the memory is as it was', async (_, kind, edit) => {
    const memory = createPlayed(KINDS[kind]);
    await saveReplay({ memory, path });
    await craft(edit);
    const before = fingerprint(memory);
    await expect(loadReplay({ memory, path })).rejects.toThrow();
    expect(fingerprint(memory)).toBe(before);
  });

  const ofSlots: Craft[] = [
    ['no transition', (_, arrays) => arrays.usable!.fill(0)],
    ['transitions everywhere', (_, arrays) => arrays.usable!.fill(1)],
    ['an unknown mark', (_, arrays) => arrays.usable!.fill(2)],
    ['a history longer than the stack', (_, arrays) => arrays.history!.fill(3)],
    ['a history that does not grow', (_, arrays) => arrays.history!.fill(1)],
    ['an unknown end', (_, arrays) => arrays.ends!.fill(4)],
  ];
  const ofStore: Craft[] = [
    ['keyframes outside', (_, arrays) => arrays.keyframes!.writeInt32LE(2 ** 30, 4 * 7)],
    ['keyframes below 0', (_, arrays) => arrays.keyframes!.fill(255)],
    ['keyframes in a reference', (_, arrays) => arrays.keyframes!.fill(0)],
    ['distances without their keyframe', (_, arrays) => arrays.distances!.fill(9)],
    ['blocks that never end', (_, arrays) => arrays.blocks!.fill(255)],
    ['blocks with pictures that are too long', (_, arrays) => arrays.blocks!.fill(100)],
    ['counts of other pictures', (_, arrays) => arrays.pictureCounts!.fill(1)],
    ['blocks free twice', (_, arrays) => arrays.freeBlocks!.fill(0)],
    ['free blocks outside', (_, arrays) => arrays.freeBlocks!.fill(127)],
  ];
  const cases = [
    ...NAMES.flatMap((kind) => ofSlots.map(([name, edit]) => [name, kind, edit] as const)),
    ...ofStore.map(([name, edit]) => [name, 'ReplayMemory', edit] as const),
  ];
  test.each(cases)('%s (%s), and the memory is empty', async (_, kind, edit) => {
    const memory = createPlayed(KINDS[kind as keyof typeof KINDS]);
    await saveReplay({ memory, path });
    await craft(edit);
    const loading = loadReplay({ memory, path });
    await expect(loading).rejects.toBeInstanceOf(ReplayFileError);
    await expect(loading).rejects.toThrow(/a saved memory .*; the memory is now empty/);
    expect(memory.length).toBe(0);
    expect(() => memory.sample(new Mt19937(1))).toThrow('empty');
  });
});

test('two saves to one path at the same time leave one whole file', async () => {
  const memories = [createPlayed(ReplayMemory), createPlayed(ReplayMemory)];
  await Promise.all(memories.map((memory) => saveReplay({ memory, path })));
  expect(await readdir(folder)).toEqual(['memory.replay']);
  const loaded = createPlayed(ReplayMemory);
  loaded.clear();
  await loadReplay({ memory: loaded, path });
  expect(fingerprint(loaded)).toBe(fingerprint(memories[0]!));
});
