/** How far HMOVE moves an object whose HM register holds 0 (x = 3 is the normal case), by cycle. */
// biome-ignore format: a table
const HMOVE_FLOOR = [-7, -7, -7, -7, -6, -5, -5, -4, -3, -2, -2, -1, 0, 1, 1, 2, 3, 4, 4, 5, 6];
// biome-ignore format: a table
const HMOVE_LATE = [6, 5, 4, 4, 3, 2, 1, 1, 0, -1, -2, -2, -3, -4, -5, -5, -6, -7, -8, -8];

/** Pixels to the right by which an HMOVE in this cycle of a line shifts an object. */
export function getMotion(nibble: number, cycle: number): number {
  const nominal = nibble < 8 ? 0 - nibble : 16 - nibble;
  if (cycle <= 20) return Math.max(nominal, HMOVE_FLOOR[cycle]!);
  if (cycle <= 54) return 0;
  if (cycle <= 74) return Math.min(0, nominal + HMOVE_LATE[cycle - 55]!);
  return nominal;
}
