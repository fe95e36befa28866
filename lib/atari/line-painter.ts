/** How the TIA's registers become pixels and collisions. */

import { Playfield, PlayfieldLine } from './playfield';
import { DESCRIPTION_WORDS, RowCache, SCREEN_WIDTH, Screen } from './screen';
import { createStateFields } from './state-fields';
import { Ball, Missile, Player } from './tia-objects';

/** A constant of this file, because V8 looks imported ones up at each use. */
const WIDTH = SCREEN_WIDTH;

/** Cells of the playfield, of four pixels each, in half a line. */
const HALF = 20;

/** Words of a line's mask. */
const LINE_WORDS = 5;
const MASK_WORDS = 5 * LINE_WORDS;

/** Pixels that HMOVE's late start of a line leaves black. */
const HMOVE_BLANK = 8;

/**
 * Bits of the collision latch: twice the number of the register that reads the pair ($30 CXM0P is
 * number 0), plus 1 for its bit 7 and 0 for its bit 6.
 */
// biome-ignore format: a table
const COLLISION = {
  M0P1: 1 << 1, M0P0: 1 << 0, M1P0: 1 << 3, M1P1: 1 << 2,
  P0PF: 1 << 5, P0BL: 1 << 4, P1PF: 1 << 7, P1BL: 1 << 6,
  M0PF: 1 << 9, M0BL: 1 << 8, M1PF: 1 << 11, M1BL: 1 << 10,
  BLPF: 1 << 13, P0P1: 1 << 15, M0M1: 1 << 14,
};

// biome-ignore format: a table
const STATE = createStateFields<LinePainter>({
  VBLANK: 0xff, CTRLPF: 0xff, COLUP0: 0xfe, COLUP1: 0xfe, COLUPF: 0xfe, COLUBK: 0xfe,
  collisions: 0xffff, hmoveBlank: 1,
});

/** How objects are painted: not at all, run by run, or with everything else in an order of its own. */
type PaintMode = 'none' | 'runs' | 'layers';

/** A byte in all four bytes of a word. */
const replicate = (byte: number) => Math.imul(byte, 0x01010101);

/** Draws the lines: keeps objects and colours, paints pixels with them and notes collisions. */
export class LinePainter {
  /** Everything that decides what a row shows: masks, playfield, colours and the blank at its start. */
  private readonly description = new Int32Array(DESCRIPTION_WORDS);
  private readonly rowCache = new RowCache();
  /** Masks of the five movable objects, one after the other. */
  private readonly masks = this.description.subarray(0, MASK_WORDS);
  readonly p0 = new Player(this.maskOf(0));
  readonly p1 = new Player(this.maskOf(1));
  readonly m0 = new Missile(this.maskOf(2));
  readonly m1 = new Missile(this.maskOf(3));
  readonly bl = new Ball(this.maskOf(4));
  readonly pf = new Playfield();
  VBLANK = 0;
  CTRLPF = 0;
  COLUP0 = 0;
  COLUP1 = 0;
  COLUPF = 0;
  COLUBK = 0;
  /** Pairs that have met since the last CXCLR. */
  collisions = 0;
  /** Armed by HMOVE until the first pixels of a line have been blanked. */
  hmoveBlank = 0;
  /** Whether pixels are stored; collisions are always noted. */
  drawing = true;
  /** Whether any register but the playfield's has changed since the row above was painted. */
  changed = true;
  /** Whether all objects that are on are known to have met the playfield. */
  private playfieldMet = false;
  /** The beam's row, and how many of its pixels have been passed and painted. */
  private row = 0;
  private passed = 0;
  private painted = 0;
  /** The playfield of that row, as far as the beam has passed it, and the one of the row above. */
  private readonly line = new PlayfieldLine();
  private readonly lineAbove = new PlayfieldLine();
  /** Lines 34 to 243 of the current frame and of the one before, over which the next frame is painted. */
  screen = new Screen();
  previousScreen = new Screen();

  private maskOf(object: number): Int32Array {
    return this.masks.subarray(object * LINE_WORDS, (object + 1) * LINE_WORDS);
  }

  swapScreens(): void {
    const { screen } = this;
    this.screen = this.previousScreen;
    this.previousScreen = screen;
  }

  /** Shows these palette indices in place of what has been painted. */
  setPicture(pixels: Uint8Array): void {
    this.screen.pixels.set(pixels);
    this.screen.forget();
  }

