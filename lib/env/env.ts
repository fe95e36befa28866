/** Gymnasium's contract in TypeScript: what an environment promises to its callers. */

/** An array space: `shape` and element type, every element within [low, high]. */
export interface Box {
  readonly kind: 'box';
  readonly shape: readonly number[];
  readonly dtype: 'uint8' | 'float32';
  readonly low: number;
  readonly high: number;
}

/** The actions 0 ... n - 1, with the names Gymnasium's `get_action_meanings` gives them. */
export interface Discrete {
  readonly kind: 'discrete';
  readonly n: number;
  readonly meanings: readonly string[];
}

/** What an environment reports beside the observation, by Gymnasium's names in camel case. */
export interface Info {
  readonly lives: number;
  /** Emulator frames since the reset (1/60 s each). */
  readonly episodeFrameNumber: number;
  /** Emulator frames since the cartridge was loaded. */
  readonly frameNumber: number;
  /** Both 32-bit words derived from the seed, after a reset with one. */
  readonly seeds?: readonly [number, number];
}

export interface ResetOptions {
  /** A whole number, at least 0; without it both random generators go on. */
  readonly seed?: number;
}

export interface ResetResult<Observation> {
  readonly observation: Observation;
  readonly info: Info;
}

export interface StepResult<Observation> {
  readonly observation: Observation;
  readonly reward: number;
  /** The game is over: nothing follows, so the TD target has no next value. */
  readonly terminated: boolean;
  /** The episode was cut off by a limit: the next value still counts. */
  readonly truncated: boolean;
  readonly info: Info;
}

/**
 * An environment as Gymnasium 1.x defines it.
 *
 * Observations and results are owned by the environment and reused by its next step: copy to keep.
 */
export interface Env<Observation = Uint8Array> {
  readonly observationSpace: Box;
  readonly actionSpace: Discrete;
  /** Starts an episode. @throws RangeError when the seed is not a whole number of at least 0. */
  reset(options?: ResetOptions): ResetResult<Observation>;
  /**
   * Takes one action.
   * @throws Error before the first reset and after the end of an episode.
   * @throws RangeError when the action is not one of the action space.
   */
  step(action: number): StepResult<Observation>;
}

/** An environment whose step is asked for first and taken later, so that several are computed at once. */
export interface DeferredEnv<Observation = Uint8Array> extends Env<Observation> {
  /** Begins a step. */
  send(action: number): void;
  /** The result of the step that was begun. @throws Error as `step`. */
  receive(): StepResult<Observation>;
}
