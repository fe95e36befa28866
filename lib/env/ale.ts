/** The layer of the Arcade Learning Environment for Breakout: what makes a game of the console. */

import type { Cartridge } from '../atari/cartridge';
import { CONSOLE_WORDS, type Console } from '../atari/console';
import { Mt19937 } from '../random';
import { createConsole, getResetState, PADDLE } from './boot';
import { checkBoolean, checkInteger, checkOneOf, OptionError } from './errors';
import { fillBytes, type SavedState } from './saved-state';

/** Game variants of the cartridge, and positions of its difficulty switch. */
export const BREAKOUT_MODES: readonly number[] = [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44];
export const BREAKOUT_DIFFICULTIES: readonly number[] = [0, 1];

const LIVES = 5;

/** Where Breakout keeps what the rules need (indices of the 128 bytes). */
const LIVES_CELL = 57;
const HUNDREDS_CELL = 76;
const TENS_CELL = 77;

/** ALE's 18 actions; a paddle takes only FIRE, LEFT and RIGHT from them. */
// biome-ignore format: a table
export const ALE_ACTIONS: readonly string[] = [
  'NOOP', 'FIRE', 'UP', 'RIGHT', 'LEFT', 'DOWN', 'UPRIGHT', 'UPLEFT', 'DOWNRIGHT', 'DOWNLEFT',
  'UPFIRE', 'RIGHTFIRE', 'LEFTFIRE', 'DOWNFIRE', 'UPRIGHTFIRE', 'UPLEFTFIRE', 'DOWNRIGHTFIRE',
  'DOWNLEFTFIRE',
];

const FIRES = ALE_ACTIONS.map((name) => name.endsWith('FIRE'));
/** Turning to the right lowers the resistance. */
const TURNS = ALE_ACTIONS.map((name) =>
  name.includes('RIGHT') ? -1 : name.includes('LEFT') ? 1 : 0,
);

/** Those of ALE's settings that matter to Breakout, with ALE's defaults. */
export interface AleSettings {
  /** Seed of the sticky actions, a whole number of 32 bits, signed or not. Default 0. */
  readonly randomSeed?: number;
  /** Probability that the previous action is repeated instead of the new one. Default 0.25. */
  readonly repeatActionProbability?: number;
  /** Frames after which an episode is truncated. Default 0, which means never. */
  readonly maxNumFramesPerEpisode?: number;
  /** Frames for which `act` repeats its action. Default 1. */
  readonly frameSkip?: number;
}

/** What `cloneState` returns. As in ALE, neither the picture nor the sticky action is part of it. */
export interface AleState {
  readonly console: Int32Array;
  /** The state of the generator of sticky actions, or null without `includeRandom`. */
  readonly random: Uint32Array | null;
  readonly paddle: number;
  readonly score: number;
  readonly lives: number;
  readonly started: boolean;
  readonly terminal: boolean;
  readonly frameNumber: number;
  readonly episodeFrameNumber: number;
  readonly mode: number;
  readonly difficulty: number;
}

/**
 * Actions and rewards, lives, the end of an episode, frame counters, sticky actions. Names and behaviour
 * are those of ale-py.
 */
export class Ale {
  readonly console: Console;
  /** Whether the pictures of the next frames will be wanted (see `Console.frame`). */
  drawing = true;
  private readonly cartridge: Cartridge;
  private readonly random = new Mt19937(0);
  private readonly repeatActionProbability: number;
  private readonly maxNumFramesPerEpisode: number;
  private readonly frameSkip: number;
  private mode = 0;
  private difficulty = 0;
  private paddle: number = PADDLE.centre;
  private lastAction = 0;
  private lastStrength = 1;
  private score = 0;
  private lives = LIVES;
  private started = false;
  private terminal = false;
  private frameNumber = 0;
  private episodeFrameNumber = 0;

  /**
   * Loads the ROM (see `loadRom`).
   *
   * @param cartridge the Breakout cartridge
   * @throws OptionError when a setting is out of its range.
   */
  constructor(cartridge: Cartridge, settings: AleSettings = {}) {
    const p = settings.repeatActionProbability ?? 0.25;
    if (typeof p !== 'number' || !(p >= 0 && p <= 1)) {
      throw new OptionError('repeatActionProbability', p, 'a probability from 0 to 1');
    }
    this.repeatActionProbability = p;
    this.maxNumFramesPerEpisode = checkInteger(
      'maxNumFramesPerEpisode',
      settings.maxNumFramesPerEpisode ?? 0,
      0,
    );
    this.frameSkip = checkInteger('frameSkip', settings.frameSkip ?? 1, 1);
    this.cartridge = cartridge;
    this.console = createConsole(cartridge).console;
    this.loadRom(settings.randomSeed ?? 0);
  }

