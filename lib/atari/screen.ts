/** The picture that the console shows, and a cache of what its rows have shown lately. */

export const SCREEN_WIDTH = 160;
export const SCREEN_HEIGHT = 210;

/** Numbers that describe what a row shows (see `LinePainter`). */
export const DESCRIPTION_WORDS = 32;

/** Rows in the cache; a frame of Breakout has 25 different ones. A hash leaves a choice of `WAYS` slots. */
const SLOTS = 256;
const WAYS = 4;
const SETS = SLOTS / WAYS;

/** The last row key given out; in an array because there a double is stored in place. */
const lastKey = new Float64Array(1);

/** A picture. Only the `LinePainter` may write to it: it does not paint rows that already show the right thing. */
export class Screen {
  /** Palette indices, uint8 [210, 160]. */
  readonly pixels = new Uint8Array(SCREEN_WIDTH * SCREEN_HEIGHT);
  /** The same memory four pixels at a time. */
  readonly quads = new Int32Array(this.pixels.buffer);
  /** A number for each row; rows of equal keys, on whatever screen, have equal pixels. */
  readonly rowKeys = new Float64Array(SCREEN_HEIGHT);

  constructor() {
    this.forget();
  }

  /** Marks all rows as unknown: they have been or will be painted with something else. */
  forget(): void {
    for (let row = 0; row < SCREEN_HEIGHT; row++) this.forgetRow(row);
  }

  forgetRow(row: number): void {
    this.rowKeys[row] = ++lastKey[0]!;
  }

  /** Copies the row above to `count` rows from `row` on. */
  copyRows(row: number, count: number): void {
    const { pixels, rowKeys } = this;
    const key = rowKeys[row - 1]!;
    for (let to = row; to < row + count; to++) {
      if (rowKeys[to] === key) continue;
      pixels.copyWithin(to * SCREEN_WIDTH, (row - 1) * SCREEN_WIDTH, row * SCREEN_WIDTH);
      rowKeys[to] = key;
    }
  }
}

/** Remembers painted rows by their descriptions: equal descriptions lead to equal pixels and collisions. */
export class RowCache {
  /** For each slot, the key of its rows and the collisions in one of them. */
  readonly rowKeys = new Float64Array(SLOTS);
  readonly collisions = new Int32Array(SLOTS);
  private readonly descriptions = new Int32Array(SLOTS * DESCRIPTION_WORDS);
  private turn = 0;
  /** The slot in which each row was found last. */
  private readonly lastSlots = new Uint8Array(SCREEN_HEIGHT);

  constructor() {
    for (let slot = 0; slot < SLOTS; slot++) this.rowKeys[slot] = ++lastKey[0]!;
  }

  /**
   * The slot of a description. A new one takes the place of an older one and makes a new key.
   *
   * A row mostly shows what it showed last time, which is found without the hash; that saves 10 % of a frame.
   */
  find(row: number, description: Int32Array): number {
    const last = this.lastSlots[row]!;
    if (this.holds(last, description)) return last;
    const slot = this.search(description);
    this.lastSlots[row] = slot;
    return slot;
  }

  private search(description: Int32Array): number {
    let hash = 0;
    for (let i = 0; i < DESCRIPTION_WORDS; i++) {
      hash = (((hash << 5) | (hash >>> 27)) + description[i]!) | 0;
    }
    const first = WAYS * ((Math.imul(hash, 0x9e3779b1) >>> 16) % SETS);
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.holds(slot, description)) return slot;
    }
    this.turn = (this.turn + 1) % WAYS;
    const slot = first + this.turn;
    this.descriptions.set(description, slot * DESCRIPTION_WORDS);
    this.rowKeys[slot] = ++lastKey[0]!;
    return slot;
  }

  private holds(slot: number, description: Int32Array): boolean {
    const { descriptions } = this;
    const at = slot * DESCRIPTION_WORDS;
    for (let i = 0; i < DESCRIPTION_WORDS; i++) {
      if (descriptions[at + i] !== description[i]) return false;
    }
    return true;
  }
}
