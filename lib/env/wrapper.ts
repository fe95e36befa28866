import type { Env } from './env';
import type { SavedState } from './saved-state';

/** Observations as they come: bytes, or float32 in [0, 1] with `scaleObs`. */
export type Pixels = Uint8Array | Float32Array;

/** An environment among others around the same game, each of which saves its own part. */
export interface Layer<Observation = Uint8Array> extends Env<Observation> {
  save(state: SavedState): void;
  /** @returns the observation that was the current one. */
  restore(state: SavedState): Observation;
}

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
