/** Turns programs for the console's 6507 from text into bytes. */
import { MNEMONICS, MODE, MODES } from './opcodes';
import { REGISTERS } from './registers';

/** Addressing modes as operands are written. */
export type Mode =
  | 'implied'
  | 'immediate'
  | 'zp'
  | 'zp,X'
  | 'zp,Y'
  | 'abs'
  | 'abs,X'
  | 'abs,Y'
  | '(zp,X)'
  | '(zp),Y'
  | 'relative'
  | '(abs)';

/** Opcodes by mnemonic and addressing mode. */
export type InstructionSet = ReadonlyMap<string, ReadonlyMap<Mode, number>>;

const MODE_NAMES: Readonly<Record<keyof typeof MODE, Mode>> = {
  implied: 'implied',
  immediate: 'immediate',
  zeroPage: 'zp',
  zeroPageX: 'zp,X',
  zeroPageY: 'zp,Y',
  absolute: 'abs',
  absoluteX: 'abs,X',
  absoluteY: 'abs,Y',
  indexedIndirect: '(zp,X)',
  indirectIndexed: '(zp),Y',
  relative: 'relative',
  indirect: '(abs)',
};

const INSTRUCTIONS: InstructionSet = (() => {
  const instructions = new Map<string, Map<Mode, number>>();
  const names = Object.keys(MODE) as (keyof typeof MODE)[];
  for (const [opcode, name] of MNEMONICS.entries()) {
    if (name === '') continue;
    const mnemonic = name.length === 4 ? name.slice(0, 3) : name; // ASLA is ASL of the accumulator
    const modes = instructions.get(mnemonic) ?? new Map<Mode, number>();
    modes.set(MODE_NAMES[names.find((each) => MODE[each] === MODES[opcode])!], opcode);
    instructions.set(mnemonic, modes);
  }
  return instructions;
})();

/** A line of a program cannot be assembled. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

/** An instruction as it stands in the source. */
export interface AssembledLine {
  readonly address: number;
  readonly bytes: readonly number[];
  readonly text: string;
  /** What follows the semicolon. */
  readonly comment: string;
}

export interface Assembly {
  /** The program's bytes by address. */
  readonly bytes: ReadonlyMap<number, number>;
  readonly lines: readonly AssembledLine[];
  readonly symbols: ReadonlyMap<string, number>;
}

export interface AssembleOptions {
  /** Names the source may use besides its own. */
  readonly symbols?: Readonly<Record<string, number>>;
  /** Default: the emulator's own table. */
  readonly instructions?: InstructionSet;
}

type Symbols = Map<string, number>;

