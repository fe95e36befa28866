/** A thing kept under a name is disposed of once another one takes its name, and not before. */
import { expect, it } from 'vitest';
import { keep } from '../../lib/notebook/keep';

class Thing {
  disposed = 0;
  dispose(): void {
    this.disposed++;
  }
}

it('disposes what was kept under the same name, once, and nothing else', () => {
  const [first, second, other] = [new Thing(), new Thing(), new Thing()];
  expect(keep('a', first)).toBe(first);
  keep('b', other);
  keep('a', first); // the same thing again stays
  expect(first.disposed).toBe(0);
  keep('a', second);
  keep('a', second);
  expect([first.disposed, second.disposed, other.disposed]).toEqual([1, 0, 0]);
});
