/** A game of Breakout that goes frame by frame, keeps every input, and can go back to any frame. */
import { paletteToGray } from '../atari/palette';
import { SCREEN_HEIGHT, SCREEN_WIDTH } from '../atari/screen';
import type { Ale, AleState } from '../env/ale';
import { makeBreakout } from '../env/breakout';
import { AreaResizer } from '../env/resize';
import { FIRE, NOOP } from './actions';
import { findBall, moveBall, type Place, resistanceAt, withinField } from './breakout-memory';

/** Emulator frames of one agent step. */
export const FRAMES_PER_STEP = 4;
/** A state is saved each so many frames: agent steps enough between two of them to fill a stack. */
const SAVE_EVERY = 60;
/** Frames whose pictures make up a stack of four, were no serve among them. */
const STACK_FRAMES = 16;
/** Frames for which a moved ball has been in flight, tried in order: those of 4, 3, 2 pictures, of 1, its last two. */
const FLIGHT_FRAMES = [16, 12, 8, 4, 2] as const;

/** ALE's numbers of the actions that the environment counts from 0: NOOP, FIRE, RIGHT, LEFT. */
const ALE_ACTIONS = [0, 1, 3, 4] as const;
const PLANE = 84 * 84;

export interface GameOptions {
  /** Decides the no-ops at the start; default 0. */
  readonly seed?: number;
  /** The most no-ops at the start; default 0. */
  readonly noopMax?: number;
  /** Whether FIRE is pressed for the player, at the start and after a lost life. Default false. */
  readonly pressFire?: boolean;
}

/** What a player does in one frame. */
export interface Input {
  /** As the environment numbers them: 0 NOOP, 1 FIRE, 2 RIGHT, 3 LEFT. */
  readonly action: number;
  /** How far the paddle turns, 0 to 1; default 1, as for keys and agents. */
  readonly strength?: number;
}

/** A change by hand: from its frame on, the game goes on as if it had always been so. */
interface Edit {
  readonly frame: number;
  /** The frame at which it was made; a further change at the same one takes its place. */
  readonly madeAt: number;
  /** Pixels by which the ball moves. */
  readonly ball?: Place;
  /** Column of the paddle's left end. */
  readonly paddle?: number;
}

/** One agent step of a game, as a replay memory takes it. */
export interface PlayedStep {
  /** What was done in most of its frames; of equals the last one. */
  readonly action: number;
  /** Points, not clipped. */
  readonly reward: number;
  readonly lifeLost: boolean;
  readonly terminated: boolean;
  readonly truncated: boolean;
  /** Stacks [4, 84, 84] uint8, oldest first; copies. */
  readonly observation: Uint8Array;
  readonly nextObservation: Uint8Array;
}

/** All that decides how a game goes on, except the stack, which the frames before make again. */
interface Saved {
  readonly ale: AleState;
  readonly score: number;
  readonly lives: number;
  /** Frames of the present agent step that were played. */
  readonly played: number;
  readonly serving: boolean;
}

/**
 * The game of `makeBreakout()`, whose agent steps are taken apart into their four frames. Observations
 * at the end of each step are the environment's, except where the game ends within a step.
 *
 * Everything is decided by the options and the inputs: `seek` plays from a saved state to any frame.
 */
export class Game {
  readonly ale: Ale;
  /** Stack [4, 84, 84] uint8 at the last agent step's end; the next one overwrites it. */
  readonly observation: Uint8Array;
  /** Frames played. */
  frame = 0;
  /** Points so far. */
  score = 0;
  private readonly options: GameOptions;
  /** Stack and picture of frame 0. */
  private readonly first: { readonly observation: Uint8Array; readonly picture: Uint8Array };
  private actions = new Uint8Array(4096);
  private strengths = new Float32Array(4096);
  /** Frames whose inputs are known: after going back, more than were played. */
  private known = 0;
  private saved: Saved[] = [];
  private edits: Edit[] = [];
  private lives = 0;
  private played = 0;
  private serving = false;
  private readonly resizer = new AreaResizer({
    from: [SCREEN_HEIGHT, SCREEN_WIDTH],
    to: [84, 84],
  });
  private readonly grays = [0, 1].map(() => new Uint8Array(SCREEN_HEIGHT * SCREEN_WIDTH));

  /** @throws RomError when there is no Breakout cartridge to read. */
  constructor(options: GameOptions = {}) {
    const { seed = 0, noopMax = 0, pressFire = false } = options;
    const env = makeBreakout({ noopMax, fireReset: pressFire });
    this.options = options;
    this.observation = env.reset({ seed }).observation.slice();
    this.ale = env.unwrapped.ale;
    this.first = { observation: this.observation.slice(), picture: env.screen.slice() };
    this.lives = this.ale.getLives();
  }

