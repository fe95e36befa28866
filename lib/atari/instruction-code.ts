/** JavaScript code for single instructions, from which the `Translator` puts regions together. */

import { ACCESS, ACCESSES, BASE_CYCLES, MNEMONICS, MODE, MODES } from './opcodes';
import type { Tia } from './tia';

/** An instruction of a program. */
export interface Instruction {
  /** Its address, as the 16-bit PC. */
  readonly address: number;
  readonly opcode: number;
  readonly mnemonic: string;
  /** The two bytes after the opcode, low byte first, whether they belong to it or not. */
  readonly operand: number;
  /** The address of the instruction after it. */
  readonly next: number;
  /** Its cycles, without those for a crossed page or a taken branch. */
  readonly cycles: number;
  /** Where a branch, JMP or JSR goes; null for others. */
  readonly target: number | null;
}

/**
 * What each instruction does with its operand v, in binary mode. a, x, y are the registers; N is
 * bit 7 of n, Z is z === 0, C is c, V is o.
 */
// biome-ignore format: a table
const OPERATIONS: Readonly<Record<string, string>> = {
  LDA: 'a = n = z = v', LDX: 'x = n = z = v', LDY: 'y = n = z = v',
  STA: 'v = a', STX: 'v = x', STY: 'v = y',
  ORA: 'a = n = z = a | v', AND: 'a = n = z = a & v', EOR: 'a = n = z = a ^ v',
  CMP: 'c = a >= v ? 1 : 0; n = z = (a - v) & 255',
  CPX: 'c = x >= v ? 1 : 0; n = z = (x - v) & 255',
  CPY: 'c = y >= v ? 1 : 0; n = z = (y - v) & 255',
  BIT: 'n = v; o = (v >> 6) & 1; z = a & v',
  ADC: 's = a + v + c; c = s >> 8; s &= 255; o = ((a ^ s) & (s ^ v)) >> 7; a = n = z = s',
  SBC: 's = (a - v - 1 + c) & 255; c = a >= v + 1 - c ? 1 : 0; o = ((a ^ v) & (a ^ s)) >> 7; a = n = z = s',
  ASL: 'c = v >> 7; v = n = z = (v << 1) & 255', LSR: 'c = v & 1; v = n = z = v >> 1',
  ROL: 'v = (v << 1) | c; c = v >> 8; v = n = z = v & 255',
  ROR: 'v |= c << 8; c = v & 1; v = n = z = v >> 1',
  INC: 'v = n = z = (v + 1) & 255', DEC: 'v = n = z = (v - 1) & 255',
  ASLA: 'c = a >> 7; a = n = z = (a << 1) & 255', LSRA: 'c = a & 1; a = n = z = a >> 1',
  ROLA: 'v = (a << 1) | c; c = a >> 7; a = n = z = v & 255',
  RORA: 'v = a | (c << 8); c = a & 1; a = n = z = v >> 1',
  INX: 'x = n = z = (x + 1) & 255', INY: 'y = n = z = (y + 1) & 255',
  DEX: 'x = n = z = (x - 1) & 255', DEY: 'y = n = z = (y - 1) & 255',
  TAX: 'x = n = z = a', TAY: 'y = n = z = a', TXA: 'a = n = z = x', TYA: 'a = n = z = y',
  TSX: 'x = n = z = cpu.SP', TXS: 'cpu.SP = x',
  CLC: 'c = 0', SEC: 'c = 1', CLV: 'o = 0', NOP: '',
};

/** The conditions under which branches are taken. */
// biome-ignore format: a table
export const CONDITIONS: Readonly<Record<string, string>> = {
  BPL: '(n & 128) === 0', BMI: '(n & 128) !== 0', BVC: 'o === 0', BVS: 'o !== 0',
  BCC: 'c === 0', BCS: 'c !== 0', BNE: 'z !== 0', BEQ: 'z === 0',
};

const GIVE_FLAGS = 'cpu.n = n; cpu.notZ = z; cpu.C = c; cpu.V = o;';
const TAKE_FLAGS = 'n = cpu.n; z = cpu.notZ; c = cpu.C; o = cpu.V;';

