/** Counts what differs from a recording, and remembers the first difference. */

import { crc32 } from 'node:zlib';
import { SCREEN_HEIGHT, SCREEN_WIDTH } from '../atari/screen';

/** Bytes of the console's memory and of a picture. */
export const RAM = 128;
export const SCREEN = SCREEN_HEIGHT * SCREEN_WIDTH;

/** The first thing that differs. */
export interface Mismatch {
  /** For example 'frame 17'. */
  readonly where: string;
  /** For example 'RAM[57]', 'pixel [190, 12]' or 'reward'. */
  readonly what: string;
  readonly expected: number;
  readonly actual: number;
}

/** The result of comparing a fixture. */
export interface Report {
  /** The name of this fixture's entries: frames, steps, ... */
  readonly unit: string;
  readonly compared: number;
  /** Entries in which anything differs. */
  readonly mismatches: number;
  readonly first: Mismatch | null;
  /** The first byte that differs in an entry recorded in full; `first` may be a checksum before it. */
  readonly firstByte: Mismatch | null;
  /** How many pictures, memories and observations were recorded in full, not as a checksum. */
  readonly inFull: number;
}

/** Counts compared entries and keeps the first mismatch. */
export class Comparison {
  private readonly unit: string;
  private compared = 0;
  private mismatches = 0;
  private where = '';
  private entryDiffers = false;
  private first: Mismatch | null = null;
  private firstByte: Mismatch | null = null;
  private inFull = 0;

  /** @param unit plural: 'frames' */
  constructor(unit: string) {
    this.unit = unit;
  }

  /** Begins the next entry. */
  begin(where: string): void {
    this.where = where;
    this.entryDiffers = false;
    this.compared++;
  }

  number(what: string, actual: number, expected: number): void {
    if (actual !== expected) this.note({ where: this.where, what, expected, actual }, false);
  }

  checksum(what: string, actual: Uint8Array, expected: number): void {
    this.number(`${what} checksum`, crc32(actual), expected);
  }

  /** Compares the console's memory. */
  ram(actual: Uint8Array, expected: ArrayLike<number>): void {
    this.bytes(actual, expected, (i) => `RAM[${i}]`);
  }

  /** Compares a picture of the console. */
  screen(actual: Uint8Array, expected: ArrayLike<number>): void {
    this.pixels(actual, expected, SCREEN_WIDTH);
  }

  /** Compares a picture, row by row. */
  pixels(actual: Uint8Array, expected: ArrayLike<number>, width: number): void {
    this.bytes(actual, expected, (i) => `pixel [${Math.floor(i / width)}, ${i % width}]`);
  }

  /** Compares an observation of any shape. */
  elements(actual: ArrayLike<number>, expected: ArrayLike<number>, shape: readonly number[]): void {
    this.bytes(actual, expected, (index) => {
      let rest = index;
      const place = shape.map((_, axis) => {
        const size = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        const at = Math.floor(rest / size);
        rest %= size;
        return at;
      });
      return `observation [${place.join(', ')}]`;
    });
  }

  report(): Report {
    const { unit, compared, mismatches, first, firstByte, inFull } = this;
    return { unit, compared, mismatches, first, firstByte, inFull };
  }

  private bytes(
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    name: (index: number) => string,
  ): void {
    this.inFull++;
    for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
      if (actual[i] === expected[i]) continue;
      const what = name(i);
      const missing = -1; // behind the end of the shorter one
      const [expectedByte, actualByte] = [expected[i] ?? missing, actual[i] ?? missing];
      const mismatch = { where: this.where, what, expected: expectedByte, actual: actualByte };
      this.note(mismatch, true);
      return;
    }
  }

  private note(mismatch: Mismatch, isByte: boolean): void {
    this.first ??= mismatch;
    if (isByte) this.firstByte ??= mismatch;
    if (!this.entryDiffers) this.mismatches++;
    this.entryDiffers = true;
  }
}
