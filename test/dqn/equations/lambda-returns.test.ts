/** Lambda returns are those worked out by hand, with games that end, are cut off or go on. */
import { expect, test } from 'vitest';
import {
  GOES_ON,
  lambdaReturns,
  TERMINATED,
  TRUNCATED,
} from '../../../lib/dqn/equations/lambda-returns';

const oneGame = (options: {
  rewards: number[];
  nextValues: number[];
  ends?: number[];
  lambda: number;
}) => [
  ...lambdaReturns({
    rewards: Float32Array.from(options.rewards),
    nextValues: Float32Array.from(options.nextValues),
    ends: Uint8Array.from(options.ends ?? options.rewards.map(() => GOES_ON)),
    numEnvs: 1,
    gamma: 0.5,
    lambda: options.lambda,
  }),
];

const rewards = [1, 2, 4];
const nextValues = [8, 16, 32];

test('lambda 0 looks one step ahead: r + gamma max Q', () => {
  expect(oneGame({ rewards, nextValues, lambda: 0 })).toEqual([1 + 4, 2 + 8, 4 + 16]);
});

test('lambda 1 adds up all rewards and the last value', () => {
  // 4 + 32 / 2 = 20; 2 + 20 / 2 = 12; 1 + 12 / 2 = 7
  expect(oneGame({ rewards, nextValues, lambda: 1 })).toEqual([7, 12, 20]);
});

test('between them it mixes the next return and the next value', () => {
  // 20; 2 + (20 / 4 + 16 * 3 / 4) / 2 = 10.5; 1 + (10.5 / 4 + 8 * 3 / 4) / 2 = 5.3125
  expect(oneGame({ rewards, nextValues, lambda: 0.25 })).toEqual([5.3125, 10.5, 20]);
});

test('nothing follows the end of a game, and no return crosses it', () => {
  const ends = [GOES_ON, TERMINATED, GOES_ON];
  // 20; 2; 1 + (2 / 4 + 8 * 3 / 4) / 2 = 4.25
  expect(oneGame({ rewards, nextValues, ends, lambda: 0.25 })).toEqual([4.25, 2, 20]);
});

test('a game that was cut off counts the value of what it was cut off from', () => {
  const ends = [GOES_ON, TRUNCATED, GOES_ON];
  // 20; 2 + 16 / 2 = 10; 1 + (10 / 4 + 8 * 3 / 4) / 2 = 5.25
  expect(oneGame({ rewards, nextValues, ends, lambda: 0.25 })).toEqual([5.25, 10, 20]);
});

test('games side by side do not mix', () => {
  const interleaved = (values: number[]) => values.flatMap((value) => [value, 10 * value]);
  const returns = lambdaReturns({
    rewards: Float32Array.from(interleaved(rewards)),
    nextValues: Float32Array.from(interleaved(nextValues)),
    ends: new Uint8Array(6),
    numEnvs: 2,
    gamma: 0.5,
    lambda: 0.25,
  });
  expect([...returns]).toEqual(interleaved([5.3125, 10.5, 20]));
});
