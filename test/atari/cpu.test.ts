import { describe, expect, it } from 'vitest';
import { inspectConsole } from '../../lib/atari/inspect';
import { UndocumentedOpcodeError } from '../../lib/atari/interpreter';
import { MNEMONICS } from '../../lib/atari/opcodes';
import { C, CLEAR, createConsole, D, I, N, ORIGIN, program, V, Z } from './runner';

// Expected states by the MOS manual (MCS6500 family programming manual), worked out by hand.

describe('loads and stores', () => {
  it('LDA #', () => program(0xa9, 0x80).expect({ A: 0x80, P: CLEAR | N, cycles: 2 }));
  it('LDX zero page', () => {
    program(0xa6, 0x90)
      .ram({ 144: 0 })
      .from({ X: 5 })
      .expect({ X: 0, P: CLEAR | Z, cycles: 3 });
  });
  it('LDY zero page,X wraps within the page', () => {
    program(0xb4, 0xf0).from({ X: 0xa0 }).ram({ 144: 7 }).expect({ Y: 7, cycles: 4 });
  });
  it('LDX zero page,Y', () => {
    program(0xb6, 0x80).from({ Y: 3 }).ram({ 131: 9 }).expect({ X: 9, cycles: 4 });
  });
  it('LDA absolute', () => {
    program(0xad, 0x00, 0xf1).rom({ 61696: 0x12 }).expect({ A: 0x12, cycles: 4 });
  });
  it('LDA absolute,X within a page takes 4 cycles', () => {
    program(0xbd, 0x00, 0xf1).from({ X: 0xff }).rom({ 61951: 3 }).expect({ A: 3, cycles: 4 });
  });
  it('LDA absolute,X into the next page takes 5', () => {
    program(0xbd, 0x01, 0xf1).from({ X: 0xff }).rom({ 61952: 4 }).expect({ A: 4, cycles: 5 });
  });
  it('LDA absolute,Y into the next page takes 5', () => {
    program(0xb9, 0x80, 0xf1).from({ Y: 0x80 }).rom({ 61952: 4 }).expect({ A: 4, cycles: 5 });
  });
  it('LDA (zero page,X)', () => {
    const p = program(0xa1, 0x80).from({ X: 4 }).ram({ 132: 0x34, 133: 0xf2 });
    p.rom({ 62004: 0x56 }).expect({ A: 0x56, cycles: 6 });
  });
  it('LDA (zero page),Y within a page takes 5 cycles', () => {
    const p = program(0xb1, 0x80).from({ Y: 1 }).ram({ 128: 0x34, 129: 0xf2 });
    p.rom({ 62005: 0x57 }).expect({ A: 0x57, cycles: 5 });
  });
  it('LDA (zero page),Y into the next page takes 6', () => {
    const p = program(0xb1, 0x80).from({ Y: 0xf0 }).ram({ 128: 0x34, 129: 0xf2 });
    p.rom({ 62244: 0x58 }).expect({ A: 0x58, cycles: 6 });
  });
  it('STA absolute,X takes 5 cycles within a page and into the next', () => {
    program(0x9d, 0x80, 0x00)
      .from({ A: 1, X: 2 })
      .expect({ cycles: 5, ram: { 130: 1 } });
    program(0x9d, 0xff, 0x00)
      .from({ A: 2, X: 0x81 })
      .expect({ cycles: 5, ram: { 128: 2 } });
  });
  it('STA (zero page),Y takes 6 cycles', () => {
    const p = program(0x91, 0x80).from({ A: 7, Y: 2 }).ram({ 128: 0x90, 129: 0 });
    p.expect({ cycles: 6, ram: { 146: 7 } });
  });
  it('STX zero page,Y', () => {
    program(0x96, 0x80)
      .from({ X: 8, Y: 1 })
      .expect({ cycles: 4, ram: { 129: 8 } });
  });
  it('the stack page shows the same memory', () => {
    program(0x8d, 0xc0, 0x01)
      .from({ A: 6 })
      .expect({ cycles: 4, ram: { 192: 6 } });
  });
});

