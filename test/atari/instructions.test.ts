/** Every documented opcode does what instructions.asm's comments, written by hand, say of it. */
import { describe, expect, it } from 'vitest';
import type { AssembledLine } from '../../lib/atari/assembler';
import { createCartridge } from '../../lib/atari/cartridge';
import { Console } from '../../lib/atari/console';
import { inspectConsole } from '../../lib/atari/inspect';
import { UndocumentedOpcodeError } from '../../lib/atari/interpreter';
import { Mt19937 } from '../../lib/random';
import { OPCODES } from '../helpers/instruction-set';
import { assembleProgram, getBytes } from '../helpers/programs';
import { createConsole, ORIGIN } from './runner';

const FLAGS = 'NV--DIZC';

interface Registers {
  readonly A: number;
  readonly X: number;
  readonly Y: number;
  readonly SP: number;
  readonly P: string;
  readonly memory: readonly number[];
}

function getRegisters({ cpu, ram }: Console): Registers {
  const { A, X, Y, SP, status } = cpu;
  const P = [...FLAGS].filter((name, i) => name !== '-' && ((status >> (7 - i)) & 1) === 1);
  return { A, X, Y, SP, P: P.join(''), memory: [...ram] };
}

/** What a line's comment says must have changed, by the syntax explained in instructions.asm. */
function applyComment(before: Registers, words: readonly string[]): Registers {
  const memory = [...before.memory];
  const changed: Record<string, number | string> = {};
  for (const word of words) {
    const [name = '', value = ''] = word.split('=');
    if (name === 'P') changed.P = value;
    else if (name.startsWith('$')) memory[parseInt(name.slice(1), 16) & 0x7f] = parseInt(value, 16);
    else changed[name] = parseInt(value, 16);
  }
  return { ...before, ...changed, memory };
}

describe('instructions.asm', () => {
  const program = assembleProgram('instructions', 0);
  const cartridge = createCartridge(getBytes(program, { from: 0xf000, length: 4096, fill: 0x02 }));
  const lines = new Map(program.lines.map((line) => [line.address, line]));
  const done = program.symbols.get('done');

  function start(translate: boolean): Console {
    const random = new Mt19937(1);
    const console = new Console(cartridge, random, { translate, hot: 1 });
    console.ram.fill(0);
    console.reset(random);
    console.tia.startFrame(0);
    return console;
  }

  /** Executes one instruction after the other until the end, at most a thousand. */
  function trace(visit: (line: AssembledLine, console: Console, step: () => void) => void): void {
    const console = start(false);
    for (let i = 0; i < 1000 && console.cpu.PC !== done; i++) {
      const line = lines.get(console.cpu.PC);
      if (line === undefined) throw new Error(`no instruction at ${console.cpu.PC.toString(16)}`);
      visit(line, console, () => console.processor.run(1));
    }
    expect(console.cpu.PC).toBe(done);
  }

  it('takes the cycles and leaves the registers, flags and memory that its comments say', () => {
    const executed = new Set<AssembledLine>();
    trace((line, console, step) => {
      const { bus, cpu } = console;
      const [cycles, ...words] = line.comment.split(' ');
      const expected = applyComment(getRegisters(console), words);
      const from = bus.cycles;
      step();
      const where = `${line.address.toString(16)} ${line.text}`;
      expect({ cycles: bus.cycles - from, ...getRegisters(console) }, where).toEqual({
        cycles: Number(cycles),
        ...expected,
      });
      const jumps = /^(B[^I]|J|RT)/.test(line.text);
      if (!jumps) expect(cpu.PC, where).toBe(line.address + line.bytes.length);
      executed.add(line);
    });
    const left = program.lines.filter((line) => line.comment !== '' && !executed.has(line));
    expect(left).toEqual([]);
  });

  it('has every documented opcode', () => {
    const opcodes = new Set<number>();
    trace((line, _, step) => {
      opcodes.add(line.bytes[0]!);
      step();
    });
    expect(opcodes).toEqual(new Set(OPCODES));
  });

  it('is the same after any number of instructions when it is translated', () => {
    let executed = 0;
    trace((_, interpreted, step) => {
      step();
      executed++;
      const translated = start(true);
      expect(translated.processor.run(executed)).toBe(executed);
      expect(inspectConsole(translated)).toEqual(inspectConsole(interpreted));
    });
  });
});

/** What the two nibbles of a byte are worth, and a number's last two digits as nibbles. */
const worth = (byte: number) => 10 * Math.floor(byte / 16) + (byte % 16);
const digits = (number: number) => 16 * Math.floor((number % 100) / 10) + (number % 10);

describe('decimal mode, for all operands', () => {
  const { cpu, processor, bus, ram } = createConsole([0x65, 0x80, 0xe5, 0x80]); // ADC $80, SBC $80
  const decimal = 0x38;

  function run(origin: number, a: number, m: number, carry: number): string {
    cpu.A = a;
    cpu.PC = origin;
    cpu.status = decimal | carry;
    ram[0] = m;
    bus.cycles = 0;
    processor.run(1);
    return `${cpu.A} ${cpu.status}`;
  }

  function describeResult(a: number, m: number, result: number, carry: boolean): string {
    const overflow = (a ^ result) & (result ^ m) & 0x80 ? 0x40 : 0;
    const zero = result === 0 ? 2 : 0;
    return `${result} ${(result & 0x80) | overflow | decimal | zero | (carry ? 1 : 0)}`;
  }

  it('ADC adds values of digits; V as in ALE', () => {
    const wrong: string[] = [];
    for (let a = 0; a < 256; a++) {
      for (let m = 0; m < 256; m++) {
        for (const carry of [0, 1]) {
          const sum = worth(a) + worth(m) + carry;
          const expected = describeResult(a, m, digits(sum % 256), sum > 99);
          const actual = run(ORIGIN, a, m, carry);
          if (actual !== expected) wrong.push(`${a} + ${m} + ${carry}: ${expected}, ${actual}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('SBC subtracts them; the carry is that of binary numbers', () => {
    const wrong: string[] = [];
    for (let a = 0; a < 256; a++) {
      for (let m = 0; m < 256; m++) {
        for (const carry of [0, 1]) {
          const difference = worth(a) - worth(m) - (1 - carry);
          // Below -100, which no two decimal numbers give: see the recording of decimal.asm
          if (difference < -100) continue;
          const result = digits(difference < 0 ? difference + 100 : difference);
          const expected = describeResult(a, m, result, a >= m + 1 - carry);
          const actual = run(ORIGIN + 2, a, m, carry);
          if (actual !== expected) wrong.push(`${a} - ${m}, ${carry}: ${expected}, ${actual}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('undocumented opcodes', () => {
  const documented = new Set(OPCODES);
  const others = Array.from({ length: 256 }, (_, opcode) => opcode).filter(
    (opcode) => !documented.has(opcode),
  );

  it('are 105, and each is refused by its number and address, translated or not', () => {
    expect(others).toHaveLength(105);
    for (const opcode of others) {
      const digits = opcode.toString(16).toUpperCase().padStart(2, '0');
      for (const translate of [false, true]) {
        const { cpu, processor } = createConsole([0xea, 0xea, opcode, 0, 0], {}, translate);
        const run = () => processor.run(10);
        expect(run).toThrow(UndocumentedOpcodeError);
        expect(cpu.PC).toBe(ORIGIN + 2);
        expect(run).toThrow(UndocumentedOpcodeError);
        cpu.PC = ORIGIN;
        expect(run).toThrow(`at $F002, got $${digits}`);
      }
    }
  });
});
