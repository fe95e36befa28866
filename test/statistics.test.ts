/** Means, deviations and speeds are those worked out by hand, at the start of a series too. */
import { describe, expect, it } from 'vitest';
import {
  mean,
  runningDeviation,
  runningMean,
  Speedometer,
  standardDeviation,
} from '../lib/statistics';

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
