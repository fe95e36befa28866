/** Translates the cartridge's program to JavaScript, which runs it several times faster. */

import type { Bus } from './bus';
import type { Cartridge } from './cartridge';
import type { Cpu } from './cpu';
import {
  CONDITIONS,
  decode,
  getWriteKind,
  type Instruction,
  PULL,
  PUSHES,
  STACK,
  writeInstruction,
} from './instruction-code';

/** A part of the cartridge's program as a JavaScript function. */
export interface Region {
  /**
   * Executes it from its beginning until the program leaves it or a chip asks for a stop. Registers, PC and
   * cycle counter are then as if the interpreter had executed the same instructions.
   *
   * @param room after this many instructions it is left at the next way back, that is within `longest` more;
   * the same holds after the cycle `latest`
   * @returns the number of instructions executed.
   */
  readonly execute: (cpu: Cpu, bus: Bus, room: number) => number;
  /** The address of its first instruction, as the 16-bit PC. */
  readonly address: number;
  /** Instructions of the longest way through it that never goes back. */
  readonly longest: number;
  /** From this cycle on it must not be entered, because the TIA may end a frame that gets so long. */
  readonly latest: number;
}

/** The most instructions of a region. */
const LARGEST = 96;
/** Before this cycle, no frame is long enough for the TIA to end it. */
const SHORTEST_RUNAWAY = 290 * 76;
/** Most cycles that an index, a branch and WSYNC add to an instruction's own. */
const EXTRA_CYCLES = { index: 1, branch: 2, wait: 76 };

const translators = new WeakMap<Cartridge, Translator>();

/** The translator of a cartridge, shared by all consoles with that cartridge. */
export function getTranslator(cartridge: Cartridge): Translator {
  let translator = translators.get(cartridge);
  if (translator === undefined) {
    translator = new Translator(cartridge.rom);
    translators.set(cartridge, translator);
  }
  return translator;
}

/**
 * Translates a program region by region. A region is everything that branches and jumps lead to from its
 * first instruction, loops included. Programs in memory, decimal mode and a few rare instructions have no
 * region: `Processor` interprets them.
 */
export class Translator {
  private readonly rom: Uint8Array;
  private readonly regions: (Region | null | undefined)[] = new Array(4096).fill(undefined);
  private readonly heat = new Uint8Array(4096);

  constructor(rom: Uint8Array) {
    this.rom = rom;
  }

  /**
   * The region that begins at `pc`, or null if there is none or not yet.
   *
   * @param hot how often it must be asked for before it is translated, 1 to 255: most code runs once or never
   */
  getRegion(pc: number, hot: number): Region | null {
    let region = this.regions[pc & 0xfff];
    if (region === undefined) {
      if (++this.heat[pc & 0xfff]! < hot) return null;
      region = this.regions[pc & 0xfff] = translate(this.rom, pc);
    }
    // The cartridge appears at eight places of the address space; a region is for one of them.
    return region !== null && region.address === pc ? region : null;
  }
}

function translate(rom: Uint8Array, address: number): Region | null {
  const instructions = collect(rom, address);
  if (instructions.length === 0) return null;
  const latest = SHORTEST_RUNAWAY - getMostCycles(instructions);
  const code = new RegionCode({ rom, instructions, start: address, latest }).toString();
  const execute = new Function('cpu', 'bus', 'room', code) as Region['execute'];
  return { execute, address, longest: instructions.length, latest };
}

/** The instructions that can be reached from the start without leaving the cartridge, by address. */
function collect(rom: Uint8Array, start: number): Instruction[] {
  const found = new Map<number, Instruction>();
  const queue = [start];
  for (let pc = queue.shift(); pc !== undefined; pc = queue.shift()) {
    while (found.size < LARGEST && !found.has(pc)) {
      const instruction = decode(rom, pc);
      if (instruction === null) break;
      found.set(pc, instruction);
      if (instruction.target !== null) queue.push(instruction.target);
      if (!goesOn(instruction)) break;
      pc = instruction.next;
    }
  }
  return [...found.values()].sort((a, b) => a.address - b.address);
}

