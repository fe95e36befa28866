/** Epsilon-greedy actions come as often as their probability says, within four sigma. */
import { describe, expect, test } from 'vitest';
import { argmax, selectAction } from '../../../lib/dqn/equations/policy';
import { Mt19937 } from '../../../lib/random';

describe('selectAction', () => {
  const qValues = () => [0, 3, -1, 2]; // argmax 1

  test('takes the best action when epsilon is 0, the first of equals', () => {
    const random = new Mt19937(1);
    expect(selectAction({ qValues, actions: 4, epsilon: 0, random })).toBe(1);
    expect(argmax([5, 5, 1])).toBe(0);
  });

  test('takes all actions equally often when epsilon is 1, without asking for values', () => {
    const random = new Mt19937(1);
    const counts = [0, 0, 0, 0];
    const unasked = () => {
      throw new Error('asked');
    };
    for (let i = 0; i < 4000; i++) {
      counts[selectAction({ qValues: unasked, actions: 4, epsilon: 1, random })]!++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120); // 4 sigma = 110
  });

  test('explores with probability epsilon', () => {
    const random = new Mt19937(2);
    let best = 0;
    for (let i = 0; i < 4000; i++) {
      if (selectAction({ qValues, actions: 4, epsilon: 0.4, random }) === 1) best++;
    }
    expect(Math.abs(best / 4000 - (0.6 + 0.4 / 4))).toBeLessThan(0.03); // 4 sigma
  });
});