  reset(): void {
    STATE.clear(this);
    for (const object of [this.p0, this.p1, this.m0, this.m1, this.bl, this.pf]) object.reset();
    for (const screen of [this.screen, this.previousScreen]) {
      screen.pixels.fill(0);
      screen.forget();
    }
    this.startFrame();
  }

  startFrame(): void {
    this.resumeAt({ row: 0, pixel: 0 });
  }

  /** Goes on from where the beam is; everything before counts as painted. */
  resumeAt({ row, pixel }: { row: number; pixel: number }): void {
    this.row = row;
    this.passed = this.painted = pixel;
    this.startChange();
  }

  /** Something else than the playfield is about to change. */
  startChange(): void {
    this.changed = true;
    this.playfieldMet = false;
  }

  /** The beam passes the row's pixels up to `to`: notes their playfield. */
  passTo(to: number): void {
    this.line.copy(this.pf.line, this.passed, to);
    this.passed = to;
  }

  /** Paints what the beam has passed of the row. */
  paintPassed(): void {
    const { painted, passed } = this;
    if (painted === passed) return;
    this.painted = passed;
    if (painted === 0 && passed === WIDTH) {
      if (!this.repeats(this.line)) this.paintRow();
      else if (this.drawing) this.screen.copyRows(this.row, 1);
      this.lineAbove.copy(this.line, 0, WIDTH);
    } else {
      if (this.drawing) this.screen.forgetRow(this.row);
      this.paint(painted, passed, this.drawing);
      this.changed = true;
    }
  }

  /** The beam has passed the whole row and goes on to the next one. */
  endLine(): void {
    this.paintPassed();
    this.row++;
    this.passed = this.painted = 0;
  }

  /**
   * Paints the whole row. Most rows stay the same frame after frame and are not painted again: without
   * that, a frame of Breakout takes a third longer (25 us instead of 18 us).
   */
  private paintRow(): void {
    const { screen, row, rowCache } = this;
    if (!this.drawing || (this.VBLANK & 2) !== 0 || this.isLayered) {
      if (this.drawing) screen.forgetRow(row);
      this.paint(0, WIDTH, this.drawing);
      return;
    }
    const slot = rowCache.find(row, this.describeRow());
    if (screen.rowKeys[row] === rowCache.rowKeys[slot]) {
      this.collisions |= rowCache.collisions[slot]!;
      this.changed = this.hmoveBlank !== 0;
      this.hmoveBlank = 0;
      return;
    }
    const before = this.collisions;
    this.collisions = 0;
    this.paint(0, WIDTH, true);
    rowCache.collisions[slot] = this.collisions;
    this.collisions |= before;
    screen.rowKeys[row] = rowCache.rowKeys[slot]!;
  }

  private describeRow(): Int32Array {
    const { description, line } = this;
    description[MASK_WORDS] = line.left;
    description[MASK_WORDS + 1] = line.right;
    description[MASK_WORDS + 2] = this.COLUP0;
    description[MASK_WORDS + 3] = this.COLUP1;
    description[MASK_WORDS + 4] = this.COLUPF;
    description[MASK_WORDS + 5] = this.COLUBK;
    description[MASK_WORDS + 6] = this.hmoveBlank;
    return description;
  }

  /** Whether the colours are in another order, in score mode or with the playfield on top. */
  private get isLayered(): boolean {
    return (this.CTRLPF & 6) !== 0;
  }

  /**
   * Paints pixels `from` to `to` of the row as the registers say.
   *
   * @param draw whether pixels are stored; collisions are always noted
   */
  private paint(from: number, to: number, draw: boolean): void {
    const at = this.row * WIDTH;
    if ((this.VBLANK & 2) !== 0) {
      if (draw) this.screen.pixels.fill(0, at + from, at + to);
      if (to >= HMOVE_BLANK && from < HMOVE_BLANK) this.hmoveBlank = 0;
      this.changed = true;
      return;
    }
    const layered = this.isLayered;
    if (draw && !layered) this.paintPlayfield(at, from, to);
    this.paintObjects(at, from, to, !draw ? 'none' : layered ? 'layers' : 'runs');
    this.changed = this.hmoveBlank !== 0;
    if (this.hmoveBlank !== 0 && from < HMOVE_BLANK) {
      if (draw) this.screen.pixels.fill(0, at + from, at + Math.min(to, HMOVE_BLANK));
      if (to >= HMOVE_BLANK) this.hmoveBlank = 0;
    }
  }

