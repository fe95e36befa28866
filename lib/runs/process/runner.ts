/** Trains, and sees to it that nothing is lost: the inside of a run's process. */
import { setTimeout } from 'node:timers/promises';
import type { PngImage } from '../../display/frames';
import type { GifImage } from '../../display/gif';
import { saveCheckpoint } from '../../dqn/checkpoint/checkpoint';
import type { ConfigEdits } from '../../dqn/config/config';
import type { TrainEvent } from '../../dqn/training/events';
import { train } from '../../dqn/training/train';
import type { TrainingLoop } from '../../dqn/training/training';
import { isDiskFull } from '../../files/disk';
import { messageOf } from '../../text';
import { prune } from '../record/checkpoints';
import { type RunPaths, writeJson } from '../record/folder';
import type { MetricsLog } from '../record/metrics';
import { checkOwner, RemovedError, type RunChange, type RunConfig } from '../record/run-config';
import { nothingLeft, type RunState, type RunStatus } from '../record/status';
import type { EventLog } from './event-log';
import type { Meter } from './meter';
import type { Recorder } from './recorder';

/** Time between two looks whether a full disk has room again. */
const DISK_RETRY_MS = 5_000;

/** Longest time to write that it runs, on a disk with room. */
const BEGIN_MS = 1_000;

export interface RunnerOptions {
  readonly paths: RunPaths;
  readonly config: RunConfig;
  readonly training: TrainingLoop;
  readonly metrics: MetricsLog;
  readonly events: EventLog;
  readonly meter: Meter;
  readonly recorder: Recorder;
  /** Agent step of the checkpoint it goes on from; null without one. */
  readonly checkpointStep: number | null;
  /** What to say until the next checkpoint: why it does not go on from the newest one. */
  readonly notice?: string | null;
  /** Milliseconds since any moment. */
  readonly clock: () => number;
  readonly save?: typeof saveCheckpoint;
  readonly diskRetryMs?: number;
}

export type EncodedPicture = Omit<PngImage, 'data'> & { readonly base64: string };
export type EncodedGif = Omit<GifImage, 'data'> & { readonly base64: string };

interface Waiting {
  readonly run: () => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A run in progress.
 *
 * Whatever looks at the training or changes it waits for the boundary between two agent steps: there
 * `attend` writes metrics, saves checkpoints, and carries out what was asked for.
 */
export class Runner {
  private readonly options: RunnerOptions;
  private state: RunState = 'running';
  private message: string | null = null;
  private notice: string | null;
  private changes: readonly RunChange[];
  /** Changes of an earlier process after the checkpoint that this one goes on from. */
  private repeated: RunChange[];
  private waiting: Waiting[] = [];
  private wake: () => void = () => {};
  private paused = false;
  private stopping = false;
  /** Why there is no checkpoint of where it was stopped. */
  private stopFailure: unknown;
  private checkpointStep: number | null;
  private savedAt: number;
  private timedAt: number;
  private over = false;

  constructor(options: RunnerOptions) {
    const { config, training, clock } = options;
    this.options = options;
    this.notice = options.notice ?? null;
    this.changes = config.changes;
    this.repeated = config.changes.filter(({ agentStep }) => agentStep >= training.agentStep);
    this.checkpointStep = options.checkpointStep;
    this.savedAt = this.timedAt = clock();
  }

  /**
   * Makes changes to begin with, before `run`.
   * @throws ConfigError as `Training.change`, RunError when nothing is left to do even so; nothing has
   *   happened then.
   */
  async begin(edits: ConfigEdits): Promise<void> {
    const { training, paths } = this.options;
    this.repeatChanges();
    if (Object.keys(edits).length === 0) return;
    training.change(edits);
    if (training.finished) {
      const { agentStep, solved, config } = training;
      throw nothingLeft({ name: paths.name, agentStep, totalSteps: config.totalSteps, solved });
    }
    await this.record(edits);
  }

  /** It will not be run after all. */
  async abandon(): Promise<void> {
    await this.close('the run has not begun');
  }

