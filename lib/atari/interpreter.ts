/** Executes one instruction after the other, as the 6502's manual describes them. */

import type { Cpu } from './cpu';
import { ACCESS, ACCESSES, BASE_CYCLES, MNEMONICS, MODE, MODES } from './opcodes';

/** The program reached an opcode that the 6502's manual does not document. */
export class UndocumentedOpcodeError extends Error {
  override readonly name = 'UndocumentedOpcodeError';
  readonly opcode: number;
  /** Its 16-bit address. */
  readonly address: number;

  constructor(opcode: number, address: number) {
    super(
      `expected one of the 151 documented 6502 opcodes at $${hex(address, 4)}, ` +
        `got $${hex(opcode, 2)}: programs that use others are not supported`,
    );
    this.opcode = opcode;
    this.address = address;
  }
}

const hex = (value: number, digits: number) =>
  value.toString(16).toUpperCase().padStart(digits, '0');

/** The value of a byte's two decimal digits, and the byte of two decimal digits. */
const fromBcd = (byte: number) => (byte >> 4) * 10 + (byte & 15);
const toBcd = (value: number) => (Math.floor((value % 100) / 10) << 4) | (value % 10);

/**
 * Executes one instruction: fetch, address, read, execute, write.
 * @throws UndocumentedOpcodeError
 */
export function step(cpu: Cpu): void {
  const bus = cpu.bus;
  const opcode = fetch(cpu);
  if (MNEMONICS[opcode] === '') {
    cpu.PC = (cpu.PC - 1) & 0xffff; // the program stays at this opcode
    throw new UndocumentedOpcodeError(opcode, cpu.PC);
  }
  bus.cycles += BASE_CYCLES[opcode]!;
  const mode = MODES[opcode]!;
  const access = ACCESSES[opcode]!;
  if (mode === MODE.immediate || mode === MODE.relative) {
    execute(cpu, opcode, fetch(cpu));
    return;
  }
  const address = mode === MODE.implied ? 0 : locate(cpu, mode, access === ACCESS.read);
  if (access === ACCESS.none) {
    executeOthers(cpu, opcode, address);
    return;
  }
  const value = (access & ACCESS.read) !== 0 ? read(cpu, address) : 0;
  const result = execute(cpu, opcode, value);
  if ((access & ACCESS.write) !== 0) {
    bus.write(address, result, false);
    cpu.dataBus = result;
  }
}

function fetch(cpu: Cpu): number {
  const byte = read(cpu, cpu.PC);
  cpu.PC = (cpu.PC + 1) & 0xffff;
  return byte;
}

function read(cpu: Cpu, address: number): number {
  cpu.dataBus = cpu.bus.read(address, cpu.dataBus);
  return cpu.dataBus;
}

function readWord(cpu: Cpu, address: number): number {
  const low = read(cpu, address);
  return low | (read(cpu, address + 1) << 8);
}

/** The effective address. Only reads pay a cycle for an index that leads to another page. */
function locate(cpu: Cpu, mode: number, isRead: boolean): number {
  const index = (base: number, by: number) => {
    if (isRead && (base & 0xff) + by > 0xff) cpu.bus.cycles++;
    return (base + by) & 0xffff;
  };
  const low = fetch(cpu);
  switch (mode) {
    case MODE.zeroPage:
      return low;
    case MODE.zeroPageX:
      return (low + cpu.X) & 0xff;
    case MODE.zeroPageY:
      return (low + cpu.Y) & 0xff;
    case MODE.indexedIndirect: // the pointer's second byte is read without wrapping
      return readWord(cpu, (low + cpu.X) & 0xff);
    case MODE.indirectIndexed:
      return index(readWord(cpu, low), cpu.Y);
  }
  const base = low | (fetch(cpu) << 8);
  if (mode === MODE.absoluteX) return index(base, cpu.X);
  return mode === MODE.absoluteY ? index(base, cpu.Y) : base;
}

/** Executes instructions with an operand; returns the byte to write, for those that write one. */
function execute(cpu: Cpu, opcode: number, value: number): number {
  switch (MNEMONICS[opcode]) {
    case 'LDA':
      cpu.A = setFlags(cpu, value);
      break;
    case 'LDX':
      cpu.X = setFlags(cpu, value);
      break;
    case 'LDY':
      cpu.Y = setFlags(cpu, value);
      break;
    case 'STA':
      return cpu.A;
    case 'STX':
      return cpu.X;
    case 'STY':
      return cpu.Y;
    case 'ORA':
      cpu.A = setFlags(cpu, cpu.A | value);
      break;
    case 'AND':
      cpu.A = setFlags(cpu, cpu.A & value);
      break;
    case 'EOR':
      cpu.A = setFlags(cpu, cpu.A ^ value);
      break;
    case 'ADC':
      add(cpu, value);
      break;
    case 'SBC':
      subtract(cpu, value);
      break;
    case 'CMP':
      compare(cpu, cpu.A, value);
      break;
    case 'CPX':
      compare(cpu, cpu.X, value);
      break;
    case 'CPY':
      compare(cpu, cpu.Y, value);
      break;
    case 'BIT':
      cpu.n = value;
      cpu.V = (value >> 6) & 1;
      cpu.notZ = cpu.A & value;
      break;
    case 'ASL':
      return shiftLeft(cpu, value, 0);
    case 'ROL':
      return shiftLeft(cpu, value, cpu.C);
    case 'LSR':
      return shiftRight(cpu, value, 0);
    case 'ROR':
      return shiftRight(cpu, value, cpu.C);
    case 'INC':
      return setFlags(cpu, (value + 1) & 0xff);
    case 'DEC':
      return setFlags(cpu, (value - 1) & 0xff);
    case 'BPL':
      branch(cpu, (cpu.n & 0x80) === 0, value);
      break;
    case 'BMI':
      branch(cpu, (cpu.n & 0x80) !== 0, value);
      break;
    case 'BVC':
      branch(cpu, cpu.V === 0, value);
      break;
    case 'BVS':
      branch(cpu, cpu.V !== 0, value);
      break;
    case 'BCC':
      branch(cpu, cpu.C === 0, value);
      break;
    case 'BCS':
      branch(cpu, cpu.C !== 0, value);
      break;
    case 'BNE':
      branch(cpu, cpu.notZ !== 0, value);
      break;
    case 'BEQ':
      branch(cpu, cpu.notZ === 0, value);
      break;
  }
  return 0;
}

