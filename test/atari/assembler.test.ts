import { readdirSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AssemblyError, assemble, assembleRom } from '../../lib/atari/assembler';
import { createCartridge } from '../../lib/atari/cartridge';
import { Console } from '../../lib/atari/console';
import { REGISTERS } from '../../lib/atari/registers';
import { readRom } from '../../lib/env/rom';
import { Mt19937 } from '../../lib/random';
import { INSTRUCTIONS } from '../helpers/instruction-set';

const programs = new URL('programs/', import.meta.url);

/** Paints the background of each line in the next colour. */
const STRIPES = `
frame   LDA #2
        STA VSYNC
        STA WSYNC
        STA WSYNC
        STA WSYNC
        LDA #0
        STA VSYNC
        STA VBLANK
        LDX #0
line    STA WSYNC
        STX COLUBK
        INX
        CPX #250
        BNE line
        JMP frame
`;

function consoleWith(program: string): Console {
  const random = new Mt19937(1);
  const console = new Console(createCartridge(assembleRom(program)), random);
  console.reset(random);
  return console;
}

describe('assemble', () => {
  it.each(readdirSync(programs))('makes the same of %s by both tables of instructions', (name) => {
    const source = readFileSync(new URL(name, programs), 'utf8');
    const symbols = { ...REGISTERS, ORIGIN: 0xf080 };
    const byManual = assemble(source, { symbols, instructions: INSTRUCTIONS });
    expect(assemble(source, { symbols })).toEqual(byManual);
  });
});

describe('assembleRom', () => {
  it('makes a cartridge that the console plays', () => {
    const console = consoleWith(STRIPES);
    for (let i = 0; i < 3; i++) console.frame();
    const column = Array.from({ length: 210 }, (_, row) => console.picture[160 * row + 80]!);
    const steps = column.slice(1).map((colour, row) => (colour - column[row]!) & 0xff);
    // the lowest bit of a colour does not count
    expect(new Set(steps)).toEqual(new Set([0, 2]));
    expect(column.every((colour, row) => colour === console.picture[160 * row])).toBe(true);
  });

  it.each([
    [' LDQ #1', AssemblyError, 'line 2, "LDQ #1": expected an instruction, got LDQ'],
    [' ORG $1000\n NOP', RangeError, "a cartridge's program lies from $F000 to $FFFF, got 4096"],
  ])('refuses %j', (source, kind, message) => {
    expect(() => assembleRom(source)).toThrow(kind);
    expect(() => assembleRom(source)).toThrow(message);
  });
});

describe('Console.part', () => {
  it.each([
    ['Breakout', () => createCartridge(readRom().rom)],
    ['stripes', () => createCartridge(assembleRom(STRIPES))],
  ])('runs frames of %s piece by piece as frame() does in one go', (_, cartridge) => {
    const [whole, pieces] = [0, 1].map(() => {
      const random = new Mt19937(1);
      const console = new Console(cartridge(), random);
      console.reset(random);
      return console;
    }) as [Console, Console];
    for (let i = 0; i < 20; i++) {
      whole.frame();
      while (!pieces.part(100)) expect(pieces.picture).toHaveLength(210 * 160);
      expect(crc32(pieces.picture)).toBe(crc32(whole.picture));
      expect(pieces.save()).toEqual(whole.save());
    }
  });
});
