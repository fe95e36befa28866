/** Gymnasium's AtariEnv for Breakout: what `gym.make(id)` makes, without wrappers. */

import type { Cartridge } from '../atari/cartridge';
import { paletteToGray, paletteToRgb } from '../atari/palette';
import { SCREEN_HEIGHT, SCREEN_WIDTH } from '../atari/screen';
import { Pcg64, seedSequence } from '../random';
import { ALE_ACTIONS, Ale } from './ale';
import type { Box, Discrete, Info, ResetOptions, ResetResult, StepResult } from './env';
import { checkInteger, checkOneOf, OptionError, SavedStateError } from './errors';
import type { SavedState } from './saved-state';
import { createResult, type EnvLayer, type Mutable } from './wrapper';

/** The most frames of a step: more than an episode has, and few enough for every generator. */
const MOST_FRAMES = 1_000_000;

/** What Gymnasium registers for Breakout. `frameskip` [2, 5] means 2, 3 or 4, drawn for each step. */
export const BREAKOUT_IDS = {
  'BreakoutNoFrameskip-v4': { frameskip: 1, repeatActionProbability: 0 },
  'BreakoutNoFrameskip-v0': { frameskip: 1, repeatActionProbability: 0.25 },
  'Breakout-v4': { frameskip: [2, 5], repeatActionProbability: 0 },
  'Breakout-v0': { frameskip: [2, 5], repeatActionProbability: 0.25 },
  'ALE/Breakout-v5': { frameskip: 4, repeatActionProbability: 0.25 },
} as const;

export type BreakoutId = keyof typeof BREAKOUT_IDS;
export type ObsType = 'rgb' | 'grayscale' | 'ram';

/** Options of the Gymnasium ids, by Gymnasium's names in camel case. */
export interface AtariOptions {
  /** Default 'BreakoutNoFrameskip-v4'; sets the defaults of the next two. */
  readonly id?: BreakoutId;
  /** Frames for which each action is played, or [low, high) to draw it for each step. */
  readonly frameskip?: number | readonly [number, number];
  /** Probability that a frame repeats the action of the one before ("sticky actions"). */
  readonly repeatActionProbability?: number;
  /** Frames after which an episode is truncated; default 108,000, half an hour of play; 0 = never. */
  readonly maxNumFramesPerEpisode?: number;
  /** All 18 actions of a joystick in place of the four that do something. Default false. */
  readonly fullActionSpace?: boolean;
  /**
   * The kind of observation without preprocessing: 'rgb', the default, is [210, 160, 3]; 'grayscale' is
   * [210, 160]; 'ram' is [128].
   */
  readonly obsType?: ObsType;
  /** Game variant, 0, 4, ... 44. Default 0. */
  readonly mode?: number;
  /** 0, or 1 for the small paddle. Default 0. */
  readonly difficulty?: number;
}

const MINIMAL_ACTIONS: readonly number[] = [0, 1, 3, 4];
const ALL_ACTIONS: readonly number[] = ALE_ACTIONS.map((_, action) => action);

/** The game as Gymnasium sees it: actions, observations in full size or as memory, seeds. */
export class AtariEnv implements EnvLayer {
  readonly ale: Ale;
  readonly observationSpace: Box;
  readonly actionSpace: Discrete;
  /** Frames per step, or the range from which they are drawn. */
  readonly frameskip: number | readonly [number, number];
  /** Draws frame skips and, for AtariPreprocessing, the number of no-ops. */
  npRandom: Pcg64;
  private readonly obsType: ObsType;
  private readonly mode: number;
  private readonly difficulty: number;
  private readonly actions: readonly number[];
  private readonly observation: Uint8Array;
  private readonly info: Mutable<Info>;
  private readonly result: Mutable<StepResult<Uint8Array>>;

  /** @throws OptionError when an option is not allowed. */
  constructor(cartridge: Cartridge, options: AtariOptions = {}) {
    const id = options.id ?? 'BreakoutNoFrameskip-v4';
    const defaults = BREAKOUT_IDS[checkOneOf('id', id, Object.keys(BREAKOUT_IDS) as BreakoutId[])];
    this.frameskip = checkFrameskip(options.frameskip ?? defaults.frameskip);
    this.obsType = checkOneOf('obsType', options.obsType ?? 'rgb', ['rgb', 'grayscale', 'ram']);
    const full = checkOneOf('fullActionSpace', options.fullActionSpace ?? false, [true, false]);
    this.actions = full ? ALL_ACTIONS : MINIMAL_ACTIONS;
    this.mode = options.mode ?? 0;
    this.difficulty = options.difficulty ?? 0;
    this.ale = new Ale(cartridge, {
      repeatActionProbability: options.repeatActionProbability ?? defaults.repeatActionProbability,
      maxNumFramesPerEpisode: options.maxNumFramesPerEpisode ?? 108_000,
    });
    this.ale.setMode(this.mode);
    this.ale.setDifficulty(this.difficulty);
    this.npRandom = new Pcg64(0);

    const shape = {
      rgb: [SCREEN_HEIGHT, SCREEN_WIDTH, 3],
      grayscale: [SCREEN_HEIGHT, SCREEN_WIDTH],
    };
    this.observationSpace = {
      kind: 'box',
      shape: this.obsType === 'ram' ? [128] : shape[this.obsType],
      dtype: 'uint8',
      low: 0,
      high: 255,
    };
    this.actionSpace = {
      kind: 'discrete',
      n: this.actions.length,
      meanings: this.actions.map((action) => ALE_ACTIONS[action]!),
    };
    this.observation = new Uint8Array(this.observationSpace.shape.reduce((a, b) => a * b));
    this.result = createResult(this.observation);
    this.info = this.result.info;
  }