  /** Whether rows to come will look like the row above: same registers, same pixels. */
  get canRepeat(): boolean {
    return this.repeats(this.pf.line);
  }

  /** Whether a row with this playfield looks like the row above. */
  private repeats(playfield: PlayfieldLine): boolean {
    return !this.changed && (this.VBLANK & 2) === 0 && this.lineAbove.equals(playfield);
  }

  /**
   * Whether it makes no difference when the playfield changes: nothing is drawn, and what could hit it has
   * done so since the last CXCLR. In Breakout that holds for nearly all of its 200 changes a frame.
   */
  get ignoresPlayfield(): boolean {
    return !this.drawing && (this.playfieldMet || this.checkPlayfieldMet());
  }

  private checkPlayfieldMet(): boolean {
    const { p0, p1, m0, m1, bl } = this;
    let pairs = 0;
    if (p0.graphics !== 0) pairs |= COLLISION.P0PF;
    if (p1.graphics !== 0) pairs |= COLLISION.P1PF;
    if (m0.isEnabled) pairs |= COLLISION.M0PF;
    if (m1.isEnabled) pairs |= COLLISION.M1PF;
    if (bl.isEnabled) pairs |= COLLISION.BLPF;
    this.playfieldMet = (pairs & ~this.collisions) === 0;
    return this.playfieldMet;
  }

  /** Passes `count` rows that look like the one above. In equal rows no further objects meet. */
  repeatRows(count: number): void {
    if (this.drawing) this.screen.copyRows(this.row, count);
    this.row += count;
  }

  /** Paints background and playfield: whole cells, four pixels at a time, wherever the bounds allow it. */
  private paintPlayfield(at: number, from: number, to: number): void {
    const { left, right } = this.line;
    if (((from | to) & 3) === 0) {
      this.paintCells(left, at >> 2, from >> 2, Math.min(to >> 2, HALF));
      this.paintCells(right, (at >> 2) + HALF, Math.max((from >> 2) - HALF, 0), (to >> 2) - HALF);
    } else {
      const pixels = this.screen.pixels;
      for (let x = from; x < to; x++) {
        const covered = x < WIDTH / 2 ? left >> (x >> 2) : right >> ((x >> 2) - HALF);
        pixels[at + x] = (covered & 1) !== 0 ? this.COLUPF : this.COLUBK;
      }
    }
  }

  /** Paints cells `from` to `to` of a half line whose first cell is cell `at` of the screen. */
  private paintCells(cells: number, at: number, from: number, to: number): void {
    const quads = this.screen.quads;
    const background = replicate(this.COLUBK);
    const difference = replicate(this.COLUPF) ^ background;
    for (let cell = from; cell < to; cell++) {
      quads[at + cell] = background ^ (difference & -((cells >> cell) & 1)); // computed without a branch
    }
  }

  /** Paints movable objects over playfield and background; 'layers' paints those two as well. */
  private paintObjects(at: number, from: number, to: number, paint: PaintMode): void {
    const masks = this.masks;
    const lastWord = (to - 1) >> 5;
    for (let word = from >> 5; word <= lastWord; word++) {
      let bits = -1;
      if (word === from >> 5) bits &= -1 << (from & 31);
      if (word === lastWord) bits &= -1 >>> (31 - ((to - 1) & 31));
      const p0 = masks[word]! & bits;
      const p1 = masks[LINE_WORDS + word]! & bits;
      const m0 = masks[2 * LINE_WORDS + word]! & bits;
      const m1 = masks[3 * LINE_WORDS + word]! & bits;
      const bl = masks[4 * LINE_WORDS + word]! & bits;
      if ((p0 | p1 | m0 | m1 | bl) !== 0) {
        this.collide(p0, p1, m0, m1, bl, this.line.getMask(word) & bits);
        if (paint === 'runs') {
          this.paintRuns(bl, this.COLUPF, at + 32 * word);
          this.paintRuns(p1 | m1, this.COLUP1, at + 32 * word);
          this.paintRuns(p0 | m0, this.COLUP0, at + 32 * word);
        }
      }
      if (paint === 'layers') {
        this.paintRuns(bits, this.COLUBK, at + 32 * word);
        const pf = this.line.getMask(word) & bits;
        this.paintLayers(word, at + 32 * word, { p0: p0 | m0, p1: p1 | m1, bl, pf });
      }
    }
  }