  /** The frame up to which inputs are known: `seek` can go there. */
  get length(): number {
    return this.known;
  }

  get over(): boolean {
    return this.ale.gameOver();
  }

  get livesLeft(): number {
    return this.ale.getLives();
  }

  /** Whether an agent is to choose an action now. */
  get isStepStart(): boolean {
    return this.played === 0 && !this.serves;
  }

  /** Whether FIRE is pressed for the player now. */
  get serves(): boolean {
    return this.serving;
  }

  /**
   * Plays one frame. After going back, another input than before ends what came after.
   * @returns the points won.
   */
  next({ action, strength = 1 }: Input): number {
    if (this.over) return 0;
    if (this.known > this.frame) this.cutAfter(this.frame);
    if (this.frame === this.actions.length) this.grow();
    this.actions[this.frame] = this.serving ? FIRE : action;
    this.strengths[this.frame] = strength;
    this.known = this.frame + 1;
    return this.play(true);
  }

  /** Goes to a frame, back or, as far as inputs are known, forward. */
  seek(frame: number): void {
    const target = Math.min(Math.max(0, Math.round(frame)), this.known);
    // one saved state earlier than the last: the frames between fill the stack
    const at = Math.max(0, Math.min(Math.floor(target / SAVE_EVERY), this.saved.length) - 1);
    if (this.saved.length > 0) {
      this.restore(at);
      if (at === 0) this.observation.set(this.first.observation);
    }
    if (target === 0) this.ale.console.setPicture(this.first.picture);
    while (this.frame < target) this.play(target - this.frame <= SAVE_EVERY);
  }

  /**
   * Moves the ball to another place, as if it had come there by itself: it is moved in the console's memory
   * some frames ago, at most those that the stack shows, and they are played again. Where it would have met a
   * brick, a wall or the paddle on that way, fewer frames ago.
   * @throws Error when no ball is in play, or none of these ways ends there; the game stays as it was.
   */
  moveBall(place: Place): void {
    const { frame } = this;
    const to = withinField(place);
    this.edits = this.edits.filter(({ ball, madeAt }) => ball === undefined || madeAt !== frame);
    const others = this.edits;
    this.replayFrom(frame - STACK_FRAMES);
    const { score, livesLeft } = this;
    const now = findBall(this.ale.getRam());
    if (!now) throw new Error('No ball is in play at this moment: serve one first');
    for (const back of FLIGHT_FRAMES) {
      const ball = { x: to.x - now.x, y: to.y - now.y };
      const edit = { frame: Math.max(0, frame - back), madeAt: frame, ball };
      this.edits = [...others, edit];
      this.replayFrom(edit.frame);
      const there = findBall(this.ale.getRam());
      const isUndisturbed = this.score === score && this.livesLeft === livesLeft;
      if (isUndisturbed && there?.x === to.x && there.y === to.y) return;
    }
    this.edits = others;
    this.replayFrom(frame - STACK_FRAMES);
    throw new Error(
      `The ball cannot be at column ${to.x}, row ${to.y} now: on its way there it meets something`,
    );
  }

  /** Moves the paddle's left end to another column, as if it had stood there in all that the stack shows. */
  movePaddle(column: number): void {
    const { frame } = this;
    const from = Math.max(0, frame - STACK_FRAMES);
    this.edits = this.edits.filter((edit) => edit.paddle === undefined || edit.madeAt !== frame);
    this.edits.push({ frame: from, madeAt: frame, paddle: column });
    // it was held there: nobody turned the knob
    for (let i = from; i < frame; i++) if (this.actions[i] !== FIRE) this.actions[i] = NOOP;
    this.replayFrom(from);
  }

  /** The frames' inputs so far. */
  inputs(): Required<Input>[] {
    return Array.from({ length: this.frame }, (_, i) => ({
      action: this.actions[i]!,
      strength: this.strengths[i]!,
    }));
  }

  /** The same game once more, at its first frame: `seek` or `steps` play it again. */
  copy(): Game {
    const game = new Game(this.options);
    game.actions = this.actions.slice();
    game.strengths = this.strengths.slice();
    game.edits = [...this.edits];
    game.saved = [...this.saved];
    game.cutAfter(this.frame);
    return game;
  }