  /** Starts anew with this seed: mode and difficulty 0, counters 0, and a reset of the game. */
  loadRom(randomSeed: number): void {
    checkInteger('randomSeed', randomSeed, -(2 ** 31), 2 ** 32 - 1);
    this.random.seed(randomSeed);
    this.mode = this.difficulty = 0;
    this.frameNumber = 0;
    this.resetGame();
  }

  /** Takes effect at the next reset. @throws OptionError when the cartridge has no such mode. */
  setMode(mode: number): void {
    this.mode = checkOneOf('mode', mode, BREAKOUT_MODES);
  }

  /** Takes effect with the next frame. @throws OptionError when it is neither 0 nor 1. */
  setDifficulty(difficulty: number): void {
    this.difficulty = checkOneOf('difficulty', difficulty, BREAKOUT_DIFFICULTIES);
  }

  resetGame(): void {
    const { words, picture, frames } = getResetState(this.cartridge, {
      mode: this.mode,
      difficulty: this.difficulty,
    });
    this.console.restore(words);
    this.console.setPicture(picture);
    this.paddle = PADDLE.centre;
    this.lastAction = 0;
    this.lastStrength = 1;
    this.started = false;
    this.score = 0;
    this.applyRules();
    this.frameNumber += frames;
    this.episodeFrameNumber = frames;
  }

  /**
   * Plays an action for `frameSkip` frames; after the end of the episode it does nothing.
   *
   * @param action one of ALE's, 0 to 17
   * @param strength how far the paddle turns, 0 to 1
   * @returns the points won.
   * @throws OptionError when the action is not one of ALE's or the strength is not a finite number.
   */
  act(action: number, strength = 1): number {
    checkInteger('action', action, 0, ALE_ACTIONS.length - 1);
    if (!Number.isFinite(strength)) throw new OptionError('strength', strength, 'a number');
    const drawing = this.drawing;
    let reward = 0;
    for (let i = 1; i <= this.frameSkip; i++) {
      this.chooseAction(action, strength);
      if (this.gameOver()) continue;
      this.turnPaddle(TURNS[this.lastAction]! * Math.abs(this.lastStrength));
      this.setInputs(FIRES[this.lastAction]!);
      this.console.frame(drawing && i === this.frameSkip);
      reward += this.applyRules();
      this.frameNumber++;
      this.episodeFrameNumber++;
    }
    return reward;
  }

  /** Sticky actions: the new action is taken, or the one before it goes on. */
  private chooseAction(action: number, strength: number): void {
    if (this.repeatActionProbability > 0) {
      const sticky = this.random.nextDouble() < this.repeatActionProbability;
      this.random.nextDouble(); // ALE draws for player B, too, who never acts
      if (sticky) return;
    }
    this.lastAction = action;
    this.lastStrength = strength;
  }

  private turnPaddle(turn: number): void {
    const resistance = this.paddle + Math.trunc(PADDLE.perFrame * turn);
    this.paddle = Math.min(Math.max(resistance, PADDLE.min), PADDLE.max);
  }

  private setInputs(fire: boolean): void {
    const console = this.console;
    console.paddles.resistance[0] = this.paddle;
    console.paddles.resistance[1] = PADDLE.centre;
    console.setButton(0, fire);
    console.setButton(1, false);
    console.setSwitch('RESET', false);
    console.setSwitch('SELECT', false);
    console.setDifficulty('left', (this.difficulty & 1) !== 0);
    console.setDifficulty('right', (this.difficulty & 2) !== 0);
  }

  /** Reads score and lives from memory; returns the points won since the last call. */
  private applyRules(): number {
    const ram = this.console.ram;
    const tens = ram[TENS_CELL]!;
    const score = (tens & 15) + 10 * (tens >> 4) + 100 * (ram[HUNDREDS_CELL]! & 15);
    const reward = score - this.score;
    this.score = score;
    this.lives = ram[LIVES_CELL]!;
    if (this.lives === LIVES) this.started = true;
    this.terminal = this.started && this.lives === 0;
    return reward;
  }

  getLives(): number {
    return this.terminal ? 0 : this.lives;
  }

