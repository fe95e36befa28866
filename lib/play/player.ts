/** A live game in a cell's output: it runs in the kernel, the page shows it and sends keys. */
import { inspect } from 'node:util';
import { PALETTE_RGB } from '../atari/palette';
import { Channel, type ChannelHost } from '../display/channel';
import { type Clock, SYSTEM_CLOCK } from '../display/clock';
import type { GifImage } from '../display/gif';
import {
  type FromPage,
  OVERLAYS,
  type Overlay,
  type PlayerCommand,
  type PlayerStatus,
  type ScoreRow,
  type StepShown,
} from '../display/messages';
import { argmax } from '../dqn/equations/policy';
import type { ReplayBuffer } from '../dqn/replay/replay-buffer';
import { messageOf } from '../text';
import { ACTIONS, NOOP } from './actions';
import { autoplay } from './autoplay';
import { HALF_PADDLE } from './breakout-memory';
import { Game, type GameOptions, type PlayedStep } from './game';
import { gameGif } from './gif';
import { Hands } from './hands';
import { Pace } from './pace';
import type { Pilot } from './pilot';
import { type RememberOptions, remember } from './remember';
import { ChangedRows } from './rows';
import { saliencyBytes } from './saliency';
import { PLAYER_MIME, stillOutput } from './still';

const FRAMES_PER_SECOND = 60;
/** Pictures a page may be behind; a page that is so far behind is sent none, and the game goes on. */
const MOST_UNSEEN = 14;
/** Ticks after which the game waits for such a page, and after which it takes the page for gone. */
const PATIENCE = { wait: 20, give: 180 } as const;
/** Agent steps that are shown where the game is not live: six seconds. */
const DEMONSTRATION_STEPS = 90;
const SPEEDS = { least: 1 / 16, most: 4 } as const;
/** Steps that the page's curve of V goes back. */
const MOST_STEPS = 1500;

export interface PlayerOptions {
  readonly game: GameOptions;
  /** Plays until you take over; nobody by default. The player disposes of it. */
  readonly pilot?: Pilot;
  /** Shown beside the score. */
  readonly scores: readonly ScoreRow[];
  /** What viewers without the live channel are told. */
  readonly elsewhere: string;
  readonly host: ChannelHost;
  readonly clock?: Clock;
}

/** What `play` and `watch` return. */
export class Player {
  private readonly options: PlayerOptions;
  private readonly channel: Channel;
  private readonly pace: Pace;
  private readonly hands = new Hands();
  private readonly rows = new ChangedRows();
  private game: Game;
  private games = 0;
  private steps: StepShown[] = [];
  private paused = true;
  private speed = 1;
  private pilotPlays: boolean;
  private overlay: Overlay = 'none';
  private action = 0;
  private input = 0;
  private sent = 0;
  private seen = 0;
  private waited = 0;
  private pointsAtStep = 0;
  private livesAtStep = 0;
  private isClosed = false;
  private showing: Promise<void> | undefined;
  /** What the next picture tells of: a step that has begun, and steps that are no longer. */
  private newStep: StepShown | undefined;
  private forgotten: number | undefined;
  private readonly commands: Readonly<Record<PlayerCommand, (value: number) => void>> = {
    pause: () => this.pause(),
    resume: () => this.resume(),
    restart: () => this.restart(),
    frame: () => this.playPaused(() => true),
    step: () => this.playPaused(() => this.game.isStepStart),
    seek: (frame) => this.goTo(frame),
    speed: (speed) => this.setSpeed(speed),
    epsilon: (epsilon) => this.setEpsilon(epsilon),
    overlay: (index) => this.showOverlay(OVERLAYS[index] ?? 'none'),
    'hand-back': () => this.hand(this.options.pilot !== undefined),
    'take-over': () => this.hand(false),
  };

  constructor(options: PlayerOptions) {
    const { host, clock = SYSTEM_CLOCK, pilot } = options;
    this.options = options;
    this.pilotPlays = pilot !== undefined;
    this.game = new Game(options.game);
    this.pace = new Pace(clock, () => this.tick());
    this.channel = new Channel({
      host,
      onMessage: (message) => this.answer(message),
      onForgotten: () => this.close(),
    });
    this.beginSteps();
  }

  /** Shows the output; called once. */
  async show(): Promise<this> {
    // what others see until somebody has played: a few seconds of play without anybody
    const demonstration = new Game(this.options.game);
    autoplay(demonstration, { steps: DEMONSTRATION_STEPS, ...this.options });
    await this.showStill(demonstration, false);
    return this;
  }

  /** The points so far. */
  get score(): number {
    return this.game.score;
  }

  /** Emulator frames so far, 60 to a second. */
  get frame(): number {
    return this.game.frame;
  }