/** Executes instructions without an operand in memory; JMP and JSR take their target as `address`. */
function executeOthers(cpu: Cpu, opcode: number, address: number): void {
  switch (MNEMONICS[opcode]) {
    case 'ASLA':
      cpu.A = shiftLeft(cpu, cpu.A, 0);
      break;
    case 'ROLA':
      cpu.A = shiftLeft(cpu, cpu.A, cpu.C);
      break;
    case 'LSRA':
      cpu.A = shiftRight(cpu, cpu.A, 0);
      break;
    case 'RORA':
      cpu.A = shiftRight(cpu, cpu.A, cpu.C);
      break;
    case 'INX':
      cpu.X = setFlags(cpu, (cpu.X + 1) & 0xff);
      break;
    case 'INY':
      cpu.Y = setFlags(cpu, (cpu.Y + 1) & 0xff);
      break;
    case 'DEX':
      cpu.X = setFlags(cpu, (cpu.X - 1) & 0xff);
      break;
    case 'DEY':
      cpu.Y = setFlags(cpu, (cpu.Y - 1) & 0xff);
      break;
    case 'TAX':
      cpu.X = setFlags(cpu, cpu.A);
      break;
    case 'TAY':
      cpu.Y = setFlags(cpu, cpu.A);
      break;
    case 'TXA':
      cpu.A = setFlags(cpu, cpu.X);
      break;
    case 'TYA':
      cpu.A = setFlags(cpu, cpu.Y);
      break;
    case 'TSX':
      cpu.X = setFlags(cpu, cpu.SP);
      break;
    case 'TXS':
      cpu.SP = cpu.X;
      break;
    case 'CLC':
      cpu.C = 0;
      break;
    case 'SEC':
      cpu.C = 1;
      break;
    case 'CLI':
      cpu.I = 0;
      break;
    case 'SEI':
      cpu.I = 1;
      break;
    case 'CLV':
      cpu.V = 0;
      break;
    case 'CLD':
      cpu.D = 0;
      break;
    case 'SED':
      cpu.D = 1;
      break;
    case 'JMP':
      cpu.PC = MODES[opcode] === MODE.indirect ? readJumpTarget(cpu, address) : address;
      break;
    case 'NOP':
      break;
    default: {
      const next = cpu.PC;
      if (MNEMONICS[opcode] === 'JSR') cpu.PC = address;
      cpu.useStack(opcode, next, cpu.dataBus);
    }
  }
}

/** Sets N and Z by a result, and returns it. */
function setFlags(cpu: Cpu, value: number): number {
  cpu.n = cpu.notZ = value;
  return value;
}

function add(cpu: Cpu, value: number): void {
  const { A, C } = cpu;
  let sum = A + value + C;
  cpu.C = sum >> 8;
  if (cpu.D !== 0) {
    sum = fromBcd(A) + fromBcd(value) + C;
    cpu.C = sum > 99 ? 1 : 0;
    sum = toBcd(sum & 0xff);
  }
  sum &= 0xff;
  cpu.V = ((A ^ sum) & (sum ^ value)) >> 7;
  cpu.A = setFlags(cpu, sum);
}

function subtract(cpu: Cpu, value: number): void {
  const { A, C } = cpu;
  let difference = (A - value - 1 + C) & 0xff;
  cpu.V = ((A ^ value) & (A ^ difference)) >> 7;
  if (cpu.D !== 0) {
    difference = fromBcd(A) - fromBcd(value) - 1 + C;
    if (difference < 0) difference += 100;
    // With nibbles above 9 it may still be negative; ALE's core then looks it up in its other table.
    difference = difference < 0 ? fromBcd(difference & 0xff) : toBcd(difference);
    cpu.V = ((A ^ difference) & (difference ^ value)) >> 7; // V as ALE's core has it
  }
  cpu.C = A >= value + 1 - C ? 1 : 0;
  cpu.A = setFlags(cpu, difference);
}

function compare(cpu: Cpu, register: number, value: number): void {
  cpu.C = register >= value ? 1 : 0;
  setFlags(cpu, (register - value) & 0xff);
}

function shiftLeft(cpu: Cpu, value: number, into: number): number {
  cpu.C = value >> 7;
  return setFlags(cpu, ((value << 1) | into) & 0xff);
}

function shiftRight(cpu: Cpu, value: number, into: number): number {
  cpu.C = value & 1;
  return setFlags(cpu, (value >> 1) | (into << 7));
}

function branch(cpu: Cpu, condition: boolean, offset: number): void {
  if (!condition) return;
  const target = (cpu.PC + ((offset << 24) >> 24)) & 0xffff;
  cpu.bus.cycles += ((target ^ cpu.PC) & 0xff00) !== 0 ? 2 : 1;
  cpu.PC = target;
}

/** JMP (indirect): the pointer's second byte wraps within its page. */
function readJumpTarget(cpu: Cpu, address: number): number {
  const low = read(cpu, address);
  return low | (read(cpu, (address & 0xff00) | ((address + 1) & 0xff)) << 8);
}
