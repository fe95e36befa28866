/** Plays agent steps without anybody watching, by an agent or by looking where the ball is. */
import { FIRE, LEFT, NOOP, RIGHT } from './actions';
import { findBall, findPaddle, HALF_PADDLE } from './breakout-memory';
import type { Game } from './game';
import type { Pilot } from './pilot';

/** How far from the paddle's middle the ball may be, in pixels. */
const NEAR = 6;

/** What was played: Q of each action where an agent played, and the action. */
export interface AutoplayedStep {
  readonly q: Float32Array | null;
  readonly action: number;
}

export interface AutoplayOptions {
  /** Agent steps at most; a game that ends has fewer. */
  readonly steps: number;
  /** Moves below the ball where there is none. */
  readonly pilot?: Pilot;
  /** Called after each agent step. */
  readonly onStep?: (step: AutoplayedStep) => void;
}

export function autoplay(game: Game, { steps, pilot, onStep }: AutoplayOptions): void {
  for (let step = 0; step < steps && !game.over; step++) {
    while (game.serves) game.next({ action: NOOP });
    const q = pilot ? pilot.values(game.observation) : null;
    const action = pilot && q ? pilot.choose(q).action : followBall(game);
    do game.next({ action });
    while (!game.isStepStart && !game.serves && !game.over);
    onStep?.({ q, action });
  }
}

function followBall(game: Game): number {
  const ram = game.ale.getRam();
  const ball = findBall(ram);
  if (!ball) return FIRE;
  const way = ball.x - (findPaddle(ram) + HALF_PADDLE);
  if (Math.abs(way) < NEAR) return NOOP;
  return way > 0 ? RIGHT : LEFT;
}