/** Instructions that `Cpu.useStack` executes: the code to run before and after it. */
export const STACK: Readonly<Record<string, { before: string; after: string }>> = {
  PLP: { before: '', after: TAKE_FLAGS },
  JSR: { before: '', after: '' },
  RTS: { before: '', after: '' },
  BRK: { before: GIVE_FLAGS, after: '' },
  RTI: { before: '', after: TAKE_FLAGS },
};

/**
 * Instructions that push or pull a byte, which programs do as often as once a line. The stack may be in
 * memory or, for quick writes to ENABL, in the TIA. The time is t; a push may leave it in bus.cycles.
 */
const PUSH =
  'e = cpu.SP; cpu.SP = (e - 1) & 255; ' +
  'if (e > 127) ram[e - 128] = v; else { bus.cycles = t; bus.write(256 | e, v, false);';
export const PUSHES: Readonly<Record<string, string>> = {
  PHA: `v = a; ${PUSH}`,
  PHP: `v = (n & 128) | (o << 6) | 48 | (cpu.I << 2) | (z === 0 ? 2 : 0) | c; ${PUSH}`,
};
export const PULL =
  'e = cpu.SP; if (e > 127 && e < 255) { v = ram[e - 127]; cpu.SP = e + 1; } ' +
  'else { bus.cycles = t; v = cpu.pull(0x68); } a = n = z = v;';

/** Short methods for registers that are written several times a line, which V8 can inline. */
// biome-ignore format: a table
const WRITE_METHODS: Readonly<Record<number, keyof Tia>> = {
  13: 'writePF0', 14: 'writePF1', 15: 'writePF2', 27: 'writeGRP0', 28: 'writeGRP1',
};

const JUMP = 0x4c;
const CALL = 0x20;
const WSYNC = 0x02;

/** The instruction at `address`, or null for one that only the interpreter knows. */
export function decode(rom: Uint8Array, address: number): Instruction | null {
  const at = address & 0xfff;
  if ((address & 0x1000) === 0 || at > 0xffc) return null;
  const opcode = rom[at]!;
  const mnemonic = MNEMONICS[opcode]!;
  const isBranch = mnemonic in CONDITIONS;
  const isStack = mnemonic in STACK || mnemonic in PUSHES || mnemonic === 'PLA';
  const isKnown = isBranch || isStack || mnemonic in OPERATIONS || opcode === JUMP;
  if (!isKnown) return null;
  const operand = rom[at + 1]! | (rom[at + 2]! << 8);
  const next = address + getLength(opcode);
  const offset = (operand << 24) >> 24;
  const target = isBranch
    ? (next + offset) & 0xffff
    : opcode === JUMP || opcode === CALL
      ? operand
      : null;
  // What the CPU reads there depends on the data bus, which translated code does not keep.
  if (target !== null && (target & 0x1000) === 0) return null;
  return { address, opcode, mnemonic, operand, next, cycles: BASE_CYCLES[opcode]!, target };
}

function getLength(opcode: number): number {
  switch (MODES[opcode]) {
    case MODE.implied:
      return 1;
    case MODE.absolute:
    case MODE.absoluteX:
    case MODE.absoluteY:
    case MODE.indirect:
      return 3;
    default:
      return 2;
  }
}

/** Where an instruction writes: nowhere; where no frame ends; to WSYNC, which changes the time; anywhere. */
export type WriteKind = 'none' | 'quiet' | 'wait' | 'any';

export function getWriteKind({ opcode, mnemonic, operand }: Instruction): WriteKind {
  if (mnemonic in STACK || mnemonic in PUSHES) return 'any';
  if ((ACCESSES[opcode]! & ACCESS.write) === 0) return 'none';
  const { address } = locate(opcode, operand, '');
  if (address === 'e') return 'any';
  if ((address & 0x1280) === 0x80) return 'quiet';
  const register = address & 0x3f;
  if ((address & 0x1080) !== 0 || register === 0) return 'any'; // 0 is VSYNC
  return register === WSYNC ? 'wait' : 'quiet';
}

/**
 * The code of an instruction that goes on with the next one.
 *
 * The variable t is a time before it, in cycles; a crossed page adds to it, a wait sets it to the end
 * of the instruction. After a write of the kind 'any' that time is in bus.cycles.
 *
 * @param elapsed base cycles from t to the end of the instruction
 */
