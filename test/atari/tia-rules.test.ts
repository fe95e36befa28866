/** All 15 collisions set their bits in the Stella guide, and rules found in recordings hold. */
import { describe, expect, it } from 'vitest';
import type { Tia } from '../../lib/atari/tia';
import { at, createTia, getRow, row, write } from './tia-screen';

/** How each object is switched on; all of them stand at the left edge and reach pixel 8. */
const OBJECTS = {
  P0: { GRP0: 0xff },
  P1: { GRP1: 0xff },
  M0: { ENAM0: 2 },
  M1: { ENAM1: 2 },
  BL: { ENABL: 2 },
  PF: { PF0: 0xf0 },
} as const;
type Name = keyof typeof OBJECTS;

/** The registers' pairs, bit 7 and bit 6, by the Stella Programmer's Guide. */
// biome-ignore format: a table
const COLLISION_REGISTERS: readonly (readonly [string, string | null])[] = [
  ['M0 P1', 'M0 P0'], ['M1 P0', 'M1 P1'], ['P0 PF', 'P0 BL'], ['P1 PF', 'P1 BL'],
  ['M0 PF', 'M0 BL'], ['M1 PF', 'M1 BL'], ['BL PF', null], ['P0 P1', 'M0 M1'],
];

/** A TIA with all objects at the left edge, missiles and ball eight pixels wide, none switched on. */
function createAtLeftEdge(): Tia {
  const tia = createTia();
  write(tia, 10, { RESP0: 0, RESP1: 0, RESM0: 0, RESM1: 0, RESBL: 0 });
  write(tia, 20, { NUSIZ0: 0x30, NUSIZ1: 0x30, CTRLPF: 0x30 });
  return tia;
}

describe('a collision of two objects', () => {
  const pairs = COLLISION_REGISTERS.flat().filter((pair) => pair !== null);

  it('is known for all 15 pairs', () => expect(new Set(pairs).size).toBe(15));

  it.each(pairs)('%s sets its bit and no other, until CXCLR', (pair) => {
    const tia = createAtLeftEdge();
    for (const name of pair.split(' ')) write(tia, 30, OBJECTS[name as Name]);
    const read = (line: number) =>
      COLLISION_REGISTERS.map((_, register) => tia.read(register, at(line)));
    const expected = COLLISION_REGISTERS.map(
      ([seven, six]) => (seven === pair ? 0x80 : 0) | (six === pair ? 0x40 : 0),
    );
    expect(read(2)).toEqual(expected);
    for (const name of Object.keys(OBJECTS)) {
      const registers = Object.keys(OBJECTS[name as Name]);
      write(tia, at(2), Object.fromEntries(registers.map((register) => [register, 0])));
    }
    expect(read(3)).toEqual(expected);
    write(tia, at(3), { CXCLR: 0 });
    expect(read(4)).toEqual(COLLISION_REGISTERS.map(() => 0));
  });
});

// What the recordings of programs have brought to light, one case each.

describe('CTRLPF', () => {
  it('mirrors at once when the value it has already is written again early in a line', () => {
    const tia = createTia();
    write(tia, 0, { PF0: 0x10 });
    write(tia, 60, { CTRLPF: 1 }); // clock 180: from the next line on, but none is completed here
    write(tia, 2 * 76 + 10, { CTRLPF: 1 });
    expect(getRow(tia, 0)).toBe(row([0, '####'], [156, '####']));
  });

  it('with score and priority colours by halves only where nothing else is switched on', () => {
    const tia = createTia();
    write(tia, 30, { RESP0: 0 });
    write(tia, 40, { PF1: 0x80, CTRLPF: 6, GRP0: 0xff });
    write(tia, at(0, 20), { RESP0: 0 }); // hides the player, which still counts
    expect(getRow(tia, 0)).toBe(row([16, '####'], [96, '####']));
    write(tia, at(1), { GRP0: 0 });
    expect(getRow(tia, 1)).toBe(row([16, '0000'], [96, '1111']));
  });
});

describe('the blank that HMOVE leaves', () => {
  it('is used up by a line that VBLANK keeps black', () => {
    const tia = createTia();
    write(tia, at(0, 3), { HMOVE: 0, VBLANK: 2 });
    write(tia, at(1), { VBLANK: 0 });
    expect(getRow(tia, 1)).toBe(row());
  });
});

describe('a frame without VSYNC', () => {
  it('shows its whole picture although nothing has been written in it', () => {
    const tia = createTia();
    write(tia, 291 * 76, { WSYNC: 0 });
    expect(tia.frameEnded).toBe(true);
    expect(tia.painter.screen.pixels.every((pixel) => pixel === 0x80)).toBe(true);
  });
});
