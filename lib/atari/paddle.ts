/** The paddles, as the TIA sees them: how long a capacitor takes to charge. */

/** Farads; with the paddle's resistance it sets the time that programs measure. */
const CAPACITANCE = 0.01e-6;
/** CPU cycles a second. */
const CPU_CLOCK = 1.19e6;
/** Time constants until the input reads as high. */
const TIME_CONSTANTS = 1.6;

/** The resistance where no paddle is plugged in: the capacitor is never charged. */
export const UNPLUGGED = 0x7fffffff;

/**
 * The left port's two paddles. Each is a variable resistor that charges a capacitor, which the TIA empties
 * while VBLANK bit 7 is set. A program counts how long INPT0 or INPT1 then stays low.
 */
export class Paddles {
  /** Ohms, of paddle 0 and paddle 1. */
  readonly resistance: [number, number] = [0, 0];
  /** 1 while the capacitors are grounded. */
  dumping = 0;
  /** When the grounding last ended, in cycles since the start of the frame. */
  dumpOff = 0;
  /** A cache, because programs read the inputs every line: cycles to charge, and for which resistances. */
  private readonly needed: [number, number] = [0, 0];
  private readonly neededAt: [number, number] = [0, 0];

  reset(): void {
    this.dumping = 0;
    this.dumpOff = 0;
  }

  /** Takes VBLANK bit 7, which grounds the capacitors while it is set. */
  dump(on: boolean, cycles: number): void {
    if (on) {
      this.dumping = 1;
    } else if (this.dumping === 1) {
      this.dumping = 0;
      this.dumpOff = cycles;
    }
  }

  /** Reads INPT0 or INPT1: $80 once the capacitor is charged, else 0. */
  read(paddle: 0 | 1, cycles: number): number {
    const resistance = this.resistance[paddle];
    if (resistance === 0) return 0x80;
    if (this.dumping === 1 || resistance === UNPLUGGED) return 0;
    if (this.neededAt[paddle] !== resistance) {
      this.neededAt[paddle] = resistance;
      this.needed[paddle] = Math.floor(TIME_CONSTANTS * resistance * CAPACITANCE * CPU_CLOCK);
    }
    // Unsigned, so that the sum may wrap: after a dump that ended long ago it is then never reached.
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
