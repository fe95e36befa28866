import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { blockBytesFor } from '../../../lib/dqn/replay/picture-store';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { ReplayMemory, type ReplayMemoryOptions } from '../../../lib/dqn/replay/replay-memory';
import { headOf } from '../../../lib/dqn/replay/saved-memory';
import { Mt19937 } from '../../../lib/random';
import { changePicture, pick } from '../../helpers/random-play';

const SHAPE = [2, 3, 4];
const SIZE = 12;

/** An observation of two pictures of one grey each. */
function stackOf(older: number, newer: number): Uint8Array {
  return new Uint8Array(2 * SIZE).fill(older, 0, SIZE).fill(newer, SIZE);
}

function create(options: Partial<ReplayMemoryOptions> = {}): ReplayMemory {
  return new ReplayMemory({ capacity: 50, observationShape: SHAPE, batchSize: 16, ...options });
}

const went = { action: 0, reward: 0, terminated: false, truncated: false };

/** Five transitions, named by their actions, with rewards 1, 2, 4, 8, 16; the ends are given. */
function playFive({
  memory,
  ends,
}: {
  memory: ReplayMemory;
  ends: Record<number, { terminated?: boolean; truncated?: boolean }>;
}): void {
  memory.startEpisode(stackOf(0, 0));
  for (let i = 0; i < 5; i++) {
    const nextObservation = stackOf(i, i + 1);
    memory.add({ ...went, action: i, reward: 2 ** i, ...ends[i], nextObservation });
  }
}

/** What samples tell of each action: return, steps, both flags, newest grey of the next observation. */
function spansOf(memory: ReplayMemory): Record<number, number[]> {
  const random = new Mt19937(1);
  const spans: Record<number, number[]> = {};
  for (let i = 0; i < 30; i++) {
    const batch = memory.sample(random);
    batch.actions.forEach((action, row) => {
      const { rewards, steps, terminateds, truncateds, nextObservations } = batch;
      const next = nextObservations[(2 * row + 1) * SIZE]!;
      spans[action] = [rewards[row]!, steps[row]!, terminateds[row]!, truncateds[row]!, next];
    });
  }
  return spans;
}

describe('n-step returns, n = 3 and gamma = 1/2, worked out by hand', () => {
  const cases = [
    {
      title: 'an episode that goes on: fewer steps where play has not gone on yet',
      ends: {},
      spans: {
        0: [1 + 2 / 2 + 4 / 4, 3, 0, 0, 3],
        1: [2 + 4 / 2 + 8 / 4, 3, 0, 0, 4],
        2: [4 + 8 / 2 + 16 / 4, 3, 0, 0, 5],
        3: [8 + 16 / 2, 2, 0, 0, 5],
        4: [16, 1, 0, 0, 5],
      },
    },
    {
      title: 'terminated: no step goes beyond the end, and nothing follows it',
      ends: { 4: { terminated: true } },
      spans: {
        0: [3, 3, 0, 0, 3],
        1: [6, 3, 0, 0, 4],
        2: [12, 3, 1, 0, 5],
        3: [16, 2, 1, 0, 5],
        4: [16, 1, 1, 0, 5],
      },
    },
    {
      title: 'truncated: no step goes beyond the cut, and the last picture is the one to value',
      ends: { 4: { truncated: true } },
      spans: {
        0: [3, 3, 0, 0, 3],
        1: [6, 3, 0, 0, 4],
        2: [12, 3, 0, 1, 5],
        3: [16, 2, 0, 1, 5],
        4: [16, 1, 0, 1, 5],
      },
    },
    {
      title: 'a life lost in between, terminal for the learner only',
      ends: { 2: { terminated: true } },
      spans: {
        0: [3, 3, 1, 0, 3],
        1: [2 + 4 / 2, 2, 1, 0, 3],
        2: [4, 1, 1, 0, 3],
        3: [16, 2, 0, 0, 5],
        4: [16, 1, 0, 0, 5],
      },
    },
    {
      title: 'terminated and truncated at once',
      ends: { 4: { terminated: true, truncated: true } },
      spans: {
        0: [3, 3, 0, 0, 3],
        1: [6, 3, 0, 0, 4],
        2: [12, 3, 1, 1, 5],
        3: [16, 2, 1, 1, 5],
        4: [16, 1, 1, 1, 5],
      },
    },
  ];
  for (const { title, ends, spans } of cases) {
    test(title, () => {
      const memory = create({ nSteps: 3, gamma: 0.5 });
      playFive({ memory, ends });
      expect(spansOf(memory)).toEqual(spans);
    });
  }
});

