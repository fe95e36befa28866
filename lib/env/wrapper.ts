/** What an environment and the wrappers around it have in common. */

import type { Env, StepResult } from './env';
import type { SavedState } from './saved-state';

/** Observations: bytes, or float32 in [0, 1] with `scaleObs`. */
export type Pixels = Uint8Array | Float32Array;

/** A game or a wrapper around one. Each layer saves its own part, and then the layer below. */
export interface EnvLayer<Observation = Uint8Array> extends Env<Observation> {
  save(state: SavedState): void;
  /** @returns the observation that was the current one. */
  restore(state: SavedState): Observation;
}

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A result that a layer fills anew at each step. */
export function createResult<Observation>(
  observation: Observation,
): Mutable<StepResult<Observation>> {
  const info = { lives: 0, episodeFrameNumber: 0, frameNumber: 0 };
  return { observation, reward: 0, terminated: false, truncated: false, info };
}
