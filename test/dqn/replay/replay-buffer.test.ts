import { describe, expect, test } from 'vitest';
import { createReplay } from '../../../lib/dqn/replay/create-replay';
import type { Batch } from '../../../lib/dqn/replay/replay';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { ReplayMemory } from '../../../lib/dqn/replay/replay-memory';
import { headOf } from '../../../lib/dqn/replay/saved-memory';
import { Mt19937 } from '../../../lib/random';

const HEIGHT = 2;
const WIDTH = 3;
const SIZE = HEIGHT * WIDTH;
const BATCH = 8;

/** A stack of pictures of one grey each. */
const stackOf = (...greys: number[]) =>
  Uint8Array.from(greys.flatMap((grey) => Array(SIZE).fill(grey)));

/** Everything of one row of a batch as text, pictures by their first byte. */
function rowOf({ batch, row, stack }: { batch: Batch; row: number; stack: number }): string {
  const greys = (stacks: Uint8Array) =>
    Array.from({ length: stack }, (_, c) => {
      const picture = stacks.subarray((row * stack + c) * SIZE, (row * stack + c + 1) * SIZE);
      return picture.every((byte) => byte === picture[0]) ? picture[0] : `mixed ${[...picture]}`;
    }).join(' ');
  const { observations, actions, rewards, nextObservations, terminateds } = batch;
  return `${greys(observations)} | ${actions[row]} ${rewards[row]} ${terminateds[row]} | ${greys(nextObservations)}`;
}

/** All different rows that many samples bring: about 32 draws of each, so none is left out by chance. */
function allRows({ buffer, stack }: { buffer: ReplayBuffer; stack: number }): string[] {
  const random = new Mt19937(1);
  const rows = new Set<string>();
  for (let i = 0; i < 4 * buffer.capacity; i++) {
    const batch = buffer.sample(random);
    for (let row = 0; row < batch.size; row++) rows.add(rowOf({ batch, row, stack }));
  }
  return [...rows].sort();
}

function create(options: { capacity: number; stack?: number }): ReplayBuffer {
  const { capacity, stack = 3 } = options;
  return new ReplayBuffer({ capacity, observationShape: [stack, HEIGHT, WIDTH], batchSize: BATCH });
}

const went = { action: 0, reward: 0, terminated: false, truncated: false };

test('stacks repeat the first picture at the start and never reach into another episode', () => {
  const buffer = create({ capacity: 20 });
  buffer.startEpisode(stackOf(1, 1, 1));
  buffer.add({ ...went, action: 2, reward: 5, nextObservation: stackOf(1, 1, 2) });
  buffer.add({ ...went, action: 1, terminated: true, nextObservation: stackOf(1, 2, 3) });
  buffer.startEpisode(stackOf(7, 7, 7));
  buffer.add({
    ...went,
    action: 3,
    reward: -1,
    truncated: true,
    nextObservation: stackOf(7, 7, 8),
  });
  buffer.startEpisode(stackOf(9, 9, 9));
  expect(buffer.length).toBe(3);
  expect(allRows({ buffer, stack: 3 })).toEqual([
    '1 1 1 | 2 5 0 | 1 1 2',
    '1 1 2 | 1 0 1 | 1 2 3',
    '7 7 7 | 3 -1 0 | 7 7 8', // cut off, which is not terminated
  ]);
});

test('a transition may be terminal for learning while its episode goes on', () => {
  const buffer = create({ capacity: 20 });
  buffer.startEpisode(stackOf(1, 1, 1));
  buffer.add({ ...went, terminated: true, nextObservation: stackOf(1, 1, 2) });
  buffer.add({ ...went, nextObservation: stackOf(1, 2, 3) });
  expect(allRows({ buffer, stack: 3 })).toEqual(['1 1 1 | 0 0 1 | 1 1 2', '1 1 2 | 0 0 0 | 1 2 3']);
});

/**
 * The same memory written plainly: whole stacks in a list, each with the numbers of the pictures it
 * needs; a transition lives while all of them are among the newest `capacity` pictures.
 */
