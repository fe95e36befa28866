/** Breakout as Gymnasium makes it: the game and the wrappers that its options ask for. */

import { type ConsoleView, inspectConsole } from '../atari/inspect';
import { paletteToRgb } from '../atari/palette';
import { messageOf } from '../text';
import { AtariEnv } from './atari-env';
import { AtariPreprocessing } from './atari-preprocessing';
import type { Box, Discrete, Env, ResetOptions, ResetResult, StepResult } from './env';
import { checkInteger, checkOneOf, ResetNeededError, SavedStateError } from './errors';
import { FrameStackObservation } from './frame-stack';
import {
  type BreakoutOptions,
  checkOptions,
  checkSeed,
  compareRules,
  getRules,
  type Rules,
} from './options';
import { readRom } from './rom';
import { SavedState } from './saved-state';
import { ClipReward, EpisodicLife, FireAfterLifeLoss, FireReset } from './trainer-wrappers';
import type { EnvLayer, Pixels } from './wrapper';

export type { BreakoutOptions };

/**
 * Makes Breakout as Gymnasium does: by default BreakoutNoFrameskip-v4 with AtariPreprocessing and
 * FrameStackObservation(4), so observations are [4, 84, 84] uint8, oldest first.
 *
 * @throws OptionError when an option is unknown, not allowed, or contradicts another.
 * @throws RomError when there is no Breakout cartridge to read.
 */
export function makeBreakout(options: BreakoutOptions & { scaleObs: true }): Breakout<Float32Array>;
export function makeBreakout(options?: BreakoutOptions & { scaleObs?: false }): Breakout;
export function makeBreakout(options?: BreakoutOptions): Breakout<Pixels>;
export function makeBreakout(options: BreakoutOptions = {}): Breakout<Pixels> {
  return new Breakout(options);
}

/** Why `step` may be refused. Saved states contain these texts: a change makes them unreadable. */
const BEFORE_RESET = 'step() before the first reset: call reset()';
const AFTER_END = 'step() after the episode ended: call reset()';

/** What a saved state has in place of a first seed that has been used. */
const NO_SEED = -1;

/** Gymnasium's contract, and what lies behind the observations: picture, memory, chips, stages. */
export class Breakout<Observation extends Pixels = Uint8Array> implements Env<Observation> {
  readonly observationSpace: Box;
  readonly actionSpace: Discrete;
  /** The game below all wrappers. */
  readonly unwrapped: AtariEnv;
  private readonly preprocessing: AtariPreprocessing | null;
  private readonly env: EnvLayer<Observation>;
  private readonly rules: Rules;
  private firstSeed: number | undefined;
  /** Why `step` is refused; null if it is not. */
  private refusal: string | null = BEFORE_RESET;

  /** @param memory memory for stacked observations; default: new memory */
  constructor(options: BreakoutOptions = {}, memory?: Observation) {
    checkOptions(options);
    this.firstSeed = options.seed ?? 0;
    const base = new AtariEnv(readRom(options.romPath), options);
    const preprocess = options.preprocess ?? true;
    this.unwrapped = base;
    this.preprocessing = preprocess ? new AtariPreprocessing(base, options) : null;
    let env = (this.preprocessing ?? base) as EnvLayer<Pixels>;
    if (options.episodicLife === true) env = new EpisodicLife(env);
    if (options.fireReset === true) env = new FireReset(env);
    if (options.fireAfterLifeLoss === true) env = new FireAfterLifeLoss(env);
    if (options.stack ?? preprocess) env = new FrameStackObservation(env, options, memory);
    if (options.clipReward === true) env = new ClipReward(env);
    this.env = env as EnvLayer<Observation>;
    this.observationSpace = env.observationSpace;
    this.actionSpace = env.actionSpace;
    this.rules = getRules(options);
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

  /** Whether `step` is refused: before the first reset and after the end of an episode. */
  get needsReset(): boolean {
    return this.refusal !== null;
  }

  /** The picture of the last frame, RGB uint8 [210, 160, 3]; a copy. */
  render(): Uint8Array {
    return paletteToRgb(this.unwrapped.ale.getScreen());
  }

  /** That picture as palette indices, uint8 [210, 160]; a view that later steps overwrite. */
  get screen(): Uint8Array {
    return this.unwrapped.ale.getScreen();
  }

  /** The console's memory, 128 bytes; a view that later steps change. */
  get ram(): Uint8Array {
    return this.unwrapped.ale.getRam();
  }

  /** All chips' registers by the names of their manuals; a copy. */
  inspect(): ConsoleView {
    return inspectConsole(this.unwrapped.ale.console);
  }

  /** The stages of the last observation (see `AtariPreprocessing.stages`). */
  get stages(): AtariPreprocessing['stages'] {
    if (this.preprocessing === null) {
      throw new Error('stages need AtariPreprocessing: leave preprocess at true');
    }
    return this.preprocessing.stages;
  }

  /** Everything that decides how the game goes on, as a few kilobytes (`SavedState`). */
  save(): Uint8Array {
    const state = new SavedState();
    state.set('options', JSON.stringify(this.rules));
    state.set('refusal', this.refusal ?? '');
    state.set('firstSeed', this.firstSeed ?? NO_SEED);
    this.env.save(state);
    return state.encode();
  }

  /**
   * Goes on from saved bytes, also from those of another environment with the same options.
   *
   * @returns the observation that was the current one.
   * @throws SavedStateError when they are damaged, not a saved environment, or of one with other options;
   * this one then goes on as before.
   */
  restore(bytes: Uint8Array): Observation {
    const state = SavedState.decode(bytes);
    this.checkRules(state);
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
      throw new SavedStateError(
        `expected a saved environment, got one in which ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  /** @throws SavedStateError when the saved game has other rules. */
  private checkRules(state: SavedState): void {
    const text = state.getText('options');
    if (text === JSON.stringify(this.rules)) return;
    const [expected, got] = compareRules(this.rules, parseRules(text));
    throw new SavedStateError(
      `expected a saved environment with the options ${expected}, got ${got}`,
    );
  }
}

function parseRules(text: string): Rules {
  try {
    return (JSON.parse(text) ?? {}) as Rules;
  } catch {
    return {};
  }
}
