/** The 6507's instruction set as tables: how each opcode finds its operand and how long it takes. */

/** Addressing modes. `interpreter.ts` switches on these numbers. */
export const MODE = {
  implied: 0,
  immediate: 1,
  zeroPage: 2,
  zeroPageX: 3,
  zeroPageY: 4,
  absolute: 5,
  absoluteX: 6,
  absoluteY: 7,
  indexedIndirect: 8, // (zp,X)
  indirectIndexed: 9, // (zp),Y
  relative: 10,
  indirect: 11, // JMP only
} as const;

/** What an instruction does with the byte at its address, as bits. */
export const ACCESS = { none: 0, read: 1, write: 2, modify: 3 } as const;

type ModeName = keyof typeof MODE;
type Opcodes = Partial<Record<ModeName, number>>;

/** The 151 documented opcodes by mnemonic and addressing mode. */
// biome-ignore format: a table
const DOCUMENTED: Record<string, { access: keyof typeof ACCESS; opcodes: Opcodes }> = {
  LDA: { access: 'read', opcodes: { immediate: 0xa9, zeroPage: 0xa5, zeroPageX: 0xb5, absolute: 0xad, absoluteX: 0xbd, absoluteY: 0xb9, indexedIndirect: 0xa1, indirectIndexed: 0xb1 } },
  LDX: { access: 'read', opcodes: { immediate: 0xa2, zeroPage: 0xa6, zeroPageY: 0xb6, absolute: 0xae, absoluteY: 0xbe } },
  LDY: { access: 'read', opcodes: { immediate: 0xa0, zeroPage: 0xa4, zeroPageX: 0xb4, absolute: 0xac, absoluteX: 0xbc } },
  STA: { access: 'write', opcodes: { zeroPage: 0x85, zeroPageX: 0x95, absolute: 0x8d, absoluteX: 0x9d, absoluteY: 0x99, indexedIndirect: 0x81, indirectIndexed: 0x91 } },
  STX: { access: 'write', opcodes: { zeroPage: 0x86, zeroPageY: 0x96, absolute: 0x8e } },
  STY: { access: 'write', opcodes: { zeroPage: 0x84, zeroPageX: 0x94, absolute: 0x8c } },
  ORA: { access: 'read', opcodes: { immediate: 0x09, zeroPage: 0x05, zeroPageX: 0x15, absolute: 0x0d, absoluteX: 0x1d, absoluteY: 0x19, indexedIndirect: 0x01, indirectIndexed: 0x11 } },
  AND: { access: 'read', opcodes: { immediate: 0x29, zeroPage: 0x25, zeroPageX: 0x35, absolute: 0x2d, absoluteX: 0x3d, absoluteY: 0x39, indexedIndirect: 0x21, indirectIndexed: 0x31 } },
  EOR: { access: 'read', opcodes: { immediate: 0x49, zeroPage: 0x45, zeroPageX: 0x55, absolute: 0x4d, absoluteX: 0x5d, absoluteY: 0x59, indexedIndirect: 0x41, indirectIndexed: 0x51 } },
  ADC: { access: 'read', opcodes: { immediate: 0x69, zeroPage: 0x65, zeroPageX: 0x75, absolute: 0x6d, absoluteX: 0x7d, absoluteY: 0x79, indexedIndirect: 0x61, indirectIndexed: 0x71 } },
  SBC: { access: 'read', opcodes: { immediate: 0xe9, zeroPage: 0xe5, zeroPageX: 0xf5, absolute: 0xed, absoluteX: 0xfd, absoluteY: 0xf9, indexedIndirect: 0xe1, indirectIndexed: 0xf1 } },
  CMP: { access: 'read', opcodes: { immediate: 0xc9, zeroPage: 0xc5, zeroPageX: 0xd5, absolute: 0xcd, absoluteX: 0xdd, absoluteY: 0xd9, indexedIndirect: 0xc1, indirectIndexed: 0xd1 } },
  CPX: { access: 'read', opcodes: { immediate: 0xe0, zeroPage: 0xe4, absolute: 0xec } },
  CPY: { access: 'read', opcodes: { immediate: 0xc0, zeroPage: 0xc4, absolute: 0xcc } },
  BIT: { access: 'read', opcodes: { zeroPage: 0x24, absolute: 0x2c } },
  ASL: { access: 'modify', opcodes: { zeroPage: 0x06, zeroPageX: 0x16, absolute: 0x0e, absoluteX: 0x1e } },
  LSR: { access: 'modify', opcodes: { zeroPage: 0x46, zeroPageX: 0x56, absolute: 0x4e, absoluteX: 0x5e } },
  ROL: { access: 'modify', opcodes: { zeroPage: 0x26, zeroPageX: 0x36, absolute: 0x2e, absoluteX: 0x3e } },
  ROR: { access: 'modify', opcodes: { zeroPage: 0x66, zeroPageX: 0x76, absolute: 0x6e, absoluteX: 0x7e } },
  INC: { access: 'modify', opcodes: { zeroPage: 0xe6, zeroPageX: 0xf6, absolute: 0xee, absoluteX: 0xfe } },
  DEC: { access: 'modify', opcodes: { zeroPage: 0xc6, zeroPageX: 0xd6, absolute: 0xce, absoluteX: 0xde } },
  ASLA: { access: 'none', opcodes: { implied: 0x0a } }, LSRA: { access: 'none', opcodes: { implied: 0x4a } },
  ROLA: { access: 'none', opcodes: { implied: 0x2a } }, RORA: { access: 'none', opcodes: { implied: 0x6a } },
  INX: { access: 'none', opcodes: { implied: 0xe8 } }, INY: { access: 'none', opcodes: { implied: 0xc8 } },
  DEX: { access: 'none', opcodes: { implied: 0xca } }, DEY: { access: 'none', opcodes: { implied: 0x88 } },
  TAX: { access: 'none', opcodes: { implied: 0xaa } }, TAY: { access: 'none', opcodes: { implied: 0xa8 } },
  TXA: { access: 'none', opcodes: { implied: 0x8a } }, TYA: { access: 'none', opcodes: { implied: 0x98 } },
  TSX: { access: 'none', opcodes: { implied: 0xba } }, TXS: { access: 'none', opcodes: { implied: 0x9a } },
  CLC: { access: 'none', opcodes: { implied: 0x18 } }, SEC: { access: 'none', opcodes: { implied: 0x38 } },
  CLI: { access: 'none', opcodes: { implied: 0x58 } }, SEI: { access: 'none', opcodes: { implied: 0x78 } },
  CLV: { access: 'none', opcodes: { implied: 0xb8 } }, NOP: { access: 'none', opcodes: { implied: 0xea } },
  CLD: { access: 'none', opcodes: { implied: 0xd8 } }, SED: { access: 'none', opcodes: { implied: 0xf8 } },
  PHA: { access: 'none', opcodes: { implied: 0x48 } }, PHP: { access: 'none', opcodes: { implied: 0x08 } },
  PLA: { access: 'none', opcodes: { implied: 0x68 } }, PLP: { access: 'none', opcodes: { implied: 0x28 } },
  BRK: { access: 'none', opcodes: { implied: 0x00 } }, RTI: { access: 'none', opcodes: { implied: 0x40 } },
  JSR: { access: 'none', opcodes: { absolute: 0x20 } }, RTS: { access: 'none', opcodes: { implied: 0x60 } },
  JMP: { access: 'none', opcodes: { absolute: 0x4c, indirect: 0x6c } },
  BPL: { access: 'none', opcodes: { relative: 0x10 } }, BMI: { access: 'none', opcodes: { relative: 0x30 } },
  BVC: { access: 'none', opcodes: { relative: 0x50 } }, BVS: { access: 'none', opcodes: { relative: 0x70 } },
  BCC: { access: 'none', opcodes: { relative: 0x90 } }, BCS: { access: 'none', opcodes: { relative: 0xb0 } },
  BNE: { access: 'none', opcodes: { relative: 0xd0 } }, BEQ: { access: 'none', opcodes: { relative: 0xf0 } },
};

