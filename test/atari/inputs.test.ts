/** Joysticks, buttons and paddles are read by a real program where the Stella guide puts them. */
import { describe, expect, it } from 'vitest';
import { createCartridge } from '../../lib/atari/cartridge';
import { Console, type ConsoleOptions, type JoystickInput } from '../../lib/atari/console';
import { Mt19937 } from '../../lib/random';
import { assembleProgram, getBytes } from '../helpers/programs';

/** A console that runs inputs.asm, and what the program has seen after so many frames. */
function createConsole(options: ConsoleOptions = {}): { console: Console; look(): number[] } {
  const program = assembleProgram('inputs', 0xf000);
  const random = new Mt19937(1);
  const rom = createCartridge(getBytes(program, { from: 0xf000, length: 2048 }));
  const console = new Console(rom, random, options);
  console.reset(random);
  const look = () => {
    console.frame();
    console.frame();
    return [...console.ram.subarray(0, 5)];
  };
  return { console, look };
}

describe('joysticks', () => {
  // By the Stella Programmer's Guide: SWCHA bits 4 to 7 are the left one's up, down, left, right.
  it.each<[JoystickInput, number]>([
    [{}, 0xff],
    [{ up: true }, 0xef],
    [{ down: true }, 0xdf],
    [{ left: true }, 0xbf],
    [{ right: true }, 0x7f],
    [{ up: true, right: true }, 0x6f],
  ])('at the left show %j in SWCHA', (input, SWCHA) => {
    const { console, look } = createConsole({ controller: 'joystick' });
    console.setJoystick('left', { down: true, left: true });
    console.setJoystick('left', input);
    expect(look()).toEqual([SWCHA, 0, 0, 0x80, 0x80]);
  });

  it('at the right use bits 0 to 3', () => {
    const { console, look } = createConsole({ controller: 'joystick' });
    console.setJoystick('right', { down: true, right: true });
    expect(look()[0]).toBe(0xf5);
  });

  it('show their buttons in INPT4 and INPT5, also after a reset and in a saved state', () => {
    const { console, look } = createConsole({ controller: 'joystick' });
    console.setJoystick('left', { fire: true });
    expect(look()).toEqual([0xff, 0, 0, 0, 0x80]);
    const saved = console.save();
    console.setJoystick('left', {});
    console.setJoystick('right', { fire: true });
    expect(look()).toEqual([0xff, 0, 0, 0x80, 0]);
    console.reset(new Mt19937(1));
    expect(look()).toEqual([0xff, 0, 0, 0x80, 0]);
    console.restore(saved);
    expect(look()).toEqual([0xff, 0, 0, 0, 0x80]);
  });

  it('never charge the paddle inputs, however long they are read', () => {
    const { console, look } = createConsole({ controller: 'joystick' });
    for (let i = 0; i < 1000; i++) console.frame(false);
    expect(look()).toEqual([0xff, 0, 0, 0x80, 0x80]);
  });
});

describe('paddles', () => {
  it('show buttons in SWCHA and whether 200 lines have charged them', () => {
    const { console, look } = createConsole();
    // 200 lines are 15,200 cycles, which is enough for 790,196 ohms (15,045 cycles)
    console.paddles.resistance[0] = 790_196;
    console.paddles.resistance[1] = 900_000;
    console.setButton(0, true);
    expect(look()).toEqual([0x7f, 0x80, 0, 0x80, 0x80]);
    console.setButton(0, false);
    console.setButton(1, true);
    expect(look()[0]).toBe(0xbf);
  });
});
