/** A rollout gives targets worked out by hand, and each of its steps once in a phase of learning. */
import { expect, test } from 'vitest';
import { Rollout } from '../../../lib/dqn/replay/rollout';
import { headOf } from '../../../lib/dqn/replay/saved-memory';
import { Mt19937 } from '../../../lib/random';

const SHAPE = [1, 1, 2];
const observation = (value: number) => Uint8Array.of(value, value);

/** Two games of three steps and two actions; game 1's second step is cut off. */
function createRollout(): Rollout {
  const rollout = new Rollout({ numEnvs: 2, steps: 3, observationShape: SHAPE, actions: 2 });
  for (const game of [0, 1]) rollout.begin({ game, observation: observation(10 * game) });
  for (let t = 0; t < 3; t++) {
    // values of game 0: (t, t + 1), of game 1: (10 t, -1)
    rollout.add(Float32Array.of(t, t + 1, 10 * t, -1), [
      {
        game: 0,
        action: 0,
        reward: 1,
        terminated: t === 0,
        truncated: t === 0, // the end counts
        nextObservation: observation(t + 1),
      },
      {
        game: 1,
        action: 1,
        reward: 2,
        terminated: false,
        truncated: t === 1,
        ...(t === 1 && { lastQ: Float32Array.of(7, 100) }),
        nextObservation: observation(10 + t + 1),
      },
    ]);
  }
  return rollout;
}

const targetsOf = (rollout: Rollout) => [
  ...rollout.targets({ lastQ: Float32Array.of(6, 5, 3, 4), gamma: 0.5, lambda: 0 }),
];

test('targets use the best value of what followed, and of what a game was cut off from', () => {
  const rollout = createRollout();
  expect(rollout.isFull).toBe(true);
  expect(targetsOf(rollout)).toEqual([
    ...[1, 2 + 10 / 2], // the game is over; then max(10, -1)
    ...[1 + 3 / 2, 2 + 100 / 2], // max(2, 3); cut off
    ...[1 + 6 / 2, 2 + 4 / 2], // of the last values
  ]);
});

test('batches have each row once, with its observation, action and target, in another order each time', () => {
  const rollout = createRollout();
  const targets = Float32Array.from([0, 1, 2, 3, 4, 5]);
  const random = new Mt19937(1);
  const rows: number[][] = [];
  for (let i = 0; i < 2; i++) {
    const order: number[] = [];
    for (const batch of rollout.batches({ size: 2, targets, random })) {
      expect(batch.size).toBe(2);
      batch.targets.forEach((row, j) => {
        const game = row % 2;
        order.push(row);
        expect([...batch.observations.subarray(2 * j, 2 * j + 2)]).toEqual([
          ...observation(10 * game + Math.floor(row / 2)),
        ]);
        expect(batch.actions[j]).toBe(game);
      });
    }
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    rows.push(order);
  }
  expect(rows[0]).not.toEqual(rows[1]);
});

test('starting over keeps the latest observations', () => {
  const rollout = createRollout();
  expect([...rollout.latest]).toEqual([3, 3, 13, 13]);
  rollout.startOver();
  expect(rollout.length).toBe(0);
  expect([...rollout.latest]).toEqual([3, 3, 13, 13]);
});

test('a saved rollout goes on in another one', () => {
  const rollout = createRollout();
  const other = new Rollout({ numEnvs: 2, steps: 3, observationShape: SHAPE, actions: 2 });
  const state = rollout.state();
  const head = headOf(state);
  for (const [name, values] of Object.entries(other.restore(head).arrays)) {
    values.set(state.arrays[name]!);
  }
  other.verify();
  expect(targetsOf(other)).toEqual(targetsOf(rollout));
  expect([...other.latest]).toEqual([3, 3, 13, 13]);
  const restore = (edits: Record<string, number>) =>
    other.restore({ ...head, counters: { ...head.counters, ...edits } });
  expect(() => restore({ done: 4 })).toThrow('a rollout of 3 steps cannot take over 4');
  expect(() => restore({ done: 2 })).toThrow('the saved arrays must have the bytes');
  expect(() => restore({ numEnvs: 3 })).toThrow("the memory's numEnvs must be the saved 3, got 2");
  other.state().arrays.actions![0] = 2;
  expect(() => other.verify()).toThrow('must have actions below 2');
});

test('it takes no more steps than it has room for, and no targets before', () => {
  const rollout = createRollout();
  expect(() => rollout.add(new Float32Array(4), [])).toThrow('add() to a full rollout');
  rollout.startOver();
  expect(() => targetsOf(rollout)).toThrow('targets() after 0 of 3 steps');
});