  /** The game so far as an animation. @param options.seconds its end; default 20 */
  async gif({ seconds = 20, scale = 2 } = {}): Promise<GifImage> {
    return gameGif(this.game, { seconds, scale });
  }

  /**
   * The game so far as agent steps of four frames. A step's action is the key that was held longest in it;
   * serves that were pressed for the player are left out.
   */
  transitions(): PlayedStep[] {
    return [...this.game.steps()];
  }

  /** Adds the game so far to a replay memory, as an episode of its own. @returns its agent steps. */
  remember(
    buffer: Pick<ReplayBuffer, 'startEpisode' | 'add'>,
    options: RememberOptions = {},
  ): number {
    return remember(this.game.steps(), buffer, options);
  }

  /** Stops the game for good; its last picture stays, and what was played can still be kept. */
  close(): void {
    if (this.isClosed) return;
    this.pause();
    this.isClosed = true;
    this.options.pilot?.dispose();
  }

  /** In a cell that ends with `await play()` the output is enough. */
  [inspect.custom](): string {
    return 'the game above';
  }

  private answer(message: FromPage): void {
    if (this.isClosed) throw new Error('This game has been closed: run its cell again');
    switch (message.type) {
      case 'attach':
        this.attach();
        break;
      case 'seen':
        this.seen = message.pictures;
        break;
      case 'input':
        this.input = message.number;
        this.hands.hold(message.held);
        if (this.hands.areBusy) this.pilotPlays = false;
        break;
      case 'command':
        this.commands[message.name](message.value ?? 0);
        break;
      case 'move':
        this.move(message);
        break;
      default:
        throw new Error(`A game takes no message of the type ${message.type}`);
    }
  }

  /** Tells a page that has just drawn the output everything. */
  private attach(): void {
    const { scores, pilot } = this.options;
    this.sent = this.seen = this.waited = 0;
    const picture = this.rows.whole(this.game.ale.getScreen());
    const steps = pilot ? this.steps : null;
    const status = this.status();
    const shown = { type: 'show' as const, status, actions: ACTIONS, scores, steps };
    this.channel.send(shown, [PALETTE_RGB, picture]);
    this.sendOverlay();
    if (pilot && this.game.frame === 0) this.resume();
  }

  private goTo(frame: number): void {
    this.pause();
    this.game.seek(frame);
    this.look();
  }

  private move({ what, x, y }: Extract<FromPage, { type: 'move' }>): void {
    this.pause();
    if (what === 'ball') this.game.moveBall({ x, y });
    else this.game.movePaddle(x - HALF_PADDLE);
    this.cutSteps(this.game.frame + 1);
    this.look();
  }

  private setSpeed(speed: number): void {
    this.speed = Math.min(Math.max(speed, SPEEDS.least), SPEEDS.most) || 1;
    if (!this.paused) this.pace.start(FRAMES_PER_SECOND * this.speed);
    this.send();
  }

  private setEpsilon(epsilon: number): void {
    if (this.options.pilot) this.options.pilot.epsilon = epsilon;
    this.send();
  }

  private showOverlay(overlay: Overlay): void {
    this.overlay = overlay;
    this.send();
    this.sendOverlay();
  }

  private hand(toPilot: boolean): void {
    this.pilotPlays = toPilot;
    this.send();
  }

  /** Plays in a pause, frame by frame until it is enough. */
  private playPaused(isEnough: () => boolean): void {
    this.pause();
    do this.playFrame();
    while (!isEnough() && !this.game.over);
    this.look();
  }

  private pause(): void {
    this.pace.stop();
    if (this.paused) return;
    this.paused = true;
    this.send();
    this.showing = this.showStill(this.game, true).catch(() => {}); // the game is what matters
  }

  private resume(): void {
    if (this.game.over) this.newGame();
    this.paused = false;
    this.waited = 0;
    this.pace.start(FRAMES_PER_SECOND * this.speed);
    this.send();
  }

  private restart(): void {
    this.newGame();
    this.resume();
  }

  private newGame(): void {
    this.games++;
    const { seed = 0 } = this.options.game;
    this.game = new Game({ ...this.options.game, seed: seed + this.games });
    this.pilotPlays = this.options.pilot !== undefined;
    this.beginSteps();
    this.forgotten = 0;
    this.look();
  }

  private beginSteps(): void {
    this.steps = [];
    this.livesAtStep = this.game.livesLeft;
    this.pointsAtStep = 0;
  }

  /** The clock's: what goes wrong in it is told on the page, and ends neither the kernel's cell nor the kernel. */
  private tick(): void {
    try {
      this.playOn();
    } catch (error) {
      this.pause();
      this.channel.send({ type: 'error', error: messageOf(error) });
    }
  }

