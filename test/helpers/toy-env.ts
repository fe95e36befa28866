/** A game so small that a training learns it in seconds, with returns known by hand. */
import type {
  Box,
  Discrete,
  Env,
  Info,
  ResetOptions,
  ResetResult,
  StepResult,
} from '../../lib/env/env';
import { Mt19937 } from '../../lib/random';

const SIZE = 4;
const STACK = 2;
const FALL = 4;

/**
 * Catch: a ball falls down a field of 4 x 4, the player on the lowest row moves left, stays or moves
 * right; +1 for catching it, -1 for missing it. Three balls make an episode, each costs nothing but its
 * miss. A perfect player returns 3, a player who stands still 3 * (2 * 1/4 - 1) = -1.5 on average.
 * The same contract as Breakout's: stacked uint8 pictures, oldest first, reused by the next step.
 */
export class CatchEnv implements Env {
  readonly observationSpace: Box = {
    kind: 'box',
    shape: [STACK, SIZE, SIZE],
    dtype: 'uint8',
    low: 0,
    high: 255,
  };
  readonly actionSpace: Discrete = { kind: 'discrete', n: 3, meanings: ['LEFT', 'NOOP', 'RIGHT'] };
  private readonly observation = new Uint8Array(STACK * SIZE * SIZE);
  private random = new Mt19937(0);
  private frames = 0;
  private lives = 0;
  private column = 0;
  private row = 0;
  private player = 0;
  private over = true;

  reset({ seed }: ResetOptions = {}): ResetResult<Uint8Array> {
    if (seed !== undefined) this.random = new Mt19937(seed);
    this.frames = 0;
    this.lives = 3;
    this.over = false;
    this.player = this.pick();
    this.drop();
    const picture = this.picture();
    for (let i = 0; i < STACK; i++) this.observation.set(picture, i * SIZE * SIZE);
    return { observation: this.observation, info: this.info() };
  }

  step(action: number): StepResult<Uint8Array> {
    if (this.over) throw new Error('step() after the episode ended: call reset()');
    this.frames++;
    this.player = Math.max(0, Math.min(SIZE - 1, this.player + action - 1));
    this.row++;
    let reward = 0;
    if (this.row === FALL - 1) {
      reward = this.column === this.player ? 1 : -1;
      this.lives--;
      this.over = this.lives === 0;
      if (!this.over) this.drop();
    }
    this.observation.copyWithin(0, SIZE * SIZE);
    this.observation.set(this.picture(), (STACK - 1) * SIZE * SIZE);
    const { observation, over: terminated } = this;
    return { observation, reward, terminated, truncated: false, info: this.info() };
  }

  private drop(): void {
    this.row = 0;
    this.column = this.pick();
  }

  private pick(): number {
    return Math.floor(this.random.nextDouble() * SIZE);
  }

  private picture(): Uint8Array {
    const picture = new Uint8Array(SIZE * SIZE);
    picture[this.row * SIZE + this.column] = 255;
    picture[(SIZE - 1) * SIZE + this.player] = 128;
    return picture;
  }

  private info(): Info {
    return { lives: this.lives, episodeFrameNumber: this.frames, frameNumber: this.frames };
  }
}
