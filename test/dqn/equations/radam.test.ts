/** The steps of RAdam are those that PyTorch's torch.optim.RAdam takes. */
import { expect, test } from 'vitest';
import { rectification } from '../../../lib/dqn/equations/radam';

test("gives the steps of PyTorch's RAdam for a gradient that stays the same", () => {
  // torch.optim.RAdam, step size 1, eps 0, gradient 1: what it takes from the weight at an update
  const steps = { 6: 0.0258211128, 10: 0.0489980134, 100: 0.2153354365, 1000: 0.6453256523 };
  for (const [update, step] of Object.entries(steps)) {
    expect(rectification(Number(update))).toBeCloseTo(step, 9);
  }
});

test('is 0 for the first five updates, then rises to 1', () => {
  const all = Array.from({ length: 20_000 }, (_, i) => rectification(i + 1));
  expect(all.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  for (let i = 5; i < all.length; i++) expect(all[i]).toBeGreaterThanOrEqual(all[i - 1]!);
  expect(all[5]).toBeGreaterThan(0);
  expect(all.at(-1)).toBeCloseTo(1, 6);
});
