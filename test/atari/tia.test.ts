/** The TIA's registers draw rows of pixels that were worked out by hand from the Stella guide. */
import { describe, expect, it } from 'vitest';
import { getMotion } from '../../lib/atari/motion';
import { REGISTERS } from '../../lib/atari/registers';
import type { Tia } from '../../lib/atari/tia';
import { at, createTia, getRow, row, write } from './tia-screen';

// Registers by the Stella Programmer's Guide; pixels worked out by hand.

describe('playfield', () => {
  it('is PF0 from bit 4 up, PF1 from bit 7 down, PF2 from bit 0 up, four pixels each, twice', () => {
    const tia = createTia();
    write(tia, 0, { PF0: 0x10, PF1: 0x80, PF2: 0x01 });
    const half = [0, 16, 48];
    const pieces = [...half, ...half.map((x) => x + 80)].map((x) => [x, '####'] as const);
    expect(getRow(tia, 0)).toBe(row(...pieces));
  });

  it('is mirrored in the right half with CTRLPF bit 0', () => {
    const tia = createTia();
    write(tia, 0, { PF0: 0x10, PF1: 0x80, CTRLPF: 1 });
    expect(getRow(tia, 0)).toBe(row([0, '####'], [16, '####'], [156, '####'], [140, '####']));
  });

  it('takes the colours of the players in score mode', () => {
    const tia = createTia();
    write(tia, 0, { PF1: 0x80, CTRLPF: 2 });
    expect(getRow(tia, 0)).toBe(row([16, '0000'], [96, '1111']));
  });

  it('changes at the next playfield pixel at least two clocks after the write', () => {
    const tia = createTia();
    // cycle 30 is clock 90, pixel 22: the next boundary of 4 that is 2 clocks away is pixel 24
    write(tia, at(0, 30), { PF1: 0xff });
    expect(getRow(tia, 0).slice(16, 32)).toBe('........########');
  });
});

describe('players', () => {
  // RESP0 at cycle 30: clock 90, pixel 22, and the player starts 5 pixels later.
  const place = (tia: Tia) => write(tia, 30, { RESP0: 0 });

  it('show eight pixels, bit 7 first', () => {
    const tia = createTia();
    place(tia);
    write(tia, at(0) - 76, { GRP0: 0b10110001 });
    getRow(tia, 0);
    expect(getRow(tia, 1)).toBe(row([27, '0.00...0']));
  });

  it('are mirrored by REFP', () => {
    const tia = createTia();
    place(tia);
    write(tia, 40, { GRP0: 0b10110001, REFP0: 8 });
    getRow(tia, 0);
    expect(getRow(tia, 1)).toBe(row([27, '0...00.0']));
  });

  it.each([
    [1, [0, 16]],
    [2, [0, 32]],
    [3, [0, 16, 32]],
    [4, [0, 64]],
    [6, [0, 32, 64]],
  ])('have copies by NUSIZ %i at %j', (NUSIZ0, copies) => {
    const tia = createTia();
    place(tia);
    write(tia, 40, { GRP0: 0xff, NUSIZ0 });
    getRow(tia, 0);
    expect(getRow(tia, 1)).toBe(row(...copies.map((x) => [27 + x, '00000000'] as const)));
  });

  it.each([
    [5, 2],
    [7, 4],
  ])('are stretched by NUSIZ %i, and start a pixel late', (NUSIZ0, width) => {
    const tia = createTia();
    place(tia);
    write(tia, 40, { GRP0: 0b10000001, NUSIZ0 });
    getRow(tia, 0);
    const bit = '0'.repeat(width);
    expect(getRow(tia, 1)).toBe(row([28, bit], [28 + 7 * width, bit]));
  });

  it('wrap around the end of the line', () => {
    const tia = createTia();
    write(tia, 74, { RESP0: 0 }); // clock 222, pixel 154 + 5 = 159
    write(tia, 76, { GRP0: 0xff });
    getRow(tia, 0);
    expect(getRow(tia, 1)).toBe(row([159, '00000000']));
  });

  it('show the graphics before the other GRP write with VDELP', () => {
    const tia = createTia();
    place(tia);
    write(tia, 40, { GRP0: 0xf0, VDELP0: 1 });
    write(tia, 50, { GRP1: 0 }); // copies $F0
    write(tia, 60, { GRP0: 0x0f });
    getRow(tia, 0);
    expect(getRow(tia, 1)).toBe(row([27, '0000']));
  });

  it('strobed while the beam is far hide their first copy to the end of the line', () => {
    const tia = createTia();
    place(tia);
    write(tia, 40, { GRP0: 0xff, NUSIZ0: 1 });
    getRow(tia, 0);
    write(tia, at(1, 40), { RESP0: 0 }); // pixel 52 + 5
    expect(getRow(tia, 1).slice(57)).toBe(row([73, '00000000']).slice(57));
    expect(getRow(tia, 2)).toBe(row([57, '00000000'], [73, '00000000']));
  });
});

