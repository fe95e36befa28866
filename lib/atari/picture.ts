export const WIDTH = 160;
export const HEIGHT = 210;

/** Words that describe what a row shows (see `Display`). */
export const LOOK_WORDS = 32;

/** Looks that are remembered; a frame of Breakout has 25 of them. A hash leaves a choice of `WAYS` slots. */
const SLOTS = 256;
const WAYS = 4;
const SETS = SLOTS / WAYS;

/** The last number given to a kind of row; in an array because there a double is stored in place. */
const lastKind = new Float64Array(1);

/** A picture. Only the display may write to it: it leaves rows as they are that show what they should. */
export class Picture {
  /** Palette indices, uint8 [210, 160]. */
  readonly pixels = new Uint8Array(WIDTH * HEIGHT);
  /** The same memory four pixels at a time. */
  readonly quads = new Int32Array(this.pixels.buffer);
  /** A number for each row; rows of equal numbers, of whatever picture, have equal pixels. */
  readonly kinds = new Float64Array(HEIGHT);

  constructor() {
    this.forget();
  }

  /** All rows have been or will be painted with something unknown. */
  forget(): void {
    for (let row = 0; row < HEIGHT; row++) this.forgetRow(row);
  }

  forgetRow(row: number): void {
    this.kinds[row] = ++lastKind[0]!;
  }

  /** Copies the row above to `count` rows from `row` on. */
  copyRows(row: number, count: number): void {
    const { pixels, kinds } = this;
    const kind = kinds[row - 1]!;
    for (let to = row; to < row + count; to++) {
      if (kinds[to] === kind) continue;
      pixels.copyWithin(to * WIDTH, (row - 1) * WIDTH, row * WIDTH);
      kinds[to] = kind;
    }
  }
}

/** What rows have looked like of late, by a hash of the look. */
export class Looks {
  /** By slot: the kind of such rows, and the collisions in one. */
  readonly kinds = new Float64Array(SLOTS);
  readonly collisions = new Int32Array(SLOTS);
  private readonly looks = new Int32Array(SLOTS * LOOK_WORDS);
  private turn = 0;
  /** By row. */
  private readonly lastSlots = new Uint8Array(HEIGHT);

  constructor() {
    for (let slot = 0; slot < SLOTS; slot++) this.kinds[slot] = ++lastKind[0]!;
  }

  /**
   * The slot of a row's look. A new one takes the place of an older one and makes a new kind.
   *
   * A row most often looks as it did last time, which is found without the hash: of a frame that is 10 %.
   */
  find(row: number, look: Int32Array): number {
    const last = this.lastSlots[row]!;
    if (this.holds(last, look)) return last;
    const slot = this.search(look);
    this.lastSlots[row] = slot;
    return slot;
  }

  private search(look: Int32Array): number {
    let hash = 0;
    for (let i = 0; i < LOOK_WORDS; i++) hash = (((hash << 5) | (hash >>> 27)) + look[i]!) | 0;
    const first = WAYS * ((Math.imul(hash, 0x9e3779b1) >>> 16) % SETS);
    for (let slot = first; slot < first + WAYS; slot++) if (this.holds(slot, look)) return slot;
    this.turn = (this.turn + 1) % WAYS;
    const slot = first + this.turn;
    this.looks.set(look, slot * LOOK_WORDS);
    this.kinds[slot] = ++lastKind[0]!;
    return slot;
  }

  private holds(slot: number, look: Int32Array): boolean {
    const { looks } = this;
    const at = slot * LOOK_WORDS;
    for (let i = 0; i < LOOK_WORDS; i++) if (looks[at + i] !== look[i]) return false;
    return true;
  }
}
