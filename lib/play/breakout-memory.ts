/** Where Breakout keeps what a player sees: found by experiment, see the notebook 08-the-console. */

/** Indices of the console's 128 bytes. */
export const MEMORY = {
  paddleX: 72,
  /** 99 and 101 are the ball's place, 103 and 105 what is added to it in each frame. */
  ballX: 99,
  ballY: 101,
} as const;

/** Pixels between a number in memory and the column or row of the picture. */
const BALL_LEFT = 49;
const BALL_TOP = -9;
const PADDLE_LEFT = 47;

/** The knob's resistance by the column of the paddle's left end, as measured. */
const OHMS_AT_123 = 310_000;
const OHMS_PER_PIXEL = -4071;

/** Columns and rows that the ball can reach, and columns of the paddle's left end. */
export const FIELD = { left: 8, right: 150, top: 33, bottom: 195, paddleRight: 140 } as const;

/** Pixels from the paddle's left end to its middle. */
export const HALF_PADDLE = 8;

/** A ball or a paddle, by its left upper corner in pixels of the picture. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where the ball is; null while none is in play. @param ram the console's 128 bytes */
export function findBall(ram: Uint8Array): Place | null {
  const y = ram[MEMORY.ballY]!;
  return y === 0 ? null : { x: ram[MEMORY.ballX]! - BALL_LEFT, y: y - BALL_TOP };
}

/** Column of the paddle's left end. @param ram the console's 128 bytes */
export function findPaddle(ram: Uint8Array): number {
  return ram[MEMORY.paddleX]! - PADDLE_LEFT;
}

/** The pixel within the walls that is nearest to a place. */
export function withinField({ x, y }: Place): Place {
  return { x: clamp(x, FIELD.left, FIELD.right), y: clamp(y, FIELD.top, FIELD.bottom) };
}

/** Puts the ball elsewhere, within the walls. @param ram the console's 128 bytes, which are written to */
export function moveBall(ram: Uint8Array, place: Place): void {
  const { x, y } = withinField(place);
  ram[MEMORY.ballX] = x + BALL_LEFT;
  ram[MEMORY.ballY] = y + BALL_TOP;
}

/** Resistance of the paddle's knob, in ohms, that brings its left end to a column. */
export function resistanceAt(column: number): number {
  const x = clamp(column, FIELD.left, FIELD.paddleRight);
  return OHMS_AT_123 + OHMS_PER_PIXEL * (x - 123);
}

function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(Math.max(value, low), high));
}