  reset(options: ResetOptions = {}): ResetResult<Uint8Array> {
    const info = this.restart(options);
    this.observe();
    return { observation: this.observation, info };
  }

  /** Resets without making an observation. */
  restart({ seed }: ResetOptions): Info {
    let seeds: [number, number] | undefined;
    if (seed !== undefined) {
      const [forNumpy = 0, forAle = 0] = seedSequence(seed, 2);
      seeds = [forNumpy, forAle];
      this.npRandom = new Pcg64(forNumpy);
      this.ale.loadRom(forAle);
      this.ale.setMode(this.mode);
      this.ale.setDifficulty(this.difficulty);
    }
    this.ale.resetGame();
    this.result.terminated = this.result.truncated = false;
    this.updateInfo();
    return seeds === undefined ? { ...this.info } : { ...this.info, seeds };
  }

  step(action: number): StepResult<Uint8Array> {
    const result = this.play(action, this.obsType !== 'ram');
    this.observe();
    return result;
  }

  /**
   * Steps without making an observation.
   *
   * @param draw whether the picture after it will be wanted; if not, it is still available, at a cost
   */
  play(action: number, draw: boolean): Mutable<StepResult<Uint8Array>> {
    const aleAction = this.actions[checkInteger('action', action, 0, this.actions.length - 1)]!;
    const frames =
      typeof this.frameskip === 'number'
        ? this.frameskip
        : this.npRandom.integers(this.frameskip[0], this.frameskip[1]);
    const ale = this.ale;
    let reward = 0;
    for (let i = 1; i <= frames; i++) {
      ale.drawing = draw && i === frames;
      reward += ale.act(aleAction);
    }
    const result = this.result;
    result.reward = reward;
    result.terminated = ale.gameOver(false);
    result.truncated = ale.gameTruncated();
    this.updateInfo();
    return result;
  }

  private updateInfo(): void {
    this.info.lives = this.ale.getLives();
    this.info.episodeFrameNumber = this.ale.getEpisodeFrameNumber();
    this.info.frameNumber = this.ale.getFrameNumber();
  }

  private observe(): void {
    if (this.obsType === 'ram') this.observation.set(this.ale.getRam());
    else if (this.obsType === 'rgb') paletteToRgb(this.ale.getScreen(), this.observation);
    else paletteToGray(this.ale.getScreen(), this.observation);
  }

  save(state: SavedState): void {
    this.ale.save(state);
    const { state: words, increment, half } = this.npRandom.save();
    state.set('npRandom', `${words.toString(16)} ${increment.toString(16)} ${half ?? ''}`);
  }

  restore(state: SavedState): Uint8Array {
    this.ale.restore(state);
    const text = state.getText('npRandom');
    // the increment is odd, or the generator might give the same number for ever
    const parts = /^([\da-f]{1,32}) ([\da-f]{0,31}[13579bdf]) (\d{0,10})$/.exec(text);
    const [, words, increment, half] = parts ?? [];
    if (parts === null || Number(half) > 0xffff_ffff) {
      throw new SavedStateError(`expected the state of a PCG64 as 'npRandom', got '${text}'`);
    }
    this.npRandom.restore({
      state: BigInt(`0x${words}`),
      increment: BigInt(`0x${increment}`),
      half: half === '' ? null : Number(half),
    });
    this.updateInfo();
    this.observe();
    return this.observation;
  }
}

function checkFrameskip(value: number | readonly [number, number]) {
  if (typeof value === 'number') return checkInteger('frameskip', value, 1, MOST_FRAMES);
  const isRange = Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
  if (!isRange || value[0] < 1 || value[1] <= value[0] || value[1] > MOST_FRAMES) {
    const expectation = `a whole number from 1 to ${MOST_FRAMES}, or [low, high) of such`;
    throw new OptionError('frameskip', value, expectation);
  }
  return value;
}