/** Whether the instruction that follows in memory may be executed next. */
function goesOn({ mnemonic, target }: Instruction): boolean {
  if (mnemonic in CONDITIONS) return true;
  return target === null && !['RTS', 'RTI', 'BRK', 'PLP'].includes(mnemonic);
}

function getMostCycles(instructions: readonly Instruction[]): number {
  const { index, branch, wait } = EXTRA_CYCLES;
  return instructions.reduce((sum, instruction) => {
    const write = getWriteKind(instruction);
    const waits = write === 'wait' || write === 'any' ? wait : 0;
    return sum + instruction.cycles + waits + (instruction.target === null ? index : branch);
  }, 0);
}

/** The CPU's registers by their names in translated code. */
const REGISTERS = { a: 'A', x: 'X', y: 'Y', n: 'n', z: 'notZ', c: 'C', o: 'V' } as const;

interface RegionCodeOptions {
  readonly rom: Uint8Array;
  /** The region's instructions in the order of their addresses. */
  readonly instructions: readonly Instruction[];
  readonly start: number;
  readonly latest: number;
}

/**
 * Writes a region's code: the registers in variables, and a loop around a switch whose cases are the
 * instructions that something jumps to. `break run` leaves the loop, with cpu.PC set.
 */
class RegionCode {
  private readonly rom: Uint8Array;
  private readonly latest: number;
  private readonly start: number;
  private readonly instructions: readonly Instruction[];
  /** The number of the case that begins at an address. */
  private readonly labels = new Map<number, number>();
  private readonly lines: string[] = [];
  /** Cycles and instructions that are not yet added to the variables t and count. */
  private elapsed = 0;
  private passed = 0;

  constructor({ rom, instructions, start, latest }: RegionCodeOptions) {
    this.rom = rom;
    this.latest = latest;
    this.start = start;
    this.instructions = instructions;
    this.findLabels();
    instructions.forEach((instruction, i) => {
      this.add(instruction, instructions[i + 1]?.address ?? null);
    });
  }

  private findLabels(): void {
    const known = new Set(this.instructions.map(({ address }) => address));
    const wanted = [this.start];
    this.instructions.forEach((instruction, i) => {
      if (instruction.target !== null) wanted.push(instruction.target);
      const following = this.instructions[i + 1]?.address;
      if (goesOn(instruction) && instruction.next !== following) wanted.push(instruction.next);
    });
    for (const address of new Set(wanted)) {
      if (known.has(address)) this.labels.set(address, this.labels.size);
    }
  }

  /** @param following the address of the next instruction in the code, if there is one */
  private add(instruction: Instruction, following: number | null): void {
    const { address, opcode, mnemonic, next, target } = instruction;
    const label = this.labels.get(address);
    if (label !== undefined) {
      this.settle();
      this.lines.push(`case ${label}:`);
      this.addIdleLoop(address);
    }
    this.elapsed += instruction.cycles;
    this.passed++;
    if (mnemonic in CONDITIONS) this.addBranch(instruction);
    else if (mnemonic in STACK) this.addStack(instruction);
    else if (mnemonic in PUSHES) this.addPush(instruction);
    else if (mnemonic === 'PLA') {
      this.settle();
      this.lines.push(PULL);
    } else if (opcode === 0x4c) {
      this.settle();
      this.goTo(target!, address);
    } else {
      this.lines.push(...writeInstruction(instruction, this.elapsed));
      const kind = getWriteKind(instruction);
      if (kind === 'wait') this.elapsed = 0;
      if (kind === 'any') this.takeTime(next);
    }
    if (goesOn(instruction) && next !== following) {
      this.settle();
      this.goTo(next, address);
    }
  }

  /** Adds the cycles and instructions that are not yet added. */
  private settle(): void {
    if (this.elapsed > 0 || this.passed > 0) {
      this.lines.push(`t += ${this.elapsed}; count += ${this.passed};`);
    }
    this.elapsed = this.passed = 0;
  }

