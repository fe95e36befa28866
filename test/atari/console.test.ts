/** The console gives equal frames translated or not, drawn or not, and after a save or a reset. */
import { describe, expect, it } from 'vitest';
import { createCartridge } from '../../lib/atari/cartridge';
import { CONSOLE_WORDS, Console } from '../../lib/atari/console';
import { inspectConsole } from '../../lib/atari/inspect';
import { UndocumentedOpcodeError } from '../../lib/atari/interpreter';
import { getResetState, resetConsole } from '../../lib/env/boot';
import { readRom } from '../../lib/env/rom';
import { Mt19937 } from '../../lib/random';
import { checksum } from '../helpers/checksum';

/** Breakout just after its reset, the button held so that balls are served, and moving paddles. */
function createBreakout({ translate = true } = {}): {
  console: Console;
  play(frame: number): void;
} {
  const console = new Console(readRom(), new Mt19937(1), { translate });
  const { words, picture } = getResetState(readRom(), { mode: 0, difficulty: 0 });
  console.restore(words);
  console.setPicture(picture);
  const play = (frame: number) => {
    console.setSwitch('RESET', false);
    console.setButton(0, frame % 50 === 0);
    console.paddles.resistance[0] = 100_000 + ((frame * 7919) % 600_000);
  };
  return { console, play };
}

describe('a frame', () => {
  it('is the same interpreted and translated', () => {
    const interpreted = createBreakout({ translate: false });
    const translated = createBreakout();
    for (let frame = 0; frame < 200; frame++) {
      for (const { console, play } of [interpreted, translated]) {
        play(frame);
        console.frame();
      }
      expect(inspectConsole(translated.console)).toEqual(inspectConsole(interpreted.console));
      expect(checksum(translated.console.picture)).toBe(checksum(interpreted.console.picture));
    }
  });

  it('without its picture differs in nothing, and the picture can be had afterwards', () => {
    const drawn = createBreakout();
    const undrawn = createBreakout();
    for (let frame = 0; frame < 200; frame++) {
      drawn.play(frame);
      drawn.console.frame();
      undrawn.play(frame);
      undrawn.console.frame(false);
      expect(undrawn.console.save()).toEqual(drawn.console.save());
      if (frame % 7 === 0)
        expect(checksum(undrawn.console.picture)).toBe(checksum(drawn.console.picture));
    }
  });

  it('is painted whole over whatever was shown before', () => {
    const ordinary = createBreakout();
    const disturbed = createBreakout();
    const random = new Mt19937(3);
    const noise = Uint8Array.from({ length: 210 * 160 }, () => random.nextUint32() & 0xfe);
    for (let frame = 0; frame < 100; frame++) {
      ordinary.play(frame);
      ordinary.console.frame();
      disturbed.play(frame);
      if (frame % 3 === 0) disturbed.console.setPicture(noise);
      disturbed.console.frame(frame % 10 !== 7);
      expect(checksum(disturbed.console.picture)).toBe(checksum(ordinary.console.picture));
    }
  });

  it('shows its own picture although inputs and memory changed since', () => {
    const drawn = createBreakout();
    const undrawn = createBreakout();
    drawn.console.frame();
    undrawn.console.frame(false);
    undrawn.play(0);
    undrawn.console.ram[99] = 123;
    expect(checksum(undrawn.console.picture)).toBe(checksum(drawn.console.picture));
    expect(undrawn.console.ram[99]).toBe(123);
    expect(undrawn.console.riot.SWCHA).toBe(0x7f);
  });
});

describe('a reset of the environment', () => {
  it('leads to the same state whatever was before, so that it may be taken from a cache', () => {
    const { console } = createBreakout();
    console.ram.set(Uint8Array.from({ length: 128 }, (_, i) => 37 * i));
    for (let frame = 0; frame < 10; frame++) console.frame();
    const frames = resetConsole(console, new Mt19937(99), { mode: 8, difficulty: 1 });
    const cached = getResetState(readRom(), { mode: 8, difficulty: 1 });
    expect(frames).toBe(cached.frames);
    expect(console.save()).toEqual(cached.words);
    expect(checksum(console.picture)).toBe(checksum(cached.picture));
  });
});

describe('a saved state', () => {
  it('fills CONSOLE_WORDS exactly', () => {
    const words = createBreakout().console.save(new Int32Array(CONSOLE_WORDS + 2).fill(-12345));
    expect([...words.subarray(CONSOLE_WORDS)]).toEqual([-12345, -12345]);
    expect(words[CONSOLE_WORDS - 1]).not.toBe(-12345);
  });

  it('goes on in another console as in the first', () => {
    const first = createBreakout();
    for (let frame = 0; frame < 100; frame++) {
      first.play(frame);
      first.console.frame();
    }
    const second = createBreakout();
    second.console.restore(first.console.save());
    for (let frame = 100; frame < 150; frame++) {
      for (const { console, play } of [first, second]) {
        play(frame);
        console.frame();
      }
      expect(second.console.save()).toEqual(first.console.save());
      expect(checksum(second.console.picture)).toBe(checksum(first.console.picture));
    }
  });
});

