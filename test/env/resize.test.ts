/** Pictures are shrunk to pixels worked out by hand, whole or only where something changed. */
import { describe, expect, it } from 'vitest';
import { AreaResizer, ChangedPixels } from '../../lib/env/resize';
import { Mt19937 } from '../../lib/random';

function resize(
  source: readonly number[],
  from: readonly [number, number],
  to: readonly [number, number],
): number[] {
  const target = new Uint8Array(to[0] * to[1]);
  new AreaResizer({ from, to }).resize(Uint8Array.from(source), target);
  return [...target];
}

// cv2 itself is the judge in the conformance fixtures; here are cases that can be done by hand.
describe('AreaResizer', () => {
  it('weighs pixels by the area they share with a cell', () => {
    // 3 columns to 2: (2/3, 1/3) and (1/3, 2/3)
    expect(resize([30, 60, 90], [1, 3], [1, 2])).toEqual([40, 80]);
  });

  it('averages down, too', () => {
    expect(resize([0, 100, 50, 150], [4, 1], [2, 1])).toEqual([50, 100]);
  });

  it('rounds halves to the even number', () => {
    expect(resize([0, 1, 1, 2, 2, 3], [1, 6], [1, 3])).toEqual([0, 2, 2]);
  });

  it('rounds halves of two by two pixels up', () => {
    expect(resize([0, 1, 1, 0, 0, 2, 2, 2], [2, 4], [1, 2])).toEqual([1, 1]); // 0.75, 1.25
    expect(resize([0, 1, 0, 1, 1, 0, 1, 1], [2, 4], [1, 2])).toEqual([1, 1]); // 0.5, 0.75
    expect(resize([2, 3, 4, 5, 3, 2, 4, 5], [2, 4], [1, 2])).toEqual([3, 5]); // 2.5, 4.5
  });

  it('touches only what depends on changed pixels', () => {
    // Two and a half rows to a cell; the last row belongs to the second cell only.
    const resizer = new AreaResizer({ from: [5, 1], to: [2, 1] });
    const target = new Uint8Array(2);
    resizer.resize(Uint8Array.from([10, 10, 20, 20, 20]), target);
    expect([...target]).toEqual([12, 20]);
    const changed = new ChangedPixels(5, 1);
    changed.add(4, 0, 1);
    resizer.resize(Uint8Array.from([99, 99, 99, 99, 45]), target, changed);
    expect([...target]).toEqual([12, 30]);
  });

  it('makes of changed pixels what it makes of the whole picture', () => {
    const random = new Mt19937(1);
    const [rows, columns] = [21, 16];
    for (const to of [
      [8, 9],
      [5, 3],
      [21, 11],
    ] as const) {
      const resizer = new AreaResizer({ from: [rows, columns], to });
      const source = Uint8Array.from({ length: rows * columns }, () => random.nextUint32() & 255);
      const target = new Uint8Array(to[0] * to[1]);
      resizer.resize(source, target);
      const changed = new ChangedPixels(rows, columns);
      for (let i = 0; i < 200; i++) {
        changed.setNone();
        for (let j = 0; j < 3; j++) {
          const at = random.nextUint32() % source.length;
          const column = at % columns;
          source[at] = random.nextUint32() & 255;
          changed.add((at - column) / columns, column, column + 1);
        }
        resizer.resize(source, target, changed);
        const whole = new Uint8Array(target.length);
        new AreaResizer({ from: [rows, columns], to }).resize(source, whole);
        expect(target).toEqual(whole);
      }
    }
  });

  it('refuses to enlarge', () => {
    expect(() => new AreaResizer({ from: [2, 2], to: [3, 2] })).toThrow(
      /at most \[2, 2\].*got \[3, 2\]/,
    );
  });
});
