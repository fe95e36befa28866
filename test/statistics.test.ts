/** Means, deviations, intervals and speeds are those worked out by hand and those of rliable. */
import { describe, expect, it } from 'vitest';
import { Mt19937 } from '../lib/random';
import {
  bootstrapInterval,
  interquartileMean,
  mean,
  probabilityOfImprovement,
  quantile,
  runningDeviation,
  runningMean,
  Speedometer,
  standardDeviation,
} from '../lib/statistics';
import rliable from './rliable-scores.json';

it.each([
  [[2, 4, 4, 4, 5, 5, 7, 9], 5, Math.sqrt(32 / 7)],
  [[-3], -3, Number.NaN],
  [[], Number.NaN, Number.NaN],
])('mean and standard deviation of %j', (values, middle, deviation) => {
  expect(mean(values)).toBe(middle);
  expect(standardDeviation(values)).toBe(deviation);
});

it('a speedometer follows the present speed, however often it is read', () => {
  for (const step of [0.1, 0.5, 4]) {
    const speedometer = new Speedometer({ at: 100, count: 7 }, 10);
    expect(speedometer.measure({ at: 100, count: 7 })).toBe(0);
    for (let at = step; at <= 10; at += step) {
      expect(speedometer.measure({ at: 100 + at, count: 7 + 300 * at })).toBeCloseTo(300, 6);
    }
    for (let at = step; at <= 24; at += step) {
      const rate = speedometer.measure({ at: 110 + at, count: 3007 + 20 * at });
      if (at > 15) expect(rate).toBeCloseTo(20, 6);
    }
  }
});

describe('runningMean', () => {
  it('is the mean of the last values, at the start of those there are', () => {
    expect([...runningMean([4, 0, 2, 6, 10], 3)]).toEqual([4, 2, 2, 8 / 3, 6]);
    expect([...runningMean([], 3)]).toEqual([]);
    expect([...runningMean([5, 7], 1)]).toEqual([5, 7]);
  });

  it('forgets what has left its window, however large or wrong', () => {
    expect([...runningMean([1, Number.NaN, 2, 3, 4], 2).slice(3)]).toEqual([2.5, 3.5]);
    expect([...runningMean([1e16, 1, 1, 1], 1)]).toEqual([1e16, 1, 1, 1]);
    expect([...runningDeviation([Number.POSITIVE_INFINITY, 4, 0], 2).slice(2)]).toEqual([2]);
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses a window of %d', (window) => {
    expect(() => runningMean([1], window)).toThrow(RangeError);
  });
});

it('runningDeviation is the standard deviation of the same values', () => {
  // 4, then (4, 0): mean 2, then (0, 2): mean 1, then (2, 2)
  expect([...runningDeviation([4, 0, 2, 2], 2)]).toEqual([0, 2, 1, 0]);
});

it.each([
  [[7], 7],
  [[1, 9, 2], 4],
  [[100, 1, 3, -50], 2],
  [[9, 8, 7, 6, 5, 4, 3, 2, 1], 5], // two at either end
  [[0, 0, 0, 1, 2, 9, 9, 9], 3],
  [[], Number.NaN],
])('interquartileMean of %j', (values, middle) => {
  expect(interquartileMean(values)).toBe(middle);
});

it.each([
  [[3, 4], [1, 2], 1],
  [[1, 2], [3, 4], 0],
  [[1, 5], [1, 2, 6], (0.5 + 1 + 1) / 6],
])('probabilityOfImprovement of %j over %j', (values, base, share) => {
  expect(probabilityOfImprovement(values, base)).toBeCloseTo(share, 12);
});

it.each([
  [[4, 1, 3, 2], 0.5, 2.5],
  [[10, 0], 0.975, 9.75],
  [[5], 0.1, 5],
])('quantile of %j at %d', (values, share, value) => {
  expect(quantile(values, share)).toBeCloseTo(value, 12);
});

describe('bootstrapInterval', () => {
  const intervalOf = (strata: readonly (readonly number[])[], options = {}, seed = 1) => {
    const generator = new Mt19937(seed);
    const random = () => generator.nextDouble();
    const estimate = (drawn: typeof strata) => interquartileMean(drawn.flat());
    return bootstrapInterval({ strata, estimate, random, ...options });
  };

  it('cuts the distribution of all that can be drawn', () => {
    // of 27 draws of three of 0, 3 and 6 one has the mean 0, three have 1, six 2, seven 3, and back
    expect(intervalOf([[0, 3, 6]])).toEqual([0, 6]); // 1/27 > 2.5 %
    expect(intervalOf([[0, 3, 6]], { confidence: 0.8 })).toEqual([1, 5]); // 1/27 < 10 % < 4/27
    expect(intervalOf([[0, 3, 6]], { confidence: 0.6 })).toEqual([2, 4]);
  });

  it('draws each stratum for itself', () => {
    const pairs = intervalOf([[1, 1], [5, 5]]); // biome-ignore format: a stratum each
    expect(pairs).toEqual([3, 3]);
    expect(intervalOf([[1, 1, 5, 5]])).toEqual([1, 5]);
  });

  it('repeats with the seed', () => {
    const strata = [[1.5, 2.25, 7, 3.125, 9]];
    const few = { repetitions: 9 };
    expect(intervalOf(strata, few)).toEqual(intervalOf(strata, few));
    expect(intervalOf(strata, few)).not.toEqual(intervalOf(strata, few, 2));
  });

  it('needs values in each stratum', () => {
    expect(() => intervalOf([[1], []])).toThrow('every stratum must have at least one value');
    expect(() => intervalOf([])).toThrow(RangeError);
  });
});

it.each(rliable.cases)('agrees with rliable on $name', ({ scores, base, ...expected }) => {
  const generator = new Mt19937(5);
  const random = () => generator.nextDouble();
  expect(interquartileMean(scores.flat())).toBeCloseTo(expected.iqm, 10);
  const estimate = (drawn: readonly (readonly number[])[]) => interquartileMean(drawn.flat());
  const interval = bootstrapInterval({ strata: scores, estimate, random });
  // both are drawn: the ends of two intervals differ by some per cent of their length
  const length = expected.interval[1]! - expected.interval[0]!;
  for (const i of [0, 1] as const) {
    expect(Math.abs(interval[i] - expected.interval[i]!)).toBeLessThan(0.04 * length);
  }
  const improvements = scores.map((values, i) => probabilityOfImprovement(values, base[i]!));
  expect(mean(improvements)).toBeCloseTo(expected.improvement, 10);
});