describe('arithmetic', () => {
  // A, operand, carry in -> result, flags
  it.each([
    [0x50, 0x10, 0, 0x60, 0],
    [0x50, 0x50, 0, 0xa0, N | V],
    [0xd0, 0x90, 0, 0x60, C | V],
    [0xff, 0x00, 1, 0x00, C | Z],
    [0x7f, 0x00, 1, 0x80, N | V],
  ])('ADC $%i + %i + %i', (a, m, c, sum, flags) => {
    program(0x69, m)
      .from({ A: a, P: CLEAR | c })
      .expect({ A: sum, P: CLEAR | flags, cycles: 2 });
  });
  it.each([
    [0x50, 0xf0, 1, 0x60, 0],
    [0x50, 0xb0, 1, 0xa0, N | V],
    [0xd0, 0x70, 1, 0x60, C | V],
    [0x50, 0x50, 1, 0x00, C | Z],
    [0x50, 0x50, 0, 0xff, N],
  ])('SBC %i - %i, carry %i', (a, m, c, difference, flags) => {
    const p = program(0xe9, m).from({ A: a, P: CLEAR | c });
    p.expect({ A: difference, P: CLEAR | flags, cycles: 2 });
  });
  it('ADC in decimal mode: 58 + 46 + 1 = 105', () => {
    const p = program(0x69, 0x46).from({ A: 0x58, P: CLEAR | D | C });
    p.expect({ A: 0x05, P: CLEAR | D | C, cycles: 2 });
  });
  it('SBC in decimal mode: 12 - 21 = -9, borrowed 91', () => {
    const p = program(0xe9, 0x21).from({ A: 0x12, P: CLEAR | D | C });
    // V as ALE's core has it: bit 7 of (A ^ result) & (result ^ operand) = 0x83 & 0xb0
    p.expect({ A: 0x91, P: CLEAR | D | N | V, cycles: 2 });
  });
  it.each([
    [5, 5, C | Z],
    [6, 5, C],
    [5, 6, N],
  ])('CMP %i with %i', (a, m, flags) => {
    program(0xc9, m)
      .from({ A: a })
      .expect({ P: CLEAR | flags, cycles: 2 });
  });
  it('CPX and CPY', () => {
    program(0xe0, 1, 0xc0, 2)
      .from({ X: 0, Y: 2 })
      .runs(2)
      .expect({ P: CLEAR | C | Z, cycles: 4 });
  });
  it('INC and DEC in memory take 5 cycles and leave A alone', () => {
    program(0xe6, 0x80)
      .ram({ 128: 0xff })
      .expect({ P: CLEAR | Z, cycles: 5, ram: { 128: 0 } });
    program(0xc6, 0x80).expect({ P: CLEAR | N, cycles: 5, ram: { 128: 0xff } });
  });
});