  /** Whether the episode is over. @param withTruncation whether the frame limit counts, too */
  gameOver(withTruncation = true): boolean {
    return this.terminal || (withTruncation && this.gameTruncated());
  }

  gameTruncated(): boolean {
    const limit = this.maxNumFramesPerEpisode;
    return limit > 0 && this.episodeFrameNumber >= limit;
  }

  /** Frames since the ROM was loaded. */
  getFrameNumber(): number {
    return this.frameNumber;
  }

  /** Frames since the reset. */
  getEpisodeFrameNumber(): number {
    return this.episodeFrameNumber;
  }

  /** The console's 128 bytes; a view, so writing to it changes the game. */
  getRam(): Uint8Array {
    return this.console.ram;
  }

  /** Palette indices, [210, 160] uint8; a view that the frame after the next one overwrites. */
  getScreen(): Uint8Array {
    return this.console.picture;
  }

  cloneState({ includeRandom = false } = {}): AleState {
    return {
      console: this.console.save(),
      random: includeRandom ? this.random.save() : null,
      paddle: this.paddle,
      score: this.score,
      lives: this.lives,
      started: this.started,
      terminal: this.terminal,
      frameNumber: this.frameNumber,
      episodeFrameNumber: this.episodeFrameNumber,
      mode: this.mode,
      difficulty: this.difficulty,
    };
  }

  /**
   * Goes on from a cloned state; the picture stays the old one until the next `act`.
   * @throws RangeError when no game can be in that state; this one then goes on as before.
   */
  restoreState(state: AleState): void {
    checkState(state);
    restoreConsole(this.console, state.console);
    if (state.random !== null) this.random.restore(state.random);
    this.paddle = state.paddle;
    this.score = state.score;
    this.lives = state.lives;
    this.started = state.started;
    this.terminal = state.terminal;
    this.frameNumber = state.frameNumber;
    this.episodeFrameNumber = state.episodeFrameNumber;
    this.mode = state.mode;
    this.difficulty = state.difficulty;
  }

  /** Adds everything to a saved environment, including picture and sticky action. */
  save(state: SavedState): void {
    const { console, random, ...rules } = this.cloneState({ includeRandom: true });
    state.setArray('console', console);
    if (random !== null) state.setArray('random', random);
    state.set('rules', JSON.stringify(rules));
    state.setArray('screen', this.getScreen());
    state.set('lastAction', this.lastAction);
    state.set('lastStrength', this.lastStrength);
  }

  restore(state: SavedState): void {
    const console = new Int32Array(CONSOLE_WORDS);
    const random = new Uint32Array(Mt19937.STATE_WORDS);
    fillBytes(console, state.getArray('console', console.byteLength));
    fillBytes(random, state.getArray('random', random.byteLength));
    const rules = JSON.parse(state.getText('rules')) as Omit<AleState, 'console' | 'random'>;
    this.restoreState({ ...rules, console, random });
    const screen = this.console.picture;
    this.console.setPicture(state.getArray('screen', screen.length));
    this.lastAction = state.getInteger('lastAction', 0, ALE_ACTIONS.length - 1);
    this.lastStrength = state.getNumber('lastStrength');
  }
}

/** The ranges of a state's numbers. */
const STATE_RANGES = {
  paddle: [PADDLE.min, PADDLE.max],
  score: [0, 15 + 10 * 15 + 100 * 15],
  lives: [0, 255],
  frameNumber: [0, Number.MAX_SAFE_INTEGER],
  episodeFrameNumber: [0, Number.MAX_SAFE_INTEGER],
} as const;

function checkState(state: AleState): void {
  for (const [name, [low, high]] of Object.entries(STATE_RANGES)) {
    checkInteger(name, state[name as keyof typeof STATE_RANGES], low, high);
  }
  checkBoolean('started', state.started);
  checkBoolean('terminal', state.terminal);
  checkOneOf('mode', state.mode, BREAKOUT_MODES);
  checkOneOf('difficulty', state.difficulty, BREAKOUT_DIFFICULTIES);
  if (state.random !== null) new Mt19937(0).restore(state.random);
}

/** Refuses numbers that the chips do not give back: they cannot have been saved by chips. */
function restoreConsole(console: Console, words: Int32Array): void {
  const before = console.save();
  console.restore(words);
  const wrong = console.save().findIndex((word, i) => word !== words[i]);
  if (wrong < 0) return;
  console.restore(before);
  throw new OptionError(`console[${wrong}]`, words[wrong], 'a number that its chip can hold');
}
