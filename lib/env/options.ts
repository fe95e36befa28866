/** The options of `makeBreakout`: their defaults, checks, and which of them change the game. */

import { crc32 } from 'node:zlib';
import { type AtariOptions, BREAKOUT_IDS } from './atari-env';
import type { AtariPreprocessingOptions } from './atari-preprocessing';
import { checkBoolean, checkInteger, checkOneOf, OptionError } from './errors';
import type { FrameStackOptions } from './frame-stack';

/** Options of the Gymnasium id, of both wrappers, and of the wrappers that trainers add. */
export interface BreakoutOptions
  extends AtariOptions,
    AtariPreprocessingOptions,
    FrameStackOptions {
  /** The cartridge; default: the environment variable BREAKOUT_ROM, else roms/breakout.bin. */
  readonly romPath?: string;
  /**
   * Seed of the first reset, used when `reset` gets none. Default 0: runs without a seed are all the same
   * here, whereas Gymnasium then asks the operating system for a seed.
   */
  readonly seed?: number;
  /** False leaves out AtariPreprocessing. Default true. */
  readonly preprocess?: boolean;
  /** False leaves out FrameStackObservation. Default: the value of `preprocess`. */
  readonly stack?: boolean;
  /** A lost life terminates the episode, but the next reset goes on with the game. Default false. */
  readonly episodicLife?: boolean;
  /** FIRE is pressed after each reset. Default false. */
  readonly fireReset?: boolean;
  /** FIRE is pressed after each loss of a life. Default false. */
  readonly fireAfterLifeLoss?: boolean;
  /** Rewards become -1, 0 or 1. Default false. */
  readonly clipReward?: boolean;
  /** Part of Gymnasium's ids; only the default false is supported. */
  readonly continuous?: false;
  /** Only used with continuous actions. */
  readonly continuousActionThreshold?: number;
  /** Only the default false is supported. */
  readonly soundObs?: false;
  /** `render` always returns an 'rgb_array'; 'human' is not supported. */
  readonly renderMode?: 'rgb_array' | null;
}

/** Defaults of the options that decide how the game goes on; two more come from the id. */
const ATARI_DEFAULTS = {
  maxNumFramesPerEpisode: 108_000,
  fullActionSpace: false,
  mode: 0,
  difficulty: 0,
};
const PREPROCESSING_DEFAULTS = {
  noopMax: 30,
  frameSkip: 4,
  screenSize: 84,
  terminalOnLifeLoss: false,
  grayscaleObs: true,
  grayscaleNewaxis: false,
  scaleObs: false,
};
const STACK_DEFAULTS = { stackSize: 4, paddingType: 'reset' };
const TRAINER_DEFAULTS = {
  episodicLife: false,
  fireReset: false,
  fireAfterLifeLoss: false,
  clipReward: false,
};

/** The other options: what to make, where it comes from, and what is known but not supported. */
const OTHER_OPTIONS = [
  ...(['id', 'frameskip', 'repeatActionProbability', 'obsType', 'preprocess', 'stack'] as const),
  ...(['romPath', 'seed'] as const),
  ...(['continuous', 'continuousActionThreshold', 'soundObs', 'renderMode'] as const),
];

const namesOf = (defaults: object) => Object.keys(defaults) as (keyof BreakoutOptions)[];
const ALL_OPTIONS: readonly string[] = [
  ...[ATARI_DEFAULTS, PREPROCESSING_DEFAULTS, STACK_DEFAULTS, TRAINER_DEFAULTS].flatMap(namesOf),
  ...OTHER_OPTIONS,
];

