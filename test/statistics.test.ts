import { expect, it } from 'vitest';
import { mean, Speedometer, standardDeviation } from '../lib/statistics';

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