/** Operand syntax, tried in this order; the expression is the first group. */
const OPERANDS: readonly (readonly [RegExp, readonly Mode[]])[] = [
  [/^$/, ['implied']],
  [/^A$/i, ['implied']],
  [/^#(.+)$/, ['immediate']],
  [/^\((.+),\s*X\)$/i, ['(zp,X)']],
  [/^\((.+)\),\s*Y$/i, ['(zp),Y']],
  [/^\((.+)\)$/, ['(abs)']],
  [/^(.+),\s*X$/i, ['zp,X', 'abs,X']],
  [/^(.+),\s*Y$/i, ['zp,Y', 'abs,Y']],
  [/^(.+)$/, ['relative', 'zp', 'abs']],
];

/**
 * A small two-pass assembler with the syntax of DASM: labels in the first column, `NAME = value`,
 * ORG, DC.B, DC.W, REPEAT and REPEND; `.w` after a mnemonic makes an address absolute that would
 * fit into zero page. Numbers are $hexadecimal, %binary or decimal; expressions know + - * & |,
 * < and > for low and high byte, and * alone for the current address; all from left to right.
 *
 * @throws AssemblyError naming the line
 */
export function assemble(source: string, options: AssembleOptions = {}): Assembly {
  const { symbols = {}, instructions = INSTRUCTIONS } = options;
  const known: Symbols = new Map(Object.entries(symbols));
  const statements = unroll(source.split('\n').map((text, i) => ({ text, number: i + 1 })));
  const lengths: number[] = [];
  let result: Assembly = { bytes: new Map(), lines: [], symbols: known };
  for (const pass of [1, 2]) {
    const bytes = new Map<number, number>();
    const lines: AssembledLine[] = [];
    let address = 0;
    statements.forEach(({ text, number }, index) => {
      try {
        const [code = '', ...comments] = text.split(';');
        const [, label, rest = ''] = /^([\w.]*):?\s*(.*?)\s*$/.exec(code)!;
        const definition = /^=\s*(.+)$/.exec(rest);
        if (label !== undefined && label !== '') {
          const value = definition === null ? address : evaluate(definition[1]!, known, address);
          if (value !== null) known.set(label, value);
        }
        if (rest === '' || definition !== null) return;
        const [, name = '', operand = ''] = /^(\S+)\s*(.*)$/.exec(rest)!;
        if (name.toUpperCase() === 'ORG') {
          address = need(evaluate(operand, known, address), operand);
          return;
        }
        const emitted = emit(name.toUpperCase(), operand, {
          known,
          instructions,
          address,
          length: lengths[index],
          final: pass === 2,
        });
        lengths[index] = emitted.length;
        if (pass === 2) {
          for (const [i, byte] of emitted.entries()) bytes.set(address + i, byte);
          const comment = comments.join(';').trim();
          if (!name.startsWith('DC')) lines.push({ address, bytes: emitted, text: rest, comment });
        }
        address += emitted.length;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new AssemblyError(`line ${number}, "${text.trim()}": ${reason}`);
      }
    });
    result = { bytes, lines, symbols: known };
  }
  return result;
}

/** Where a cartridge of 4 KiB lies, and where the CPU looks for the address of the first instruction. */
const ROM_START = 0xf000;
const RESET_VECTOR = 0xfffc;

/**
 * Assembles a program for a cartridge: it begins at $F000, unless ORG says otherwise, and knows the chips'
 * registers by their names (WSYNC, COLUBK, ...).
 * @returns 4,096 bytes for `createCartridge`
 * @throws AssemblyError naming the line, RangeError for a program outside the cartridge.
 */
export function assembleRom(source: string): Uint8Array {
  const { bytes } = assemble(` ORG ${ROM_START}\n${source}`, { symbols: REGISTERS });
  const rom = new Uint8Array(4096);
  for (const [address, byte] of bytes) {
    if (address < ROM_START || address > 0xffff) {
      throw new RangeError(`a cartridge's program lies from $F000 to $FFFF, got ${address}`);
    }
    rom[address - ROM_START] = byte;
  }
  const [start] = bytes.keys();
  rom[RESET_VECTOR - ROM_START] = (start ?? ROM_START) & 0xff;
  rom[RESET_VECTOR + 1 - ROM_START] = (start ?? ROM_START) >> 8;
  return rom;
}

interface Statement {
  readonly text: string;
  readonly number: number;
}

/** Writes out what stands between REPEAT n and REPEND n times. */
function unroll(lines: readonly Statement[]): Statement[] {
  const out: Statement[] = [];
  for (let i = 0; i < lines.length; i++) {
    const repeat = /^\s+REPEAT\s+(\d+)/i.exec(lines[i]!.text);
    if (repeat === null) {
      out.push(lines[i]!);
      continue;
    }
    const end = lines.findIndex((line, j) => j > i && /^\s+REPEND/i.test(line.text));
    if (end < 0) throw new AssemblyError(`line ${lines[i]!.number}: expected a REPEND, got none`);
    for (let k = 0; k < Number(repeat[1]); k++) out.push(...lines.slice(i + 1, end));
    i = end;
  }
  return out;
}

interface Context {
  readonly instructions: InstructionSet;
  readonly known: Symbols;
  readonly address: number;
  /** Length found in the first pass. */
  readonly length: number | undefined;
  /** Whether all names must be known. */
  readonly final: boolean;
}

function emit(name: string, operand: string, context: Context): number[] {
  const { known, instructions, address, final } = context;
  const value = (expression: string): number => {
    const found = evaluate(expression, known, address);
    return final ? need(found, expression) : (found ?? 0);
  };
  if (name === 'DC.B') return operand.split(',').map((item) => value(item.trim()) & 0xff);
  if (name === 'DC.W') {
    return operand.split(',').flatMap((item) => {
      const word = value(item.trim());
      return [word & 0xff, (word >> 8) & 0xff];
    });
  }
  const [mnemonic = '', suffix] = name.split('.');
  const opcodes = instructions.get(mnemonic);
  if (opcodes === undefined) throw new Error(`expected an instruction, got ${name}`);
  for (const [syntax, modes] of OPERANDS) {
    const match = syntax.exec(operand);
    if (match === null) continue;
    const allowed = modes.filter((mode) => opcodes.has(mode));
    const mode = chooseMode(allowed, match[1] ?? '', { ...context, wide: suffix === 'W' });
    if (mode === undefined) continue;
    const opcode = opcodes.get(mode)!;
    if (mode === 'implied') return [opcode];
    const argument = value(match[1]!);
    if (mode === 'relative') {
      const offset = argument - (address + 2);
      if (final && (offset < -128 || offset > 127)) {
        throw new Error(`a branch reaches from -128 to 127 bytes, got ${offset}`);
      }
      return [opcode, offset & 0xff];
    }
    if (mode === 'immediate' || mode.includes('zp')) return [opcode, argument & 0xff];
    return [opcode, argument & 0xff, (argument >> 8) & 0xff];
  }
  throw new Error(`${mnemonic} has no such addressing mode`);
}

/** Zero page where it exists and the address is known to fit; the first pass decides. */
function chooseMode(
  allowed: readonly Mode[],
  expression: string,
  { known, address, length, wide }: Context & { readonly wide: boolean },
): Mode | undefined {
  if (allowed.length < 2) return allowed[0];
  const narrow = allowed.find((mode) => mode.startsWith('zp'));
  const found = evaluate(expression, known, address);
  const fits = length === undefined ? found !== null && found < 0x100 : length === 2;
  return !wide && fits ? narrow : allowed.find((mode) => mode.startsWith('abs'));
}

function need(value: number | null, expression: string): number {
  if (value === null) throw new Error(`expected known names in ${expression}`);
  return value;
}

/** The value of an expression, or null while a name in it is not known. */
function evaluate(expression: string, known: Symbols, address: number): number | null {
  const prefix = /^([<>])(.+)$/.exec(expression.trim());
  if (prefix !== null) {
    const value = evaluate(prefix[2]!, known, address);
    if (value === null) return null;
    return prefix[1] === '<' ? value & 0xff : (value >> 8) & 0xff;
  }
  const tokens = expression.match(/\$[\da-f]+|%[01]+|\w+|[-+*&|]|\S/gi) ?? [];
  let result: number | null = null;
  for (let i = 0; i < tokens.length; i += 2) {
    const term = evaluateTerm(tokens[i]!, known, address);
    if (term === null) return null;
    result = i === 0 ? term : apply(tokens[i - 1]!, result!, term);
  }
  if (result === null || tokens.length % 2 === 0) {
    throw new Error(`expected an expression, got '${expression}'`);
  }
  return result;
}

function evaluateTerm(token: string, known: Symbols, address: number): number | null {
  if (token === '*') return address;
  if (/^\$[\da-f]+$/i.test(token)) return parseInt(token.slice(1), 16);
  if (/^%[01]+$/.test(token)) return parseInt(token.slice(1), 2);
  if (/^\d+$/.test(token)) return Number(token);
  if (/^[a-z_]\w*$/i.test(token)) return known.get(token) ?? null;
  throw new Error(`expected a number or a name, got '${token}'`);
}

function apply(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    default:
      throw new Error(`expected an operator, got '${operator}'`);
  }
}