  private playOn(): void {
    const isBehind = this.sent - this.seen >= MOST_UNSEEN;
    this.waited = isBehind ? this.waited + 1 : 0;
    if (this.waited >= PATIENCE.give) this.pause();
    if (this.waited >= PATIENCE.wait) return;
    this.playFrame();
    if (this.game.over) this.pause();
    const isWanted = this.speed <= 1 || this.game.frame % Math.ceil(this.speed) === 0;
    if (!isBehind && (isWanted || this.newStep)) this.send();
  }

  /** Plays a frame by whoever is to play it. */
  private playFrame(): void {
    const { game } = this;
    if (game.over) return;
    const { pilot } = this.options;
    const hand = this.hands.next(game);
    if (pilot && game.isStepStart) {
      const q = pilot.values(game.observation);
      const { action, chosenBy } = this.pilotPlays
        ? pilot.choose(q)
        : { action: hand.action, chosenBy: 'you' as const };
      this.action = action;
      this.addStep({ q, action, chosenBy });
      if (game.frame % 12 === 0) this.sendOverlay();
    }
    game.next(this.pilotPlays ? { action: this.action } : hand);
    this.cutSteps(game.frame); // of a future that is no longer, after going back
  }

  private addStep({
    q,
    ...step
  }: Pick<StepShown, 'action' | 'chosenBy'> & { readonly q: Float32Array }): void {
    const { frame, score, livesLeft } = this.game;
    this.cutSteps(frame);
    const points = score - this.pointsAtStep;
    const lost = this.livesAtStep - livesLeft;
    this.newStep = { frame, q: shownValues(q), ...step, points, lost };
    this.steps.push(this.newStep);
    if (this.steps.length > MOST_STEPS) this.steps.shift();
    this.pointsAtStep = score;
    this.livesAtStep = livesLeft;
  }

  /** Forgets the steps from a frame on. */
  private cutSteps(frame: number): void {
    if ((this.steps.at(-1)?.frame ?? -1) < frame) return;
    while ((this.steps.at(-1)?.frame ?? -1) >= frame) this.steps.pop();
    this.forgotten = Math.min(this.forgotten ?? frame, frame);
  }

  /** The game is at another moment than the page believes: shows picture and values of now. */
  private look(): void {
    const { game } = this;
    const { pilot } = this.options;
    this.pointsAtStep = game.score;
    this.livesAtStep = game.livesLeft;
    if (!pilot || game.over) this.send();
    else {
      const q = pilot.values(game.observation);
      const chosen = this.pilotPlays
        ? { action: argmax(q), chosenBy: 'agent' as const }
        : { action: NOOP, chosenBy: 'you' as const };
      this.send({ frame: game.frame, q: shownValues(q), ...chosen, points: 0, lost: 0 });
    }
    this.sendOverlay();
  }

  private send(look?: StepShown): void {
    const { newStep: step, forgotten: forget } = this;
    this.newStep = undefined;
    this.forgotten = undefined;
    const message = {
      type: 'picture' as const,
      status: this.status(),
      ...(step && { step }),
      ...(look && { look }),
      ...(forget !== undefined && { forget }),
    };
    if (this.channel.send(message, [this.rows.encode(this.game.ale.getScreen())])) this.sent++;
  }

  private sendOverlay(): void {
    const { overlay: method, game } = this;
    if (method === 'none') return;
    const saliency = this.options.pilot?.saliency(method, game.observation);
    if (saliency) this.channel.send({ type: 'overlay', method }, [saliencyBytes(saliency)]);
  }

  private status(): PlayerStatus {
    const { game, paused, speed, overlay, input } = this;
    return {
      frame: game.frame,
      length: game.length,
      score: game.score,
      lives: game.livesLeft,
      over: game.over,
      paused,
      speed,
      pilot: this.pilotPlays ? 'agent' : 'you',
      epsilon: this.options.pilot?.epsilon ?? 0,
      overlay,
      input,
    };
  }

  /** What the saved notebook keeps, and what is seen where there is no live channel. */
  private async showStill(game: Game, update: boolean): Promise<void> {
    await this.showing;
    const { elsewhere, host, pilot } = this.options;
    const kind = pilot ? 'watch' : 'play';
    const model = { id: this.channel.id, kind };
    const output = await stillOutput(game, elsewhere);
    const bundle = { [PLAYER_MIME]: model, ...output.bundle };
    const { metadata = {} } = output;
    host.display(bundle, { displayId: this.channel.id, update, metadata });
  }
}

/** Values to three digits, as JSON carries them. */
function shownValues(q: Float32Array): (number | null)[] {
  return Array.from(q, (value) =>
    Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null,
  );
}
