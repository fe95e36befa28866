import { type ConsoleView, inspectConsole } from '../atari/inspect';
import { AtariPreprocessing, type AtariPreprocessingOptions } from './atari-preprocessing';
import { AtariEnv, type AtariOptions, toRgb } from './breakout';
import type { Box, Discrete, Env, ResetOptions, ResetResult, StepResult } from './env';
import {
  checkBoolean,
  checkInteger,
  checkOneOf,
  OptionError,
  ResetNeededError,
  SavedStateError,
} from './errors';
import { FrameStackObservation, type FrameStackOptions } from './frame-stack';
import type { Layer, Pixels } from './layer';
import { readRom } from './rom';
import { SavedState } from './saved-state';
import { ClipReward, EpisodicLife, FireAfterLifeLoss, FireReset } from './trainer-wrappers';

/** Options of the Gymnasium id, of both wrappers, and of what trainers add. */
export interface BreakoutOptions
  extends AtariOptions,
    AtariPreprocessingOptions,
    FrameStackOptions {
  /** The cartridge; default: the environment variable BREAKOUT_ROM, else roms/breakout.bin. */
  readonly romPath?: string;
  /**
   * Seed of the first reset, if that is given none. Default 0: Gymnasium would ask the operating
   * system, here a run without a seed repeats.
   */
  readonly seed?: number;
  /** False leaves out AtariPreprocessing. Default true. */
  readonly preprocess?: boolean;
  /** False leaves out FrameStackObservation. Default: as `preprocess`. */
  readonly stack?: boolean;
  /** A lost life terminates the episode, but the next reset goes on with the game. Default false. */
  readonly episodicLife?: boolean;
  /** FIRE is pressed after each reset. Default false. */
  readonly fireReset?: boolean;
  /** FIRE is pressed after each loss of a life. Default false. */
  readonly fireAfterLifeLoss?: boolean;
  /** Rewards become -1, 0 or 1. Default false. */
  readonly clipReward?: boolean;
}

const ATARI_OPTIONS = [
  ...(['id', 'frameskip', 'repeatActionProbability', 'maxNumFramesPerEpisode'] as const),
  ...(['fullActionSpace', 'obsType', 'mode', 'difficulty'] as const),
];
const PREPROCESSING_OPTIONS = [
  ...(['noopMax', 'frameSkip', 'screenSize', 'terminalOnLifeLoss', 'grayscaleObs'] as const),
  ...(['grayscaleNewaxis', 'scaleObs'] as const),
];
const STACK_OPTIONS = ['stackSize', 'paddingType'] as const;
const OTHER_OPTIONS = [
  ...(['romPath', 'seed', 'preprocess', 'stack', 'episodicLife', 'fireReset'] as const),
  ...(['fireAfterLifeLoss', 'clipReward'] as const),
];
const ALL_OPTIONS: readonly string[] = [
  ...ATARI_OPTIONS,
  ...PREPROCESSING_OPTIONS,
  ...STACK_OPTIONS,
  ...OTHER_OPTIONS,
];

/**
 * Makes Breakout as Gymnasium does: by default BreakoutNoFrameskip-v4 with AtariPreprocessing and
 * FrameStackObservation(4), so observations are [4, 84, 84] uint8, oldest first.
 *
 * @throws OptionError when an option is outside of what is allowed, unknown, or contradicts another.
 * @throws RomError when there is no Breakout cartridge to read.
 */
export function makeBreakout(options: BreakoutOptions & { scaleObs: true }): Breakout<Float32Array>;
export function makeBreakout(options?: BreakoutOptions & { scaleObs?: false }): Breakout;
export function makeBreakout(options?: BreakoutOptions): Breakout<Pixels>;
export function makeBreakout(options: BreakoutOptions = {}): Breakout<Pixels> {
  return new Breakout(options);
}

/** Why `step` may be refused. */
const BEFORE_RESET = 'step() before the first reset: call reset()';
const AFTER_END = 'step() after the episode ended: call reset()';

/** Stands in a saved state for a first seed that has been used. */
const NO_SEED = -1;

/** Breakout with its wrappers: Gymnasium's contract, and what lies behind the observations. */
export class Breakout<Observation extends Pixels = Uint8Array> implements Env<Observation> {
  readonly observationSpace: Box;
  readonly actionSpace: Discrete;
  /** The game below all wrappers. */
  readonly unwrapped: AtariEnv;
  private readonly preprocessing: AtariPreprocessing | null;
  private readonly env: Layer<Observation>;
  private readonly fingerprint: string;
  private firstSeed: number | undefined;
  /** Why `step` is refused, if it is. */
  private refusal: string | null = BEFORE_RESET;

  /** @param memory where stacked observations go, if not to memory of the environment's own */
  constructor(options: BreakoutOptions = {}, memory?: Observation) {
    checkOptions(options);
    this.firstSeed = options.seed ?? 0;
    const base = new AtariEnv(readRom(options.romPath), options);
    const preprocess = options.preprocess ?? true;
    this.unwrapped = base;
    this.preprocessing = preprocess ? new AtariPreprocessing(base, options) : null;
    let env = (this.preprocessing ?? base) as Layer<Pixels>;
    if (options.episodicLife === true) env = new EpisodicLife(env);
    if (options.fireReset === true) env = new FireReset(env);
    if (options.fireAfterLifeLoss === true) env = new FireAfterLifeLoss(env);
    if (options.stack ?? preprocess) env = new FrameStackObservation(env, options, memory);
    if (options.clipReward === true) env = new ClipReward(env);
    this.env = env as Layer<Observation>;
    this.observationSpace = env.observationSpace;
    this.actionSpace = env.actionSpace;
    const { romPath, seed, ...rules } = options;
    this.fingerprint = JSON.stringify(Object.entries(rules).sort());
  }

