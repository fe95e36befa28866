/**
 * Several games of Breakout in several threads.
 *
 * The owner sends an action to each game, then receives the results one after the other: its own games are
 * played while it asks for them, those of other threads meanwhile.
 * A game depends on its seed and its actions alone, so the number of threads changes no result.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { defaultThreads } from '../threads';
import { waitWhile } from '../wait';
import { type Breakout, type BreakoutOptions, makeBreakout } from './breakout';
import type { DeferredEnv, Info, ResetOptions, ResetResult, StepResult } from './env';
import { checkInteger } from './errors';
import { COMMAND, createBuffers, type PoolMemory, SIGNAL, SLOT, viewBuffers } from './pool-memory';
import type { PoolThreadData } from './pool-thread';

export interface PoolOptions {
  /** How many games, at least 1. */
  readonly numEnvs: number;
  /** As `makeBreakout`; plain data. Observations are stacks of uint8. */
  readonly options?: BreakoutOptions & { readonly scaleObs?: false };
  /** Threads that play, the owner's included; default: those that a training may use, with two games for each. */
  readonly threads?: number;
}

/** Milliseconds that a thread may take for a step of all its games; a machine asleep counts. */
const PATIENCE = 120_000;
const THREAD_FILE = fileURLToPath(new URL('./pool-thread.mjs', import.meta.url));

export class BreakoutPool {
  /** The games in order. Those of the first part are `Breakout`s of the owner's thread. */
  readonly envs: readonly DeferredEnv[];
  private readonly threads: readonly PoolThread[];

  /**
   * @throws OptionError when a number is no whole one of at least 1, or as `makeBreakout`.
   * @throws RomError as `makeBreakout`.
   */
  constructor({ numEnvs, options = {}, threads: wanted = threadsFor(numEnvs) }: PoolOptions) {
    checkInteger('numEnvs', numEnvs, 1);
    const threads = Math.min(numEnvs, checkInteger('threads', wanted, 1));
    const share = (thread: number) => Math.floor((numEnvs * thread) / threads);
    // the owner has the smallest share: it does other work, too
    const own = Array.from({ length: share(1) }, () => makeBreakout(options));
    const others = Array.from({ length: threads - 1 }, (_, i) => share(i + 2) - share(i + 1));
    this.threads = others.map((games) => new PoolThread(games, own[0]!, options));
    this.envs = [...own.map(deferred), ...this.threads.flatMap(({ envs }) => envs)];
  }

  /** Ends the threads; no game can be played any more. */
  async dispose(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()));
  }
}

/** Two games for each thread: with fewer, waking it costs more than it saves. */
const threadsFor = (numEnvs: number) =>
  Math.max(1, Math.min(defaultThreads(), Math.floor(numEnvs / 2)));

type Spaces = Pick<DeferredEnv, 'observationSpace' | 'actionSpace'>;

/** An environment of this thread: its step is computed when the result is asked for. */
function deferred(env: Breakout): DeferredEnv {
  let sent = 0;
  return Object.assign(env, {
    send: (action: number) => {
      sent = action;
    },
    receive: () => env.step(sent),
  });
}

/** The owner's side of a thread. */
class PoolThread {
  readonly envs: readonly RemoteEnv[];
  private readonly worker: Worker;
  private readonly memory: PoolMemory;
  private rounds = 0;
  /** Games that have got something to do since the last round. */
  private sent = 0;
  private isAtWork = false;

  constructor(games: number, spaces: Spaces, options: BreakoutOptions) {
    const length = spaces.observationSpace.shape.reduce((a, b) => a * b);
    const buffers = createBuffers(games, length);
    this.memory = viewBuffers(buffers);
    const { slots, observations } = this.memory;
    this.envs = slots.map((slot, i) => new RemoteEnv(this, slot, observations[i]!, spaces));
    const workerData: PoolThreadData = { options, buffers };
    this.worker = new Worker(THREAD_FILE, { workerData, execArgv: [] });
    this.worker.unref(); // a pool that nobody uses any more keeps no process alive
  }

  /** Begins a round as soon as all games have something to do. */
  noteSent(): void {
    this.sent++;
    if (this.sent === this.envs.length) this.begin();
  }

  /** @throws Error when a game has failed, or the thread does not answer. */
  finish(): void {
    if (this.sent > 0 && !this.isAtWork) this.begin(); // a single game was asked
    if (!this.isAtWork) return;
    const { signals, error } = this.memory;
    this.isAtWork = false;
    this.sent = 0;
    const before = { index: SIGNAL.done, value: this.rounds - 1, timeoutMs: PATIENCE };
    if (!waitWhile(signals, before)) {
      throw new Error(
        `expected a thread of games to answer within ${PATIENCE / 1000} s, it did not: it has ended or ` +
          'the machine is stuck; resume the training',
      );
    }
    const failed = signals[SIGNAL.failed]!;
    if (failed === 0) return;
    signals[SIGNAL.failed] = 0;
    throw new Error(new TextDecoder().decode(error.slice(0, failed)));
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private begin(): void {
    const { signals } = this.memory;
    this.isAtWork = true;
    this.rounds++;
    Atomics.store(signals, SIGNAL.asked, this.rounds);
    Atomics.notify(signals, SIGNAL.asked);
  }
}

/** A game that another thread plays; its observation lies in memory that both see. */
class RemoteEnv implements DeferredEnv {
  readonly observationSpace: DeferredEnv['observationSpace'];
  readonly actionSpace: DeferredEnv['actionSpace'];
  private readonly thread: PoolThread;
  private readonly slot: Float64Array;
  private readonly observation: Uint8Array;

  constructor(thread: PoolThread, slot: Float64Array, observation: Uint8Array, spaces: Spaces) {
    this.thread = thread;
    this.slot = slot;
    this.observation = observation;
    this.observationSpace = spaces.observationSpace;
    this.actionSpace = spaces.actionSpace;
  }

  reset({ seed = Number.NaN }: ResetOptions = {}): ResetResult<Uint8Array> {
    this.post(COMMAND.reset, seed);
    this.thread.finish();
    const { [SLOT.seed0]: seed0, [SLOT.seed1]: seed1 } = this.slot as ArrayLike<number>;
    const seeds = Number.isNaN(seed0) ? {} : { seeds: [seed0!, seed1!] as const };
    const info = { ...this.info(), ...seeds };
    return { observation: this.observation, info };
  }

  step(action: number): StepResult<Uint8Array> {
    this.send(action);
    return this.receive();
  }

  send(action: number): void {
    this.post(COMMAND.step, action);
  }

  receive(): StepResult<Uint8Array> {
    this.thread.finish();
    const { slot, observation } = this;
    return {
      observation,
      reward: slot[SLOT.reward]!,
      terminated: slot[SLOT.terminated] === 1,
      truncated: slot[SLOT.truncated] === 1,
      info: this.info(),
    };
  }

  private post(command: number, argument: number): void {
    this.slot[SLOT.command] = command;
    this.slot[SLOT.argument] = argument;
    this.thread.noteSent();
  }

  private info(): Info {
    const { slot } = this;
    return {
      lives: slot[SLOT.lives]!,
      episodeFrameNumber: slot[SLOT.episodeFrameNumber]!,
      frameNumber: slot[SLOT.frameNumber]!,
    };
  }
}
