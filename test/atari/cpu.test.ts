/** Single instructions leave the registers, flags and memory worked out by hand from MOS's manual. */
import { describe, expect, it } from 'vitest';
import { inspectConsole } from '../../lib/atari/inspect';
import {
  type After,
  ALWAYS_SET,
  type Before,
  C,
  checkProgram,
  createConsole,
  D,
  I,
  N,
  ORIGIN,
  V,
  Z,
} from './runner';

// Expected states by the MOS manual (MCS6500 family programming manual), worked out by hand.

type Case = readonly [title: string, bytes: readonly number[], before: Before, after: After];

// biome-ignore format: a table
const LOADS_AND_STORES: readonly Case[] = [
  ['LDA #', [0xa9, 0x80], {}, { A: 0x80, P: N, cycles: 2 }],
  ['LDX zero page', [0xa6, 0x90], { X: 5 }, { X: 0, P: Z, cycles: 3 }],
  ['LDY zero page,X wraps within the page', [0xb4, 0xf0], { X: 0xa0, ram: { 144: 7 } }, { Y: 7, cycles: 4 }],
  ['LDX zero page,Y', [0xb6, 0x80], { Y: 3, ram: { 131: 9 } }, { X: 9, cycles: 4 }],
  ['LDA absolute', [0xad, 0x00, 0xf1], { rom: { 61696: 0x12 } }, { A: 0x12, cycles: 4 }],
  ['LDA absolute,X within a page', [0xbd, 0x00, 0xf1], { X: 0xff, rom: { 61951: 3 } }, { A: 3, cycles: 4 }],
  ['LDA absolute,X into the next page', [0xbd, 0x01, 0xf1], { X: 0xff, rom: { 61952: 4 } }, { A: 4, cycles: 5 }],
  ['LDA absolute,Y into the next page', [0xb9, 0x80, 0xf1], { Y: 0x80, rom: { 61952: 4 } }, { A: 4, cycles: 5 }],
  ['LDA (zero page,X)', [0xa1, 0x80], { X: 4, ram: { 132: 0x34, 133: 0xf2 }, rom: { 62004: 0x56 } }, { A: 0x56, cycles: 6 }],
  ['LDA (zero page),Y within a page', [0xb1, 0x80], { Y: 1, ram: { 128: 0x34, 129: 0xf2 }, rom: { 62005: 0x57 } }, { A: 0x57, cycles: 5 }],
  ['LDA (zero page),Y into the next page', [0xb1, 0x80], { Y: 0xf0, ram: { 128: 0x34, 129: 0xf2 }, rom: { 62244: 0x58 } }, { A: 0x58, cycles: 6 }],
  ['STA absolute,X within a page', [0x9d, 0x80, 0x00], { A: 1, X: 2 }, { cycles: 5, ram: { 130: 1 } }],
  ['STA absolute,X into the next page', [0x9d, 0xff, 0x00], { A: 2, X: 0x81 }, { cycles: 5, ram: { 128: 2 } }],
  ['STA (zero page),Y', [0x91, 0x80], { A: 7, Y: 2, ram: { 128: 0x90 } }, { cycles: 6, ram: { 146: 7 } }],
  ['STX zero page,Y', [0x96, 0x80], { X: 8, Y: 1 }, { cycles: 4, ram: { 129: 8 } }],
  ['STA to the stack page, which shows the same memory', [0x8d, 0xc0, 0x01], { A: 6 }, { cycles: 4, ram: { 192: 6 } }],
];