describe('logic, shifts, transfers', () => {
  it('AND, ORA and EOR', () => {
    const p = program(0x29, 0xf0, 0x09, 0x01, 0x49, 0xff).from({ A: 0xcc }).runs(3);
    p.expect({ A: 0x3e, cycles: 6 });
  });
  it('BIT copies bits 7 and 6 and tests with A', () => {
    const p = program(0x24, 0x80).from({ A: 0x01 }).ram({ 128: 0xc0 });
    p.expect({ P: CLEAR | N | V | Z, cycles: 3 });
  });
  it('ASL and ROL take the carry out of bit 7', () => {
    program(0x0a, 0x2a).from({ A: 0x81 }).runs(2).expect({ A: 0x05, cycles: 4 });
  });
  it('LSR and ROR take the carry out of bit 0', () => {
    program(0x4a, 0x6a)
      .from({ A: 0x03 })
      .runs(2)
      .expect({ A: 0x80, P: CLEAR | N | C, cycles: 4 });
  });
  it('ROR in memory, indexed, takes 6 cycles', () => {
    const p = program(0x76, 0x80)
      .from({ X: 1, P: CLEAR | C })
      .ram({ 129: 2 });
    p.expect({ P: CLEAR | N, cycles: 6, ram: { 129: 0x81 } });
  });
  it('TAX, INX, TXA, TAY, DEY', () => {
    const p = program(0xaa, 0xe8, 0x8a, 0xa8, 0x88).from({ A: 0xfe }).runs(5);
    p.expect({ A: 0xff, X: 0xff, Y: 0xfe, P: CLEAR | N, cycles: 10 });
  });
  it('TXS sets no flags, TSX does', () => {
    program(0x9a).from({ X: 0 }).expect({ SP: 0, cycles: 2 });
    program(0xba)
      .from({ SP: 0x80 })
      .expect({ X: 0x80, P: CLEAR | N, cycles: 2 });
  });
  it('SEC, SED, SEI, then CLC, CLD, CLI, CLV', () => {
    program(0x38, 0xf8, 0x78)
      .runs(3)
      .expect({ P: CLEAR | C | D | I, cycles: 6 });
    const p = program(0x18, 0xd8, 0x58, 0xb8)
      .from({ P: CLEAR | C | D | I | V })
      .runs(4);
    p.expect({ P: CLEAR, cycles: 8 });
  });
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
  ])('%s', (_, opcode, taken, not) => {
    program(opcode, 0x10)
      .from({ P: CLEAR | not })
      .expect({ cycles: 2 });
    program(opcode, 0x10)
      .from({ P: CLEAR | taken })
      .expect({ PC: ORIGIN + 0x12, cycles: 3 });
  });
  it.each([
    ['BPL', 0x10, 0],
    ['BMI', 0x30, N],
    ['BVC', 0x50, 0],
    ['BVS', 0x70, V],
    ['BCC', 0x90, 0],
    ['BCS', 0xb0, C],
    ['BNE', 0xd0, 0],
    ['BEQ', 0xf0, Z],
  ])('%s takes 4 cycles into another page', (_, opcode, taken) => {
    program(opcode, 0xfc)
      .from({ P: CLEAR | taken })
      .expect({ PC: ORIGIN - 2, cycles: 4 });
    // and forwards, from the last two bytes of a page
    program(...new Array(0xfa).fill(0xea), opcode, 0x10)
      .from({ PC: ORIGIN + 0xfa, P: CLEAR | taken })
      .expect({ PC: ORIGIN + 0x10c, cycles: 4 });
  });
});

describe('jumps and the stack', () => {
  it('JMP', () => program(0x4c, 0x34, 0xf2).expect({ PC: 0xf234, cycles: 3 }));
  it('JMP (indirect) does not carry into the next page', () => {
    const p = program(0x6c, 0xff, 0xf1).rom({ 61951: 0x78, 61696: 0xf3, 61952: 0xf4 });
    p.expect({ PC: 0xf378, cycles: 5 });
  });
  it('JSR pushes the address of its last byte', () => {
    const p = program(0x20, 0x34, 0xf2);
    p.expect({ PC: 0xf234, SP: 0xfd, cycles: 6, ram: { 255: 0xf0, 254: 0x02 } });
  });
  it('RTS goes on behind it', () => {
    const p = program(0x60).from({ SP: 0xfd }).ram({ 254: 0x02, 255: 0xf0 });
    p.expect({ PC: 0xf003, SP: 0xff, cycles: 6 });
  });
  it('BRK skips a byte and pushes P with bits 4 and 5', () => {
    const p = program(0x00)
      .from({ P: CLEAR | C })
      .rom({ 65534: 0x00, 65535: 0xf5 });
    const ram = { 255: 0xf0, 254: 0x02, 253: CLEAR | C };
    p.expect({ PC: 0xf500, SP: 0xfc, P: CLEAR | C | I, cycles: 7, ram });
  });
  it('RTI restores P and PC', () => {
    const p = program(0x40)
      .from({ SP: 0xfc })
      .ram({ 253: N | C, 254: 0x34, 255: 0xf2 });
    p.expect({ PC: 0xf234, SP: 0xff, P: CLEAR | N | C, cycles: 6 });
  });
  it('PHA and PLA', () => {
    program(0x48)
      .from({ A: 9 })
      .expect({ SP: 0xfe, cycles: 3, ram: { 255: 9 } });
    program(0x68)
      .from({ SP: 0xfe })
      .ram({ 255: 0x80 })
      .expect({ A: 0x80, SP: 0xff, P: CLEAR | N, cycles: 4 });
  });
  it('PHP and PLP', () => {
    program(0x08)
      .from({ P: CLEAR | V })
      .expect({ SP: 0xfe, cycles: 3, ram: { 255: CLEAR | V } });
    program(0x28)
      .from({ SP: 0xfe })
      .ram({ 255: V })
      .expect({ SP: 0xff, P: CLEAR | V, cycles: 4 });
  });
});