  /** Goes on at `pc`. On a way back the region is left if its time or room is used up. */
  private goTo(pc: number, from: number): void {
    const label = this.labels.get(pc);
    const leave = `{ cpu.PC = ${pc}; break run; }`;
    if (label === undefined) this.lines.push(leave);
    else {
      if (pc <= from) this.lines.push(`if (t >= ${this.latest} || count > room) ${leave}`);
      this.lines.push(`at = ${label}; continue;`);
    }
  }

  private addBranch({ address, mnemonic, next, target }: Instruction): void {
    const extra = ((target! ^ next) & 0xff00) !== 0 ? 2 : 1;
    this.lines.push(
      `if (${CONDITIONS[mnemonic]}) {`,
      `t += ${this.elapsed + extra}; count += ${this.passed};`,
    );
    this.goTo(target!, address);
    this.lines.push('}');
  }

  private addStack(instruction: Instruction): void {
    const { address, opcode, mnemonic, operand, next, target } = instruction;
    const dataBus = target === null ? opcode : operand >> 8;
    const { before, after } = STACK[mnemonic]!;
    this.lines.push(
      `${before} bus.cycles = t + ${this.elapsed}; cpu.PC = ${next};`,
      `cpu.useStack(${opcode}, ${next}, ${dataBus}); ${after}`,
    );
    if (target !== null) {
      this.takeTime(target);
      this.settle();
      this.goTo(target, address);
    } else if (goesOn(instruction)) {
      this.takeTime(next);
    } else {
      this.lines.push('t = bus.cycles;'); // the PC is what useStack has left
      this.elapsed = 0;
      this.settle();
      this.lines.push('break run;');
    }
  }

  private addPush({ mnemonic, next }: Instruction): void {
    this.settle();
    this.lines.push(PUSHES[mnemonic]!);
    this.takeTime(next); // only a push to the TIA takes time or may end the frame
    this.lines.push('}');
  }

  /** Takes over the time after an access that may have ended the frame. */
  private takeTime(next: number): void {
    this.lines.push('t = bus.cycles;');
    this.elapsed = 0;
    const leave = `count += ${this.passed}; cpu.PC = ${next}; break run;`;
    this.lines.push(`if (bus.stopped) { ${leave} }`);
  }

  /**
   * Skips passes of a loop that waits for the timer, LDA INTIM and BNE back to it: as long as they
   * find it running, they change nothing but the time.
   */
  private addIdleLoop(address: number): void {
    const waits = [0xad, 0x84, 0x02, 0xd0, 0xfb].every(
      (byte, i) => this.rom[(address + i) & 0xfff] === byte,
    );
    if (!waits) return;
    const period = (((address + 5) ^ address) & 0xff00) !== 0 ? 8 : 7;
    this.lines.push(
      `s = Math.max(0, Math.min(bus.countIdleReads(t + 4, ${period}), (room - count) >> 1));`,
      `t += s * ${period}; count += 2 * s;`,
      `if (t >= ${this.latest}) { cpu.PC = ${address}; break run; }`,
    );
  }

  toString(): string {
    const body = this.lines.join('\n');
    const names = Object.keys(REGISTERS) as (keyof typeof REGISTERS)[];
    const named = names.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
    const set = named.filter((name) => new RegExp(`\\b${name} [-+|]?= `).test(body));
    return [
      `let v = 0, s = 0, e = 0, count = 0, at = ${this.labels.get(this.start)}, t = bus.cycles;`,
      'const ram = bus.ram, rom = bus.rom, tia = bus.tia;',
      ...named.map((name) => `let ${name} = cpu.${REGISTERS[name]};`),
      `run: for (;;) switch (at) {\n${body}\n}`,
      'bus.cycles = t;',
      ...set.map((name) => `cpu.${REGISTERS[name]} = ${name};`),
      'return count;',
    ].join('\n');
  }
}