// biome-ignore format: a table
const ARITHMETIC: readonly Case[] = [
  ['ADC $50 + $10', [0x69, 0x10], { A: 0x50 }, { A: 0x60, cycles: 2 }],
  ['ADC $50 + $50', [0x69, 0x50], { A: 0x50 }, { A: 0xa0, P: N | V, cycles: 2 }],
  ['ADC $D0 + $90', [0x69, 0x90], { A: 0xd0 }, { A: 0x60, P: C | V, cycles: 2 }],
  ['ADC $FF + 0 + 1', [0x69, 0x00], { A: 0xff, P: C }, { A: 0, P: C | Z, cycles: 2 }],
  ['ADC $7F + 0 + 1', [0x69, 0x00], { A: 0x7f, P: C }, { A: 0x80, P: N | V, cycles: 2 }],
  ['SBC $50 - $F0', [0xe9, 0xf0], { A: 0x50, P: C }, { A: 0x60, P: 0, cycles: 2 }],
  ['SBC $50 - $B0', [0xe9, 0xb0], { A: 0x50, P: C }, { A: 0xa0, P: N | V, cycles: 2 }],
  ['SBC $D0 - $70', [0xe9, 0x70], { A: 0xd0, P: C }, { A: 0x60, P: C | V, cycles: 2 }],
  ['SBC $50 - $50', [0xe9, 0x50], { A: 0x50, P: C }, { A: 0, P: C | Z, cycles: 2 }],
  ['SBC $50 - $50 - 1', [0xe9, 0x50], { A: 0x50 }, { A: 0xff, P: N, cycles: 2 }],
  ['ADC in decimal mode: 58 + 46 + 1 = 105', [0x69, 0x46], { A: 0x58, P: D | C }, { A: 0x05, cycles: 2 }],
  // V as ALE's core has it: bit 7 of (A ^ result) & (result ^ operand) = $83 & $B0
  ['SBC in decimal mode: 12 - 21 = -9, borrowed 91', [0xe9, 0x21], { A: 0x12, P: D | C }, { A: 0x91, P: D | N | V, cycles: 2 }],
  ['CMP 5 with 5', [0xc9, 5], { A: 5 }, { P: C | Z, cycles: 2 }],
  ['CMP 6 with 5', [0xc9, 5], { A: 6 }, { P: C, cycles: 2 }],
  ['CMP 5 with 6', [0xc9, 6], { A: 5 }, { P: N, cycles: 2 }],
  ['CPX and CPY', [0xe0, 1, 0xc0, 2], { Y: 2, runs: 2 }, { P: C | Z, cycles: 4 }],
  ['INC in memory leaves A alone', [0xe6, 0x80], { ram: { 128: 0xff } }, { P: Z, cycles: 5, ram: { 128: 0 } }],
  ['DEC in memory leaves A alone', [0xc6, 0x80], {}, { P: N, cycles: 5, ram: { 128: 0xff } }],
];

// biome-ignore format: a table
const LOGIC_SHIFTS_TRANSFERS: readonly Case[] = [
  ['AND, ORA and EOR', [0x29, 0xf0, 0x09, 0x01, 0x49, 0xff], { A: 0xcc, runs: 3 }, { A: 0x3e, cycles: 6 }],
  ['BIT copies bits 7 and 6 and tests with A', [0x24, 0x80], { A: 0x01, ram: { 128: 0xc0 } }, { P: N | V | Z, cycles: 3 }],
  ['ASL and ROL take the carry out of bit 7', [0x0a, 0x2a], { A: 0x81, runs: 2 }, { A: 0x05, cycles: 4 }],
  ['LSR and ROR take the carry out of bit 0', [0x4a, 0x6a], { A: 0x03, runs: 2 }, { A: 0x80, P: N | C, cycles: 4 }],
  ['ROR in memory, indexed', [0x76, 0x80], { X: 1, P: C, ram: { 129: 2 } }, { P: N, cycles: 6, ram: { 129: 0x81 } }],
  ['TAX, INX, TXA, TAY, DEY', [0xaa, 0xe8, 0x8a, 0xa8, 0x88], { A: 0xfe, runs: 5 }, { A: 0xff, X: 0xff, Y: 0xfe, P: N, cycles: 10 }],
  ['TXS sets no flags', [0x9a], { X: 0 }, { SP: 0, cycles: 2 }],
  ['TSX sets flags', [0xba], { SP: 0x80 }, { X: 0x80, P: N, cycles: 2 }],
  ['SEC, SED, SEI', [0x38, 0xf8, 0x78], { runs: 3 }, { P: C | D | I, cycles: 6 }],
  ['CLC, CLD, CLI, CLV', [0x18, 0xd8, 0x58, 0xb8], { P: C | D | I | V, runs: 4 }, { P: 0, cycles: 8 }],
];

// biome-ignore format: a table
const JUMPS_AND_STACK: readonly Case[] = [
  ['JMP', [0x4c, 0x34, 0xf2], {}, { PC: 0xf234, cycles: 3 }],
  ['JMP (indirect) does not carry into the next page', [0x6c, 0xff, 0xf1], { rom: { 61951: 0x78, 61696: 0xf3, 61952: 0xf4 } }, { PC: 0xf378, cycles: 5 }],
  ['JSR pushes the address of its last byte', [0x20, 0x34, 0xf2], {}, { PC: 0xf234, SP: 0xfd, cycles: 6, ram: { 255: 0xf0, 254: 0x02 } }],
  ['RTS goes on behind it', [0x60], { SP: 0xfd, ram: { 254: 0x02, 255: 0xf0 } }, { PC: 0xf003, SP: 0xff, cycles: 6 }],
  ['BRK skips a byte and pushes P with bits 4 and 5', [0x00], { P: C, rom: { 65534: 0x00, 65535: 0xf5 } }, { PC: 0xf500, SP: 0xfc, P: C | I, cycles: 7, ram: { 255: 0xf0, 254: 0x02, 253: ALWAYS_SET | C } }],
  ['RTI restores P and PC', [0x40], { SP: 0xfc, ram: { 253: N | C, 254: 0x34, 255: 0xf2 } }, { PC: 0xf234, SP: 0xff, P: N | C, cycles: 6 }],
  ['PHA', [0x48], { A: 9 }, { SP: 0xfe, cycles: 3, ram: { 255: 9 } }],
  ['PLA', [0x68], { SP: 0xfe, ram: { 255: 0x80 } }, { A: 0x80, SP: 0xff, P: N, cycles: 4 }],
  ['PHP', [0x08], { P: V }, { SP: 0xfe, cycles: 3, ram: { 255: ALWAYS_SET | V } }],
  ['PLP', [0x28], { SP: 0xfe, ram: { 255: V } }, { SP: 0xff, P: V, cycles: 4 }],
];