/**
 * Cycles of each opcode without the extra ones for a crossed page or a taken branch; one row per
 * high nibble, one hexadecimal digit per low nibble (undocumented opcodes included).
 */
// biome-ignore format: a table
const CYCLE_ROWS = [
  '7628335532224466', '2528446624274477', '6628335542224466', '2528446624274477',
  '6628335532223466', '2528446624274477', '6628335542225466', '2528446624274477',
  '2626333322224444', '2626444425255555', '2626333422224444', '2525444424244444',
  '2628335522224466', '2528446624274477', '2628335522224466', '2528446624274477',
];

/** Base cycles by opcode. */
export const BASE_CYCLES = Uint8Array.from(CYCLE_ROWS.join(''), (digit) => parseInt(digit, 16));

/** `MODE` by opcode; meaningless where `MNEMONICS` is empty. */
export const MODES = new Uint8Array(256);

/** `ACCESS` by opcode. */
export const ACCESSES = new Uint8Array(256);

/** Mnemonic by opcode; '' for the 105 opcodes the manual does not document. */
export const MNEMONICS: readonly string[] = (() => {
  const mnemonics = new Array<string>(256).fill('');
  for (const [mnemonic, { access, opcodes }] of Object.entries(DOCUMENTED)) {
    for (const [mode, opcode] of Object.entries(opcodes)) {
      mnemonics[opcode] = mnemonic;
      MODES[opcode] = MODE[mode as ModeName];
      ACCESSES[opcode] = ACCESS[access];
    }
  }
  return mnemonics;
})();
