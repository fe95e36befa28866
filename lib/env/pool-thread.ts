/** A thread of `BreakoutPool`: plays its games whenever it is asked to, and sleeps in between. */
import { workerData } from 'node:worker_threads';
import { messageOf } from '../text';
import { waitWhile } from '../wait';
import { Breakout, type BreakoutOptions } from './breakout';
import {
  COMMAND,
  type PoolBuffers,
  type PoolMemory,
  SIGNAL,
  SLOT,
  viewBuffers,
} from './pool-memory';

export interface PoolThreadData {
  readonly options: BreakoutOptions;
  readonly buffers: PoolBuffers;
}

/** What a reset has in place of what a step brings. */
const START = { reward: 0, terminated: false, truncated: false };

/** Answers for ever: the pool's owner ends the thread. */
export function servePool(): void {
  const { options, buffers } = workerData as PoolThreadData;
  const memory = viewBuffers(buffers);
  const { signals } = memory;
  let envs: readonly Breakout[] | undefined;
  for (let round = 0; ; round++) {
    waitWhile(signals, { index: SIGNAL.asked, value: round });
    try {
      envs ??= memory.observations.map((observation) => new Breakout(options, observation));
      for (const [i, env] of envs.entries()) play(env, memory.slots[i]!);
    } catch (error) {
      reportError(error, memory);
    }
    Atomics.store(signals, SIGNAL.done, round + 1);
    Atomics.notify(signals, SIGNAL.done);
  }
}

function play(env: Breakout, slot: Float64Array): void {
  const { [SLOT.command]: command, [SLOT.argument]: argument } = slot as ArrayLike<number>;
  slot[SLOT.command] = COMMAND.none;
  if (command === COMMAND.none) return;
  const { reward, terminated, truncated, info } =
    command === COMMAND.step ? env.step(argument!) : { ...START, ...env.reset(seedOf(argument!)) };
  const [seed0, seed1] = info.seeds ?? [Number.NaN, Number.NaN];
  slot.set([reward, Number(terminated), Number(truncated), info.lives], SLOT.reward);
  slot.set([info.episodeFrameNumber, info.frameNumber, seed0, seed1], SLOT.episodeFrameNumber);
}

const seedOf = (argument: number) => (Number.isNaN(argument) ? {} : { seed: argument });

function reportError(error: unknown, { signals, slots, error: text }: PoolMemory): void {
  for (const slot of slots) slot[SLOT.command] = COMMAND.none;
  const bytes = new TextEncoder().encode(messageOf(error)).subarray(0, text.length);
  text.set(bytes);
  signals[SIGNAL.failed] = bytes.length;
}