  /**
   * Trains until all is done or it is stopped, and saves at the end.
   * @param onBegun called when it runs and has written so, or waits for room on the disk to do so
   * @throws Error when the training fails; the last good checkpoint is kept then.
   */
  async run(onBegun: () => void = () => {}): Promise<void> {
    const { training, clock } = this.options;
    this.repeatChanges();
    const entering = this.enter('running');
    await Promise.race([entering, setTimeout(BEGIN_MS, undefined, { ref: false })]);
    onBegun();
    await entering;
    while (!training.finished && !this.stopping) {
      for await (const event of train({ training, clock })) {
        this.take(event);
        if (event.type !== 'progress') continue;
        const hasRested = await this.attend();
        // what follows a pause is measured anew
        if (hasRested || this.stopping) break;
      }
    }
    if (!this.stopping) await this.checkpoint();
    if (this.stopFailure !== undefined) throw this.stopFailure;
    await this.enter(training.finished ? 'finished' : 'stopped');
    await this.close(`the run ${this.options.paths.name} has ended`);
  }

  /** The error that ended the run. */
  async fail(error: unknown): Promise<void> {
    this.message = messageOf(error);
    await this.close(this.message);
    await this.enter('failed').catch((failure) => {
      if (!(failure instanceof RemovedError)) throw failure; // nobody is left to read it
    });
  }

  status(): RunStatus {
    const { paths, training, meter } = this.options;
    const { agentStep, episodes, updates, epsilon, learningRate, config, meanReturn } = training;
    const { stepsPerSecond } = meter;
    const { totalSteps } = config;
    const speed = this.state === 'running' ? stepsPerSecond : 0;
    return {
      name: paths.name,
      state: this.state,
      message: this.message ?? this.notice,
      agentStep,
      totalSteps,
      episode: episodes,
      updates,
      meanReturn: Number.isNaN(meanReturn) ? null : meanReturn,
      epsilon,
      learningRate,
      stepsPerSecond: speed,
      seconds: meter.trainedSeconds,
      secondsLeft: speed > 0 ? (totalSteps - agentStep) / speed : null,
      memoryBytes: process.memoryUsage.rss(),
      checkpointStep: this.checkpointStep,
      pid: process.pid,
    };
  }

  pause(): Promise<RunStatus> {
    return this.atBoundary(async () => {
      if (!this.paused) await this.enter('paused');
      this.paused = true;
      return this.status();
    });
  }

  resume(): Promise<RunStatus> {
    return this.atBoundary(async () => {
      if (this.paused) await this.enter('running');
      this.paused = false;
      return this.status();
    });
  }

  /** Ends the run after a checkpoint; without one, when that fails. @throws Error when it fails. */
  stop(): Promise<RunStatus> {
    return this.atBoundary(async () => {
      try {
        await this.checkpoint();
      } catch (error) {
        this.stopFailure = error;
        throw error;
      } finally {
        this.stopping = true;
      }
      return this.status();
    });
  }

  /** @returns the new checkpoint's folder */
  save(): Promise<string> {
    return this.atBoundary(() => this.checkpoint());
  }

  /** Changes values from the next step on. @throws ConfigError as `Training.change`. */
  change(values: ConfigEdits): Promise<RunStatus> {
    return this.atBoundary(async () => {
      this.options.training.change(values);
      await this.record(values);
      return this.status();
    });
  }

  private take(event: TrainEvent): void {
    const { meter, metrics, recorder } = this.options;
    const row = meter.take(event, () => process.memoryUsage.rss());
    if (row) metrics.add(row);
    if (event.type !== 'step') return;
    recorder.step();
    if (this.repeated.length > 0) this.repeatChanges();
  }

  /** @returns a PNG in base64 */
  async picture(): Promise<EncodedPicture> {
    const { data, ...rest } = await this.options.recorder.takePicture();
    return { ...rest, base64: data.toString('base64') };
  }

  /** @returns a GIF of the next agent steps, in base64 */
  async gif(steps: number): Promise<EncodedGif> {
    if (this.state !== 'running') {
      throw new Error(
        `an animation is made of play, and the run is ${this.state}: resume it first`,
      );
    }
    const { data, ...rest } = await this.options.recorder.takeGif(steps);
    return { ...rest, base64: data.toString('base64') };
  }