  /** Paints a row in score mode (CTRLPF bit 1) or with playfield priority (bit 2). */
  private paintLayers(
    word: number,
    at: number,
    { p0, p1, bl, pf }: { p0: number; p1: number; bl: number; pf: number },
  ): void {
    const score = (this.CTRLPF & 2) !== 0;
    if ((this.CTRLPF & 4) === 0) {
      this.paintRuns(bl, this.COLUPF, at);
      this.paintRuns(p1, this.COLUP1, at);
      this.paintScore(pf, word, at);
      this.paintRuns(p0, this.COLUP0, at);
    } else {
      this.paintRuns(p1, this.COLUP1, at);
      this.paintRuns(p0, this.COLUP0, at);
      if (score && this.onlyPlayfield()) this.paintScore(pf, word, at);
      else this.paintRuns(pf | bl, this.COLUPF, at);
    }
  }

  /** Paints the playfield's left half in player 0's colour, the right one in player 1's. */
  private paintScore(pf: number, word: number, at: number): void {
    const left = word < 2 ? -1 : word === 2 ? 0xffff : 0;
    this.paintRuns(pf & left, this.COLUP0, at);
    this.paintRuns(pf & ~left, this.COLUP1, at);
  }

  /** Whether all movable objects are switched off, wherever the beam is. */
  private onlyPlayfield(): boolean {
    const { p0, p1, m0, m1, bl } = this;
    return (p0.graphics | p1.graphics) === 0 && !m0.isEnabled && !m1.isEnabled && !bl.isEnabled;
  }

  private collide(p0: number, p1: number, m0: number, m1: number, bl: number, pf: number): void {
    let met = 0;
    if ((m0 & p1) !== 0) met |= COLLISION.M0P1;
    if ((m0 & p0) !== 0) met |= COLLISION.M0P0;
    if ((m1 & p0) !== 0) met |= COLLISION.M1P0;
    if ((m1 & p1) !== 0) met |= COLLISION.M1P1;
    if ((p0 & pf) !== 0) met |= COLLISION.P0PF;
    if ((p0 & bl) !== 0) met |= COLLISION.P0BL;
    if ((p1 & pf) !== 0) met |= COLLISION.P1PF;
    if ((p1 & bl) !== 0) met |= COLLISION.P1BL;
    if ((m0 & pf) !== 0) met |= COLLISION.M0PF;
    if ((m0 & bl) !== 0) met |= COLLISION.M0BL;
    if ((m1 & pf) !== 0) met |= COLLISION.M1PF;
    if ((m1 & bl) !== 0) met |= COLLISION.M1BL;
    if ((bl & pf) !== 0) met |= COLLISION.BLPF;
    if ((p0 & p1) !== 0) met |= COLLISION.P0P1;
    if ((m0 & m1) !== 0) met |= COLLISION.M0M1;
    this.collisions |= met;
  }

  /** Paints the pixels whose bits are set, run by run. */
  private paintRuns(bits: number, colour: number, at: number): void {
    const pixels = this.screen.pixels;
    let rest = bits;
    while (rest !== 0) {
      const start = 31 - Math.clz32(rest & -rest);
      const after = ~(rest >>> start);
      const length = after === 0 ? 32 : 31 - Math.clz32(after & -after);
      const end = start + length;
      for (let x = start; x < end; x++) pixels[at + x] = colour;
      rest = end < 32 ? rest & (-1 << end) : 0;
    }
  }

  save(words: Int32Array, at: number): number {
    let next = STATE.save(this, words, at);
    next = this.p0.save(words, next);
    next = this.p1.save(words, next);
    next = this.m0.save(words, next);
    next = this.m1.save(words, next);
    next = this.bl.save(words, next);
    return this.pf.save(words, next);
  }

  restore(words: Int32Array, at: number): number {
    let next = STATE.restore(this, words, at);
    next = this.p0.restore(words, next);
    next = this.p1.restore(words, next);
    next = this.m0.restore(words, next);
    next = this.m1.restore(words, next);
    next = this.bl.restore(words, next);
    return this.pf.restore(words, next);
  }
}
