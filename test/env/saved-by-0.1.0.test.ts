/** States that version 0.1.0 saved go on with the observations that it went on to see itself. */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { type Breakout, makeBreakout } from '../../lib/env/breakout';
import { VectorBreakout } from '../../lib/env/vector';

// Version 0.1.0 has saved these files, then played on itself: the checksum is of what it has seen.

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`saved/${name}-0.1.0.bin`, import.meta.url)));

interface Seen {
  readonly observation: Uint8Array;
  /** Reward, terminated, truncated, lives. */
  readonly numbers: readonly number[];
}

/** The checksum of a first observation and 100 steps. */
function playOn(first: Uint8Array, step: (action: number) => Seen): number {
  let sum = crc32(first);
  for (let i = 0; i < 100; i++) {
    const { observation, numbers } = step((i * 7) % 4);
    sum = crc32(Int8Array.from(numbers), crc32(observation, sum));
  }
  return sum;
}

it('an environment saved by version 0.1.0 goes on as there', () => {
  const options = { fireAfterLifeLoss: true, grayscaleObs: false, screenSize: 42, stackSize: 2 };
  const env: Breakout = makeBreakout({ ...options, scaleObs: false });
  const step = (action: number) => {
    const { observation, reward, terminated, truncated, info } = env.step(action);
    const seen = observation.slice();
    if (terminated || truncated) env.reset();
    const numbers = [reward, Number(terminated), Number(truncated), info.lives];
    return { observation: seen, numbers };
  };
  expect(playOn(env.restore(read('breakout')), step)).toBe(480655634);
});

it('so does a vector of one, which that version refused although it had saved it', () => {
  const wrappers = { episodicLife: true, fireReset: true, clipReward: true };
  const vector = new VectorBreakout({ numEnvs: 1, ...wrappers, repeatActionProbability: 0.25 });
  const step = (action: number) => {
    const { observations, rewards, terminated, truncated, infos } = vector.step([action]);
    const numbers = [rewards[0]!, terminated[0]!, truncated[0]!, infos[0]!.lives];
    return { observation: observations, numbers };
  };
  expect(playOn(vector.restore(read('vector')), step)).toBe(1821980274);
});