/** @throws OptionError when `seed` is not a whole number from 0 to Number.MAX_SAFE_INTEGER. */
export function checkSeed(seed: number, name = 'seed'): void {
  checkInteger(name, seed, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Checks what no single wrapper checks about the options.
 * @throws OptionError when an option is unknown, not supported, or contradicts another.
 */
export function checkOptions(options: BreakoutOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new OptionError('options', options, 'an object, or left out');
  }
  for (const [name, value] of Object.entries(options)) {
    if (!ALL_OPTIONS.includes(name)) {
      throw new OptionError('options', name, `among ${ALL_OPTIONS.join(', ')}`);
    }
    if (value === undefined) throw new OptionError(name, value, 'left out or given a value');
  }
  if (options.seed !== undefined) checkSeed(options.seed);
  for (const name of ['preprocess', 'stack', ...namesOf(TRAINER_DEFAULTS)] as const) {
    checkBoolean(name, (options[name] ?? false) as boolean);
  }
  checkSupported(options);
  checkContradictions(options);
}

function checkSupported(options: BreakoutOptions): void {
  for (const name of ['continuous', 'soundObs'] as const) {
    const value: boolean = options[name] ?? false;
    if (value !== false) throw new OptionError(name, value, 'false: it is not offered here');
  }
  const threshold = options.continuousActionThreshold ?? 0.5;
  if (!Number.isFinite(threshold)) {
    throw new OptionError('continuousActionThreshold', threshold, 'a number');
  }
  checkOneOf('renderMode', options.renderMode ?? null, [null, 'rgb_array']);
}

function checkContradictions(options: BreakoutOptions): void {
  const refuse = (names: readonly (keyof BreakoutOptions)[], reason: string) => {
    for (const name of names) {
      const value = options[name];
      if (value !== undefined) throw new OptionError(name, value, `left out where ${reason}`);
    }
  };
  const { preprocess = true, stack = preprocess, obsType = 'rgb' } = options;
  if (!preprocess) refuse(namesOf(PREPROCESSING_DEFAULTS), 'preprocess is false');
  if (!stack) refuse(namesOf(STACK_DEFAULTS), 'there is no stack');
  if (preprocess) {
    // The wrapper takes its pictures from ALE, but Gymnasium's also checks the shape of observations.
    const gray = options.grayscaleObs ?? true;
    if (obsType !== 'rgb' && !(gray && obsType === 'grayscale')) {
      const allowed = gray
        ? "'rgb' or 'grayscale' where preprocess is true"
        : "'rgb' where grayscaleObs is false";
      throw new OptionError('obsType', obsType, allowed);
    }
  }
  if (options.terminalOnLifeLoss === true) {
    refuse(['episodicLife', 'fireAfterLifeLoss'], 'terminalOnLifeLoss is true');
  }
  if (options.episodicLife === true) {
    refuse(['fireAfterLifeLoss'], 'episodicLife is true: see fireReset');
  }
}

/** The options that decide how a game goes on, given or by default, as values that fit JSON. */
export type Rules = Readonly<Record<string, unknown>>;

/** The rules that options stand for: equal for options that mean the same. */
export function getRules(options: BreakoutOptions): Rules {
  const { preprocess = true, stack = preprocess, obsType = 'rgb' } = options;
  const { frameskip, repeatActionProbability } =
    BREAKOUT_IDS[options.id ?? 'BreakoutNoFrameskip-v4'];
  const defaults: Record<string, unknown> = {
    frameskip,
    repeatActionProbability,
    ...ATARI_DEFAULTS,
    ...TRAINER_DEFAULTS,
    preprocess,
    stack,
    ...(preprocess ? PREPROCESSING_DEFAULTS : { obsType }),
    ...(stack ? STACK_DEFAULTS : {}),
  };
  const rules = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => {
      return [name, options[name as keyof BreakoutOptions] ?? value];
    }),
  );
  if (typeof rules.screenSize === 'number') rules.screenSize = [rules.screenSize, rules.screenSize];
  const padding = rules.paddingType;
  if (ArrayBuffer.isView(padding)) {
    const { buffer, byteOffset, byteLength } = padding;
    rules.paddingType = `observation ${crc32(new Uint8Array(buffer, byteOffset, byteLength))}`;
  }
  return rules;
}

/** The rules in which two games differ, as two texts to compare. */
export function compareRules(expected: Rules, got: Rules): [string, string] {
  const names = Object.keys({ ...expected, ...got }).filter(
    (name) => JSON.stringify(expected[name]) !== JSON.stringify(got[name]),
  );
  const describe = (rules: Rules) =>
    names.map((name) => `${name} ${JSON.stringify(rules[name]) ?? 'left out'}`).join(', ');
  return [describe(expected), describe(got)];
}
