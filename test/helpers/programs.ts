/** The programs in test/atari/programs, assembled and as bytes, for tests and recordings. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Assembly, assemble } from '../../lib/atari/assembler';
import { REGISTERS } from '../../lib/atari/registers';
import { INSTRUCTIONS } from './instruction-set';

/** Where the recorded programs lie: in memory, and at the same place of a page of the cartridge. */
export const IN_MEMORY = 0x80;
export const IN_CARTRIDGE = 0xf080;

/** Assembles a program of test/atari/programs, which may ask where it lies by the name ORIGIN. */
export function assembleProgram(name: string, origin: number): Assembly {
  const path = fileURLToPath(new URL(`../atari/programs/${name}.asm`, import.meta.url));
  const symbols = { ...REGISTERS, ORIGIN: origin };
  // not the emulator's own table of instructions, which these programs check
  return assemble(readFileSync(path, 'utf8'), { symbols, instructions: INSTRUCTIONS });
}

/** The bytes of an assembled program from an address on; `fill` where it has none. */
export function getBytes(
  { bytes }: Assembly,
  { from, length, fill = 0 }: { from: number; length: number; fill?: number },
): Uint8Array {
  const image = new Uint8Array(length).fill(fill);
  for (const [address, byte] of bytes) {
    const at = address - from;
    if (at < 0 || at >= length) {
      throw new RangeError(`expected code from ${from} to ${from + length - 1}, got ${address}`);
    }
    image[at] = byte;
  }
  return image;
}