describe('missiles and ball', () => {
  it.each([
    [0x00, 1],
    [0x10, 2],
    [0x20, 4],
    [0x30, 8],
  ])('a missile is as wide as NUSIZ %i says', (NUSIZ0, width) => {
    const tia = createTia();
    write(tia, 30, { RESM0: 0 }); // pixel 22 + 4
    write(tia, 40, { ENAM0: 2, NUSIZ0 });
    expect(getRow(tia, 0)).toBe(row([26, '0'.repeat(width)]));
  });

  it('a missile locked to its player is off, and let go at its middle', () => {
    const tia = createTia();
    write(tia, 30, { RESP0: 0 });
    write(tia, 40, { ENAM0: 2, RESMP0: 2 });
    expect(getRow(tia, 0)).toBe(row());
    write(tia, at(1, 0), { RESMP0: 0 });
    expect(getRow(tia, 1)).toBe(row([27 + 4, '0']));
  });

  it('the ball takes its width from CTRLPF and the colour of the playfield', () => {
    const tia = createTia();
    write(tia, 30, { RESBL: 0 });
    write(tia, 40, { ENABL: 2, CTRLPF: 0x20 });
    expect(getRow(tia, 0)).toBe(row([26, '####']));
  });

  it('VDELBL shows ENABL as it was at the last GRP1 write', () => {
    const tia = createTia();
    write(tia, 30, { RESBL: 0 });
    write(tia, 40, { ENABL: 2, VDELBL: 1 });
    expect(getRow(tia, 0)).toBe(row());
    write(tia, at(1, 0), { GRP1: 0 });
    expect(getRow(tia, 1)).toBe(row([26, '#']));
  });
});

describe('priority', () => {
  const overlap = (CTRLPF: number) => {
    const tia = createTia();
    write(tia, 30, { RESP0: 0, RESP1: 0 }); // both at 27
    write(tia, 40, { GRP0: 0b11000000, GRP1: 0b11110000, PF1: 0x1c, CTRLPF }); // pixels 28 to 39
    getRow(tia, 0);
    return getRow(tia, 1).slice(24, 44);
  };

  it('is player 0, player 1, playfield', () => expect(overlap(0)).toBe('...0011#########....'));
  it('is the playfield first with CTRLPF bit 2', () => {
    expect(overlap(4)).toBe('...0############....');
  });
});

describe('motion', () => {
  // HM nibble 7 is 7 pixels left, 8 is 8 pixels right; in cycle 3, right after WSYNC.
  it.each([
    [0x0, 0],
    [0x7, -7],
    [0x1, -1],
    [0xf, 1],
    [0x8, 8],
  ])('nibble %i in cycle 3 moves by %i', (nibble, pixels) => {
    expect(getMotion(nibble, 3)).toBe(pixels);
  });

  it('does nothing in the middle of a line', () => expect(getMotion(0x7, 40)).toBe(0));

  it('moves the objects and blanks the first eight pixels of the line', () => {
    const tia = createTia();
    write(tia, 30, { RESBL: 0 });
    write(tia, 40, { ENABL: 2, HMBL: 0x70 });
    write(tia, at(0, 3), { HMOVE: 0 });
    expect(getRow(tia, 0)).toBe(row([0, '________'], [26 - 7, '#']));
    expect(getRow(tia, 1)).toBe(row([19, '#']));
  });

  it('HMCLR clears the motion registers', () => {
    const tia = createTia();
    write(tia, 30, { RESBL: 0 });
    write(tia, 40, { ENABL: 2, HMBL: 0x70, HMCLR: 0 });
    write(tia, at(0, 3), { HMOVE: 0 });
    expect(getRow(tia, 1)).toBe(row([26, '#']));
  });
});

describe('collisions', () => {
  const read = (tia: Tia, register: number) => tia.read(register, at(2, 0));

  it('of ball and playfield set bit 7 of CXBLPF, until CXCLR', () => {
    const tia = createTia();
    write(tia, 30, { RESBL: 0 });
    write(tia, 40, { ENABL: 2, PF1: 0xff });
    expect(read(tia, 6)).toBe(0x80);
    write(tia, at(2, 10), { CXCLR: 0, ENABL: 0 });
    expect(tia.read(6, at(4, 0))).toBe(0);
  });

  it('of both players set bit 7 of CXPPMM', () => {
    const tia = createTia();
    write(tia, 30, { RESP0: 0, RESP1: 0 });
    write(tia, 40, { GRP0: 1, GRP1: 1 });
    expect(read(tia, 7)).toBe(0x80);
  });

  it('of missile 0 and the ball set bit 6 of CXM0FB', () => {
    const tia = createTia();
    write(tia, 30, { RESM0: 0, RESBL: 0 });
    write(tia, 40, { ENAM0: 2, ENABL: 2 });
    expect(read(tia, 4)).toBe(0x40);
  });

  it('do not happen while VBLANK is on', () => {
    const tia = createTia();
    write(tia, 30, { RESBL: 0, VBLANK: 2 });
    write(tia, 40, { ENABL: 2, PF1: 0xff });
    expect(read(tia, 6)).toBe(0);
  });

  it('are the same when nothing is drawn', () => {
    const tia = createTia();
    tia.painter.drawing = false;
    write(tia, 30, { RESBL: 0 });
    write(tia, 40, { ENABL: 2, PF1: 0xff });
    expect(read(tia, 6)).toBe(0x80);
    expect(tia.painter.screen.pixels.every((pixel) => pixel === 0)).toBe(true);
  });
});

describe('time', () => {
  it('WSYNC waits for the end of the line, not at its start', () => {
    const tia = createTia();
    expect(tia.write(REGISTERS.WSYNC, 0, 10, false)).toBe(76);
    expect(tia.write(REGISTERS.WSYNC, 0, 76, false)).toBe(76);
  });

  it('a frame ends when VSYNC goes off after at least a line', () => {
    const tia = createTia();
    tia.write(0, 2, 100, false);
    tia.write(0, 0, 100 + 75, false);
    expect(tia.frameEnded).toBe(false);
    tia.write(0, 0, 100 + 76, false);
    expect(tia.frameEnded).toBe(true);
  });

  it('a frame without VSYNC is ended by a write after line 290', () => {
    const tia = createTia();
    write(tia, 291 * 76 - 1, { COLUBK: 2 });
    expect(tia.frameEnded).toBe(false);
    write(tia, 291 * 76, { COLUBK: 4 });
    expect(tia.frameEnded).toBe(true);
  });
});
