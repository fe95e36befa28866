/** Stacks and n-step returns are those worked out by hand, in both ways of keeping pictures. */
import { describe, expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { blockBytesFor } from '../../../lib/dqn/replay/compressed-pictures';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import type { ReplayBufferOptions } from '../../../lib/dqn/replay/replay-options';
import { Mt19937 } from '../../../lib/random';
import { changePicture } from '../../helpers/random-play';

const SHAPE = [2, 3, 4];
const SIZE = 12;

/** An observation of pictures of one grey each. */
const stackOf = (...greys: number[]) =>
  Uint8Array.from(greys.flatMap((grey) => Array(SIZE).fill(grey)));

function create(options: Partial<ReplayBufferOptions> = {}): ReplayBuffer {
  return new ReplayBuffer({ capacity: 50, observationShape: SHAPE, batchSize: 16, ...options });
}

const went = { action: 0, reward: 0, terminated: false, truncated: false };

/** Five transitions, named by their actions, with rewards 1, 2, 4, 8, 16; the ends are given. */
function playFive(
  buffer: ReplayBuffer,
  ends: Record<number, { terminated?: boolean; truncated?: boolean }> = {},
): void {
  buffer.startEpisode(stackOf(0, 0));
  for (let i = 0; i < 5; i++) {
    const nextObservation = stackOf(i, i + 1);
    buffer.add({ ...went, action: i, reward: 2 ** i, ...ends[i], nextObservation });
  }
}

/** What samples show of each action: return, steps, both flags, newest grey of the next observation. */
function spansOf(buffer: ReplayBuffer): Record<number, number[]> {
  const random = new Mt19937(1);
  const spans: Record<number, number[]> = {};
  for (let i = 0; i < 30; i++) {
    const batch = buffer.sample(random);
    batch.actions.forEach((action, row) => {
      const { rewards, steps, terminateds, truncateds, nextObservations } = batch;
      const next = nextObservations[(2 * row + 1) * SIZE]!;
      spans[action] = [rewards[row]!, steps[row]!, terminateds[row]!, truncateds[row]!, next];
    });
  }
  return spans;
}

describe.each([{ compress: false }, { compress: true }])('with %j', ({ compress }) => {
  test('stacks repeat the first picture at the start and never reach into another episode', () => {
    const buffer = create({ compress, observationShape: [3, 3, 4] });
    buffer.startEpisode(stackOf(1, 1, 1));
    buffer.add({ ...went, action: 0, terminated: true, nextObservation: stackOf(1, 1, 2) });
    // terminal for learning, as a lost life may be, while the episode goes on
    buffer.add({ ...went, action: 1, nextObservation: stackOf(1, 2, 3) });
    buffer.add({ ...went, action: 2, terminated: true, nextObservation: stackOf(2, 3, 4) });
    buffer.startEpisode(stackOf(7, 7, 7));
    buffer.add({ ...went, action: 3, truncated: true, nextObservation: stackOf(7, 7, 8) });
    buffer.startEpisode(stackOf(9, 9, 9));
    const rows: string[] = [];
    const random = new Mt19937(1);
    for (let i = 0; i < 10; i++) {
      const { actions, observations, nextObservations, terminateds } = buffer.sample(random);
      const greys = (stacks: Uint8Array, row: number) =>
        [0, 1, 2].map((channel) => stacks[(3 * row + channel) * SIZE]).join(' ');
      actions.forEach((action, row) => {
        const [from, to] = [greys(observations, row), greys(nextObservations, row)];
        rows[action] = `${from} | ${terminateds[row]} | ${to}`;
      });
    }
    expect(buffer.length).toBe(4);
    expect(rows).toEqual([
      '1 1 1 | 1 | 1 1 2',
      '1 1 2 | 0 | 1 2 3',
      '1 2 3 | 1 | 2 3 4',
      '7 7 7 | 0 | 7 7 8', // cut off, which is not terminated
    ]);
  });

  // n-step returns, n = 3 and gamma = 1/2, worked out by hand
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
  test.each(cases)('three steps, $title', ({ ends, spans }) => {
    const buffer = create({ compress, nSteps: 3, gamma: 0.5 });
    playFive(buffer, ends);
    expect(spansOf(buffer)).toEqual(spans);
  });

  test('several steps do not run on into the next episode when play was broken off', () => {
    const buffer = create({ compress, nSteps: 3, gamma: 0.5 });
    playFive(buffer);
    buffer.startEpisode(stackOf(9, 9));
    buffer.add({ ...went, action: 7, reward: 100, nextObservation: stackOf(9, 10) });
    const spans = spansOf(buffer);
    expect(spans[3]).toEqual([16, 2, 0, 0, 5]);
    expect(spans[4]).toEqual([16, 1, 0, 0, 5]);
    expect(spans[7]).toEqual([100, 1, 0, 0, 10]);
  });

  test('draws all transitions equally often, and equal seeds draw equal ones', () => {
    const buffer = create({ compress, capacity: 30 });
    buffer.startEpisode(stackOf(0, 0));
    for (let i = 1; i < 45; i++)
      buffer.add({ ...went, action: i, nextObservation: stackOf(i - 1, i) });
    // 30 pictures are left, of which the first misses the one before and the last has nothing after it
    expect(buffer.length).toBe(28);
    const counts = new Map<number, number>();
    const [random, again] = [new Mt19937(3), new Mt19937(3)];
    for (let i = 0; i < 1750; i++) {
      const actions = [...buffer.sample(random).actions];
      expect([...buffer.sample(again).actions]).toEqual(actions);
      for (const action of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
    }
    expect(counts.size).toBe(28);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(158); // 5 sigma
  });

  test('is empty after clear, and can be filled again', () => {
    const buffer = create({ compress });
    playFive(buffer);
    buffer.clear();
    expect([buffer.length, buffer.pictures]).toEqual([0, 0]);
    expect(() => buffer.sample(new Mt19937(1))).toThrow('sample() from an empty buffer: add a');
    playFive(buffer, { 4: { terminated: true } });
    expect(buffer.length).toBe(5);
    expect(spansOf(buffer)[4]).toEqual([16, 1, 1, 0, 5]);
  });

  const order = "add() after the episode's end: expected the next episode's start, got another";
  const misuses: [string, (buffer: ReplayBuffer) => void, string][] = [
    [
      'add() before an episode',
      (buffer) => {
        buffer.clear();
        buffer.add({ ...went, nextObservation: stackOf(5, 6) });
      },
      'add() before the first episode: call startEpisode() first',
    ],
    [
      'add() after a cut episode',
      (buffer) => {
        buffer.add({ ...went, truncated: true, nextObservation: stackOf(5, 6) });
        buffer.add({ ...went, nextObservation: stackOf(6, 7) });
      },
      order,
    ],
    [
      "add() of the next episode's first step",
      (buffer) => {
        buffer.add({ ...went, terminated: true, nextObservation: stackOf(5, 6) });
        buffer.add({ ...went, nextObservation: stackOf(9, 10) });
      },
      order,
    ],
    [
      'an action between two',
      (buffer) => buffer.add({ ...went, action: 1.5, nextObservation: stackOf(5, 6) }),
      'an action must be a whole number of at least 0, got 1.5',
    ],
    [
      'an action below 0',
      (buffer) => buffer.add({ ...went, action: -1, nextObservation: stackOf(5, 6) }),
      'an action must be a whole number of at least 0, got -1',
    ],
    [
      'a reward that is no number',
      (buffer) => buffer.add({ ...went, reward: Number.NaN, nextObservation: stackOf(5, 6) }),
      'a reward must be a finite number, got NaN',
    ],
    [
      'an observation of another size',
      (buffer) => buffer.startEpisode(new Uint8Array(5)),
      'an observation must have 24 bytes, got 5',
    ],
    [
      'a first observation of different pictures',
      (buffer) => buffer.startEpisode(stackOf(1, 2)),
      'must repeat one picture, got different ones: stack with the padding "reset"',
    ],
  ];
  test.each(misuses)('refuses %s, and nothing is added', (_, misuse, message) => {
    const buffer = create({ compress });
    playFive(buffer);
    let before = 0;
    const add = buffer.add.bind(buffer);
    buffer.add = (outcome) => {
      before = buffer.pictures;
      add(outcome);
    };
    expect(() => misuse(buffer)).toThrow(message);
    if (before > 0) expect(buffer.pictures).toBe(before);
  });

  const wrong: [Partial<ReplayBufferOptions>, string][] = [
    [{ capacity: 2 }, 'capacity must be a whole number above the stack of 2 pictures, got 2'],
    [{ capacity: 9.5 }, 'capacity must be a whole number above the stack of 2 pictures, got 9.5'],
    [{ batchSize: 0 }, 'batchSize must be a whole number of at least 1, got 0'],
    [{ batchSize: 1.5 }, 'batchSize must be a whole number of at least 1, got 1.5'],
    [{ batchSize: Number.NaN }, 'batchSize must be a whole number of at least 1, got NaN'],
    [{ nSteps: 0 }, 'nSteps must be a whole number of 1 to 255, got 0'],
    [{ nSteps: 256, gamma: 1 }, 'nSteps must be a whole number of 1 to 255, got 256'],
    [{ nSteps: 3 }, 'gamma must be 0 to 1 for 3 steps, got undefined'],
    [{ gamma: 1.5 }, 'gamma must be 0 to 1 for 1 steps, got 1.5'],
  ];
  test.each(wrong)('refuses %j', (options, message) => {
    expect(() => create({ compress, ...options })).toThrow(new RangeError(message));
  });
});

test('refuses what only one way of keeping pictures cannot do, and names the other', () => {
  expect(() => create({ compress: true, maxBytes: 1000 })).toThrow(
    'maxBytes must be 2048 to 2147483647',
  );
  const high = { observationShape: [40, 3, 4] };
  expect(() => create({ compress: true, ...high })).toThrow(
    'fewer than 32 pictures to be compressed, got 40: set compress to false or stack fewer',
  );
  expect(() => create({ compress: false, ...high })).not.toThrow();
  expect(() => create({ compress: false, capacity: 1e12 })).toThrow(
    /^capacity must be at most \d+ for plain pictures of 12 bytes, got 1000000000000: set compress to true/,
  );
});

test('compresses by default above 1 GB of pictures', () => {
  const compresses = ({ bufferSize }: { bufferSize: number }) =>
    create({ capacity: bufferSize, observationShape: [4, 84, 84] }).compress;
  const sizesOf = (name: 'keras' | 'nature' | 'cleanrl' | 'quick' | 'dqn') => createConfig(name);
  const presets = { keras: false, nature: true, cleanrl: true, quick: false, dqn: true } as const;
  for (const [name, compress] of Object.entries(presets)) {
    expect([name, compresses(sizesOf(name as keyof typeof presets))]).toEqual([name, compress]);
  }
  const most = Math.floor(1e9 / (84 * 84));
  expect(compresses({ bufferSize: most })).toBe(false);
  expect(compresses({ bufferSize: most + 1 })).toBe(true);
});

describe('compressed', () => {
  /** Adds pictures that move on or are noise, each action being the number of its step. */
  const createPlayer = (buffer: ReplayBuffer, kind: 'moves' | 'noise') => {
    const random = new Mt19937(4);
    const observation = stackOf(0, 0);
    let action = 0;
    buffer.startEpisode(observation);
    return (steps: number) => {
      for (const end = action + steps; action < end; ) {
        observation.copyWithin(0, SIZE);
        changePicture({ picture: observation.subarray(SIZE), kind, random });
        buffer.add({ ...went, action: ++action, nextObservation: observation });
      }
      return buffer.residentBytes;
    };
  };

  test('it takes no more memory once it is full', () => {
    const buffer = create({ capacity: 2000, compress: true });
    const play = createPlayer(buffer, 'moves');
    const plain = 2000 * (SIZE + 13);
    const full = play(4000);
    expect(full).toBeGreaterThan(2000 * 13);
    expect(play(20_000)).toBeLessThan(full + 3 * blockBytesFor(SIZE)); // play varies a little
    expect(buffer.pictures).toBe(2000);
    expect(full).toBeLessThan(1.5 * plain); // tiny pictures gain nothing, and lose little
  });

  test('it keeps fewer pictures, and says so, when they do not compress', () => {
    const maxBytes = 10 * blockBytesFor(SIZE);
    const buffer = create({ capacity: 5000, compress: true, maxBytes });
    createPlayer(buffer, 'noise')(2999);
    const { pictures, length } = buffer;
    expect(pictures).toBeLessThan(maxBytes / (SIZE + 2)); // a run's head and an end mark, often more
    expect(pictures).toBeGreaterThan(9 * 31);
    expect(length).toBe(pictures - 2);
    const random = new Mt19937(7);
    const actions = new Set<number>();
    for (let i = 0; i < 400; i++)
      for (const action of buffer.sample(random).actions) actions.add(action);
    // of pictures 0 to 2999 the newest are left; action i leads from picture i - 1, which needs i - 2
    expect(Math.min(...actions)).toBe(3000 - pictures + 2);
    expect(Math.max(...actions)).toBe(2999);
    // and goes back to its capacity with play that does
    for (let i = 0; i < 9000; i++) buffer.add({ ...went, nextObservation: stackOf(5, 5) });
    expect(buffer.pictures).toBe(5000);
  });
});