class PlainBuffer {
  private readonly transitions: { text: string; oldestPicture: number }[] = [];
  private pictures = 0;
  private greys: number[] = []; // of the running episode
  private readonly capacity: number;
  private readonly stack: number;

  constructor({ capacity, stack }: { capacity: number; stack: number }) {
    this.capacity = capacity;
    this.stack = stack;
  }

  startEpisode(grey: number): void {
    this.greys = [grey];
    this.pictures++;
  }

  observation(): number[] {
    const padding = Array<number>(this.stack).fill(this.greys[0]!);
    return [...padding, ...this.greys].slice(-this.stack);
  }

  add({
    action,
    reward,
    terminated,
    grey,
  }: {
    action: number;
    reward: number;
    terminated: boolean;
    grey: number;
  }) {
    const observation = this.observation();
    const reach = Math.min(this.stack, this.greys.length);
    this.greys.push(grey);
    const end = terminated ? 1 : 0;
    this.transitions.push({
      text: `${observation.join(' ')} | ${action} ${reward} ${end} | ${this.observation().join(' ')}`,
      oldestPicture: this.pictures - reach,
    });
    this.pictures++;
  }

  alive(): string[] {
    const oldest = this.pictures - this.capacity;
    return this.transitions
      .filter(({ oldestPicture }) => oldestPicture >= oldest)
      .map(({ text }) => text)
      .sort();
  }
}

describe('holds and yields exactly what a plain buffer does, over random episodes and overwrites', () => {
  const cases = [
    { capacity: 5, stack: 4, episode: 3 },
    { capacity: 7, stack: 4, episode: 20 },
    { capacity: 16, stack: 4, episode: 5 },
    { capacity: 33, stack: 2, episode: 9 },
    { capacity: 12, stack: 1, episode: 4 },
    { capacity: 40, stack: 4, episode: 1 },
  ];
  for (const { capacity, stack, episode } of cases) {
    test(`capacity ${capacity}, stack ${stack}, episodes of about ${episode}`, () => {
      const random = new Mt19937(capacity);
      const pick = (n: number) => Math.floor(random.nextDouble() * n);
      const buffer = create({ capacity, stack });
      const plain = new PlainBuffer({ capacity, stack });
      const observation = () => stackOf(...plain.observation());
      let fresh = true;
      for (let i = 0; i < 4 * capacity; i++) {
        const grey = i % 256;
        if (fresh) {
          plain.startEpisode(grey);
          buffer.startEpisode(observation());
          fresh = false;
        } else {
          const terminated = pick(episode) === 0;
          const truncated = !terminated && pick(2 * episode) === 0;
          const outcome = { action: pick(4), reward: pick(8) - 3, terminated };
          plain.add({ ...outcome, grey });
          buffer.add({ ...outcome, truncated, nextObservation: observation() });
          fresh = terminated || truncated;
        }
        const alive = plain.alive();
        expect(buffer.length).toBe(alive.length);
        if (alive.length > 0 && i % 7 === 0) {
          expect(allRows({ buffer, stack })).toEqual([...new Set(alive)]);
        }
      }
    });
  }
});

