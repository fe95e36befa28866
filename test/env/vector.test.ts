/** A vector of games plays as single games with the same seeds do, through ends and saved states. */
import { describe, expect, it } from 'vitest';
import { makeBreakout } from '../../lib/env/breakout';
import { SavedStateError } from '../../lib/env/errors';
import { VectorBreakout } from '../../lib/env/vector';
import { checksum } from '../helpers/checksum';

const LENGTH = 4 * 84 * 84;

describe('VectorBreakout', () => {
  it('plays as single environments do, each seeded with its own seed', () => {
    const vector = new VectorBreakout({ numEnvs: 3 });
    const singles = [10, 11, 12].map((seed) => {
      const env = makeBreakout();
      env.reset({ seed });
      return env;
    });
    const { observations } = vector.reset({ seed: 10 });
    expect(observations).toHaveLength(3 * LENGTH);
    for (let step = 0; step < 60; step++) {
      const actions = [step % 4, (step + 1) % 4, 3];
      const result = vector.step(actions);
      expect(result.observations === observations).toBe(true);
      singles.forEach((env, i) => {
        const single = env.step(actions[i]!);
        const own = observations.subarray(i * LENGTH, (i + 1) * LENGTH);
        expect(checksum(own)).toBe(checksum(single.observation));
        expect(result.rewards[i]).toBe(single.reward);
        expect(result.infos[i]).toEqual(single.info);
      });
    }
  });

  it('resets an ended environment in the next step, ignoring its action', () => {
    const vector = new VectorBreakout({ numEnvs: 2, noopMax: 0, maxNumFramesPerEpisode: 12 });
    vector.reset();
    for (let i = 0; i < 2; i++) expect([...vector.step([0, 0]).truncated]).toEqual([0, 0]);
    const last = vector.step([0, 0]);
    expect([...last.truncated]).toEqual([1, 1]);
    expect(last.infos[0]).toMatchObject({ episodeFrameNumber: 12 });
    const next = vector.step([1, 1]);
    expect([...next.truncated, ...next.terminated, ...next.rewards]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(next.infos[0]).toMatchObject({ episodeFrameNumber: 0 });
    expect(vector.step([0, 0]).infos[0]).toMatchObject({ episodeFrameNumber: 4 });
  });

  it('knows when one of its environments has been put to an end', () => {
    const options = { noopMax: 0, maxNumFramesPerEpisode: 8 };
    const ended = makeBreakout(options);
    ended.reset();
    while (!ended.step(0).truncated);
    const vector = new VectorBreakout({ numEnvs: 2, ...options });
    vector.reset();
    vector.envs[1]!.restore(ended.save());
    const { infos } = vector.step([0, 0]);
    expect(infos.map(({ episodeFrameNumber }) => episodeFrameNumber)).toEqual([4, 0]);
  });

  it('refuses options that are none', () => {
    expect(() => new VectorBreakout(null as never)).toThrow(
      /^options must be an object with .*null/,
    );
  });

  it('refuses what it cannot do', () => {
    expect(() => new VectorBreakout({ numEnvs: 0 })).toThrow(
      /numEnvs must be .* from 1 to 4096, got 0/,
    );
    expect(() => new VectorBreakout({ numEnvs: 1, stack: false })).toThrow(/stack must be true/);
    const vector = new VectorBreakout({ numEnvs: 2 });
    expect(() => vector.step([0, 0])).toThrow(/before the first reset/);
    vector.reset();
    expect(() => vector.step([0])).toThrow(/actions must be a list of 2, got \[0\]/);
    expect(() => vector.step([0, 4])).toThrow(/actions\[1\] must be .* from 0 to 3, got 4/);
    expect(() => vector.reset({ seed: [1] })).toThrow(/seed must be a number or a list of 2/);
  });

  it('goes on from a saved state, also where a game has just ended', () => {
    const options = { numEnvs: 2, maxNumFramesPerEpisode: 200 };
    const [vector, other] = [new VectorBreakout(options), new VectorBreakout(options)];
    vector.reset({ seed: 3 });
    other.reset({ seed: 9 });
    while (vector.step([1, 2]).truncated[1] === 0);
    const saved = vector.save();
    other.restore(saved);
    for (let step = 0; step < 80; step++) {
      const [ours, theirs] = [vector, other].map((each) => {
        const { observations, ...rest } = each.step([step % 4, 3]);
        return { observations: checksum(observations), ...rest };
      });
      expect(theirs).toEqual(ours);
    }
  });

  it('refuses what is no state of such a vector, and goes on as before', () => {
    const vector = new VectorBreakout({ numEnvs: 2 });
    vector.reset({ seed: 1 });
    const before = vector.save();
    const single = new VectorBreakout({ numEnvs: 1 });
    expect(() => vector.restore(single.save())).toThrow('expected 2 saved environments, got 1');
    const sticky = new VectorBreakout({ numEnvs: 2, repeatActionProbability: 0.25 });
    expect(() => vector.restore(sticky.save())).toThrow(SavedStateError);
    expect(() => vector.restore(before.slice(0, 50))).toThrow(SavedStateError);
    expect(vector.save()).toEqual(before);
  });

  it.each([
    [
      'seeds of which one is wrong',
      { seed: [5, -1] },
      /seed\[1\] must be a whole number .* got -1/,
    ],
    ['too few seeds', { seed: [5] }, /seed must be a number or a list of 2, got \[5\]/],
    ['no seed at all', { seed: null as unknown as number }, /seed must be .* got null/],
  ])('refuses %s before any game is reset', (_, options, message) => {
    const vector = new VectorBreakout({ numEnvs: 2 });
    vector.reset({ seed: 1 });
    const before = vector.save();
    expect(() => vector.reset(options)).toThrow(message);
    expect(vector.save()).toEqual(before);
  });

  it('refuses actions that are none, and options that a batch cannot have', () => {
    const vector = new VectorBreakout({ numEnvs: 2 });
    vector.reset();
    expect(() => vector.step(undefined as unknown as number[])).toThrow(
      'actions must be a list of 2, got undefined',
    );
    expect(() => new VectorBreakout({ numEnvs: 1e9 })).toThrow(/numEnvs must be .* 1 to 4096/);
    expect(() => new VectorBreakout({ numEnvs: 1, preprocess: false })).toThrow(
      'preprocess must be true in a vector environment, got false',
    );
    const scaled = { numEnvs: 1, scaleObs: true as unknown as false };
    expect(() => new VectorBreakout(scaled)).toThrow('scaleObs must be false');
  });
});
