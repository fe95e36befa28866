/** The tests of the TIA write registers and read rows of the picture as text with this. */
import { Paddles } from '../../lib/atari/paddle';
import { REGISTERS } from '../../lib/atari/registers';
import { Tia } from '../../lib/atari/tia';

// Registers by the Stella Programmer's Guide; pixels worked out by hand. A line has 76 cycles, its
// first visible pixel (of 160) is clock 68; the picture begins with line 34.

const FIRST_LINE = 34;
export const at = (line: number, cycle = 0) => 76 * (FIRST_LINE + line) + cycle;

type Register = keyof typeof REGISTERS;

export const [P0, P1, PF, BK] = [0x20, 0x40, 0x60, 0x80];

/** A TIA at the start of a frame, with the four colours above. */
export function createTia(): Tia {
  const tia = new Tia(new Paddles());
  tia.reset();
  tia.startFrame(0);
  write(tia, 0, { COLUP0: P0, COLUP1: P1, COLUPF: PF, COLUBK: BK });
  return tia;
}

export function write(tia: Tia, cycles: number, values: Partial<Record<Register, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    tia.write(REGISTERS[name as Register], value, cycles, false);
  }
}

/** A row as text: 0 and 1 for the players' colours, # for the playfield's, . for the background, _ black. */
export function getRow(tia: Tia, row: number): string {
  tia.beam.paintTo(3 * at(row + 1, 1));
  const names = new Map([
    [P0, '0'],
    [P1, '1'],
    [PF, '#'],
    [BK, '.'],
    [0, '_'],
  ]);
  const pixels = tia.painter.screen.pixels.subarray(160 * row, 160 * (row + 1));
  return Array.from(pixels, (pixel) => names.get(pixel) ?? '?').join('');
}

/** [start, text] pieces on a background. */
export function row(...pieces: readonly (readonly [number, string])[]): string {
  const line = new Array<string>(160).fill('.');
  for (const [start, text] of pieces) {
    for (let i = 0; i < text.length; i++) line[(start + i) % 160] = text[i]!;
  }
  return line.join('');
}
