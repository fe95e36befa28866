/**
 * Several games stepped together, as one batch of observations.
 *
 * This is for users of the environment who train with code of their own, in the way of Gymnasium's
 * SyncVectorEnv: one call acts in all games and returns arrays that fit a network's input.
 */

import { Breakout, type BreakoutOptions } from './breakout';
import type { Box, Discrete, Info } from './env';
import { checkInteger, OptionError, ResetNeededError, SavedStateError } from './errors';
import { checkSeed } from './options';
import { SavedState } from './saved-state';

/** The most games: 116 MB of observations. */
const MOST_ENVS = 4096;

export interface VectorOptions extends BreakoutOptions {
  /** How many environments, at least 1. */
  readonly numEnvs: number;
  readonly scaleObs?: false;
}

/** What `VectorBreakout.step` returns; the environment owns all arrays and reuses them in its next step. */
export interface VectorStepResult {
  /** uint8 [numEnvs, ...observation] */
  readonly observations: Uint8Array;
  readonly rewards: Float32Array;
  /** 1 where the episode has terminated. */
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly infos: readonly Info[];
}

/**
 * N environments stepped by one call, with the automatic reset of Gymnasium 1.x (NEXT_STEP): the
 * step that ends an episode returns its last observation; the next one ignores the action given for
 * that environment, resets it and returns the first observation, reward 0.
 * `PqnTraining` does not play through it: see there.
 */
export class VectorBreakout {
  readonly numEnvs: number;
  /** The spaces of a single environment. */
  readonly singleObservationSpace: Box;
  readonly singleActionSpace: Discrete;
  readonly envs: readonly Breakout[];
  private readonly infos: Info[];
  private readonly result: VectorStepResult;
  private ready = false;

  /** @throws OptionError as `makeBreakout` does, and when observations are not stacks of uint8. */
  constructor(vectorOptions: VectorOptions) {
    if (typeof vectorOptions !== 'object' || vectorOptions === null) {
      throw new OptionError('options', vectorOptions, 'an object with at least numEnvs');
    }
    const { numEnvs, ...options } = vectorOptions;
    this.numEnvs = checkInteger('numEnvs', numEnvs, 1, MOST_ENVS);
    for (const name of ['stack', 'preprocess'] as const) {
      if (options[name] === false) {
        throw new OptionError(name, false, 'true in a vector environment');
      }
    }
    if ((options.scaleObs as boolean | undefined) === true) {
      throw new OptionError(
        'scaleObs',
        true,
        'false in a vector environment, whose batch is uint8',
      );
    }
    const { seed, ...shared } = options;
    const probe = new Breakout(shared);
    this.singleObservationSpace = probe.observationSpace;
    this.singleActionSpace = probe.actionSpace;
    const length = probe.observationSpace.shape.reduce((a, b) => a * b);
    const observations = new Uint8Array(numEnvs * length);
    this.envs = Array.from(
      { length: numEnvs },
      (_, i) =>
        new Breakout(
          { ...shared, seed: (seed ?? 0) + i },
          observations.subarray(i * length, (i + 1) * length),
        ),
    );
    this.infos = this.envs.map(() => ({ lives: 0, episodeFrameNumber: 0, frameNumber: 0 }));
    this.result = {
      observations,
      rewards: new Float32Array(numEnvs),
      terminated: new Uint8Array(numEnvs),
      truncated: new Uint8Array(numEnvs),
      infos: this.infos,
    };
  }

  /** Resets all environments. @param options.seed environment i takes seed + i; or a list of seeds */
  reset(options: { readonly seed?: number | readonly number[] } = {}): {
    readonly observations: Uint8Array;
    readonly infos: readonly Info[];
  } {
    const seeds = this.seedsFrom(options.seed);
    this.envs.forEach((env, i) => {
      this.infos[i] = env.reset(seeds === null ? {} : { seed: seeds[i]! }).info;
    });
    this.ready = true;
    return { observations: this.result.observations, infos: this.infos };
  }

  /**
   * @param actions one for each environment
   * @throws ResetNeededError before the first reset.
   * @throws OptionError when there are not `numEnvs` actions or one is not of the action space.
   */
  step(actions: ArrayLike<number>): VectorStepResult {
    if (!this.ready) throw new ResetNeededError('step() before the first reset: call reset()');
    if (actions?.length !== this.numEnvs) {
      throw new OptionError('actions', actions, `a list of ${this.numEnvs}`);
    }
    const { rewards, terminated, truncated } = this.result;
    const last = this.singleActionSpace.n - 1;
    for (let i = 0; i < this.numEnvs; i++) {
      const action = actions[i]!;
      if (Number.isInteger(action) && action >= 0 && action <= last) continue; // builds no message
      checkInteger(`actions[${i}]`, action, 0, last);
    }
    for (let i = 0; i < this.numEnvs; i++) {
      const env = this.envs[i]!;
      if (env.needsReset) {
        this.infos[i] = env.reset().info;
        rewards[i] = terminated[i] = truncated[i] = 0;
        continue;
      }
      const result = env.step(actions[i]!);
      this.infos[i] = result.info;
      rewards[i] = result.reward;
      terminated[i] = result.terminated ? 1 : 0;
      truncated[i] = result.truncated ? 1 : 0;
    }
    return this.result;
  }

  /** Everything that decides how the games go on. */
  save(): Uint8Array {
    const state = new SavedState();
    state.set('numEnvs', this.numEnvs);
    state.set('ready', this.ready);
    this.envs.forEach((env, i) => {
      const bytes = env.save();
      state.set(`bytes${i}`, bytes.length);
      state.setArray(`env${i}`, bytes);
    });
    return state.encode();
  }

  /**
   * Goes on from saved bytes, also from those of another vector of the same size and options.
   * @returns the observations that were the current ones.
   * @throws SavedStateError when they are damaged or of a different vector; this one then goes on as before.
   */
  restore(bytes: Uint8Array): Uint8Array {
    const state = SavedState.decode(bytes);
    const count = state.getNumber('numEnvs');
    if (count !== this.numEnvs) {
      throw new SavedStateError(`expected ${this.numEnvs} saved environments, got ${count}`);
    }
    const ready = state.getFlag('ready');
    const saved = this.envs.map((_, i) => state.getArray(`env${i}`, state.getNumber(`bytes${i}`)));
    const before = this.envs.map((env) => env.save());
    try {
      this.envs.forEach((env, i) => {
        env.restore(saved[i]!);
      });
    } catch (error) {
      this.envs.forEach((env, i) => {
        env.restore(before[i]!);
      });
      throw error;
    }
    this.ready = ready;
    return this.result.observations;
  }

  /** A seed for each environment, all checked before any is used; null without a seed. */
  private seedsFrom(seed: number | readonly number[] | undefined): readonly number[] | null {
    if (seed === undefined) return null;
    const seeds = typeof seed === 'number' ? this.envs.map((_, i) => seed + i) : seed;
    if (!Array.isArray(seeds) || seeds.length !== this.numEnvs) {
      throw new OptionError('seed', seed, `a number or a list of ${this.numEnvs}`);
    }
    seeds.forEach((each, i) => {
      checkSeed(each, typeof seed === 'number' ? 'seed' : `seed[${i}]`);
    });
    return seeds;
  }
}
