/**
 * What the notebook's page and the kernel say to each other: one comm for a page and kernel, which the
 * extension `breakout-display` opens. Types only, so that the extension is checked against them.
 *
 * A message to the kernel costs JupyterLab about 10 ms, because the kernel turns busy and idle for it:
 * the page sends few. Messages to the page are cheap, 60 a second are no trouble.
 */

/** Changes when a message's meaning does: page and kernel of different versions refuse each other. */
export type ChannelVersion = 3;

/** The outputs' own type; `id` is the output's. */
interface Addressed {
  readonly version: ChannelVersion;
  readonly id: string;
}

/** What is held down, and where the pointer wants the paddle. */
export interface HeldInput {
  readonly left: boolean;
  readonly right: boolean;
  readonly fire: boolean;
  /** Column of the paddle's middle, 0 to 160; null when keys move it. */
  readonly target: number | null;
}

/** Commands of a player's buttons; what takes a number has it as `value`. */
export type PlayerCommand =
  | 'pause'
  | 'resume'
  | 'restart'
  | 'frame' // one frame
  | 'step' // one agent step
  | 'seek' // value: a frame
  | 'speed' // value: 1 is the console's
  | 'epsilon' // value: 0 to 1
  | 'overlay' // value: index into OVERLAYS
  | 'hand-back' // the agent plays on
  | 'take-over';

export const OVERLAYS = ['none', 'gradient', 'occlusion'] as const;
export type Overlay = (typeof OVERLAYS)[number];

export type FromPage = Addressed &
  (
    | { readonly type: 'press'; readonly button: string }
    /** An output was drawn and wants to know how things stand. */
    | { readonly type: 'attach' }
    /** Pictures drawn so far: the kernel waits for a page that falls behind. */
    | { readonly type: 'seen'; readonly pictures: number }
    | { readonly type: 'input'; readonly held: HeldInput; readonly number: number }
    | { readonly type: 'command'; readonly name: PlayerCommand; readonly value?: number }
    /** The ball, or the middle of the paddle, is moved by hand, in pixels of the picture. */
    | {
        readonly type: 'move';
        readonly what: 'ball' | 'paddle';
        readonly x: number;
        readonly y: number;
      }
  );

/** One agent step, as the bars and the curve of V show it. */
export interface StepShown {
  readonly frame: number;
  /** One for each action; null for NaN and infinity, which JSON does not have. */
  readonly q: readonly (number | null)[];
  readonly action: number;
  readonly chosenBy: 'agent' | 'chance' | 'you';
  /** Points, and lives lost, since the step before. */
  readonly points: number;
  readonly lost: number;
}

/** How a game stands. */
export interface PlayerStatus {
  readonly frame: number;
  /** Frames that one can go to. */
  readonly length: number;
  readonly score: number;
  readonly lives: number;
  readonly over: boolean;
  readonly paused: boolean;
  readonly speed: number;
  readonly pilot: 'you' | 'agent';
  readonly epsilon: number;
  readonly overlay: Overlay;
  /** Number of the last input that this picture knows of. */
  readonly input: number;
}

export interface ScoreRow {
  readonly name: string;
  readonly score: number;
}

export type ToPage = Addressed &
  (
    | { readonly type: 'error'; readonly error: string }
    /** Answer to `attach`. Buffers: palette [256 * 3], picture [210 * 160] of palette indices. */
    | {
        readonly type: 'show';
        readonly status: PlayerStatus;
        readonly actions: readonly string[];
        readonly scores: readonly ScoreRow[];
        /** Of an agent: the steps so far; null where nobody but you plays. */
        readonly steps: readonly StepShown[] | null;
      }
    /** Buffer: the rows that differ from the picture before, a byte with its number before each. */
    | {
        readonly type: 'picture';
        readonly status: PlayerStatus;
        /** A step that has begun. */
        readonly step?: StepShown;
        /** Values at a moment that was gone to: no step of the game. */
        readonly look?: StepShown;
        /** Steps from this frame on are no longer. */
        readonly forget?: number;
      }
    /** Buffer: how much each pixel of the observation matters, [84 * 84] 0 to 255. */
    | { readonly type: 'overlay'; readonly method: Overlay }
  );

/** A message without what the channel adds. */
export type Unaddressed<Message> = Message extends Addressed
  ? Omit<Message, keyof Addressed>
  : never;