  /** Writes down a change that the training has made. */
  private async record(values: ConfigEdits): Promise<void> {
    const { training, paths, config, events } = this.options;
    const { agentStep } = training;
    this.repeated = []; // what an earlier process went on to do is overtaken
    const held = this.changes.filter((change) => change.agentStep <= agentStep);
    this.changes = [...held, { agentStep, values }];
    await this.write(paths.config, { ...config, changes: this.changes });
    await events.add(agentStep, `changed ${JSON.stringify(values)}`);
  }

  /** The step is done when its first event comes, so a change takes hold where it first did. */
  private repeatChanges(): void {
    const { training } = this.options;
    while (this.repeated.length > 0 && this.repeated[0]!.agentStep <= training.agentStep) {
      training.change(this.repeated.shift()!.values);
    }
  }

  /** At the boundary between two steps. @returns whether it took a rest */
  private async attend(): Promise<boolean> {
    const { metrics, clock, config, meter } = this.options;
    meter.trainedSeconds += (clock() - this.timedAt) / 1000;
    await this.withRoom(() => metrics.flush());
    if (clock() - this.savedAt >= config.settings.checkpointSeconds * 1000) await this.checkpoint();
    const wasPaused = this.paused;
    await this.carryOut();
    const hasRested = this.paused || wasPaused;
    while (this.paused && !this.stopping) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        if (this.waiting.length > 0) resolve(); // it came while the last one was answered
      });
      await this.carryOut();
    }
    this.timedAt = clock();
    return hasRested;
  }

  private async carryOut(): Promise<void> {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      try {
        next.resolve(await next.run());
      } catch (error) {
        next.reject(error);
        if (error instanceof RemovedError) throw error; // no request can be met any more
      }
    }
  }

  private atBoundary<T>(run: () => Promise<T>): Promise<T> {
    if (this.over) return Promise.reject(new Error('the run has ended: resume it first'));
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ run, resolve: resolve as Waiting['resolve'], reject });
      this.wake();
    });
  }

  private async checkpoint(): Promise<string> {
    const { paths, training, metrics, meter, clock, config, save = saveCheckpoint } = this.options;
    await checkOwner(paths, config);
    const path = await this.withRoom(async () => {
      // the rows up to a checkpoint are on the disk before it is
      await metrics.flush();
      await metrics.sync();
      return save({
        training,
        folder: paths.checkpoints,
        keepReplay: config.settings.keepReplay,
        notes: meter.state(),
        run: config.id,
      });
    });
    this.checkpointStep = training.agentStep;
    this.savedAt = clock();
    this.notice = null;
    await prune(paths);
    await this.write(paths.status, this.status());
    return path;
  }

  /** Does it, as soon as the disk has room for it. */
  private async withRoom<T>(action: () => Promise<T>): Promise<T> {
    const { paths, events, training, diskRetryMs = DISK_RETRY_MS } = this.options;
    const { state } = this;
    for (let tries = 0; ; tries++) {
      try {
        const result = await action();
        if (tries > 0) {
          this.state = state;
          this.message = null;
          await events.add(training.agentStep, 'the disk has room again, going on');
        }
        return result;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        if (tries === 0) {
          this.state = 'waiting';
          this.message = `the disk of ${paths.folder} is full: free some space, the run then goes on by itself`;
          await events.add(training.agentStep, this.message);
        }
        await setTimeout(diskRetryMs);
      }
    }
  }

  private async enter(state: RunState): Promise<void> {
    const { paths, events, training } = this.options;
    this.state = state;
    await this.write(paths.status, this.status());
    await events.add(
      training.agentStep,
      this.message === null ? state : `${state}: ${this.message}`,
    );
  }

  /** @param value of this moment, not of a later one when it waits for room on the disk */
  private async write(path: string, value: object): Promise<void> {
    const { paths, config } = this.options;
    await this.withRoom(async () => {
      await checkOwner(paths, config);
      await writeJson(path, value);
    });
  }

  /** Nothing can be asked for any more. */
  private async close(reason: string): Promise<void> {
    this.over = true;
    await this.options.metrics.close();
    this.options.recorder.cancel(reason);
    for (const { reject } of this.waiting.splice(0)) reject(new Error(reason));
  }
}