test('draws all transitions equally often', () => {
  const buffer = create({ capacity: 30 });
  buffer.startEpisode(stackOf(0, 0, 0));
  for (let i = 1; i < 45; i++) {
    // after the wrap 30 pictures are left, of which 27 start a transition
    buffer.add({
      ...went,
      action: i,
      nextObservation: stackOf(Math.max(i - 2, 0), Math.max(i - 1, 0), i),
    });
  }
  expect(buffer.length).toBe(27);
  const counts = new Map<number, number>();
  const random = new Mt19937(3);
  for (let i = 0; i < 3375; i++) {
    for (const action of buffer.sample(random).actions)
      counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  expect(counts.size).toBe(27);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(160); // 5 sigma
});

test('equal seeds draw equal batches', () => {
  const buffer = create({ capacity: 30 });
  buffer.startEpisode(stackOf(0, 0, 0));
  for (let i = 1; i < 20; i++) {
    buffer.add({ ...went, action: i, nextObservation: stackOf(Math.max(i - 2, 0), i - 1, i) });
  }
  const draw = (seed: number) => [...buffer.sample(new Mt19937(seed)).actions];
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
});

test('is carried over by its state, and a restored one goes on equally', () => {
  const original = create({ capacity: 6 });
  original.startEpisode(stackOf(0, 0, 0));
  for (let i = 1; i < 10; i++) {
    original.add({ ...went, action: i, nextObservation: stackOf(Math.max(i - 2, 0), i - 1, i) });
  }
  const { arrays, ...state } = original.state();
  const copies = Object.entries(arrays).map(([name, values]) => [name, values.slice()] as const);
  const restored = create({ capacity: 6 });
  const empty = restored.restore(headOf({ ...state, arrays })).arrays;
  for (const [name, values] of copies) empty[name]!.set(values);
  restored.verify();
  for (const buffer of [original, restored]) {
    buffer.add({ ...went, action: 99, nextObservation: stackOf(8, 9, 10) });
  }
  expect(restored.length).toBe(original.length);
  expect(allRows({ buffer: restored, stack: 3 })).toEqual(allRows({ buffer: original, stack: 3 }));
});

describe('refuses', () => {
  test('a capacity that no stack fits in, or that no array can hold', () => {
    expect(() => create({ capacity: 3 })).toThrow(/above the stack of 3 pictures .* got 3/);
    const shape = { observationShape: [4, 84, 84], batchSize: 1 };
    expect(() => new ReplayBuffer({ ...shape, capacity: 1e12 })).toThrow(
      /at most \d+, got 1000000000000/,
    );
  });

  test('to sample from nothing or to add before an episode', () => {
    const buffer = create({ capacity: 10 });
    expect(() => buffer.sample(new Mt19937(1))).toThrow(/empty buffer: add a transition first/);
    const add = () => buffer.add({ ...went, nextObservation: stackOf(1, 2, 3) });
    expect(add).toThrow(/call startEpisode\(\) first/);
  });

  test('observations of another size, and a first one of different pictures', () => {
    const buffer = create({ capacity: 10 });
    expect(() => buffer.startEpisode(stackOf(1, 1))).toThrow(/must have 18 bytes, got 12/);
    expect(() => buffer.startEpisode(stackOf(0, 0, 1))).toThrow(/must repeat one picture/);
  });

  test('the state of a buffer of another capacity', () => {
    const buffer = create({ capacity: 10 });
    const { kind, counters } = buffer.state();
    const restore = (edits: Record<string, number>) =>
      buffer.restore({ kind, counters: { ...counters, ...edits }, bytes: {} });
    expect(() => restore({ capacity: 12 })).toThrow("the memory's capacity must be the saved 12");
    expect(() => restore({ next: 3, filled: 12, length: 5 })).toThrow(
      /10 pictures cannot take over 12 pictures/,
    );
    expect(() => restore({ next: 3, filled: 5, length: 5 })).toThrow(/next at 3/);
    expect(() => restore({ next: 5, filled: 5, length: 0.5 })).toThrow(
      /must have the whole numbers/,
    );
    const saved = { kind, counters: { next: 5, filled: 5 }, bytes: {} };
    expect(() => buffer.restore(saved)).toThrow(
      "the memory's capacity must be the saved undefined",
    );
  });

  test.each([0, 1.5, -1, Number.NaN])('a batch of %f', (batchSize) => {
    const options = { capacity: 10, observationShape: [3, 2, 3], batchSize };
    const message = `batchSize must be a whole number of at least 1, got ${batchSize}`;
    expect(() => new ReplayBuffer(options)).toThrow(message);
    expect(() => new ReplayMemory(options)).toThrow(message);
    expect(() => createReplay(options)).toThrow(message);
  });
});