describe('a state that no console has saved', () => {
  // 30 as the ball's size would be 2^30 pixels, -5 as the beam's place a line without an end.
  it.each([30, -5, 1000, 2 ** 31 - 1, -(2 ** 31)])('of all %i is played in no time', (value) => {
    const { console } = createBreakout();
    const before = process.cpuUsage();
    console.restore(new Int32Array(CONSOLE_WORDS).fill(value));
    try {
      console.frame();
    } catch (error) {
      expect(error).toBeInstanceOf(UndocumentedOpcodeError);
    }
    expect(process.cpuUsage(before).user).toBeLessThan(500_000); // of 1,000,000 a second
  });

  it('leaves bytes in the registers', () => {
    const { console } = createBreakout();
    console.restore(new Int32Array(CONSOLE_WORDS).fill(0x12345679));
    const { A, X, Y, SP, PC } = console.cpu;
    expect([A, X, Y, SP, PC]).toEqual([0x79, 0x79, 0x79, 0x79, 0x5679]);
    expect(console.tia.painter.bl.size).toBe(1);
    console.restore(new Int32Array(CONSOLE_WORDS).fill(-1));
    const { tia, riot } = inspectConsole(console);
    expect(riot).toMatchObject({ SWCHA: 0xff, timer: 0xff, expiryRead: 1 });
    expect(tia).toMatchObject({ COLUPF: 0xfe, CTRLPF: 0xff, GRP0: 0xff, REFP1: 8, ENABL: 2 });
    expect(tia).toMatchObject({ PF0: 0xf0, HMBL: 15, POSM0: 255, INPT4: 0x80, VDELP0: 1 });
  });
});

describe('a reset to a variant that does not exist', () => {
  it('is refused, not looked for', () => {
    const { console } = createBreakout();
    const reset = () => resetConsole(console, new Mt19937(1), { mode: 999, difficulty: 0 });
    expect(reset).toThrow(/^mode must be one that SELECT leads to, got 999$/);
  });
});

describe('a program without VSYNC', () => {
  it('leaves the frame unfinished after 25,000 instructions', () => {
    const rom = new Uint8Array(2048).fill(0xea); // NOP
    rom.set([0x4c, 0x00, 0xf0], 0x700); // JMP $F000
    rom.set([0x00, 0xf0], 0x7fc);
    const random = new Mt19937(1);
    const console = new Console(createCartridge(rom), random);
    console.reset(random);
    console.frame();
    // 1793 instructions (1792 NOPs of 2 cycles, a JMP of 3) a pass: 13 passes and 1691 NOPs
    expect(console.bus.cycles).toBe(13 * (1792 * 2 + 3) + 1691 * 2);
    console.frame();
    expect(console.bus.cycles).toBeGreaterThan(90_000);
  });
});

describe('a saved state within a frame', () => {
  it('goes on in a console that has finished its own', () => {
    const rom = new Uint8Array(2048).fill(0xea); // NOP
    rom.set([0xe6, 0x80, 0x85, 0x09, 0x4c, 0x00, 0xf0]); // INC $80, STA COLUBK, JMP $F000
    rom.set([0x00, 0xf0], 0x7fc);
    const create = () => {
      const random = new Mt19937(1);
      const console = new Console(createCartridge(rom), random);
      console.reset(random);
      return console;
    };
    const first = create();
    const halfway = first.save();
    halfway[1] = 0; // in a frame
    first.frame(); // which the TIA ends, for it is too long
    expect(first.tia.frameEnded).toBe(true);
    first.restore(halfway);
    first.frame();
    const second = create();
    second.restore(halfway);
    second.frame();
    expect(first.save()).toEqual(second.save());
  });
});

describe('a program that comes to an undocumented opcode', () => {
  function create(): Console {
    const rom = new Uint8Array(2048).fill(0x02);
    rom.set([0xa9, 0x84, 0x85, 0x09, 0xea]); // LDA #$84, STA COLUBK, NOP
    rom.set([0x00, 0xf0], 0x7fc);
    const random = new Mt19937(1);
    const console = new Console(createCartridge(rom), random);
    console.reset(random);
    return console;
  }

  it('stays there, frame after frame', () => {
    const console = create();
    for (let i = 0; i < 3; i++) {
      expect(() => console.frame()).toThrow(/at \$F005, got \$02/);
      expect(console.cpu.PC).toBe(0xf005);
    }
  });

  it('leaves a picture that can be had, and its state as it was', () => {
    const console = create();
    expect(() => console.frame(false)).toThrow(UndocumentedOpcodeError);
    const before = console.save();
    const drawn = create();
    expect(() => drawn.frame()).toThrow(UndocumentedOpcodeError);
    expect(checksum(console.picture)).toBe(checksum(drawn.picture));
    expect(console.save()).toEqual(before);
    expect(console.save()).toEqual(drawn.save());
  });
});

describe('a cartridge', () => {
  it('of 4 KiB is taken as it is', () => {
    expect(createCartridge(new Uint8Array(4096).fill(7)).rom).toEqual(new Uint8Array(4096).fill(7));
  });

  it('of another size is refused', () => {
    expect(() => createCartridge(new Uint8Array(8192))).toThrow(/2048 or 4096 bytes, got 8192/);
  });
});
