/** Gymnasium's AtariPreprocessing: from the frames of a step to one small picture. */

import { PALETTE_GRAY, PALETTE_RGB } from '../atari/palette';
import { SCREEN_HEIGHT, SCREEN_WIDTH, type Screen } from '../atari/screen';
import type { AtariEnv } from './atari-env';
import type { Box, Discrete, ResetOptions, ResetResult, StepResult } from './env';
import { checkBoolean, checkInteger, OptionError } from './errors';
import { AreaResizer, ChangedPixels } from './resize';
import type { SavedState } from './saved-state';
import { createResult, type EnvLayer, type Mutable, type Pixels } from './wrapper';

/** Constants of this file, because V8 looks imported ones up at each use. */
const HEIGHT = SCREEN_HEIGHT;
const PIXELS = HEIGHT * SCREEN_WIDTH;
/** Frames are compared row by row, and rows of different keys four pixels at a time. */
const WIDTH = SCREEN_WIDTH;
const ROW_WORDS = WIDTH / 4;

/** More than an episode has frames, and few enough for NumPy's generator. */
const MOST_NOOPS = 1_000_000;

/** Options of Gymnasium's AtariPreprocessing, by its names in camel case. */
export interface AtariPreprocessingOptions {
  /** The most no-ops after a reset, of which there is at least 1; 0 = no no-ops. Default 30. */
  readonly noopMax?: number;
  /** Frames for which an action is played, at least 1; the last two are pooled. Default 4. */
  readonly frameSkip?: number;
  /** Rows and columns of the observation, or [width, height]. Default 84; it cannot enlarge. */
  readonly screenSize?: number | readonly [number, number];
  /** Whether the loss of a life terminates the episode (and a reset starts a new game). Default false. */
  readonly terminalOnLifeLoss?: boolean;
  /** Whether observations are gray; otherwise they are RGB. Default true. */
  readonly grayscaleObs?: boolean;
  /** Whether gray observations are [84, 84, 1]. Default false. */
  readonly grayscaleNewaxis?: boolean;
  /** Whether observations are float32 in [0, 1] in place of uint8. Default false. */
  readonly scaleObs?: boolean;
}

/** One colour component of the pictures that become the observation. */
interface Channel {
  /** The component of each palette index. */
  readonly palette: Uint8Array;
  /** Maximum of the last two frames, uint8 [210, 160]. */
  readonly pooled: Uint8Array;
  readonly resizer: AreaResizer;
  /** uint8 [height, width] */
  readonly resized: Uint8Array;
}

/**
 * No-ops after a reset, frame skip, maximum of the last two frames, gray, resize.
 *
 * As in Gymnasium, an episode that ends within a skip shows an old picture: the one before the step, or
 * the maximum of that and the last frame but one.
 */
export class AtariPreprocessing implements EnvLayer<Pixels> {
  readonly observationSpace: Box;
  readonly actionSpace: Discrete;
  private readonly env: AtariEnv;
  private readonly noopMax: number;
  private readonly frameSkip: number;
  private readonly terminalOnLifeLoss: boolean;
  private readonly channels: readonly Channel[];
  /** The two frames that `pooled` was made of, as palette indices; equal if it was a single one. */
  private readonly frames = [new Uint8Array(PIXELS), new Uint8Array(PIXELS)] as const;
  private readonly words = this.frames.map((frame) => new Int32Array(frame.buffer, 0, PIXELS / 4));
  /** The keys of their rows (see `Screen`); NaN, which equals nothing, stands for an unknown row. */
  private readonly rowKeys = this.frames.map(() => new Float64Array(HEIGHT).fill(Number.NaN));
  /** Whether `pooled` is not the maximum of `frames`. */
  private stale = true;
  /** What has changed in `pooled` since the last observation. */
  private readonly changed = new ChangedPixels(SCREEN_HEIGHT, SCREEN_WIDTH);
  private readonly observation: Pixels;
  private readonly result: Mutable<StepResult<Pixels>>;
  private lives = 0;

