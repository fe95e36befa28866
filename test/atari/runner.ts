/** The tests of the CPU run programs of a few bytes with this, and compare the whole state. */
import { expect } from 'vitest';
import { createCartridge } from '../../lib/atari/cartridge';
import { Console } from '../../lib/atari/console';
import { inspectConsole } from '../../lib/atari/inspect';
import { Mt19937 } from '../../lib/random';

/** Where programs start; the 2 KiB cartridge is mirrored, so $F000 and $F800 show the same bytes. */
export const ORIGIN = 0xf000;

/** An opcode that no program may reach: it also ends translated blocks. */
const TRAP = 0x02;

/** Bits of P, which a test names without the bits that always read as 1. */
export const [N, V, D, I, Z, C] = [0x80, 0x40, 0x08, 0x04, 0x02, 0x01] as const;
export const ALWAYS_SET = 0x30;

interface Bytes {
  readonly [address: number]: number;
}

interface State extends Partial<Record<'A' | 'X' | 'Y' | 'SP' | 'PC' | 'P', number>> {
  /** Bytes of memory by address, $80 to $FF. */
  readonly ram?: Bytes;
}

/** Left out: A = X = Y = 0, SP = $FF, no flag set, memory 0. */
export interface Before extends State {
  readonly rom?: Bytes;
  /** How many instructions to execute; default 1. */
  readonly runs?: number;
}

/** What differs afterwards, and how long it took. */
export interface After extends State {
  readonly cycles: number;
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
 * Runs a program of a few bytes, once interpreted and once translated: both must lead to the expected
 * state, and nothing else may have changed.
 */
export function checkProgram(bytes: readonly number[], before: Before, after: After): void {
  const { P = 0, ram: stored = {}, rom, runs = 1, ...registers } = before;
  const { ram: written = {}, P: flags = P, ...changed } = after;
  for (const translate of [false, true]) {
    const console = createConsole(bytes, rom, translate);
    Object.assign(console.cpu, registers);
    console.cpu.status = P;
    const put = (memory: Uint8Array, values: Bytes) => {
      for (const [address, byte] of Object.entries(values)) memory[Number(address) & 0x7f] = byte;
      return memory;
    };
    const memory = put(put(console.ram, stored).slice(), written);

    const executed = console.processor.run(runs);

    const expected = { A: 0, X: 0, Y: 0, SP: 0xff, ...registers, PC: ORIGIN + bytes.length };
    expect({ translate, executed, ...inspectConsole(console).cpu }).toEqual({
      ...{ translate, executed: runs, ...expected, ...changed },
      P: ALWAYS_SET | flags,
    });
    expect([translate, ...console.ram]).toEqual([translate, ...memory]);
  }
}
