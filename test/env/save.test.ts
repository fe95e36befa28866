import { describe, expect, it } from 'vitest';
import { SavedStateError } from '../../lib/env/errors';
import { type Breakout, type BreakoutOptions, makeBreakout } from '../../lib/env/make';
import { checksum } from '../helpers/checksum';

/** Steps, resetting where episodes end; all that a caller can see. */
function play(env: Breakout, steps: number, first = 0): unknown[] {
  const seen: unknown[] = [];
  for (let i = first; i < first + steps; i++) {
    const { observation, reward, terminated, truncated, info } = env.step((i * 7) % 4);
    seen.push([checksum(observation), reward, terminated, truncated, { ...info }]);
    if (terminated || truncated) seen.push({ ...env.reset().info });
  }
  return seen;
}

describe('save and restore', () => {
  it.each<BreakoutOptions>([
    {},
    { repeatActionProbability: 0.25, maxNumFramesPerEpisode: 400 },
    { episodicLife: true, fireReset: true, clipReward: true },
    { fireAfterLifeLoss: true, grayscaleObs: false },
    { id: 'Breakout-v0', preprocess: false, obsType: 'grayscale', stack: true },
  ])('go on as without them, also in another environment, with %j', (options) => {
    const env = makeBreakout({ ...options, seed: 5 }) as Breakout;
    env.reset();
    play(env, 137);
    const saved = env.save();
    env.step(0);
    const current = checksum(env.restore(saved));
    const expected = play(env, 150, 137);

    const other = makeBreakout(options) as Breakout;
    expect(checksum(other.restore(saved))).toBe(current);
    expect(play(other, 150, 137)).toEqual(expected);
    env.restore(saved);
    expect(play(env, 150, 137)).toEqual(expected);
  });

  it('remember that an episode has ended', () => {
    const env = makeBreakout({ maxNumFramesPerEpisode: 40 });
    env.reset();
    while (!env.step(0).truncated);
    const other = makeBreakout({ maxNumFramesPerEpisode: 40 });
    other.restore(env.save());
    expect(() => other.step(0)).toThrow(/after the episode ended/);
  });

  it('take a few kilobytes', () => {
    const env = makeBreakout();
    env.reset();
    play(env, 100);
    expect(env.save().length).toBeLessThan(10_000);
  });
});

describe('restore refuses', () => {
  const saved = () => {
    const env = makeBreakout();
    env.reset();
    return env.save();
  };
  const refuse = (bytes: Uint8Array, message: RegExp) => {
    const env = makeBreakout();
    expect(() => env.restore(bytes)).toThrow(SavedStateError);
    expect(() => env.restore(bytes)).toThrow(message);
  };

  it('a damaged byte', () => {
    const bytes = saved();
    bytes[200]! ^= 1;
    refuse(bytes, /checksum .* the bytes are damaged/);
  });
  it('a cut end', () => refuse(saved().subarray(0, -1), /the bytes are damaged/));
  it('something else', () => refuse(new Uint8Array(100), /starts with BRKSAVE/));
  it('nothing', () => refuse(new Uint8Array(0), /starts with BRKSAVE/));
  it('another version', () => {
    const bytes = saved();
    bytes[7] = 9;
    refuse(bytes, /version 1, got version 9/);
  });
  it('the state of an environment with other options', () => {
    const env = makeBreakout({ clipReward: true });
    expect(() => env.restore(saved())).toThrow(/with the options .*clipReward.*got \[\]/);
  });
});