  /** @throws OptionError when an option is not allowed or contradicts the env's. */
  constructor(env: AtariEnv, options: AtariPreprocessingOptions = {}) {
    this.env = env;
    this.noopMax = checkInteger('noopMax', options.noopMax ?? 30, 0, MOST_NOOPS);
    this.frameSkip = checkInteger('frameSkip', options.frameSkip ?? 4, 1);
    const [width, height] = checkScreenSize(options.screenSize ?? 84);
    this.terminalOnLifeLoss = checkBoolean(
      'terminalOnLifeLoss',
      options.terminalOnLifeLoss ?? false,
    );
    const gray = checkBoolean('grayscaleObs', options.grayscaleObs ?? true);
    const newaxis = checkBoolean('grayscaleNewaxis', options.grayscaleNewaxis ?? false);
    const scale = checkBoolean('scaleObs', options.scaleObs ?? false);
    if (this.frameSkip > 1 && env.frameskip !== 1) {
      throw new OptionError(
        'frameSkip',
        this.frameSkip,
        `1 where the env itself skips frames (its frameskip is ${env.frameskip}), or set frameskip to 1`,
      );
    }
    if (newaxis && !gray) {
      throw new OptionError('grayscaleNewaxis', newaxis, 'false where grayscaleObs is false');
    }

    const palettes = gray ? [PALETTE_GRAY] : [0, 1, 2].map(takeComponent);
    this.channels = palettes.map((palette) => ({
      palette,
      pooled: new Uint8Array(PIXELS),
      resizer: new AreaResizer({ from: [SCREEN_HEIGHT, SCREEN_WIDTH], to: [height, width] }),
      resized: new Uint8Array(height * width),
    }));
    const first = this.channels[0]!.resized;
    const elements = palettes.length * height * width;
    this.observation = scale ? new Float32Array(elements) : gray ? first : new Uint8Array(elements);
    this.observationSpace = {
      kind: 'box',
      shape: gray && !newaxis ? [height, width] : [height, width, palettes.length],
      dtype: scale ? 'float32' : 'uint8',
      low: 0,
      high: scale ? 1 : 255,
    };
    this.actionSpace = env.actionSpace;
    this.result = createResult(this.observation);
  }

  reset(options: ResetOptions = {}): ResetResult<Pixels> {
    let info = this.env.restart(options);
    const noops = this.noopMax > 0 ? this.env.npRandom.integers(1, this.noopMax + 1) : 0;
    for (let i = 0; i < noops; i++) {
      const { terminated, truncated, info: stepInfo } = this.env.play(0, false);
      info = { ...info, ...stepInfo };
      if (terminated || truncated) info = this.env.restart(options);
    }
    this.lives = this.env.ale.getLives();
    const { screen } = this.env.ale.console;
    this.poolFrames(screen, screen);
    this.observe();
    return { observation: this.observation, info };
  }

  step(action: number): StepResult<Pixels> {
    const result = this.result;
    const skip = this.frameSkip;
    let reward = 0;
    let played = 0; // frames after which the episode went on
    for (; played < skip; played++) {
      const frame = this.env.play(action, played >= skip - 2);
      reward += frame.reward;
      result.terminated = frame.terminated;
      result.truncated = frame.truncated;
      result.info = frame.info;
      if (this.terminalOnLifeLoss) {
        const lives = this.env.ale.getLives();
        result.terminated ||= lives < this.lives;
        this.lives = lives;
      }
      if (result.terminated || result.truncated) break;
    }
    result.reward = reward;
    const { screen, previousScreen } = this.env.ale.console;
    if (played === skip) this.poolFrames(skip > 1 ? previousScreen : screen, screen);
    else if (played === skip - 1 && skip > 1) this.poolOld(previousScreen.pixels);
    this.observe();
    return result;
  }

  /** pooled = max(earlier, later), computed only where they differ from the two frames before. */
  private poolFrames(earlier: Screen, later: Screen): void {
    const [oldEarlier, oldLater] = this.rowKeys as [Float64Array, Float64Array];
    for (let row = 0; row < HEIGHT; row++) {
      const a = earlier.rowKeys[row]!;
      const b = later.rowKeys[row]!;
      if (a === oldEarlier[row] && b === oldLater[row] && !this.stale) continue;
      oldEarlier[row] = a;
      oldLater[row] = b;
      this.poolRow(earlier.quads, later.quads, row);
    }
    this.stale = false;
  }

