/** Where HMOVE and the position strobes put objects, depending on when they come within a line. */

/** By cycle of the line: the least motion of an HMOVE that comes early, and what is added in a late one. */
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

/**
 * Clocks since HMOVE, clock within the line, resulting position. In these cases, which Breakout needs, the
 * strobe comes while HMOVE is still at work.
 */
// biome-ignore format: a table
export const AFTER_HMOVE = {
  RESM0: [[60, 69, 8]],
  RESM1: [[9, 18, 3]],
  RESBL: [[54, 60, 10], [54, 69, 10], [9, 18, 3], [21, 30, 6], [18, 27, 5]],
} as const;
export type StrobesAfterHmove = (typeof AFTER_HMOVE)[keyof typeof AFTER_HMOVE];

/** Where a strobe in this clock of a line puts its object; soon after HMOVE that may be elsewhere. */
export function getStrobePosition(
  clock: number,
  sinceHMOVE: number,
  afterHMOVE: StrobesAfterHmove,
): number {
  for (const [since, at, position] of afterHMOVE) {
    if (since === sinceHMOVE && at === clock) return position;
  }
  return clock < 68 ? 2 : (clock - 68 + 4) % 160;
}
