/** One environment, and the episode in progress in it. */
import type { DeferredEnv, Env, StepResult } from '../../env/env';

/** Brings any environment back to where it was: reset it with the seed, then repeat the actions. */
export interface GameState {
  /** Number of the episode; the first is 1. */
  readonly episode: number;
  readonly seed: number;
  readonly actions: readonly number[];
}

/** The result of one action. */
export interface Move {
  /** The environment's reward, not clipped. */
  readonly reward: number;
  /** Whether the environment ended the episode. */
  readonly terminated: boolean;
  /** Whether the environment or the limit of steps cut the episode off. */
  readonly truncated: boolean;
  readonly lifeLost: boolean;
}

/**
 * Each episode is reset with its own seed. So the seed and the actions are enough to bring any
 * environment back to where a saved training left it, and to replay any episode.
 */
export class Game {
  readonly env: Env;
  /** Number of the episode; the first is 1. */
  episode = 0;
  /** Sum of the episode's rewards so far. */
  return = 0;
  /** The current observation; the environment owns it and overwrites it at the next step or reset. */
  observation: Uint8Array = new Uint8Array(0);
  private seed = 0;
  private sent = 0;
  private lives = 0;
  private actions: number[] = [];

  constructor(env: Env) {
    this.env = env;
  }

  /** Agent steps of the episode so far. */
  get length(): number {
    return this.actions.length;
  }

  start({ episode, seed }: { episode: number; seed: number }): void {
    this.restore({ episode, seed, actions: [] });
  }

  /** @param maxEpisodeSteps agent steps after which the episode is cut off */
  step(action: number, maxEpisodeSteps: number): Move {
    return this.take(action, this.env.step(action), maxEpisodeSteps);
  }

  /** Begins a step, which another thread may compute until it is received. */
  send(action: number): void {
    this.sent = action;
    if (isDeferred(this.env)) this.env.send(action);
  }

  /** Ends the step that was begun; otherwise as `step`. */
  receive(maxEpisodeSteps: number): Move {
    const { env, sent } = this;
    return this.take(sent, isDeferred(env) ? env.receive() : env.step(sent), maxEpisodeSteps);
  }

  state(): GameState {
    return { episode: this.episode, seed: this.seed, actions: [...this.actions] };
  }

  /** Plays a saved episode again up to where it was. */
  restore({ episode, seed, actions }: GameState): void {
    this.episode = episode;
    this.seed = seed;
    this.actions = [];
    const { observation, info } = this.env.reset({ seed });
    this.observation = observation;
    this.lives = info.lives;
    this.return = 0;
    for (const action of actions) this.step(action, Number.POSITIVE_INFINITY);
  }

  private take(action: number, result: StepResult<Uint8Array>, maxEpisodeSteps: number): Move {
    const { reward, terminated, truncated, observation, info } = result;
    const lifeLost = info.lives < this.lives;
    this.actions.push(action);
    this.return += reward;
    this.lives = info.lives;
    this.observation = observation;
    const isTooLong = this.actions.length >= maxEpisodeSteps;
    return { reward, terminated, truncated: truncated || isTooLong, lifeLost };
  }
}

function isDeferred(env: Env): env is DeferredEnv {
  return 'send' in env;
}