  private poolRow(newEarlier: Int32Array, newLater: Int32Array, row: number): void {
    const [oldEarlier, oldLater] = this.words as [Int32Array, Int32Array];
    const stale = this.stale ? 1 : 0;
    const start = row * ROW_WORDS;
    const end = start + ROW_WORDS;
    let first = end;
    let last = 0;
    for (let word = start; word < end; word++) {
      const a = newEarlier[word]!;
      const b = newLater[word]!;
      if (((a ^ oldEarlier[word]!) | (b ^ oldLater[word]!) | stale) !== 0) {
        oldEarlier[word] = a;
        oldLater[word] = b;
        this.poolWord(4 * word);
        if (word < first) first = word;
        last = word;
      }
    }
    if (first < end) this.changed.add(row, 4 * (first - start), 4 * (last + 1 - start));
  }

  private poolWord(at: number): void {
    const [earlier, later] = this.frames;
    for (const { palette, pooled } of this.channels) {
      for (let i = at; i < at + 4; i++) {
        pooled[i] = Math.max(palette[earlier[i]!]!, palette[later[i]!]!);
      }
    }
  }

  /** pooled = max(pooled, frame), because the episode ended before the next frame was seen. */
  private poolOld(frame: Uint8Array): void {
    for (const { palette, pooled } of this.channels) {
      for (let i = 0; i < PIXELS; i++) pooled[i] = Math.max(pooled[i]!, palette[frame[i]!]!);
    }
    this.changed.setAll();
    this.stale = true;
  }

  private observe(): void {
    const { channels, observation, changed } = this;
    for (const { pooled, resizer, resized } of channels) resizer.resize(pooled, resized, changed);
    changed.setNone();
    if (observation === channels[0]!.resized) return;
    const divisor = observation instanceof Float32Array ? 255 : 1;
    for (let c = 0; c < channels.length; c++) {
      const { resized } = channels[c]!;
      for (let i = 0; i < resized.length; i++) {
        observation[i * channels.length + c] = resized[i]! / divisor;
      }
    }
  }

  /**
   * The stages of the last observation, for looking at: palette indices [210, 160] of the two frames,
   * older first; their maximum per channel [210, 160]; the same resized. Views, not copies.
   */
  get stages(): {
    readonly frames: readonly [Uint8Array, Uint8Array];
    readonly pooled: readonly Uint8Array[];
    readonly resized: readonly Uint8Array[];
  } {
    return {
      frames: this.frames,
      pooled: this.channels.map(({ pooled }) => pooled),
      resized: this.channels.map(({ resized }) => resized),
    };
  }

  save(state: SavedState): void {
    this.env.save(state);
    state.set('preprocessing.lives', this.lives);
    state.set('preprocessing.stale', this.stale);
    this.frames.forEach((frame, i) => {
      state.setArray(`preprocessing.frame${i}`, frame);
    });
    this.channels.forEach(({ pooled }, i) => {
      state.setArray(`preprocessing.pooled${i}`, pooled);
    });
  }

  restore(state: SavedState): Pixels {
    this.env.restore(state);
    this.lives = state.getInteger('preprocessing.lives', 0, 255);
    this.stale = state.getFlag('preprocessing.stale');
    for (const rowKeys of this.rowKeys) rowKeys.fill(Number.NaN);
    this.frames.forEach((frame, i) => {
      frame.set(state.getArray(`preprocessing.frame${i}`, PIXELS));
    });
    this.channels.forEach(({ pooled }, i) => {
      pooled.set(state.getArray(`preprocessing.pooled${i}`, PIXELS));
    });
    this.changed.setAll();
    this.observe();
    return this.observation;
  }
}

/** Width and height, in the order of cv2 and Gymnasium. */
function checkScreenSize(size: number | readonly [number, number]): readonly [number, number] {
  const pair: unknown = typeof size === 'number' ? [size, size] : size;
  const most = [SCREEN_WIDTH, SCREEN_HEIGHT] as const;
  const fits = (length: number, i: number) =>
    Number.isInteger(length) && length >= 1 && length <= most[i]!;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(fits)) {
    const limits = `${SCREEN_WIDTH}, or [width, height] of at most [${most.join(', ')}]`;
    throw new OptionError('screenSize', size, `a whole number from 1 to ${limits}`);
  }
  return pair as [number, number];
}

/** The red, green or blue of each palette index. */
function takeComponent(component: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, index) => PALETTE_RGB[3 * index + component]!);
}
