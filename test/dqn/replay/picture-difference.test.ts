/** Differences of pictures are encoded in bytes worked out by hand, and decoded without loss. */
import { describe, expect, test } from 'vitest';
import {
  applyDifference,
  maxDifferenceBytes,
  writeDifference,
} from '../../../lib/dqn/replay/picture-difference';
import { Mt19937 } from '../../../lib/random';
import { pick } from '../../helpers/random-play';

function difference({ picture, base }: { picture: Uint8Array; base: Uint8Array }): Uint8Array {
  const into = new Uint8Array(maxDifferenceBytes(picture.length));
  return into.slice(0, writeDifference(picture, base, into));
}

/** Zeros with some bytes set. */
function pictureOf({ size, bytes }: { size: number; bytes: Record<number, number> }): Uint8Array {
  const picture = new Uint8Array(size);
  for (const [index, byte] of Object.entries(bytes)) picture[Number(index)] = byte;
  return picture;
}

describe('writes runs as length, skip and bytes, and 0 at the end', () => {
  const size = 30_000;
  const cases = [
    { title: 'nothing differs', bytes: {}, written: [0] },
    { title: 'one byte', bytes: { 5: 9 }, written: [1, 5, 9, 0] },
    {
      title: 'two bytes, bridging two equal ones',
      bytes: { 0: 9, 3: 8 },
      written: [4, 0, 9, 0, 0, 8, 0],
    },
    {
      title: 'three equal bytes begin a new run',
      bytes: { 0: 9, 4: 8 },
      written: [1, 0, 9, 1, 3, 8, 0],
    },
    {
      title: 'a skip of two bytes: 300 = 2 * 128 + 44',
      bytes: { 300: 7 },
      written: [1, 0xac, 2, 7, 0],
    },
    {
      title: 'a skip of three bytes: 20,000 = 16,384 + 28 * 128 + 32',
      bytes: { 20000: 7 },
      written: [1, 0xa0, 0x9c, 1, 7, 0],
    },
    { title: 'the last byte', bytes: { 29999: 7 }, written: [1, 0xaf, 0xea, 1, 7, 0] },
  ];
  for (const { title, bytes, written } of cases) {
    test(title, () => {
      const base = new Uint8Array(size);
      const picture = pictureOf({ size, bytes });
      expect([...difference({ picture, base })]).toEqual(written);
    });
  }
});

test('a difference turns its base into the picture and touches nothing beside it', () => {
  const random = new Mt19937(1);
  for (const size of [1, 2, 127, 128, 129, 7056, 16_383, 16_384, 40_000]) {
    for (const [i, change] of [0, 0.01, 0.3, 0.9, 1].entries()) {
      const base = Uint8Array.from({ length: size }, () => random.nextUint32());
      const picture = new Uint8Array(size + i).subarray(i); // at any place in memory
      for (const [j, byte] of base.entries()) {
        picture[j] = random.nextDouble() < change ? byte + 1 : byte;
      }
      const bytes = difference({ picture, base });
      const pictures = new Uint8Array(size + 20).fill(77);
      pictures.set(base, 10);
      const from = 3;
      const stored = new Uint8Array(from + bytes.length);
      stored.set(bytes, from);
      expect(applyDifference(stored, from, pictures, 10)).toBe(stored.length);
      expect(Buffer.compare(pictures.subarray(10, 10 + size), picture)).toBe(0);
      expect([...pictures.subarray(0, 10), ...pictures.subarray(10 + size)]).toEqual(
        Array(20).fill(77),
      );
    }
  }
});

test('no difference is longer than the bound, whatever the runs and the gaps between them', () => {
  const random = new Mt19937(2);
  for (let i = 0; i < 2000; i++) {
    const size = 1 + pick(random, i % 50 === 0 ? 70_000 : 600);
    const base = new Uint8Array(size);
    const picture = new Uint8Array(size);
    const longestRun = [1, 2, 127, 130, 20_000][pick(random, 5)]!;
    const longestGap = [3, 4, 127, 130][pick(random, 4)]!;
    for (let at = pick(random, 3); at < size; ) {
      const end = at + 1 + pick(random, longestRun);
      picture.fill(1, at, end);
      at = end + 3 + pick(random, longestGap - 2); // shorter gaps belong to a run
    }
    const into = new Uint8Array(2 * size + 20);
    expect(writeDifference(picture, base, into)).toBeLessThanOrEqual(maxDifferenceBytes(size));
  }
});

test('refuses pictures that three-byte numbers cannot count', () => {
  expect(() => maxDifferenceBytes(1 << 21)).toThrow(
    'a picture must have 1 to 2097151 bytes, got 2097152',
  );
  expect(() => maxDifferenceBytes(0)).toThrow(RangeError);
});
