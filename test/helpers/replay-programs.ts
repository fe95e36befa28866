/** Programs recorded in ale-py run again here, and the first difference of each is reported. */
import { crc32 } from 'node:zlib';
import { createCartridge } from '../../lib/atari/cartridge';
import { Console } from '../../lib/atari/console';
import { describeChips } from '../../lib/conformance/check-chips';
import type { Fixture } from '../../lib/conformance/fixture';
import { Mt19937 } from '../../lib/random';
import { IN_CARTRIDGE, IN_MEMORY } from './programs';

const PADDLE_CENTRE = 408_823;
const RAM = 128;

/** What record.py runs first: 0 in all registers of the TIA. */
// biome-ignore format: a program
const CLEAR = [
  0xa9, 2, 0x85, 0, 0x85, 2, 0x85, 2, 0x85, 2, 0xa9, 0, 0x85, 0, 0xa2, 0x2c, 0x95, 0, 0xca, 0xd0,
  0xfb, 0xa0, 0, 0x85, 2, 0xc8, 0xd0, 0xfb, 0xb8, 0x50, 0xe1,
];

/** The console as record.py leaves it, about to run a program of 128 bytes. */
export function startProgram(program: Uint8Array, translated: boolean): Console {
  const rom = new Uint8Array(2048);
  rom.set(program, IN_CARTRIDGE & 0x7ff);
  const random = new Mt19937(1);
  const console = new Console(createCartridge(rom), random, { hot: 1 });
  const { cpu } = console;
  console.reset(random);
  console.riot.reset(25);
  console.paddles.resistance.fill(PADDLE_CENTRE);
  console.ram.fill(0);
  console.ram.set(CLEAR);
  cpu.PC = IN_MEMORY;
  for (let frame = 0; frame < 4; frame++) console.frame();
  console.ram.set(program);
  cpu.A = cpu.X = cpu.Y = 0;
  cpu.SP = 0xff;
  cpu.status = 0;
  cpu.PC = translated ? IN_CARTRIDGE : IN_MEMORY;
  return console;
}

/**
 * Runs each recorded program in memory, which is interpreted, and in the cartridge, translated.
 *
 * @param only the name of the one program to run; default: all
 * @returns the first difference of each program that has one: where and what, ALE's value and ours.
 */
export function replayPrograms(fixture: Fixture, only?: string): string[] {
  const differences: string[] = [];
  let firstRow = 0;
  fixture.get<{ name: string; frames: number }[]>('programs').forEach(({ name, frames }, i) => {
    const program = fixture.array('program').subarray(i * RAM, (i + 1) * RAM) as Uint8Array;
    for (const translated of only === undefined || only === name ? [false, true] : []) {
      const console = startProgram(program, translated);
      for (let frame = 0; frame < frames; frame++) {
        console.frame();
        const difference = compare(fixture, firstRow + frame, console);
        if (difference === null) continue;
        const where = translated ? 'translated' : 'interpreted';
        differences.push(`${name}, ${where}, frame ${frame}: ${difference}`);
        break;
      }
    }
    firstRow += frames;
  });
  return differences;
}

function compare(fixture: Fixture, row: number, console: Console): string | null {
  const chips = describeChips(console);
  const fields = fixture.get<readonly string[]>('fields');
  const state = fixture.array('state').subarray(row * fields.length, (row + 1) * fields.length);
  for (const [column, field] of fields.entries()) {
    const ours = chips[field];
    if (ours === undefined) continue;
    const expected = state[column]!;
    // The cartridge shows the program at the same place of its page
    const actual = field === 'PC' && ours > 0xff ? ours & 0xff : ours >>> 0;
    if (actual !== expected) return `${field} expected ${expected}, got ${actual}`;
  }
  const ram = fixture.array('ram').subarray(row * RAM, (row + 1) * RAM);
  for (const [cell, expected] of ram.entries()) {
    const actual = console.ram[cell]!;
    if (actual !== expected) return `RAM[${cell}] expected ${expected}, got ${actual}`;
  }
  const expected = fixture.array('screenCrc')[row]!;
  const actual = crc32(console.picture);
  return actual === expected ? null : `picture checksum expected ${expected}, got ${actual}`;
}
