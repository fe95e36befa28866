/** Breakout's options and seeds give the observations that Gymnasium and ALE gave for them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BreakoutOptions, makeBreakout } from '../../lib/env/breakout';
import { OptionError, ResetNeededError, RomError } from '../../lib/env/errors';
import { checksum } from '../helpers/checksum';
import { folderOfAll } from '../helpers/folder';

const folder = folderOfAll();

describe("makeBreakout's defaults", () => {
  it('are BreakoutNoFrameskip-v4 with AtariPreprocessing and a stack of four', () => {
    const env = makeBreakout();
    expect(env.observationSpace).toEqual({
      kind: 'box',
      shape: [4, 84, 84],
      dtype: 'uint8',
      low: 0,
      high: 255,
    });
    expect(env.actionSpace.meanings).toEqual(['NOOP', 'FIRE', 'RIGHT', 'LEFT']);
    const { observation, info } = env.reset({ seed: 42 });
    expect(observation).toBeInstanceOf(Uint8Array);
    expect(observation).toHaveLength(4 * 84 * 84);
    // 11 no-ops: the first draw for seed 42
    expect(info).toEqual({
      lives: 5,
      episodeFrameNumber: 11,
      frameNumber: 11,
      seeds: [3444837047, 2669555309],
    });
    expect(env.step(1).info.episodeFrameNumber).toBe(15);
  });

  it('stack the reset observation four times, then the oldest leaves first', () => {
    const env = makeBreakout({ noopMax: 0 });
    const first = env.reset().observation.slice();
    for (let plane = 1; plane < 4; plane++) {
      expect(first.slice(plane * 7056, (plane + 1) * 7056)).toEqual(first.slice(0, 7056));
    }
    const second = env.step(3).observation; // the paddle moves
    expect(second.slice(0, 3 * 7056)).toEqual(first.slice(7056));
    expect(second.slice(3 * 7056)).not.toEqual(first.slice(3 * 7056));
  });

  it('repeat for the same seed, also for none', () => {
    const play = (options: BreakoutOptions) => {
      const env = makeBreakout(options);
      const rewards = [env.reset().info.episodeFrameNumber];
      for (let i = 0; i < 100; i++) rewards.push(env.step(i % 4).reward);
      return rewards;
    };
    expect(play({})).toEqual(play({ seed: 0 }));
    expect(play({ seed: 42 })[0]).toBe(11);
  });
});

describe('options', () => {
  it.each<[BreakoutOptions, number[], string]>([
    [{ stack: false }, [84, 84], 'uint8'],
    [{ stack: false, grayscaleNewaxis: true }, [84, 84, 1], 'uint8'],
    [{ stackSize: 2, grayscaleObs: false, screenSize: 42 }, [2, 42, 42, 3], 'uint8'],
    [{ scaleObs: true }, [4, 84, 84], 'float32'],
    [{ preprocess: false }, [210, 160, 3], 'uint8'],
    [{ preprocess: false, obsType: 'grayscale' }, [210, 160], 'uint8'],
    [{ preprocess: false, obsType: 'ram', stack: true }, [4, 128], 'uint8'],
  ])('%j give observations %j of %s', (options, shape, dtype) => {
    const env = makeBreakout(options);
    expect(env.observationSpace).toMatchObject({ shape, dtype });
    const { observation } = env.reset();
    expect(observation).toHaveLength(shape.reduce((a, b) => a * b));
    expect(observation).toBeInstanceOf(dtype === 'uint8' ? Uint8Array : Float32Array);
  });

  // AtariPreprocessing(**options) of gymnasium 1.4.0 with cv2 5.0.0, FrameStackObservation(3), seed 9,
  // 60 steps: CRC-32 of the last stack.
  it.each<[BreakoutOptions, number]>([
    [{ screenSize: 64 }, 2612932028],
    [{ screenSize: 10 }, 2867485922],
    [{ screenSize: 5 }, 2712376317],
    [{ grayscaleObs: false }, 1322281771],
    [{ grayscaleObs: false, screenSize: 48 }, 13529509],
    [{ scaleObs: true }, 3285771051],
    [{ frameSkip: 1 }, 989530565],
    [{ frameSkip: 2, noopMax: 0 }, 4057185704],
    [{ frameSkip: 3, grayscaleNewaxis: true }, 1119243041],
    [{ screenSize: [110, 84] }, 508245077],
    [{ screenSize: [84, 110], grayscaleObs: false }, 2634107115],
    [{ screenSize: [80, 105] }, 3325247529],
    [{ screenSize: [160, 210] }, 1293062059],
    [{ obsType: 'grayscale' }, 2214032277],
  ])('%j end in the observation that Gymnasium has', (options, crc) => {
    const env = makeBreakout({ ...options, stackSize: 3 });
    env.reset({ seed: 9 });
    let { observation } = env.step(1);
    for (let i = 1; i < 60; i++) observation = env.step([1, 2, 2, 3, 0, 3][i % 6]!).observation;
    const { buffer, byteOffset, byteLength } = observation;
    expect(checksum(new Uint8Array(buffer, byteOffset, byteLength))).toBe(crc);
  });

  it('scaleObs divides by 255 in float32', () => {
    const bytes = makeBreakout().reset().observation;
    const scaled = makeBreakout({ scaleObs: true }).reset().observation;
    expect(scaled).toEqual(Float32Array.from(bytes, (byte) => byte / 255));
  });

  it('grayscaleObs: false shows the channels whose weighted sum the gray picture is', () => {
    const gray = makeBreakout({ stack: false }).reset().observation;
    const rgb = makeBreakout({ stack: false, grayscaleObs: false }).reset().observation;
    // Rounding: once per colour before the resize, then once after it
    for (let i = 0; i < gray.length; i++) {
      const sum = 0.2989 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!;
      expect(Math.abs(gray[i]! - sum)).toBeLessThan(1.6);
    }
  });

  it('paddingType zero puts zeros before the first observation', () => {
    const { observation } = makeBreakout({ paddingType: 'zero' }).reset();
    expect(observation.subarray(0, 3 * 7056).every((byte) => byte === 0)).toBe(true);
    expect(observation.subarray(3 * 7056).some((byte) => byte > 0)).toBe(true);
  });

  it('paddingType may be an observation', () => {
    const padding = Uint8Array.from({ length: 7056 }, (_, i) => i % 251);
    const env = makeBreakout({ stackSize: 3, paddingType: padding });
    padding.fill(0);
    // FrameStackObservation(AtariPreprocessing(...), 3, padding_type=...) of gymnasium 1.4.0, seed 9
    expect(checksum(env.reset({ seed: 9 }).observation)).toBe(2659274016);
  });

  it('known to Gymnasium but not offered are accepted at what they do here anyway', () => {
    const options = { continuous: false, continuousActionThreshold: 0.5, soundObs: false } as const;
    for (const renderMode of [null, 'rgb_array'] as const) {
      expect(makeBreakout({ ...options, renderMode }).reset().info.lives).toBe(5);
    }
  });

  it('fullActionSpace has all 18 actions', () => {
    const { actionSpace } = makeBreakout({ fullActionSpace: true });
    expect([actionSpace.n, actionSpace.meanings[12]]).toEqual([18, 'LEFTFIRE']);
  });

  it('mode 12 is reached by 12 SELECT presses, which ALE counts as frames', () => {
    const { info } = makeBreakout({ mode: 12, noopMax: 0 }).reset();
    expect(info).toMatchObject({ episodeFrameNumber: 12, frameNumber: 12 });
  });

  it('maxNumFramesPerEpisode truncates', () => {
    const env = makeBreakout({ noopMax: 0, maxNumFramesPerEpisode: 10 });
    env.reset();
    expect([env.step(0), env.step(0)].map(({ truncated }) => truncated)).toEqual([false, false]);
    expect(env.step(0)).toMatchObject({ terminated: false, truncated: true });
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ id: 'Pong-v4' }, /^id must be one of 'BreakoutNoFrameskip-v4'.*, got 'Pong-v4'$/],
    [{ frameskip: 0 }, /^frameskip must be a whole number from 1 to 1000000, got 0$/],
    [{ frameskip: true }, /^frameskip must be a whole number .* or \[low, high\) .*, got true$/],
    [{ frameskip: {} }, /^frameskip must be .*, got \{\}$/],
    [{ frameskip: [2, 5, 9] }, /^frameskip must be .*, got \[2, 5, 9\]$/],
    [{ frameskip: [1, 2 ** 40] }, /^frameskip must be .*, got \[1, 1099511627776\]$/],
    [{ frameskip: [4, 2] }, /^frameskip must be .*, got \[4, 2\]$/],
    [{ repeatActionProbability: 1.5 }, /a probability from 0 to 1, got 1.5/],
    [{ repeatActionProbability: '0.5' }, /a probability from 0 to 1, got '0.5'/],
    [{ maxNumFramesPerEpisode: -1 }, /at least 0, got -1/],
    [{ mode: 3 }, /^mode must be one of 0, 4, .*44, got 3$/],
    [{ difficulty: 2 }, /^difficulty must be one of 0, 1, got 2$/],
    [{ noopMax: -1 }, /^noopMax must be a whole number from 0 to 1000000, got -1$/],
    [{ noopMax: 2 ** 32 }, /^noopMax must be .* got 4294967296$/],
    [{ frameSkip: 2.5 }, /^frameSkip must be .* got 2.5$/],
    [{ screenSize: 161 }, /^screenSize must be a whole number from 1 to 160, .*, got 161$/],
    [{ screenSize: [160, 211] }, /\[width, height\] of at most \[160, 210\], got \[160, 211\]$/],
    [{ screenSize: [84] }, /^screenSize must be .*, got \[84\]$/],
    [{ screenSize: '84' }, /^screenSize must be .*, got '84'$/],
    [{ continuous: true }, /^continuous must be false: it is not offered here, got true$/],
    [{ soundObs: true }, /^soundObs must be false: it is not offered here, got true$/],
    [{ renderMode: 'human' }, /^renderMode must be one of null, 'rgb_array', got 'human'$/],
    [{ continuousActionThreshold: 'x' }, /^continuousActionThreshold must be a number, got 'x'$/],
    [{ grayscaleObs: 'yes' }, /^grayscaleObs must be one of true, false, got 'yes'$/],
    [{ stackSize: 0 }, /^stackSize must be a whole number from 1 to 256, got 0$/],
    [{ stackSize: 1e9 }, /^stackSize must be .* got 1000000000$/],
    [
      { seed: new Uint8Array(3000) },
      /^seed must be .* got Uint8Array\(3000\) \[.{0,80}more items.*\]$/s,
    ],
    [
      { paddingType: 'one' },
      /^paddingType must be 'reset', 'zero' or an observation.*, got 'one'$/,
    ],
    [{ paddingType: new Uint8Array(5) }, /an observation, 7056 numbers of uint8 from 0 to 255/],
    [{ paddingType: new Float32Array(7056) }, /7056 numbers of uint8/],
    [{ scaleObs: true, paddingType: new Float32Array(7056).fill(2) }, /float32 from 0 to 1/],
    [{ seed: -1 }, /^seed must be a whole number from 0 to 9007199254740991, got -1$/],
    [{ clipRewards: true }, /^options must be among .*clipReward.*, got 'clipRewards'$/],
    [{ clipReward: 1 }, /^clipReward must be one of true, false, got 1$/],
  ])('%j is refused with option, value and expectation', (options, message) => {
    expect(() => makeBreakout(options as BreakoutOptions)).toThrow(message);
    expect(() => makeBreakout(options as BreakoutOptions)).toThrow(OptionError);
  });

  it('no object is refused, and so is an object in a circle', () => {
    const circle: { seed?: unknown } = {};
    circle.seed = circle;
    for (const options of [null, 5, circle]) {
      expect(() => makeBreakout(options as BreakoutOptions)).toThrow(OptionError);
    }
  });

  it.each<[BreakoutOptions, RegExp]>([
    [{ id: 'ALE/Breakout-v5' }, /frameSkip must be 1 where the env itself skips frames/],
    [{ preprocess: false, noopMax: 3 }, /noopMax must be left out where preprocess is false/],
    [{ obsType: 'ram' }, /obsType must be 'rgb' or 'grayscale' where preprocess is true/],
    [{ obsType: 'grayscale', grayscaleObs: false }, /'rgb' where grayscaleObs is false, got 'gr/],
    [{ stack: false, stackSize: 2 }, /stackSize must be left out where there is no stack/],
    [{ grayscaleObs: false, grayscaleNewaxis: true }, /grayscaleNewaxis must be false/],
    [{ terminalOnLifeLoss: true, episodicLife: true }, /episodicLife must be left out/],
    [{ episodicLife: true, fireAfterLifeLoss: true }, /fireAfterLifeLoss must be left out/],
  ])('%j contradict each other', (options, message) => {
    expect(() => makeBreakout(options)).toThrow(message);
  });
});

describe('the contract', () => {
  it('refuses a step before the first reset', () => {
    expect(() => makeBreakout().step(0)).toThrow(ResetNeededError);
    expect(() => makeBreakout().step(0)).toThrow('step() before the first reset: call reset()');
  });

  it.each([-1, 4, 0.5, Number.NaN])('refuses the action %s', (action) => {
    const env = makeBreakout();
    env.reset();
    expect(() => env.step(action)).toThrow(/^action must be a whole number from 0 to 3, got /);
  });

  it('refuses a step after the end of an episode, until a reset', () => {
    const env = makeBreakout({ maxNumFramesPerEpisode: 40 });
    env.reset();
    while (!env.step(0).truncated);
    expect(() => env.step(0)).toThrow('step() after the episode ended: call reset()');
    env.reset();
    expect(() => env.step(0)).not.toThrow();
  });

  it.each([-1, 1.5, 2 ** 60])('refuses the seed %s', (seed) => {
    expect(() => makeBreakout().reset({ seed })).toThrow(/^seed must be a whole number/);
  });

  it('terminates with the last life, and the lives are in the info', () => {
    const env = makeBreakout();
    env.reset();
    const lives = new Set<number>();
    let terminated = false;
    while (!terminated) {
      const result = env.step(1); // serves, and never moves
      lives.add(result.info.lives);
      terminated = result.terminated;
    }
    expect([...lives]).toEqual([5, 4, 3, 2, 1, 0]);
  });
});

describe('pictures', () => {
  it('render gives the colours of the screen', () => {
    const env = makeBreakout();
    env.reset();
    const rgb = env.render();
    expect(rgb).toHaveLength(210 * 160 * 3);
    // the top row of bricks, palette index 70: ALE's table has it as red 200, green 72, blue 72
    expect(env.screen[57 * 160 + 80]).toBe(0x46);
    expect([...rgb.subarray(3 * (57 * 160 + 80), 3 * (57 * 160 + 80) + 3)]).toEqual([200, 72, 72]);
  });

  it('stages are the two frames, their maximum, and the resized picture of the observation', () => {
    const env = makeBreakout();
    env.reset();
    let observation = env.step(1).observation;
    for (let i = 0; i < 10; i++) observation = env.step(3).observation;
    const { frames, pooled, resized } = env.stages;
    expect(frames[1]).toEqual(env.screen);
    expect(frames[0]).not.toEqual(frames[1]);
    expect(pooled[0]).toHaveLength(210 * 160);
    expect(resized[0]).toEqual(observation.subarray(3 * 7056));
  });

  it('inspect shows the chips as ALE has them after a reset', () => {
    const env = makeBreakout({ noopMax: 0 });
    env.reset();
    const { cpu, tia, ram } = env.inspect();
    expect(cpu).toMatchObject({ cycles: 19_912, PC: 0xf34d, SP: 0xff });
    expect(tia).toMatchObject({ POSP0: 98, POSM0: 152, NUSIZ0: 0xff, CTRLPF: 0x10, VDELBL: 1 });
    expect(ram[57]).toBe(5);
  });

  it('stages need preprocessing', () => {
    expect(() => makeBreakout({ preprocess: false }).stages).toThrow(/leave preprocess at true/);
  });
});

describe('the cartridge', () => {
  it('that is not there is named, with what to do', () => {
    const romPath = join(folder, 'none.bin');
    expect(() => makeBreakout({ romPath })).toThrow(RomError);
    expect(() => makeBreakout({ romPath })).toThrow(/none\.bin.*npm run setup.*BREAKOUT_ROM=PATH/);
  });

  it('of a wrong size is refused', () => {
    const romPath = join(folder, 'short.bin');
    writeFileSync(romPath, new Uint8Array(100));
    expect(() => makeBreakout({ romPath })).toThrow(/2048 bytes at .*short\.bin, got 100/);
  });

  it('with other contents is refused', () => {
    const romPath = join(folder, 'other.bin');
    writeFileSync(romPath, new Uint8Array(2048));
    expect(() => makeBreakout({ romPath })).toThrow(/MD5 f34f08e5.*, got c99a74c5/);
  });
});
