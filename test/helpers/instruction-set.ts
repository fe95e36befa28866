/**
 * The 6502's documented instructions as MOS Technology's MCS6500 programming manual lists them
 * (appendix B), written down apart from the emulator's tables so that one can check the other.
 */

/** Addressing modes in the order of the columns below. */
// biome-ignore format: a table
export const MODES = [
  'implied', 'immediate', 'zp', 'zp,X', 'zp,Y', 'abs', 'abs,X', 'abs,Y', '(zp,X)', '(zp),Y',
  'relative', '(abs)',
] as const;
export type Mode = (typeof MODES)[number];

// Accumulator forms count as implied.
// biome-ignore format: a table
const TABLE = `
     imp imm zp  zpx zpy abs abx aby izx izy rel ind
ADC  ..  69  65  75  ..  6D  7D  79  61  71  ..  ..
AND  ..  29  25  35  ..  2D  3D  39  21  31  ..  ..
ASL  0A  ..  06  16  ..  0E  1E  ..  ..  ..  ..  ..
BCC  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  90  ..
BCS  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  B0  ..
BEQ  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  F0  ..
BIT  ..  ..  24  ..  ..  2C  ..  ..  ..  ..  ..  ..
BMI  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  30  ..
BNE  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  D0  ..
BPL  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  10  ..
BRK  00  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
BVC  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  50  ..
BVS  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  70  ..
CLC  18  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
CLD  D8  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
CLI  58  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
CLV  B8  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
CMP  ..  C9  C5  D5  ..  CD  DD  D9  C1  D1  ..  ..
CPX  ..  E0  E4  ..  ..  EC  ..  ..  ..  ..  ..  ..
CPY  ..  C0  C4  ..  ..  CC  ..  ..  ..  ..  ..  ..
DEC  ..  ..  C6  D6  ..  CE  DE  ..  ..  ..  ..  ..
DEX  CA  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
DEY  88  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
EOR  ..  49  45  55  ..  4D  5D  59  41  51  ..  ..
INC  ..  ..  E6  F6  ..  EE  FE  ..  ..  ..  ..  ..
INX  E8  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
INY  C8  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
JMP  ..  ..  ..  ..  ..  4C  ..  ..  ..  ..  ..  6C
JSR  ..  ..  ..  ..  ..  20  ..  ..  ..  ..  ..  ..
LDA  ..  A9  A5  B5  ..  AD  BD  B9  A1  B1  ..  ..
LDX  ..  A2  A6  ..  B6  AE  ..  BE  ..  ..  ..  ..
LDY  ..  A0  A4  B4  ..  AC  BC  ..  ..  ..  ..  ..
LSR  4A  ..  46  56  ..  4E  5E  ..  ..  ..  ..  ..
NOP  EA  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
ORA  ..  09  05  15  ..  0D  1D  19  01  11  ..  ..
PHA  48  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
PHP  08  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
PLA  68  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
PLP  28  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
ROL  2A  ..  26  36  ..  2E  3E  ..  ..  ..  ..  ..
ROR  6A  ..  66  76  ..  6E  7E  ..  ..  ..  ..  ..
RTI  40  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
RTS  60  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
SBC  ..  E9  E5  F5  ..  ED  FD  F9  E1  F1  ..  ..
SEC  38  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
SED  F8  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
SEI  78  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
STA  ..  ..  85  95  ..  8D  9D  99  81  91  ..  ..
STX  ..  ..  86  ..  96  8E  ..  ..  ..  ..  ..  ..
STY  ..  ..  84  94  ..  8C  ..  ..  ..  ..  ..  ..
TAX  AA  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
TAY  A8  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
TSX  BA  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
TXA  8A  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
TXS  9A  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
TYA  98  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..  ..
`;

/** Opcodes by mnemonic and addressing mode. */
export const INSTRUCTIONS: ReadonlyMap<string, ReadonlyMap<Mode, number>> = new Map(
  TABLE.trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [mnemonic = '', ...cells] = line.split(/ +/);
      const opcodes = new Map<Mode, number>();
      cells.forEach((cell, i) => {
        if (cell !== '..') opcodes.set(MODES[i]!, parseInt(cell, 16));
      });
      return [mnemonic, opcodes];
    }),
);

/** All documented opcodes. */
export const OPCODES: readonly number[] = [...INSTRUCTIONS.values()].flatMap((opcodes) => [
  ...opcodes.values(),
]);
