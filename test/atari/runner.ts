import { expect } from 'vitest';
import { createCartridge } from '../../lib/atari/cartridge';
import { Console } from '../../lib/atari/console';
import { inspectConsole } from '../../lib/atari/inspect';
import { Mt19937 } from '../../lib/random';

/** Where programs start; the 2 KiB cartridge is mirrored, so $F000 and $F800 show the same bytes. */
export const ORIGIN = 0xf000;

/** An opcode that no program may reach: it also ends translated blocks. */
const TRAP = 0x02;

type Registers = Partial<Record<'A' | 'X' | 'Y' | 'SP' | 'PC' | 'P', number>>;

/** P with nothing set but the bits that always read as 1. */
export const CLEAR = 0x30;
export const N = 0x80;
export const V = 0x40;
export const D = 0x08;
export const I = 0x04;
export const Z = 0x02;
export const C = 0x01;

interface Bytes {
  readonly [address: number]: number;
}

/** Puts a cartridge together: TRAP everywhere, `bytes` from ORIGIN on, then single bytes and vectors. */
export function createConsole(
  bytes: readonly number[],
  rom: Bytes = {},
  translate = true,
): Console {
  const image = new Uint8Array(2048).fill(TRAP);
  image.set(bytes, 0);
  image.set([ORIGIN & 0xff, ORIGIN >> 8], 0x7fc);
  for (const [address, byte] of Object.entries(rom)) image[Number(address) & 0x7ff] = byte;
  const random = new Mt19937(1);
  const console = new Console(createCartridge(image), random, { translate, hot: 1 });
  console.ram.fill(0);
  console.reset(random);
  console.tia.startFrame(0);
  return console;
}

/**
 * A program of a few bytes, run once by the interpreter and once translated: both must lead to the
 * expected state, and nothing else may have changed.
 */
export class Program {
  private readonly bytes: readonly number[];
  private romBytes: Bytes = {};
  private ramBytes: Bytes = {};
  private registers: Registers = {};
  private instructions = 1;

  constructor(bytes: readonly number[]) {
    this.bytes = bytes;
  }

  /** Registers before; left out: A = X = Y = 0, SP = $FF, no flag set. */
  from(registers: Registers): this {
    this.registers = registers;
    return this;
  }

  /** Bytes of memory before, by address $80 to $FF; the others are 0. */
  ram(bytes: Bytes): this {
    this.ramBytes = bytes;
    return this;
  }

  rom(bytes: Bytes): this {
    this.romBytes = bytes;
    return this;
  }

  /** How many instructions to execute; default 1. */
  runs(instructions: number): this {
    this.instructions = instructions;
    return this;
  }

  /** What differs afterwards: registers, memory; and how long it took. */
  expect(expected: Registers & { readonly cycles: number; readonly ram?: Bytes }): void {
    for (const translate of [false, true]) {
      const console = createConsole(this.bytes, this.romBytes, translate);
      const { cpu, bus, ram } = console;
      const { P = CLEAR, ...registers } = this.registers;
      Object.assign(cpu, registers);
      cpu.status = P;
      for (const [address, byte] of Object.entries(this.ramBytes))
        ram[Number(address) & 0x7f] = byte;
      const { cycles, ram: written = {}, ...changed } = expected;
      const memory = ram.slice();
      for (const [address, byte] of Object.entries(written)) memory[Number(address) & 0x7f] = byte;
      const before = {
        A: 0,
        X: 0,
        Y: 0,
        SP: 0xff,
        ...registers,
        P,
        PC: ORIGIN + this.bytes.length,
      };

      const executed = cpu.run(this.instructions);

      const way = translate ? 'translated' : 'interpreted';
      expect({ executed, ...inspectConsole(console).cpu, cycles: bus.cycles }, way).toEqual({
        executed: this.instructions,
        ...before,
        ...changed,
        cycles,
      });
      expect([...ram], way).toEqual([...memory]);
    }
  }
}

export const program = (...bytes: number[]) => new Program(bytes);
