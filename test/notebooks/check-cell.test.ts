import { afterEach, expect, it, vi } from 'vitest';
import { check } from '../../lib/notebook/check-cell';

const log = vi.spyOn(console, 'log').mockImplementation(() => {});
afterEach(() => log.mockClear());

const oneCase = (got: unknown, expected: unknown) => () =>
  check('f', [{ when: 'at 1', got: () => got, expected, because: 'It is so.' }]);
let disposed = 0;
const tensor = { arraySync: () => [[1, 2]], dispose: () => disposed++ };

it.each([
  ['equal numbers, but for rounding', 0.1 + 0.2, 0.3],
  ['large numbers, but for a part of them', 100_000.5, 100_000],
  ['texts', 'a', 'a'],
  ['lists in lists', [[1], [2, 3]], [[1], [2, 3]]],
  ['typed arrays', Float32Array.of(1, 0.1), [1, 0.1]],
  ['tensors', tensor, [[1, 2]]],
])('passes %s', (_, got, expected) => {
  oneCase(got, expected)();
  expect(log).toHaveBeenCalledWith('f: right in 1 of 1 cases');
});

it('frees the tensors that it reads', () => expect(disposed).toBe(1));

it.each([
  ['another number', 1, 2, /^f, at 1: expected 2, got 1\. It is so\.$/],
  ['a number that is none', Number.NaN, 1, /expected 1, got "NaN"/],
  ['a shorter list', [1], [1, 2], /expected \[1,2\], got \[1\]/],
  ['another kind', [1], 1, /expected 1, got \[1\]/],
  ['nothing', undefined, 1, /expected 1, got undefined/],
])('says what is wrong with %s', (_, got, expected, message) => {
  expect(oneCase(got, expected)).toThrow(message);
  expect(log).not.toHaveBeenCalled();
});
