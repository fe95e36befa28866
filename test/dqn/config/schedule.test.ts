/** Epsilon and the learning rate fall on lines worked out by hand, as in the Keras example. */
import { expect, test } from 'vitest';
import { epsilonAt, learningRateAt } from '../../../lib/dqn/config/schedule';

const schedule = { epsilonStart: 1, epsilonEnd: 0.1, epsilonDecaySteps: 10, randomSteps: 0 };

test('falls on a straight line from the first step and then stays', () => {
  expect(epsilonAt(1, schedule)).toBe(1);
  expect(epsilonAt(2, schedule)).toBeCloseTo(0.91, 12);
  expect(epsilonAt(6, schedule)).toBeCloseTo(0.55, 12);
  expect(epsilonAt(11, schedule)).toBeCloseTo(0.1, 12);
  expect(epsilonAt(1_000, schedule)).toBeCloseTo(0.1, 12);
});

test('is 1 before the step randomSteps, while the line falls unseen', () => {
  expect(epsilonAt(5, { ...schedule, randomSteps: 6 })).toBe(1);
  expect(epsilonAt(6, { ...schedule, randomSteps: 6 })).toBeCloseTo(0.55, 12);
});

test("gives the Keras example's epsilon, which subtracts 0.9 / 1,000,000 after each step", () => {
  const keras = { epsilonStart: 1, epsilonEnd: 0.1, epsilonDecaySteps: 1e6, randomSteps: 50_000 };
  let epsilon = 1;
  for (let frame = 1; frame <= 60_000; frame++) {
    const probability = frame < 50_000 ? 1 : epsilon;
    if (frame % 997 === 0) expect(epsilonAt(frame, keras)).toBeCloseTo(probability, 9);
    epsilon = Math.max(epsilon - 0.9 / 1_000_000, 0.1);
  }
});

test('the learning rate falls on a straight line until totalSteps, or stays', () => {
  const line = { learningRate: 0.5, learningRateEnd: 0.1, totalSteps: 100 };
  expect([0, 25, 100, 200].map((step) => learningRateAt(step, line))).toEqual([
    0.5,
    expect.closeTo(0.4, 12),
    expect.closeTo(0.1, 12),
    expect.closeTo(0.1, 12),
  ]);
  expect(learningRateAt(50, { ...line, learningRateEnd: null })).toBe(0.5);
});
