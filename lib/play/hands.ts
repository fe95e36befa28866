/** Your hands at the paddle: held keys and the pointer as what is done in each frame. */

import type { HeldInput } from '../display/messages';
import { PADDLE } from '../env/boot';
import { FIRE, LEFT, NOOP, RIGHT } from './actions';
import { HALF_PADDLE, resistanceAt } from './breakout-memory';
import type { Game, Input } from './game';

/** Frames for which FIRE stays pressed after a tap: the game looks for it now and then only. */
const FIRE_FRAMES = 4;

const NOTHING: HeldInput = { left: false, right: false, fire: false, target: null };

export class Hands {
  private held: HeldInput = NOTHING;
  /** Pressed since the last frame, if only for a moment: a tap moves the paddle by one frame. */
  private tapped: HeldInput = NOTHING;
  private firing = 0;

  /** What the page says is held now. */
  hold(held: HeldInput): void {
    const { left, right } = this.tapped;
    this.tapped = { ...held, left: left || held.left, right: right || held.right };
    if (held.fire && !this.held.fire) this.firing = FIRE_FRAMES;
    this.held = held;
  }

  /** Whether anything is pressed or pointed at: an agent then gives way. */
  get areBusy(): boolean {
    const { left, right, fire, target } = this.held;
    return left || right || fire || target !== null;
  }

  /** What they do in the next frame. */
  next(game: Game): Required<Input> {
    const { held, tapped } = this;
    this.tapped = held;
    // a finger that serves goes on to move the paddle without leaving the screen
    if (this.firing > 0 || (held.fire && held.target === null)) {
      this.firing = Math.max(0, this.firing - 1);
      return { action: FIRE, strength: 1 };
    }
    const [left, right] = [held.left || tapped.left, held.right || tapped.right];
    if (left !== right) return { action: right ? RIGHT : LEFT, strength: 1 };
    if (held.target === null || left) return { action: NOOP, strength: 1 };
    const now = game.ale.console.paddles.resistance[0]!;
    // to the left is more resistance
    const turns = (resistanceAt(held.target - HALF_PADDLE) - now) / PADDLE.perFrame;
    const action = turns > 0 ? LEFT : RIGHT;
    return { action, strength: Math.min(1, Math.abs(turns)) };
  }
}