  /** Plays the game so far once more and yields its whole agent steps, but for those that serve. */
  *steps(): Generator<PlayedStep> {
    const game = this.copy();
    let observation = game.observation.slice();
    while (game.frame < game.known && !game.over) {
      const { frame: start, livesLeft: lives, serving: isServe } = game;
      let reward = 0;
      do reward += game.play(true);
      while (game.played > 0 && game.frame < game.known && !game.over);
      if (game.played > 0 && !game.over) return; // a step that goes on
      if (isServe) continue;
      const nextObservation = game.observation.slice();
      const ended = { terminated: game.ale.gameOver(false), truncated: game.ale.gameTruncated() };
      const action = mostFrequent(game.actions.subarray(start, game.frame));
      const lifeLost = game.livesLeft < lives;
      yield { action, reward, lifeLost, ...ended, observation, nextObservation };
      observation = nextObservation;
    }
  }

  /** Plays a part of the game once more and yields its pictures, palette indices [210, 160]; copies. */
  *pictures({ from = 0, every = 1 } = {}): Generator<Uint8Array> {
    const game = this.copy();
    game.seek(from);
    while (game.frame < game.known) {
      game.play(true);
      if (game.frame > from && (game.frame - from) % every === 0)
        yield game.ale.getScreen().slice();
    }
  }

  /** Plays the frame whose input is known. */
  private play(draw: boolean): number {
    if (this.frame % SAVE_EVERY === 0 && this.saved.length === this.frame / SAVE_EVERY) this.save();
    for (const edit of this.edits) if (edit.frame === this.frame) this.apply(edit);
    const { ale } = this;
    ale.drawing = draw;
    const reward = ale.act(ALE_ACTIONS[this.actions[this.frame]!]!, this.strengths[this.frame]!);
    this.frame++;
    this.score += reward;
    this.played++;
    if (this.played === FRAMES_PER_STEP) this.endStep(draw);
    return reward;
  }

  private endStep(draw: boolean): void {
    this.played = 0;
    if (!this.serving && draw) this.observe();
    const lives = this.ale.getLives();
    this.serving = this.options.pressFire === true && !this.over && lives < this.lives;
    this.lives = lives;
  }

  /** The stack moves on by the brighter of the last two frames' pixels, in gray, made small. */
  private observe(): void {
    const { console } = this.ale;
    const [pooled, other] = this.grays as [Uint8Array, Uint8Array];
    paletteToGray(console.screen.pixels, pooled);
    paletteToGray(console.previousScreen.pixels, other);
    for (let i = 0; i < pooled.length; i++) pooled[i] = Math.max(pooled[i]!, other[i]!);
    this.observation.copyWithin(0, PLANE);
    this.resizer.resize(pooled, this.observation.subarray(3 * PLANE));
  }

  private apply({ ball, paddle }: Edit): void {
    const ram = this.ale.getRam();
    const now = findBall(ram);
    if (ball && now) moveBall(ram, { x: now.x + ball.x, y: now.y + ball.y });
    if (paddle === undefined) return;
    this.ale.restoreState({ ...this.ale.cloneState(), paddle: resistanceAt(paddle) });
  }

  /** Plays what led to the present frame once more, from an earlier one on; later frames are forgotten. */
  private replayFrom(frame: number): void {
    const present = this.frame;
    this.cutAfter(present);
    this.cutSaved(Math.max(0, frame));
    this.seek(present);
  }

  private save(): void {
    const { score, lives, played, serving } = this;
    this.saved.push({ ale: this.ale.cloneState(), score, lives, played, serving });
  }

  private restore(index: number): void {
    const { ale, ...rest } = this.saved[index]!;
    this.ale.restoreState(ale);
    Object.assign(this, rest);
    this.frame = index * SAVE_EVERY;
  }

  /** Forgets what was known of later frames. */
  private cutAfter(frame: number): void {
    this.known = frame;
    this.edits = this.edits.filter((edit) => edit.frame <= frame);
    this.cutSaved(frame);
  }

  /** Forgets the states after a frame. */
  private cutSaved(frame: number): void {
    this.saved.length = Math.min(this.saved.length, Math.floor(frame / SAVE_EVERY) + 1);
  }

  private grow(): void {
    const [actions, strengths] = [this.actions, this.strengths];
    this.actions = new Uint8Array(2 * actions.length);
    this.strengths = new Float32Array(2 * actions.length);
    this.actions.set(actions);
    this.strengths.set(strengths);
  }
}

function mostFrequent(actions: Uint8Array): number {
  const counts = [0, 0, 0, 0];
  let best = actions.at(-1)!;
  for (const action of actions) counts[action]!++;
  for (let action = 0; action < counts.length; action++) {
    if (counts[action]! > counts[best]!) best = action;
  }
  return best;
}
