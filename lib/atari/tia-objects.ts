/**
 * Players, missiles and ball: which of a line's 160 pixels each of them covers.
 *
 * A line is a mask of 160 bits in five words: pixel x is bit x % 32 of word x >> 5. Masks are made
 * when a register changes, and only compared and painted while the beam passes.
 */

import { createStateFields } from './state-fields';

const LINE_PIXELS = 160;

/** Distances of an object's copies by NUSIZ bits 0 to 2. */
// biome-ignore format: a table
const COPIES: readonly (readonly number[])[] = [
  [0], [0, 16], [0, 32], [0, 16, 32], [0, 64], [0], [0, 32, 64], [0],
];

/** Empties a mask: for five words, `fill` takes four times as long. */
function clear(mask: Int32Array): void {
  mask[0] = mask[1] = mask[2] = mask[3] = mask[4] = 0;
}

/** Adds `length` pixels from `start` on; beyond its end, the line goes on at its start. */
function addRun(mask: Int32Array, start: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const x = start + i < LINE_PIXELS ? start + i : (start + i) % LINE_PIXELS;
    mask[x >> 5]! |= 1 << (x & 31);
  }
}

/** A position of -320 or more, brought into 0 to 159. */
function wrapPosition(position: number): number {
  return (position + 2 * LINE_PIXELS) % LINE_PIXELS;
}

// biome-ignore format: a table
const PLAYER_STATE = createStateFields<Player>({
  NUSIZ: 0xff, REFP: 8, GRP: 0xff, oldGRP: 0xff, VDEL: 1, position: 0xff, firstHidden: 1,
});

/** A player: eight pixels of graphics, in up to three copies or stretched. */
export class Player {
  NUSIZ = 0;
  REFP = 0;
  GRP = 0;
  /** The graphics before the other player's last GRP write, shown while VDEL is set. */
  oldGRP = 0;
  VDEL = 0;
  position = 0;
  /** The copy at the position is not drawn for the rest of the line in which RESP moved it. */
  firstHidden = 0;
  readonly mask: Int32Array;

  /** @param mask memory for the mask: five words */
  constructor(mask: Int32Array) {
    this.mask = mask;
  }

  reset(): void {
    PLAYER_STATE.clear(this);
    this.update();
  }

  get graphics(): number {
    return this.VDEL !== 0 ? this.oldGRP : this.GRP;
  }

  /** Updates the mask; to be called after any change. */
  update(): void {
    const mask = this.mask;
    clear(mask);
    const graphics = this.graphics;
    if (graphics === 0) return;
    const size = this.NUSIZ & 7;
    const width = size === 5 ? 2 : size === 7 ? 4 : 1;
    const late = width > 1 ? 1 : 0; // stretched players start one pixel later
    for (const copy of COPIES[size]!) {
      if (copy === 0 && this.firstHidden !== 0) continue;
      const start = this.position + copy + late;
      for (let i = 0; i < 8; i++) {
        const bit = this.REFP !== 0 ? i : 7 - i;
        if (((graphics >> bit) & 1) !== 0) addRun(mask, start + i * width, width);
      }
    }
  }

  /** Shifts the player to the right. */
  move(pixels: number): void {
    this.position = wrapPosition(this.position + pixels);
    this.update();
  }

  /**
   * Where the beam is when a RESP strobe moves the player to `position`.
   * 'delay': about to start a copy; 'display': within a copy; else 'elsewhere'.
   */
  locate(position: number): 'delay' | 'display' | 'elsewhere' {
    const size = this.NUSIZ & 7;
    const end = size === 5 ? 19 : size === 7 ? 35 : 11;
    const distance = wrapPosition(position - this.position);
    for (const copy of COPIES[size]!) {
      const within = distance - copy;
      if (within >= 0 && within <= 3) return 'delay';
      if (within >= 4 && within <= end) return 'display';
    }
    return 'elsewhere';
  }

  save(words: Int32Array, at: number): number {
    return PLAYER_STATE.save(this, words, at);
  }

  restore(words: Int32Array, at: number): number {
    const next = PLAYER_STATE.restore(this, words, at);
    this.update();
    return next;
  }
}

const MISSILE_STATE = createStateFields<Missile>({
  NUSIZ: 0xff,
  ENAM: 2,
  RESMP: 2,
  position: 0xff,
});

/** A missile: 1, 2, 4 or 8 pixels, in as many copies as its player. */
export class Missile {
  NUSIZ = 0;
  ENAM = 0;
  /** Set while the missile is off and locked to its player. */
  RESMP = 0;
  position = 0;
  readonly mask: Int32Array;

  /** @param mask memory for the mask: five words */
  constructor(mask: Int32Array) {
    this.mask = mask;
  }

  reset(): void {
    MISSILE_STATE.clear(this);
    this.update();
  }

  get isEnabled(): boolean {
    return this.ENAM !== 0 && this.RESMP === 0;
  }

  update(): void {
    clear(this.mask);
    if (!this.isEnabled) return;
    const length = 1 << ((this.NUSIZ >> 4) & 3);
    for (const copy of COPIES[this.NUSIZ & 7]!) addRun(this.mask, this.position + copy, length);
  }

  /** Shifts the missile to the right. */
  move(pixels: number): void {
    this.position = wrapPosition(this.position + pixels);
    this.update();
  }

  /** RESMP: letting go of the player leaves the missile at its middle. */
  lock(value: number, player: Player): void {
    if (this.RESMP !== 0 && value === 0) {
      const size = player.NUSIZ & 7;
      const middle = size === 5 ? 8 : size === 7 ? 16 : 4;
      this.position = wrapPosition(player.position + middle);
    }
    this.RESMP = value;
  }

  save(words: Int32Array, at: number): number {
    return MISSILE_STATE.save(this, words, at);
  }

  restore(words: Int32Array, at: number): number {
    const next = MISSILE_STATE.restore(this, words, at);
    this.update();
    return next;
  }
}

// biome-ignore format: a table
const BALL_STATE = createStateFields<Ball>({
  ENABL: 2, oldENABL: 2, VDEL: 1, size: 3, position: 0xff,
});

/** The ball: 1, 2, 4 or 8 pixels in the playfield's colour. */
export class Ball {
  ENABL = 0;
  /** ENABL before the last GRP1 write, in force while VDEL is set. */
  oldENABL = 0;
  VDEL = 0;
  /** CTRLPF bits 4 and 5. */
  size = 0;
  position = 0;
  readonly mask: Int32Array;

  /** @param mask memory for the mask: five words */
  constructor(mask: Int32Array) {
    this.mask = mask;
  }

  reset(): void {
    BALL_STATE.clear(this);
    this.update();
  }

  get isEnabled(): boolean {
    return (this.VDEL !== 0 ? this.oldENABL : this.ENABL) !== 0;
  }

  update(): void {
    clear(this.mask);
    if (!this.isEnabled) return;
    addRun(this.mask, this.position, 1 << this.size);
  }

  /** Shifts the ball to the right. */
  move(pixels: number): void {
    this.position = wrapPosition(this.position + pixels);
    this.update();
  }

  save(words: Int32Array, at: number): number {
    return BALL_STATE.save(this, words, at);
  }

  restore(words: Int32Array, at: number): number {
    const next = BALL_STATE.restore(this, words, at);
    this.update();
    return next;
  }
}
