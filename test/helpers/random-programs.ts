/** Random cartridges, for the test that no program brings the console down. */
import { MNEMONICS, MODE, MODES } from '../../lib/atari/opcodes';
import type { Mt19937 } from '../../lib/random';
import { pick } from './random-play';

const SIZE = 4096;
const DOCUMENTED = [...MNEMONICS.keys()].filter((opcode) => MNEMONICS[opcode] !== '');
const STORES = [0x85, 0x86, 0x84, 0x95, 0x8d, 0x9d];
/** Registers of the TIA that are written to are $00 to $2C. */
const TIA_REGISTERS = 0x2d;
const THREE_BYTES: readonly number[] = [
  ...[MODE.absolute, MODE.absoluteX, MODE.absoluteY, MODE.indirect],
];

const choose = <T>(random: Mt19937, list: readonly T[]): T => list[pick(random, list.length)]!;

/** 4,096 bytes, the first instruction at $F000 to $FFFF: anything, or likely to run for a while. */
export function createRandomRom(random: Mt19937): Uint8Array {
  const rom = new Uint8Array(SIZE);
  for (let i = 0; i < SIZE; i++) {
    const kind = pick(random, 3);
    rom[i] =
      kind === 0 ? pick(random, 256) : kind === 1 ? pick(random, 0x40) : choose(random, DOCUMENTED);
  }
  if (pick(random, 4) > 0) writeProgram(rom, random);
  else for (const vector of [0xffd, 0xfff]) rom[vector] = 0xf0 | pick(random, 16);
  return rom;
}

/** Documented instructions that mostly write to the TIA, and a jump back to the first. */
function writeProgram(rom: Uint8Array, random: Mt19937): void {
  const starts: number[] = [];
  const jumps: number[] = [];
  const length = 100 + pick(random, 3000);
  let at = 0;
  while (at < length) {
    starts.push(at);
    const opcode = pick(random, 3) === 0 ? choose(random, STORES) : choose(random, DOCUMENTED);
    const isStore = MNEMONICS[opcode]!.startsWith('ST');
    const mode = MODES[opcode]!;
    rom[at] = opcode;
    rom[at + 1] = isStore && pick(random, 4) > 0 ? pick(random, TIA_REGISTERS) : pick(random, 256);
    if (mode === MODE.relative)
      rom[at + 1] = pick(random, 2) === 0 ? pick(random, 20) : 0xf0 | pick(random, 14);
    if (mode === MODE.implied) at += 1;
    else if (THREE_BYTES.includes(mode)) {
      rom[at + 2] = choose(random, [0, 0, 1, 2, 0xf0 | pick(random, 16)]);
      // Into the TIA's addresses only now and then
      if (MNEMONICS[opcode]![0] === 'J' && pick(random, 20) > 0) jumps.push(at);
      at += 3;
    } else at += 2;
  }
  for (const jump of jumps) {
    const target = choose(random, starts);
    rom[jump] = rom[jump] === 0x6c ? 0x4c : rom[jump]!;
    rom.set([target & 0xff, 0xf0 | (target >> 8)], jump + 1);
  }
  rom.set([0x4c, 0x00, 0xf0], at); // JMP $F000
  rom.set([0x00, 0xf0, 0xf0, 0xff], 0xffc); // starts at $F000; BRK calls $FFF0,
  rom[0xff0] = 0x40; // which is RTI
}