test('n-step returns do not run on into the next episode when play was broken off', () => {
  const memory = create({ nSteps: 3, gamma: 0.5 });
  playFive({ memory, ends: {} });
  memory.startEpisode(stackOf(9, 9));
  memory.add({ ...went, action: 7, reward: 100, nextObservation: stackOf(9, 10) });
  const spans = spansOf(memory);
  expect(spans[3]).toEqual([16, 2, 0, 0, 5]);
  expect(spans[4]).toEqual([16, 1, 0, 0, 5]);
  expect(spans[7]).toEqual([100, 1, 0, 0, 10]);
});

test('yields the very batches of a ReplayBuffer for the same play and the same seeds', () => {
  const options = { capacity: 300, observationShape: [4, 10, 10], batchSize: 32 };
  const memory = new ReplayMemory(options);
  const buffer = new ReplayBuffer(options);
  const random = new Mt19937(5);
  const [forMemory, forBuffer] = [new Mt19937(6), new Mt19937(6)];
  const observation = new Uint8Array(400);
  let fresh = true;
  for (let i = 0; i < 1500; i++) {
    observation.copyWithin(0, 100);
    changePicture({ picture: observation.subarray(300), kind: 'moves', random });
    if (fresh) for (let c = 0; c < 3; c++) observation.copyWithin(100 * c, 300);
    const terminated = pick(random, 30) === 0;
    const truncated = pick(random, 60) === 0;
    const outcome = { action: i, reward: i / 8, terminated, truncated };
    for (const each of [memory, buffer]) {
      if (fresh) each.startEpisode(observation);
      else each.add({ ...outcome, nextObservation: observation });
    }
    fresh = !fresh && (terminated || truncated);
    expect(memory.length).toBe(buffer.length);
    if (i % 10 === 9) {
      const { size, ...expected } = buffer.sample(forBuffer);
      const batch = memory.sample(forMemory);
      for (const [name, values] of Object.entries(expected)) {
        const got = Object.entries(batch).find(([key]) => key === name)![1] as Uint8Array;
        expect(isDeepStrictEqual(got, values), `${name} after ${i} pictures`).toBe(true);
      }
    }
  }
});

test('draws all transitions equally often', () => {
  const memory = create({ capacity: 30 });
  memory.startEpisode(stackOf(0, 0));
  for (let i = 1; i < 45; i++)
    memory.add({ ...went, action: i, nextObservation: stackOf(i - 1, i) });
  // 30 pictures are left, of which the first misses the one before and the last has nothing after it
  expect(memory.length).toBe(28);
  const counts = new Map<number, number>();
  const random = new Mt19937(3);
  for (let i = 0; i < 1750; i++) {
    for (const action of memory.sample(random).actions) {
      counts.set(action, (counts.get(action) ?? 0) + 1);
    }
  }
  expect(counts.size).toBe(28);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(158); // 5 sigma
});

test('takes no more memory once it is full', () => {
  const memory = create({ capacity: 2000 });
  const random = new Mt19937(4);
  const observation = stackOf(0, 0);
  memory.startEpisode(observation);
  const play = (steps: number) => {
    for (let i = 0; i < steps; i++) {
      observation.copyWithin(0, SIZE);
      changePicture({ picture: observation.subarray(SIZE), kind: 'moves', random });
      memory.add({ ...went, nextObservation: observation });
    }
    return memory.residentBytes;
  };
  const plain = 2000 * (SIZE + 13);
  const full = play(4000);
  expect(full).toBeGreaterThan(2000 * 13);
  expect(play(20_000)).toBeLessThan(full + 3 * blockBytesFor(SIZE)); // play varies a little
  expect(memory.pictures).toBe(2000);
  expect(full).toBeLessThan(1.5 * plain); // tiny pictures gain nothing, and lose little
});

