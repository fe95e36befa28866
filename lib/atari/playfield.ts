/** The playfield: the blocks that make walls and, in Breakout, bricks. */

import { createStateFields } from './state-fields';

/** The playfield's cells, four pixels each, in half a line and in a line. */
const HALF = 20;
const LINE = 2 * HALF;

/** Cells of the left and of the right half that lie before a cell of the line, 0 to 40. */
const LEFT_BEFORE = Int32Array.from(
  { length: LINE + 1 },
  (_, cell) => (1 << Math.min(cell, HALF)) - 1,
);
const RIGHT_BEFORE = Int32Array.from(
  { length: LINE + 1 },
  (_, cell) => (1 << Math.max(cell - HALF, 0)) - 1,
);

/** The cells of a line that the playfield covers; the leftmost of each half is bit 0. */
export class PlayfieldLine {
  left = 0;
  right = 0;

  /** Takes over the cells that pixels `from` to `to` touch. */
  copy(line: PlayfieldLine, from: number, to: number): void {
    const first = from >> 2;
    const end = (to + 3) >> 2;
    if (first === 0 && end === LINE) {
      this.left = line.left;
      this.right = line.right;
      return;
    }
    const left = LEFT_BEFORE[first]! ^ LEFT_BEFORE[end]!;
    const right = RIGHT_BEFORE[first]! ^ RIGHT_BEFORE[end]!;
    this.left = (this.left & ~left) | (line.left & left);
    this.right = (this.right & ~right) | (line.right & right);
  }

  equals(line: PlayfieldLine): boolean {
    return this.left === line.left && this.right === line.right;
  }

  /** Pixels 32 * word to 32 * word + 31 as a mask (see `tia-objects`). */
  getMask(word: number): number {
    const shift = 8 * word;
    const cells =
      shift < HALF
        ? (this.left >> shift) | (this.right << (HALF - shift))
        : this.right >> (shift - HALF);
    return STRETCHED[cells & 0xff]!;
  }
}

/** A byte's bits in reverse order. */
export const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let i = 0; i < 8; i++) reversed |= ((byte >> i) & 1) << (7 - i);
  return reversed;
});

/** Eight cells as 32 pixels. */
const STRETCHED = Int32Array.from({ length: 256 }, (_, byte) => {
  let pixels = 0;
  for (let i = 0; i < 8; i++) if (((byte >> i) & 1) !== 0) pixels |= 0xf << (4 * i);
  return pixels;
});

const STATE = createStateFields<Playfield>({ PF0: 0xf0, PF1: 0xff, PF2: 0xff, reflected: 1 });

/** The playfield's registers: 20 bits of four pixels each, repeated or mirrored in the right half. */
export class Playfield {
  PF0 = 0;
  PF1 = 0;
  PF2 = 0;
  /** CTRLPF bit 0, as latched by the beam. */
  reflected = 0;
  /** The cells of a whole line. */
  readonly line = new PlayfieldLine();

  reset(): void {
    STATE.clear(this);
    this.update();
  }

  /** Updates the line; to be called after any change of the registers. */
  update(): void {
    // From left to right: PF0 bits 4-7, PF1 bits 7-0, PF2 bits 0-7
    const left = (this.PF0 >> 4) | (REVERSED[this.PF1]! << 4) | (this.PF2 << 12);
    this.line.left = left;
    this.line.right =
      this.reflected !== 0
        ? REVERSED[this.PF2]! | (this.PF1 << 8) | (REVERSED[this.PF0]! << 16)
        : left;
  }

  save(words: Int32Array, at: number): number {
    return STATE.save(this, words, at);
  }

  restore(words: Int32Array, at: number): number {
    const next = STATE.restore(this, words, at);
    this.update();
    return next;
  }
}
