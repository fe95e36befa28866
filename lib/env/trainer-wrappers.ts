/**
 * Wrappers that training code often adds to Gymnasium's own; options of `makeBreakout`, off by default.
 *
 * They are for users of the environment: the trainings of this project keep lives and rewards in their
 * transitions (see `lifeLossIsTerminal` and `clipRewards` of their config) and need only FIRE.
 */

import type { Box, Discrete, ResetOptions, ResetResult, StepResult } from './env';
import type { SavedState } from './saved-state';
import type { EnvLayer, Mutable } from './wrapper';

const NOOP = 0;
const FIRE = 1;

/** The base of the wrappers below, which passes everything on. */
abstract class Wrapper<Observation> implements EnvLayer<Observation> {
  readonly observationSpace: Box;
  readonly actionSpace: Discrete;
  protected readonly env: EnvLayer<Observation>;

  constructor(env: EnvLayer<Observation>) {
    this.env = env;
    this.observationSpace = env.observationSpace;
    this.actionSpace = env.actionSpace;
  }

  reset(options?: ResetOptions): ResetResult<Observation> {
    return this.env.reset(options);
  }

  step(action: number): StepResult<Observation> {
    return this.env.step(action);
  }

  save(state: SavedState): void {
    this.env.save(state);
  }

  restore(state: SavedState): Observation {
    return this.env.restore(state);
  }
}

/**
 * The loss of a life terminates the episode, but the game goes on: the next reset without a seed
 * plays one no-op in place of resetting, so that all states of a game are reached in training.
 * Source: "episodic life" of OpenAI baselines and Stable-Baselines3.
 */
export class EpisodicLife<Observation> extends Wrapper<Observation> {
  private lives = 0;
  private gameOver = true;

  override reset(options: ResetOptions = {}): ResetResult<Observation> {
    if (!this.gameOver && options.seed === undefined) {
      const { observation, info, terminated, truncated } = this.env.step(NOOP);
      if (!terminated && !truncated) {
        this.lives = info.lives;
        return { observation, info };
      }
    }
    const result = this.env.reset(options);
    this.lives = result.info.lives;
    this.gameOver = false;
    return result;
  }

  override step(action: number): StepResult<Observation> {
    const result = this.env.step(action) as Mutable<StepResult<Observation>>;
    this.gameOver = result.terminated || result.truncated;
    if (result.info.lives < this.lives) result.terminated = true;
    this.lives = result.info.lives;
    return result;
  }

  override save(state: SavedState): void {
    super.save(state);
    state.set('episodicLife.lives', this.lives);
    state.set('episodicLife.gameOver', this.gameOver);
  }

  override restore(state: SavedState): Observation {
    this.lives = state.getInteger('episodicLife.lives', 0, 255);
    this.gameOver = state.getFlag('episodicLife.gameOver');
    return super.restore(state);
  }
}

/** Presses FIRE after each reset, so that the ball is in play when the agent takes over. */
export class FireReset<Observation> extends Wrapper<Observation> {
  override reset(options: ResetOptions = {}): ResetResult<Observation> {
    const first = this.env.reset(options);
    const { observation, info, terminated, truncated } = this.env.step(FIRE);
    if (terminated || truncated) return this.env.reset(options);
    const seeds = first.info.seeds;
    return { observation, info: seeds === undefined ? info : { ...info, seeds } };
  }
}

/**
 * Presses FIRE before the agent's next action when a life was lost. The agent does not see that
 * step; what it earns is added to the next one's reward.
 */
export class FireAfterLifeLoss<Observation> extends Wrapper<Observation> {
  private lives = 0;
  private serve = false;

  override reset(options?: ResetOptions): ResetResult<Observation> {
    const result = this.env.reset(options);
    this.lives = result.info.lives;
    this.serve = false;
    return result;
  }

  override step(action: number): StepResult<Observation> {
    let served = 0;
    if (this.serve) {
      const fired = this.play(FIRE);
      if (fired.terminated || fired.truncated) return fired;
      served = fired.reward;
    }
    const result = this.play(action);
    result.reward += served;
    return result;
  }

  private play(action: number): Mutable<StepResult<Observation>> {
    const result = this.env.step(action);
    this.serve = result.info.lives < this.lives;
    this.lives = result.info.lives;
    return result;
  }

  override save(state: SavedState): void {
    super.save(state);
    state.set('fireAfterLifeLoss.lives', this.lives);
    state.set('fireAfterLifeLoss.serve', this.serve);
  }

  override restore(state: SavedState): Observation {
    this.lives = state.getInteger('fireAfterLifeLoss.lives', 0, 255);
    this.serve = state.getFlag('fireAfterLifeLoss.serve');
    return super.restore(state);
  }
}

/** Rewards become -1, 0 or 1 by their sign (Mnih et al. 2015). */
export class ClipReward<Observation> extends Wrapper<Observation> {
  override step(action: number): StepResult<Observation> {
    const result = this.env.step(action) as Mutable<StepResult<Observation>>;
    result.reward = Math.sign(result.reward);
    return result;
  }
}
