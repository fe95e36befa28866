/** Evaluations of a perfect player of the toy give returns and statistics worked out by hand. */
import { expect, test } from 'vitest';
import { argmax } from '../../../lib/dqn/equations/policy';
import { evaluate } from '../../../lib/dqn/training/evaluate';
import { CatchEnv } from '../../helpers/toy-env';

const WIDTH = 4;
const PICTURE = 16;

/** Values of a player who sees ball and player and runs for the ball: it catches every ball. */
function perfect(observation: Uint8Array): number[] {
  const newest = observation.subarray(PICTURE);
  const player = argmax(newest.subarray(12).map((grey) => (grey === 128 ? 1 : 0)));
  const ball = newest.indexOf(255) % WIDTH;
  return [ball < player ? 1 : 0, ball === player ? 1 : 0, ball > player ? 1 : 0];
}

const base = { qValues: perfect, episodes: 6, epsilon: 0, seed: 1 };

test('plays whole episodes and sums up their returns', async () => {
  const evaluation = await evaluate({ ...base, env: new CatchEnv() });
  expect(evaluation).toEqual({
    returns: [3, 3, 3, 3, 3, 3],
    lengths: [9, 9, 9, 9, 9, 9],
    meanReturn: 3,
    standardDeviation: 0,
    standardError: 0,
    medianReturn: 3,
    pictures: [],
  });
});

test('explores with probability epsilon; equal seeds play equal games', async () => {
  const play = (seed: number) =>
    evaluate({ ...base, env: new CatchEnv(), epsilon: 1, episodes: 40, seed });
  const [a, b, c] = [await play(1), await play(1), await play(2)];
  expect(b).toEqual(a);
  expect(c.returns).not.toEqual(a.returns);
  expect(a.meanReturn).toBeLessThan(0);
});

test('mean, median, deviation and standard error are those of the returns', async () => {
  const { returns, meanReturn, medianReturn, standardDeviation, standardError } = await evaluate({
    ...base,
    env: new CatchEnv(),
    epsilon: 0.7,
    episodes: 4,
  });
  const [a, b, c, d] = [...returns].sort((x, y) => x - y) as [number, number, number, number];
  const mean = (a + b + c + d) / 4;
  expect(meanReturn).toBeCloseTo(mean, 12);
  expect(medianReturn).toBe((b + c) / 2);
  const squares = [a, b, c, d].reduce((sum, r) => sum + (r - mean) ** 2, 0);
  expect(standardDeviation).toBeCloseTo(Math.sqrt(squares / 3), 12);
  expect(standardError).toBeCloseTo(Math.sqrt(squares / 3) / 2, 12);
});

test('one return has no deviation', async () => {
  const one = await evaluate({ ...base, env: new CatchEnv(), episodes: 1 });
  expect(one).toMatchObject({ standardDeviation: Number.NaN, standardError: Number.NaN });
});

test('takes a picture after the reset and each step of the first episode', async () => {
  let taken = 0;
  const { pictures } = await evaluate({ ...base, env: new CatchEnv(), picture: () => ++taken });
  expect(pictures).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('cuts episodes off at maxEpisodeSteps', async () => {
  const { lengths } = await evaluate({ ...base, env: new CatchEnv(), maxEpisodeSteps: 4 });
  expect(lengths).toEqual([4, 4, 4, 4, 4, 4]);
});

test('an abort ends it; only whole episodes count', async () => {
  const controller = new AbortController();
  let steps = 0;
  const { returns, meanReturn } = await evaluate({
    ...base,
    env: new CatchEnv(),
    signal: controller.signal,
    qValues: (observation) => {
      if (++steps === 20) controller.abort(); // in the third episode
      return perfect(observation);
    },
  });
  expect(returns).toEqual([3, 3]);
  expect(meanReturn).toBe(3);
});
