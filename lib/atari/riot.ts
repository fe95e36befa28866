/** The 6532 RIOT: 128 bytes of memory, two input ports and a timer. */

import { ANY, createStateFields } from './state-fields';

// biome-ignore format: a table
const STATE = createStateFields<Riot>({
  SWCHA: 0xff, SWCHB: 0xff, DDRA: 0xff, DDRB: 0xff,
  timer: 0xff, shift: 15, setAt: ANY, expiryRead: 1, readAt: ANY,
});

/** The RIOT. Its times are CPU cycles since the start of the frame; those of an earlier frame are negative. */
export class Riot {
  readonly ram = new Uint8Array(128);
  /**
   * Port A, the controllers; a bit is clear while something is pressed. Left joystick: bits 4 to 7
   * for up, down, left, right; right one: bits 0 to 3; buttons of paddles 0 and 1: bits 7 and 6.
   */
  SWCHA = 0xff;
  /** Port B, the switches: bit 0 clear = RESET, bit 1 clear = SELECT, bit 3 colour, bits 6 and 7 difficulty A. */
  SWCHB = 0x3f;
  DDRA = 0;
  DDRB = 0;
  /** The byte last written to the timer; a step of the timer takes 1 << shift cycles. */
  timer = 0;
  shift = 6;
  /** When the timer was last written to. */
  setAt = 0;
  /** Whether the timer has been read after it expired, and when: reading changes how it goes on. */
  expiryRead = 0;
  readAt = 0;

  /** @param timer what the timer holds when the power comes on, 0 to 255 */
  reset(timer: number): void {
    this.timer = timer;
    this.shift = 6;
    this.setAt = this.readAt = this.expiryRead = 0;
    this.DDRA = this.DDRB = 0;
  }

  /** @param address 0 to 7 */
  read(address: number, cycles: number): number {
    switch (address) {
      case 0:
        return this.SWCHA;
      case 1:
        return this.DDRA;
      case 2:
        return this.SWCHB;
      case 3:
        return this.DDRB;
      case 4:
      case 6:
        return this.readINTIM(cycles);
      default:
        return this.readINSTAT(cycles);
    }
  }

  write(address: number, value: number, cycles: number): void {
    if ((address & 7) === 1) {
      this.DDRA = value;
    } else if ((address & 0x14) === 0x14) {
      // TIM1T, TIM8T, TIM64T, T1024T
      this.timer = value;
      this.shift = [0, 3, 6, 10][address & 3]!;
      this.setAt = cycles;
      this.expiryRead = 0;
    }
  }

  /**
   * How many passes of a loop that reads INTIM until it is zero can be skipped, because none of them
   * would have read zero.
   *
   * @param readAt when the next pass will read. @param period cycles from one read to the next.
   */
  countIdleReads(readAt: number, period: number): number {
    const elapsed = (readAt - 1 - this.setAt) >>> 0;
    const zeroAt = (this.timer - 1) << this.shift;
    return elapsed < zeroAt ? Math.ceil((zeroAt - elapsed) / period) : 0;
  }

  private stepsLeft(cycles: number): number {
    return this.timer - (((cycles - 1 - this.setAt) >>> 0) >>> this.shift) - 1;
  }

  private readINTIM(cycles: number): number {
    const left = this.stepsLeft(cycles);
    if (left >= 0) return left & 0xff;
    // Expired: it now counts single cycles, from $FF, until it is read.
    const duration = this.timer << this.shift;
    const elapsed = (cycles - 1 - this.setAt) >>> 0;
    const overrun = duration - elapsed - 1;
    if (overrun <= -2 && this.expiryRead === 0) {
      this.expiryRead = 1;
      this.readAt = cycles;
    }
    if (this.expiryRead === 0) return overrun & 0xff;
    const offset = this.readAt - (this.setAt + duration);
    return (this.timer - (elapsed >>> this.shift) - offset) & 0xff;
  }

  private readINSTAT(cycles: number): number {
    return this.stepsLeft(cycles) >= 0 || this.expiryRead !== 0 ? 0 : 0x80;
  }

  /** A frame of `cycles` has ended: times now count from the start of the next one. */
  rebase(cycles: number): void {
    this.setAt = (this.setAt - cycles) | 0;
    this.readAt = (this.readAt - cycles) | 0;
  }

  save(words: Int32Array, at: number): number {
    const next = STATE.save(this, words, at);
    for (let i = 0; i < 128; i++) words[next + i] = this.ram[i]!;
    return next + 128;
  }

  restore(words: Int32Array, at: number): number {
    const next = STATE.restore(this, words, at);
    for (let i = 0; i < 128; i++) this.ram[i] = words[next + i]!;
    return next + 128;
  }
}