// Between $00 and $7F the TIA answers, which drives two lines of the data bus: the other six keep the
// last byte. With $0A left there the CPU finds ASL A, as in ALE.
describe('code in the address space of the TIA', () => {
  it('is reached by JMP', () => {
    program(0x4c, 0x0a, 0x0a).from({ A: 3 }).runs(2).expect({ A: 6, PC: 0x0a0b, cycles: 5 });
  });
  it('is reached by JSR', () => {
    const p = program(0x20, 0x0a, 0x0a).from({ A: 3 }).runs(2);
    p.expect({ A: 6, SP: 0xfd, PC: 0x0a0b, cycles: 8, ram: { 255: 0xf0, 254: 0x02 } });
  });
  it('is reached by RTS', () => {
    const p = program(0x60).from({ A: 3, SP: 0xfd }).ram({ 254: 0x09, 255: 0x0a }).runs(2);
    p.expect({ A: 6, SP: 0xff, PC: 0x0a0b, cycles: 8 });
  });
  it('is reached by RTI', () => {
    const p = program(0x40).from({ A: 3, SP: 0xfc }).ram({ 254: 0x0a, 255: 0x0a }).runs(2);
    p.expect({ A: 6, SP: 0xff, PC: 0x0a0b, cycles: 8 });
  });
  it('is reached by BRK', () => {
    const p = program(0x00).from({ A: 3 }).rom({ 65534: 0x0a, 65535: 0x0a }).runs(2);
    const ram = { 255: 0xf0, 254: 0x02, 253: CLEAR };
    p.expect({ A: 6, SP: 0xfc, P: CLEAR | I, PC: 0x0a0b, cycles: 9, ram });
  });
});

describe('the rest', () => {
  it('an undocumented opcode is refused with its address', () => {
    const { cpu } = createConsole([0xea, 0x07]);
    expect(() => cpu.run(2)).toThrow(UndocumentedOpcodeError);
    expect(() => createConsole([0xea, 0x07]).cpu.run(2)).toThrow(/at \$F001, got \$07/);
  });

  it('there are 151 documented opcodes', () => {
    expect(MNEMONICS.filter((mnemonic) => mnemonic !== '')).toHaveLength(151);
  });

  it('a wait for the timer takes the same time and instructions when it is skipped', () => {
    // LDA #$20, STA TIM64T, wait: LDA INTIM, BNE wait, STA $80
    const code = [0xa9, 0x20, 0x8d, 0x96, 0x02, 0xad, 0x84, 0x02, 0xd0, 0xfb, 0x85, 0x80];
    const slow = createConsole(code, {}, false);
    let instructions = 0;
    while (slow.cpu.PC !== ORIGIN + code.length) instructions += slow.cpu.run(1);
    // 31 steps of 64 cycles pass until INTIM reads 0
    expect(slow.bus.cycles).toBeGreaterThan(31 * 64);

    const fast = createConsole(code);
    expect(fast.cpu.run(instructions)).toBe(instructions);
    expect(inspectConsole(fast)).toEqual(inspectConsole(slow));
  });
});
