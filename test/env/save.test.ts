/** A saved environment goes on bit for bit in another one, and damaged states are refused. */
import { describe, expect, it } from 'vitest';
import { type Breakout, type BreakoutOptions, makeBreakout } from '../../lib/env/breakout';
import { SavedStateError } from '../../lib/env/errors';
import { SavedState } from '../../lib/env/saved-state';
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

const ALL_DEFAULTS: BreakoutOptions = {
  ...{ id: 'BreakoutNoFrameskip-v4', frameskip: 1, repeatActionProbability: 0 },
  ...{ maxNumFramesPerEpisode: 108_000, fullActionSpace: false, mode: 0, difficulty: 0 },
  ...{ noopMax: 30, frameSkip: 4, screenSize: 84, terminalOnLifeLoss: false, grayscaleObs: true },
  ...{ grayscaleNewaxis: false, scaleObs: false, preprocess: true, stack: true },
  ...{ episodicLife: false, fireReset: false, fireAfterLifeLoss: false, clipReward: false },
};

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

  // All defaults, given; and two ways to say the same.
  it.each<[BreakoutOptions, BreakoutOptions]>([
    [{}, { ...ALL_DEFAULTS, stackSize: 4, paddingType: 'reset' }],
    [{ screenSize: 42 }, { screenSize: [42, 42] }],
    [{ id: 'BreakoutNoFrameskip-v0' }, { repeatActionProbability: 0.25, seed: 3 }],
    [{ paddingType: new Uint8Array(7056) }, { paddingType: new Uint8Array(7056) }],
  ])('fit environments of the same rules: %j and %j', (options, others) => {
    const env = makeBreakout(options) as Breakout;
    env.reset({ seed: 3 });
    const other = makeBreakout(others) as Breakout;
    other.restore(env.save());
    expect(play(other, 40)).toEqual(play(env, 40));
    expect(() => makeBreakout(options).restore(other.save())).not.toThrow();
  });

  it('keep the seed for a first reset that is still to come', () => {
    const env = makeBreakout();
    env.restore(makeBreakout({ seed: 42 }).save());
    expect(() => env.step(0)).toThrow(/before the first reset/);
    // 11 no-ops: the first draw for seed 42
    expect(env.reset().info).toMatchObject({
      episodeFrameNumber: 11,
      seeds: [3444837047, 2669555309],
    });
    expect(env.reset().info.seeds).toBeUndefined();
  });

  it('take a few kilobytes', () => {
    const env = makeBreakout();
    env.reset();
    play(env, 100);
    expect(env.save().length).toBeLessThan(10_000);
  });
});

/** Changes what the rules of the game have saved. */
const editRules = (change: object) => (state: SavedState) =>
  state.set('rules', JSON.stringify({ ...JSON.parse(state.getText('rules')), ...change }));

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
    refuse(bytes, /version 2, got version 9/);
  });
  it.each([
    [undefined, /the bytes that save\(\) gives, got undefined/],
    ['BRKSAVE', /got 'BRKSAVE'/],
    [[1, 2], /got \[1, 2\]/],
  ])('what is no bytes: %j', (value, message) => refuse(value as never, message));

  it.each<[string, (state: SavedState) => void, RegExp]>([
    ['rules that are no JSON', (s) => s.set('rules', 'x'), /got one in which .*JSON/],
    ['rules that are none', (s) => s.set('rules', 'null'), /in which paddle must be/],
    ['a paddle of text', editRules({ paddle: 'x' }), /paddle must be .* from 27450 .*got 'x'/],
    ['a game variant that is none', editRules({ mode: 999 }), /mode must be one of .*got 999/],
    ['a difficulty that is none', editRules({ difficulty: 2 }), /difficulty must be .*got 2/],
    ['started: 1', editRules({ started: 1 }), /started must be one of true, false, got 1/],
    ['an action that is none', (s) => s.set('lastAction', 77), /0 to 17 as 'lastAction', got 77/],
    ['a strength of text', (s) => s.set('lastStrength', '1'), /number 'lastStrength', got '1'/],
    ['a PCG64 of letters', (s) => s.set('npRandom', 'zz 1 '), /PCG64 as 'npRandom', got 'zz 1 '/],
    ['a PCG64 of zeros', (s) => s.set('npRandom', '0 0 0'), /PCG64 as 'npRandom', got '0 0 0'/],
    ['half a PCG64 too large', (s) => s.set('npRandom', '1 1 4294967296'), /PCG64/],
    [
      'a twister beyond its end',
      (s) => s.setArray('random', new Uint32Array(625).fill(700)),
      /700/,
    ],
    ['chips that cannot be', (s) => s.setArray('console', new Int32Array(208).fill(999)), /chip/],
    [
      'half a stack',
      (s) => s.setArray('stack', new Uint8Array(5)),
      /28224 bytes of 'stack', got 5/,
    ],
    ['half a life', (s) => s.set('preprocessing.lives', 0.5), /'preprocessing.lives', got 0.5/],
    ['another refusal', (s) => s.set('refusal', 'go away'), /refusal must be one of/],
    ['a seed that is none', (s) => s.set('firstSeed', -2), /'firstSeed', got -2/],
  ])('%s, and goes on as before', (_, edit, message) => {
    const state = SavedState.decode(saved());
    edit(state);
    const env = makeBreakout({ seed: 7 });
    env.reset();
    play(env, 20);
    const before = env.save();
    const observation = checksum(env.step(3).observation);
    env.restore(before);
    expect(() => env.restore(state.encode())).toThrow(SavedStateError);
    expect(() => env.restore(state.encode())).toThrow(message);
    expect(env.save()).toEqual(before);
    expect(checksum(env.step(3).observation)).toBe(observation);
  });

  it('the state of an environment with other options', () => {
    const env = makeBreakout({ clipReward: true });
    expect(() => env.restore(saved())).toThrow(
      /with the options clipReward true, got clipReward false$/,
    );
  });

  it('the state of another kind of environment', () => {
    const env = makeBreakout({ preprocess: false, stack: true });
    expect(() => env.restore(saved())).toThrow(/preprocess false, .*got .*preprocess true/);
  });
});