// Between $00 and $7F the TIA answers, which drives two lines of the data bus: the other six keep the
// last byte. With $0A left there the CPU finds ASL A, as in ALE.
// biome-ignore format: a table
const CODE_IN_THE_TIA: readonly Case[] = [
  ['JMP', [0x4c, 0x0a, 0x0a], { A: 3, runs: 2 }, { A: 6, PC: 0x0a0b, cycles: 5 }],
  ['JSR', [0x20, 0x0a, 0x0a], { A: 3, runs: 2 }, { A: 6, SP: 0xfd, PC: 0x0a0b, cycles: 8, ram: { 255: 0xf0, 254: 0x02 } }],
  ['RTS', [0x60], { A: 3, SP: 0xfd, ram: { 254: 0x09, 255: 0x0a }, runs: 2 }, { A: 6, SP: 0xff, PC: 0x0a0b, cycles: 8 }],
  ['RTI', [0x40], { A: 3, SP: 0xfc, ram: { 254: 0x0a, 255: 0x0a }, runs: 2 }, { A: 6, SP: 0xff, PC: 0x0a0b, cycles: 8 }],
  ['BRK', [0x00], { A: 3, rom: { 65534: 0x0a, 65535: 0x0a }, runs: 2 }, { A: 6, SP: 0xfc, P: I, PC: 0x0a0b, cycles: 9, ram: { 255: 0xf0, 254: 0x02, 253: ALWAYS_SET } }],
];

describe.each([
  ['loads and stores', LOADS_AND_STORES],
  ['arithmetic', ARITHMETIC],
  ['logic, shifts, transfers', LOGIC_SHIFTS_TRANSFERS],
  ['jumps and the stack', JUMPS_AND_STACK],
  ['code in the address space of the TIA is reached by', CODE_IN_THE_TIA],
])('%s', (_, cases) => {
  it.each(cases)('%s', (_, bytes, before, after) => checkProgram(bytes, before, after));
});

describe('branches', () => {
  // opcode, flags with which it is taken, flags with which it is not
  it.each([
    ['BPL', 0x10, 0, N],
    ['BMI', 0x30, N, 0],
    ['BVC', 0x50, 0, V],
    ['BVS', 0x70, V, 0],
    ['BCC', 0x90, 0, C],
    ['BCS', 0xb0, C, 0],
    ['BNE', 0xd0, 0, Z],
    ['BEQ', 0xf0, Z, 0],
  ])('%s takes 2 cycles, 3 if it is taken, 4 into another page', (_, opcode, taken, not) => {
    checkProgram([opcode, 0x10], { P: not }, { cycles: 2 });
    checkProgram([opcode, 0x10], { P: taken }, { PC: ORIGIN + 0x12, cycles: 3 });
    checkProgram([opcode, 0xfc], { P: taken }, { PC: ORIGIN - 2, cycles: 4 });
    // and forwards, from the last two bytes of a page
    const bytes = [...new Array(0xfa).fill(0xea), opcode, 0x10];
    checkProgram(bytes, { PC: ORIGIN + 0xfa, P: taken }, { PC: ORIGIN + 0x10c, cycles: 4 });
  });
});

describe('a wait for the timer', () => {
  it('takes the same time and instructions when it is skipped', () => {
    // LDA #$20, STA TIM64T, wait: LDA INTIM, BNE wait, STA $80
    const code = [0xa9, 0x20, 0x8d, 0x96, 0x02, 0xad, 0x84, 0x02, 0xd0, 0xfb, 0x85, 0x80];
    const slow = createConsole(code, {}, false);
    let instructions = 0;
    while (slow.cpu.PC !== ORIGIN + code.length) instructions += slow.processor.run(1);
    // 31 steps of 64 cycles pass until INTIM reads 0
    expect(slow.bus.cycles).toBeGreaterThan(31 * 64);

    const fast = createConsole(code);
    expect(fast.processor.run(instructions)).toBe(instructions);
    expect(inspectConsole(fast)).toEqual(inspectConsole(slow));
  });
});
