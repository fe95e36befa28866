/** A good player of Breakout who reads the console's memory, for tests that need long games. */
import type { Breakout } from '../../lib/env/breakout';
import { Mt19937 } from '../../lib/random';

/** Where Breakout keeps ball and paddle (indices of the 128 bytes). */
const BALL_X = 99;
const BALL_Y = 101;
const PADDLE_X = 72;

/** Walls left and right, and the height at which the paddle meets the ball, as the game counts. */
const LEFT_WALL = 56;
const RIGHT_WALL = 200;
const PADDLE_Y = 178;

const HALF_PADDLE = 8;
/** Half of what one agent step of four frames moves the paddle. */
const REACH = 12;

const NOOP = 0;
const FIRE = 1;
const RIGHT = 2;
const LEFT = 3;

/**
 * Plays Breakout from the console's memory: serves, and moves to where the ball will come down. Some
 * 130 points a game when one action in fifty is random, so wall and ball are seen in many places.
 */
export class BallPlayer {
  private readonly random: Mt19937;
  private x = 0;
  private y = 0;
  private aim = 0;

  constructor(seed: number) {
    this.random = new Mt19937(seed);
  }

  /** @param epsilon the probability of a random action */
  act({ ram }: Pick<Breakout, 'ram'>, epsilon: number): number {
    const [x, y] = [ram[BALL_X]!, ram[BALL_Y]!];
    const [dx, dy] = [x - this.x, y - this.y];
    if (dy < 0) this.aim = Math.floor(this.random.nextDouble() * 9) - 4; // meets it off the middle
    this.x = x;
    this.y = y;
    if (this.random.nextDouble() < epsilon) return Math.floor(this.random.nextDouble() * 4);
    if (y === 0) return FIRE; // no ball
    const target = dy > 0 ? reflect(x + (dx * (PADDLE_Y - y)) / dy) : x;
    const way = target - HALF_PADDLE + this.aim - ram[PADDLE_X]!;
    if (way > REACH) return RIGHT;
    return way < -REACH ? LEFT : NOOP;
  }
}

function reflect(x: number): number {
  let folded = x;
  for (let bounces = 0; bounces < 5; bounces++) {
    if (folded < LEFT_WALL) folded = 2 * LEFT_WALL - folded;
    else if (folded > RIGHT_WALL) folded = 2 * RIGHT_WALL - folded;
  }
  return folded;
}
