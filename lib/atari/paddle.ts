/** Farads; with the paddle's resistance it sets the time the TIA measures. */
const CAPACITANCE = 0.01e-6;
/** CPU cycles a second. */
const CPU_CLOCK = 1.19e6;
/** Time constants until the input reads as high. */
const TIME_CONSTANTS = 1.6;

/** The resistance where no paddle is plugged in: the capacitor is never charged. */
export const UNPLUGGED = 0x7fffffff;

/**
 * The left port's two paddles: variable resistors that charge a capacitor each, which the TIA can
 * dump through VBLANK bit 7. A program counts how long INPT0 or INPT1 stays low.
 */
export class Paddles {
  /** Ohms, of paddle 0 and paddle 1. */
  readonly resistance: [number, number] = [0, 0];
  /** 1 while the capacitors are grounded. */
  dumping = 0;
  /** When they were last let go, in cycles since the start of the frame. */
  dumpOff = 0;
  /** Cycles that the capacitors need, and the resistances for which that is so: read every line. */
  private readonly needed: [number, number] = [0, 0];
  private readonly neededAt: [number, number] = [0, 0];

  reset(): void {
    this.dumping = 0;
    this.dumpOff = 0;
  }

  /** VBLANK bit 7. */
  dump(on: boolean, cycles: number): void {
    if (on) {
      this.dumping = 1;
    } else if (this.dumping === 1) {
      this.dumping = 0;
      this.dumpOff = cycles;
    }
  }

  /** INPT0 or INPT1: $80 once the capacitor is charged, else 0. */
  read(paddle: 0 | 1, cycles: number): number {
    const resistance = this.resistance[paddle];
    if (resistance === 0) return 0x80;
    if (this.dumping === 1 || resistance === UNPLUGGED) return 0;
    if (this.neededAt[paddle] !== resistance) {
      this.neededAt[paddle] = resistance;
      this.needed[paddle] = Math.floor(TIME_CONSTANTS * resistance * CAPACITANCE * CPU_CLOCK);
    }
    // Unsigned: with a dump let go in an earlier frame the sum may wrap and never be reached.
    return cycles > (this.dumpOff + this.needed[paddle]) >>> 0 ? 0x80 : 0;
  }

  rebase(cycles: number): void {
    this.dumpOff = (this.dumpOff - cycles) | 0;
  }

  save(words: Int32Array, at: number): number {
    words[at++] = this.resistance[0];
    words[at++] = this.resistance[1];
    words[at++] = this.dumping;
    words[at++] = this.dumpOff;
    return at;
  }

  restore(words: Int32Array, at: number): number {
    this.resistance[0] = words[at++]!;
    this.resistance[1] = words[at++]!;
    this.dumping = words[at++]!;
    this.dumpOff = words[at++]!;
    return at;
  }
}
