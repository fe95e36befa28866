/** The CPU's registers and its stack; `Processor` runs programs on them. */

import type { Bus } from './bus';
import { createStateFields } from './state-fields';

/** Where the 6507 finds the address of its first instruction, and the address that BRK jumps to. */
const RESET_VECTOR = 0xfffc;
const BREAK_VECTOR = 0xfffe;

// biome-ignore format: a table
const STATE = createStateFields<Cpu>({
  A: 0xff, X: 0xff, Y: 0xff, SP: 0xff, PC: 0xffff, n: 0xff, notZ: 0xff, C: 1, V: 1, D: 1, I: 1,
});

/**
 * The 6507: a 6502 with 13 address lines and no interrupts.
 *
 * As in ALE's default core, all base cycles of an instruction pass before its memory accesses, and
 * there are no dummy accesses: a chip sees the time of the end of the accessing instruction.
 */
export class Cpu {
  A = 0;
  X = 0;
  Y = 0;
  SP = 0xff;
  PC = 0;
  /** The byte whose bit 7 is the N flag. */
  n = 0;
  /** The byte that is 0 when the Z flag is set. */
  notZ = 0;
  C = 0;
  V = 0;
  D = 0;
  I = 0;
  /** The last byte on the data bus: a TIA read returns some of its bits. */
  dataBus = 0;
  readonly bus: Bus;

  constructor(bus: Bus) {
    this.bus = bus;
  }

  reset(): void {
    this.A = this.X = this.Y = 0;
    this.SP = 0xff;
    this.n = 0;
    this.notZ = 1;
    this.C = this.V = this.D = this.I = 0;
    this.PC = this.readVector(RESET_VECTOR);
  }

  /** The P register; its bits 4 and 5 always read as 1. */
  get status(): number {
    const z = this.notZ === 0 ? 2 : 0;
    return (this.n & 0x80) | (this.V << 6) | 0x30 | (this.D << 3) | (this.I << 2) | z | this.C;
  }

  set status(byte: number) {
    this.n = byte;
    this.V = (byte >> 6) & 1;
    this.D = (byte >> 3) & 1;
    this.I = (byte >> 2) & 1;
    this.notZ = ~byte & 2;
    this.C = byte & 1;
  }

  /** Executes an instruction that pushes or pulls. @param next the address of the one after it */
  useStack(opcode: number, next: number, dataBus: number): void {
    switch (opcode) {
      case 0x20: // JSR pushes the address of its own last byte
        this.push((next - 1) >> 8, false);
        this.push(next - 1, true);
        this.dataBus = dataBus;
        break;
      case 0x60: {
        // RTS reads the last byte of the JSR, too
        const last = this.pullWord(dataBus);
        this.dataBus = this.bus.read(last, this.dataBus);
        this.PC = (last + 1) & 0xffff;
        break;
      }
      case 0x00: {
        // BRK skips a byte, which makes it a two-byte call of the routine at the break vector
        const returnTo = (next + 1) & 0xffff;
        this.push(returnTo >> 8, false);
        this.push(returnTo, true);
        this.push(this.status, true);
        this.I = 1;
        this.PC = this.readVector(BREAK_VECTOR);
        this.dataBus = this.PC >> 8;
        break;
      }
      case 0x40: // RTI
        this.status = this.pull(dataBus);
        this.PC = this.pullWord(0);
        break;
      case 0x48: // PHA
        this.push(this.A, false);
        break;
      case 0x08: // PHP
        this.push(this.status, false);
        break;
      case 0x68: // PLA
        this.A = this.n = this.notZ = this.pull(dataBus);
        break;
      case 0x28: // PLP
        this.status = this.pull(dataBus);
        break;
    }
  }

  /** @param afterWrite whether the access before this one was a write, too */
  private push(value: number, afterWrite: boolean): void {
    this.dataBus = value & 0xff;
    this.bus.write(0x100 | this.SP, this.dataBus, afterWrite);
    this.SP = (this.SP - 1) & 0xff;
  }

  /** Reads the old top of the stack, too, which shows only in the data bus. */
  pull(dataBus: number): number {
    const old = this.bus.read(0x100 | this.SP, dataBus);
    this.SP = (this.SP + 1) & 0xff;
    this.dataBus = this.bus.read(0x100 | this.SP, old);
    return this.dataBus;
  }

  private pullWord(dataBus: number): number {
    const low = this.pull(dataBus);
    this.SP = (this.SP + 1) & 0xff;
    this.dataBus = this.bus.read(0x100 | this.SP, low);
    return low | (this.dataBus << 8);
  }

  private readVector(address: number): number {
    return this.bus.read(address, 0) | (this.bus.read(address + 1, 0) << 8);
  }

  /** Writes the registers to `words` from `at` on; returns where the next chip may go on. */
  save(words: Int32Array, at: number): number {
    return STATE.save(this, words, at);
  }

  restore(words: Int32Array, at: number): number {
    return STATE.restore(this, words, at);
  }
}
