/** The memory that a thread of `BreakoutPool` shares with the thread that owns the pool. */

/** Numbers of one game: what to do, then what came of it. */
export const SLOT = {
  command: 0,
  /** The action, or the seed; NaN for a reset without one. */
  argument: 1,
  reward: 2,
  terminated: 3,
  truncated: 4,
  lives: 5,
  episodeFrameNumber: 6,
  frameNumber: 7,
  /** Both words derived from the seed; NaN without one. */
  seed0: 8,
  seed1: 9,
} as const;
const SLOT_LENGTH = 10;

export const COMMAND = { none: 0, step: 1, reset: 2 } as const;

/** Places in `signals`: rounds asked for, rounds done, and bytes of an error's text. */
export const SIGNAL = { asked: 0, done: 1, failed: 2 } as const;
const ERROR_BYTES = 4096;

export interface PoolBuffers {
  readonly signals: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly observations: SharedArrayBuffer;
  readonly error: SharedArrayBuffer;
}

export function createBuffers(games: number, observationLength: number): PoolBuffers {
  return {
    signals: new SharedArrayBuffer(4 * Object.keys(SIGNAL).length),
    slots: new SharedArrayBuffer(8 * SLOT_LENGTH * games),
    observations: new SharedArrayBuffer(games * observationLength),
    error: new SharedArrayBuffer(ERROR_BYTES),
  };
}

/** The same memory as either thread looks at it. */
export function viewBuffers({ signals, slots, observations, error }: PoolBuffers) {
  const games = slots.byteLength / 8 / SLOT_LENGTH;
  const length = observations.byteLength / games;
  const range = Array.from({ length: games }, (_, i) => i);
  return {
    signals: new Int32Array(signals),
    slots: range.map((i) => new Float64Array(slots, 8 * SLOT_LENGTH * i, SLOT_LENGTH)),
    /** [stack, height, width] uint8 of each game. */
    observations: range.map((i) => new Uint8Array(observations, i * length, length)),
    error: new Uint8Array(error),
  };
}

export type PoolMemory = ReturnType<typeof viewBuffers>;
