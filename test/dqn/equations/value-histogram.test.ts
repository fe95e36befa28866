/** Histograms of values agree with Python's math.erf, worked through by the paper's equation 3.5. */
import { expect, test } from 'vitest';
import { expectedValues } from '../../../lib/dqn/equations/categorical';
import { erf, valueHistograms } from '../../../lib/dqn/equations/value-histogram';

const FIVE = { atoms: 5, min: -1, max: 3 };

test.each([
  [-3, -0.9999779095030014],
  [-1.2, -0.9103139782296353],
  [-0.1, -0.1124629160182849],
  [0, 0],
  [0.5, 0.5204998778130465],
  [2, 0.9953222650189527],
])('erf(%d)', (x, expected) => {
  expect(Math.abs(erf(x) - expected)).toBeLessThan(1.5e-7);
});

const HIGHEST = [2e-6, 0.000572, 0.029861, 0.307345, 0.662221];
test.each([
  ['between two atoms', 1.3, [0.008117, 0.135103, 0.462896, 0.340667, 0.053217]],
  ['on the lowest', -1, [...HIGHEST].reverse()],
  ['on the highest', 3, HIGHEST],
  ['beyond the highest, moved to it', 99, HIGHEST],
])('a target %s', (_, target, expected) => {
  const histogram = valueHistograms({ targets: [0, target], support: FIVE }).subarray(5);
  expected.forEach((probability, j) => {
    expect(histogram[j]).toBeCloseTo(probability, 5);
  });
});

test('rows sum up to 1 and have their target as mean, away from the ends', () => {
  const support = { atoms: 51, min: -1, max: 10 };
  const targets = Float32Array.from({ length: 80 }, (_, i) => 0.1 * i + 0.3);
  const histograms = valueHistograms({ targets, support });
  expectedValues({ probabilities: histograms, support }).forEach((mean, i) => {
    expect(Math.abs(mean - targets[i]!)).toBeLessThan(1e-3);
    const row = histograms.subarray(51 * i, 51 * (i + 1));
    expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });
});

test('a target that is no number makes a row that is none, and no other', () => {
  const histograms = valueHistograms({ targets: [Number.NaN, 1], support: FIVE });
  expect([...histograms].map(Number.isNaN)).toEqual([
    ...Array(5).fill(true),
    ...Array(5).fill(false),
  ]);
});