test('keeps fewer pictures, and says so, when they do not compress', () => {
  const maxBytes = 10 * blockBytesFor(SIZE);
  const memory = create({ capacity: 5000, maxBytes });
  const random = new Mt19937(7);
  const observation = stackOf(0, 0);
  memory.startEpisode(observation);
  for (let i = 1; i < 3000; i++) {
    observation.copyWithin(0, SIZE);
    changePicture({ picture: observation.subarray(SIZE), kind: 'noise', random });
    memory.add({ ...went, action: i, nextObservation: observation });
  }
  const { pictures, length } = memory;
  expect(pictures).toBeLessThan(maxBytes / (SIZE + 2)); // a run's head and an end mark, often more
  expect(pictures).toBeGreaterThan(9 * 31);
  expect(length).toBe(pictures - 2);
  const actions = new Set<number>();
  for (let i = 0; i < 400; i++)
    for (const action of memory.sample(random).actions) actions.add(action);
  // of pictures 0 to 2999 the newest are left; action i leads from picture i - 1, which needs i - 2
  expect(Math.min(...actions)).toBe(3000 - pictures + 2);
  expect(Math.max(...actions)).toBe(2999);
  // and goes back to its capacity with play that does
  for (let i = 0; i < 9000; i++) memory.add({ ...went, nextObservation: stackOf(5, 5) });
  expect(memory.pictures).toBe(5000);
});

test('is empty after clear, and can be filled again', () => {
  const memory = create();
  playFive({ memory, ends: {} });
  memory.clear();
  expect(memory.length).toBe(0);
  expect(memory.pictures).toBe(0);
  expect(() => memory.sample(new Mt19937(1))).toThrow('sample() from an empty memory');
  playFive({ memory, ends: { 4: { terminated: true } } });
  expect(memory.length).toBe(5);
  expect(spansOf(memory)[4]).toEqual([16, 1, 1, 0, 5]);
});

describe('takes over no counters but those of such a memory, and stays as it is', () => {
  const edits: Record<string, number>[] = [
    { capacity: 51 },
    { stack: 3 },
    { pictureSize: 11 },
    { blocks: 1 },
    { next: 50 },
    { next: -1 },
    { reach: 51 },
    { filled: 8 },
    { length: 7 },
    { length: -1 },
    { filled: 2.5 },
    { block: 3 },
    { end: 0 },
    { end: 3000 },
    { distance: 16 },
    { freeCount: 4 },
    { touchedBlocks: 4 },
  ];
  for (const edit of edits) {
    test(JSON.stringify(edit), () => {
      const memory = create();
      playFive({ memory, ends: {} });
      const head = headOf(memory.state());
      const { counters } = head;
      const restore = (edited: Record<string, number>) =>
        memory.restore({ ...head, counters: edited });
      expect(() => restore({ ...counters, ...edit })).toThrow(RangeError);
      expect(memory.state().counters).toEqual(counters);
      const { [Object.keys(edit)[0]!]: _, ...missing } = counters;
      expect(() => restore(missing)).toThrow(RangeError);
      expect(spansOf(memory)[4]).toEqual([16, 1, 0, 0, 5]);
    });
  }
});

describe('says what is wrong', () => {
  const cases: { title: string; options: Partial<ReplayMemoryOptions>; message: string }[] = [
    {
      title: 'capacity',
      options: { capacity: 2 },
      message: 'above the stack of 2 pictures, got 2',
    },
    { title: 'capacity', options: { capacity: 9.5 }, message: 'must be a whole number' },
    {
      title: 'maxBytes',
      options: { maxBytes: 1000 },
      message: 'maxBytes must be 2048 to 2147483647',
    },
    {
      title: 'nSteps',
      options: { nSteps: 0 },
      message: 'nSteps must be a whole number of 1 to 255, got 0',
    },
    {
      title: 'gamma',
      options: { nSteps: 3 },
      message: 'gamma must be 0 to 1 for 3 steps, got undefined',
    },
    {
      title: 'gamma',
      options: { gamma: 1.5 },
      message: 'gamma must be 0 to 1 for 1 steps, got 1.5',
    },
    {
      title: 'stack',
      options: { observationShape: [40, 3, 4] },
      message: 'fewer than 32 pictures, got 40',
    },
  ];
  for (const { title, options, message } of cases) {
    test(`${title}: ${message}`, () => {
      expect(() => create(options)).toThrow(message);
    });
  }

  test('order and sizes', () => {
    const memory = create();
    expect(() => memory.add({ ...went, nextObservation: stackOf(0, 1) })).toThrow(
      'add() before the first episode: call startEpisode() first',
    );
    expect(() => memory.startEpisode(new Uint8Array(5))).toThrow('must have 24 bytes, got 5');
    expect(() => memory.startEpisode(stackOf(1, 2))).toThrow('must repeat one picture');
  });
});
