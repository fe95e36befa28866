/** Pictures in gray, RGB or palette indices become RGB bytes; shapes that do not fit are refused. */
import { describe, expect, it } from 'vitest';
import { copyRgb, scaleOf, unstack } from '../../lib/display/picture';

describe('copyRgb', () => {
  it('copies RGB bytes unchanged', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const rgb = copyRgb({ data, shape: [1, 2, 3] });
    expect(rgb).toEqual({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1 });
    data[0] = 99;
    expect(rgb.data[0]).toBe(1);
  });

  it('turns gray into three equal channels', () => {
    const { data } = copyRgb({ data: Uint8Array.of(7, 200), shape: [2, 1] });
    expect([...data]).toEqual([7, 7, 7, 200, 200, 200]);
  });

  it('looks palette indices up', () => {
    const palette = Uint8Array.of(0, 0, 0, 10, 20, 30);
    const { data } = copyRgb({ data: Uint8Array.of(1, 0), shape: [1, 2, 1], palette });
    expect([...data]).toEqual([10, 20, 30, 0, 0, 0]);
  });

  it.each([
    [[4, 84, 84], 4 * 84 * 84, 'unstack()'],
    [[0, 5], 0, 'shape'],
    [[2, 2, 4], 16, 'shape'],
    [[210, 160, 3], 100, 'must have 100800 bytes, got 100'],
  ])('refuses shape %j with %d bytes', (shape, length, message) => {
    expect(() => copyRgb({ data: new Uint8Array(length), shape })).toThrow(RangeError);
    expect(() => copyRgb({ data: new Uint8Array(length), shape })).toThrow(message);
  });
});

describe('scaleOf', () => {
  it.each([
    [[210, 160, 3], 2],
    [[84, 84], 4],
    [[400, 900], 1],
  ])('%j is %d by default', (shape, scale) => {
    const data = new Uint8Array(shape.reduce((a, b) => a * b));
    expect(scaleOf({ data, shape })).toBe(scale);
  });

  it.each([0, 1.5, -1])('refuses %d', (scale) => {
    expect(() => scaleOf({ data: Uint8Array.of(1), shape: [1, 1] }, scale)).toThrow(
      /scale must be/,
    );
  });
});

describe('unstack', () => {
  it('gives the pictures in their order', () => {
    const stack = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 1, 2] };
    expect(unstack(stack).map(({ data, shape }) => [[...Array.from(data)], shape])).toEqual([
      [
        [1, 2],
        [1, 2],
      ],
      [
        [3, 4],
        [1, 2],
      ],
      [
        [5, 6],
        [1, 2],
      ],
    ]);
  });

  it('refuses a shape that the data does not fill', () => {
    expect(() => unstack({ data: new Uint8Array(5), shape: [3, 1, 2] })).toThrow(RangeError);
  });
});