  /** Starts an episode. @throws OptionError when the seed is not a whole number of at least 0. */
  reset(options: ResetOptions = {}): ResetResult<Observation> {
    const seed = options.seed ?? this.firstSeed;
    if (seed !== undefined) checkSeed(seed);
    const result = this.env.reset(seed === undefined ? {} : { seed });
    this.firstSeed = undefined;
    this.refusal = null;
    return result;
  }

  /**
   * Takes one action.
   * @throws ResetNeededError before the first reset and after the end of an episode.
   * @throws OptionError when the action is not one of the action space.
   */
  step(action: number): StepResult<Observation> {
    if (this.refusal !== null) throw new ResetNeededError(this.refusal);
    checkInteger('action', action, 0, this.actionSpace.n - 1); // before a wrapper plays another one
    const result = this.env.step(action);
    if (result.terminated || result.truncated) {
      this.refusal = AFTER_END;
    }
    return result;
  }

  /** The picture of the last frame, RGB uint8 [210, 160, 3]; a copy. */
  render(): Uint8Array {
    return toRgb(this.unwrapped.ale.getScreen());
  }

  /** The same as palette indices, uint8 [210, 160]; a view that play goes on to overwrite. */
  get screen(): Uint8Array {
    return this.unwrapped.ale.getScreen();
  }

  /** The console's memory, 128 bytes; a view that play goes on to change. */
  get ram(): Uint8Array {
    return this.unwrapped.ale.getRam();
  }

  /** All chips' registers by the names of their manuals; a copy. */
  inspect(): ConsoleView {
    return inspectConsole(this.unwrapped.ale.console);
  }

  /** What the last observation was made of (`AtariPreprocessing.stages`). */
  get stages(): AtariPreprocessing['stages'] {
    if (this.preprocessing === null) {
      throw new Error('stages need AtariPreprocessing: leave preprocess at true');
    }
    return this.preprocessing.stages;
  }

  /** Everything that decides how the game goes on, as a few kilobytes (`SavedState`). */
  save(): Uint8Array {
    const state = new SavedState();
    state.set('options', this.fingerprint);
    state.set('refusal', this.refusal ?? '');
    state.set('firstSeed', this.firstSeed ?? NO_SEED);
    this.env.save(state);
    return state.encode();
  }

  /**
   * Goes on from saved bytes, also from another environment's of the same options.
   *
   * @returns the observation that was the current one.
   * @throws SavedStateError when they are damaged, none, or of an environment with other options; this
   * one then goes on as before.
   */
  restore(bytes: Uint8Array): Observation {
    const state = SavedState.decode(bytes);
    const options = state.getText('options');
    if (options !== this.fingerprint) {
      throw new SavedStateError(
        `expected a saved environment with the options ${this.fingerprint}, got ${options}`,
      );
    }
    const before = new SavedState();
    this.env.save(before);
    try {
      const refusal = checkOneOf('refusal', state.getText('refusal'), [
        '',
        BEFORE_RESET,
        AFTER_END,
      ]);
      const seed = state.getInteger('firstSeed', NO_SEED, Number.MAX_SAFE_INTEGER);
      const observation = this.env.restore(state);
      this.refusal = refusal === '' ? null : refusal;
      this.firstSeed = seed === NO_SEED ? undefined : seed;
      return observation;
    } catch (error) {
      this.env.restore(before);
      if (error instanceof SavedStateError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new SavedStateError(`expected a saved environment, got one in which ${reason}`, {
        cause: error,
      });
    }
  }
}

function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new OptionError('seed', seed, 'a whole number of at least 0');
  }
}

function checkOptions(options: BreakoutOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!ALL_OPTIONS.includes(name)) {
      throw new OptionError('options', name, `among ${ALL_OPTIONS.join(', ')}`);
    }
    if (value === undefined) throw new OptionError(name, value, 'left out or given a value');
  }
  if (options.seed !== undefined) checkSeed(options.seed);
  for (const name of OTHER_OPTIONS) {
    if (name !== 'romPath' && name !== 'seed') checkBoolean(name, options[name] ?? false);
  }
  const preprocess = options.preprocess ?? true;
  const stack = options.stack ?? preprocess;
  const refuse = (names: readonly (keyof BreakoutOptions)[], reason: string) => {
    for (const name of names) {
      const value = options[name];
      if (value !== undefined) throw new OptionError(name, value, `left out where ${reason}`);
    }
  };
  if (!preprocess) refuse(PREPROCESSING_OPTIONS, 'preprocess is false');
  if (preprocess) refuse(['obsType'], 'preprocess is true: see grayscaleObs');
  if (!stack) refuse(STACK_OPTIONS, 'there is no stack');
  if (options.terminalOnLifeLoss === true) {
    refuse(['episodicLife', 'fireAfterLifeLoss'], 'terminalOnLifeLoss is true');
  }
  if (options.episodicLife === true) {
    refuse(['fireAfterLifeLoss'], 'episodicLife is true: see fireReset');
  }
}