export function writeInstruction(instruction: Instruction, elapsed: number): string[] {
  const { opcode, mnemonic, operand } = instruction;
  const now = `(t + ${elapsed})`;
  const access = ACCESSES[opcode]!;
  const { setUp, address, dataBus } = locate(opcode, operand, now);
  const lines = setUp === '' ? [] : [setUp];
  if (MODES[opcode] === MODE.immediate) lines.push(`v = ${operand & 0xff};`);
  else if ((access & ACCESS.read) !== 0) lines.push(read(address, dataBus, now));
  lines.push(`${OPERATIONS[mnemonic]};`);
  switch (getWriteKind(instruction)) {
    case 'quiet':
      lines.push(writeQuietly(address as number, now));
      break;
    case 'wait':
      lines.push(`t = tia.waitForLine(${now});`);
      break;
    case 'any':
      lines.push(`bus.cycles = ${now};`);
      if (address === 'e') lines.push('if ((e & 0x1280) === 0x80) ram[e & 127] = v; else');
      lines.push(`bus.write(${address}, v, false);`);
  }
  return lines;
}

interface Location {
  /** Statements that leave the effective address in e, or ''. */
  readonly setUp: string;
  /** The address, or 'e'. */
  readonly address: number | 'e';
  /** The last byte on the data bus before the access, as an expression. */
  readonly dataBus: string;
}

function locate(opcode: number, operand: number, now: string): Location {
  const low = operand & 0xff;
  const dynamic = (setUp: string, dataBus: string | number): Location => {
    return { setUp, address: 'e', dataBus: String(dataBus) };
  };
  const crossing = (low: string | number, index: string) =>
    ACCESSES[opcode] === ACCESS.read && low !== 0 ? ` t += (${low} + ${index}) >> 8;` : '';
  switch (MODES[opcode]) {
    case MODE.zeroPage:
      return { setUp: '', address: low, dataBus: String(low) };
    case MODE.zeroPageX:
      return dynamic(`e = (${low} + x) & 255;`, low);
    case MODE.zeroPageY:
      return dynamic(`e = (${low} + y) & 255;`, low);
    case MODE.absolute:
      return { setUp: '', address: operand, dataBus: String(operand >> 8) };
    case MODE.absoluteX:
      return dynamic(`e = (${operand} + x) & 65535;${crossing(low, 'x')}`, operand >> 8);
    case MODE.absoluteY:
      return dynamic(`e = (${operand} + y) & 65535;${crossing(low, 'y')}`, operand >> 8);
    case MODE.indexedIndirect:
      return dynamic(
        `bus.cycles = ${now}; e = (${low} + x) & 255; v = bus.read(e, ${low}); ` +
          's = bus.read(e + 1, v); e = v | (s << 8);',
        's',
      );
    case MODE.indirectIndexed: {
      const pointer =
        low >= 0x80 && low < 0xff
          ? `v = ram[${low & 0x7f}]; s = ram[${(low + 1) & 0x7f}];`
          : `bus.cycles = ${now}; v = bus.read(${low}, ${low}); s = bus.read(${low + 1}, v);`;
      return dynamic(`${pointer} e = ((v | (s << 8)) + y) & 65535;${crossing('v', 'y')}`, 's');
    }
    default:
      return { setUp: '', address: 0, dataBus: '0' };
  }
}

/** v = the byte at the address. */
function read(address: number | 'e', dataBus: string, now: string): string {
  const other = `{ bus.cycles = ${now}; v = bus.read(${address}, ${dataBus}); }`;
  const tia = `v = (tia.read(${address} & 15, ${now}) & 192) | (${dataBus} & 63);`;
  if (address === 'e') {
    return (
      'if ((e & 0x1280) === 0x80) v = ram[e & 127]; else if ((e & 0x1000) !== 0) v = rom[e & 4095]; ' +
      `else if ((e & 0x80) === 0) ${tia} else ${other}`
    );
  }
  if ((address & 0x1280) === 0x80) return `v = ram[${address & 0x7f}];`;
  if ((address & 0x1000) !== 0) return `v = rom[${address & 0xfff}];`;
  return (address & 0x80) === 0 ? tia : other;
}

function writeQuietly(address: number, now: string): string {
  if ((address & 0x80) !== 0) return `ram[${address & 0x7f}] = v;`;
  const method = WRITE_METHODS[address & 0x3f];
  if (method !== undefined) return `tia.${method}(v, ${now});`;
  return `tia.write(${address & 0x3f}, v, ${now}, false);`;
}
