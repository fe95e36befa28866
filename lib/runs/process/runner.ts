/** The inside of a run's process: trains, carries out commands, and loses nothing. */
import { setTimeout } from 'node:timers/promises';
import type { writeSnapshot } from '../../dqn/checkpoint/checkpoint';
import type { ConfigEdits } from '../../dqn/config/config';
import type { TrainEvent } from '../../dqn/training/events';
import { train } from '../../dqn/training/train';
import type { Training } from '../../dqn/training/training';
import { isDiskFull } from '../../files/disk';
import { messageOf } from '../../text';
import { type CommandHandlers, type Commands, encodeImage } from '../control/messages';
import { type RunPaths, writeJson } from '../record/folder';
import type { MetricsLog } from '../record/metrics';
import { checkOwner, RemovedError, type RunChange, type RunConfig } from '../record/run-config';
import { isLive, nothingLeft, type RunStatus, withMark } from '../record/status';
import type { EventLog } from './event-log';
import type { Meter } from './meter';
import type { Recorder } from './recorder';
import { move, type ProcessState, withoutMessage } from './run-state';
import { type Beside, Saver } from './saver';

/** Time between two looks whether a full disk has room again. */
const DISK_RETRY_MS = 5_000;

/** Longest time to write that it runs, on a disk with room. */
const BEGIN_MS = 1_000;

/** Time between two spans of steps for a checkpoint that is written beside the training. */
const BESIDE_MS = 5;

export interface RunnerOptions {
  readonly paths: RunPaths;
  readonly config: RunConfig;
  readonly training: Training;
  readonly metrics: MetricsLog;
  readonly events: EventLog;
  readonly meter: Meter;
  readonly recorder: Recorder;
  /** Agent step of the checkpoint it goes on from; null without one. */
  readonly checkpointStep: number | null;
  /** The message until the next checkpoint: why it does not go on from the newest one. */
  readonly notice?: string | null;
  /** Milliseconds since any moment. */
  readonly clock: () => number;
  readonly save?: typeof writeSnapshot;
  readonly diskRetryMs?: number;
}

interface Waiting {
  /** Does what was asked for, and hands the result to whoever asked. */
  readonly carryOut: () => Promise<void>;
  /** Whether its failure ends the run. */
  readonly isFatal: boolean;
  readonly reject: (error: unknown) => void;
}

/**
 * A run in progress.
 *
 * Whatever looks at the training or changes it waits for the boundary between two agent steps: there
 * `attend` writes metrics, saves checkpoints, and carries out what was asked for.
 */
export class Runner implements CommandHandlers {
  private readonly options: RunnerOptions;
  private readonly saver: Saver;
  private state: ProcessState;
  private changes: readonly RunChange[];
  /** Changes of an earlier process after the checkpoint that this one goes on from. */
  private pending: RunChange[];
  private waiting: Waiting[] = [];
  private wake: () => void = () => {};
  /** What everybody who stops the run waits for. */
  private stopping: Promise<RunStatus> | undefined;
  private checkpointStep: number | null;
  private savedAt: number;
  private timedAt: number;

  /** @throws ConfigError when an earlier process's changes cannot be made again. */
  constructor(options: RunnerOptions) {
    const { config, training, clock } = options;
    this.options = options;
    this.saver = new Saver({ ...options, onSaved: (agentStep) => this.saved(agentStep) });
    this.state = { name: 'starting', message: options.notice ?? null };
    this.changes = config.changes;
    this.pending = config.changes.filter(({ agentStep }) => agentStep >= training.agentStep);
    this.checkpointStep = options.checkpointStep;
    this.savedAt = this.timedAt = clock();
    this.applyPendingChanges();
  }

  /**
   * Makes changes before the first step.
   * @throws ConfigError as `Training.change`, RunError when nothing is left to do even so; nothing has
   *   happened then.
   */
  async begin(edits: ConfigEdits): Promise<void> {
    const { training, paths } = this.options;
    if (Object.keys(edits).length === 0) return;
    training.change(edits);
    if (training.finished) {
      const { agentStep, solved, config } = training;
      throw nothingLeft({ name: paths.name, agentStep, totalSteps: config.totalSteps, solved });
    }
    await this.record(edits);
  }

  /**
   * Trains until all is done or it is stopped, and saves at the end.
   * @param onBegun called when it runs and has written so, or waits for room on the disk to do so
   * @throws Error when the training fails; the last good checkpoint is kept then.
   */
  async run(onBegun: () => void = () => {}): Promise<void> {
    const { training, clock } = this.options;
    const entering = this.enter('running');
    await Promise.race([entering, setTimeout(BEGIN_MS, undefined, { ref: false })]);
    onBegun();
    await entering;
    while (!training.finished && isLive(this.state.name)) {
      for await (const event of train({ training, clock })) {
        this.take(event);
        if (event.type !== 'progress') continue;
        const hasRested = await this.attend();
        // what follows a pause is measured anew
        if (hasRested) break;
      }
    }
    if (isLive(this.state.name)) {
      await this.save();
      await this.end('finished');
    }
  }

  /** Writes down the error that ended the run. */
  async fail(error: unknown): Promise<void> {
    await this.saver.settle();
    const message = messageOf(error);
    const failed = { name: 'failed', message } as const;
    try {
      await this.writeState(failed);
    } catch (failure) {
      if (!(failure instanceof RemovedError)) throw failure; // nobody is left to read it
    } finally {
      await this.close(failed, message);
    }
  }

  status(): RunStatus {
    return this.statusAs(this.state);
  }

  private statusAs({ name: state, message }: ProcessState): RunStatus {
    const { paths, training, meter } = this.options;
    const { agentStep, episodes, updates, epsilon, learningRate, config, meanReturn } = training;
    const { stepsPerSecond } = meter;
    const { totalSteps } = config;
    const speed = state === 'running' ? stepsPerSecond : 0;
    return {
      name: paths.name,
      state,
      message,
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
      saving: this.saver.isSaving,
      pid: process.pid,
    };
  }

  pause(): Promise<RunStatus> {
    return this.atBoundary(async () => {
      if (this.state.name !== 'paused') await this.enter('paused');
      return this.status();
    });
  }

  resume(): Promise<RunStatus> {
    return this.atBoundary(async () => {
      if (this.state.name !== 'running') await this.enter('running');
      return this.status();
    });
  }

  /** Ends the run after a checkpoint; without one, when that fails. @throws Error when it fails. */
  stop(): Promise<RunStatus> {
    const stop = async () => {
      await this.save();
      await this.end(this.options.training.finished ? 'finished' : 'stopped');
      return this.status();
    };
    this.stopping ??= this.atBoundary(stop, { isFatal: true });
    return this.stopping;
  }

  /** @returns the new checkpoint's folder */
  async checkpoint(): Promise<string> {
    for (;;) {
      await this.saver.settle(); // the training goes on meanwhile
      const beside = await this.atBoundary(async () => !this.saver.isBeside && this.saveBeside());
      if (beside) return beside.written;
    }
  }

  /** Changes values from the next step on. @throws ConfigError as `Training.change`. */
  set({ values }: Commands['set']['request']): Promise<RunStatus> {
    return this.atBoundary(async () => {
      if (Object.keys(values).length > 0) await this.record(this.options.training.change(values));
      return this.status();
    });
  }

  async picture(): Promise<Commands['picture']['reply']> {
    return encodeImage(await this.options.recorder.takePicture());
  }

  /** An animation of the next agent steps. */
  async gif({ steps }: Commands['gif']['request']): Promise<Commands['gif']['reply']> {
    const { name } = this.state;
    if (name !== 'running') {
      throw new Error(`an animation is made of play, and the run is ${name}: resume it first`);
    }
    return encodeImage(await this.options.recorder.takeGif(steps));
  }

  private take(event: TrainEvent): void {
    const { meter, metrics, recorder } = this.options;
    const row = meter.take(event, () => process.memoryUsage.rss());
    if (row) metrics.add(row);
    if (event.type !== 'step') return;
    if (event.game === 0) recorder.step(); // its pictures are of the first game
    this.applyPendingChanges();
  }

  /** Writes down a change that the training has made. */
  private async record(values: ConfigEdits): Promise<void> {
    const { training, paths, config, events } = this.options;
    const { agentStep } = training;
    this.pending = []; // what an earlier process went on to do is overtaken
    const held = this.changes.filter((change) => change.agentStep <= agentStep);
    this.changes = [...held, { agentStep, values }];
    await this.write(paths.config, { ...config, changes: this.changes });
    await events.add(agentStep, `changed ${JSON.stringify(values)}`);
  }

  /** A step is done when its first event comes, so a change takes hold where it first did. */
  private applyPendingChanges(): void {
    const { training } = this.options;
    while (this.pending.length > 0 && this.pending[0]!.agentStep <= training.agentStep) {
      training.change(this.pending.shift()!.values);
    }
  }

  /** Does what is due at the boundary between two steps. @returns whether the run was paused, or has ended */
  private async attend(): Promise<boolean> {
    const { metrics, clock, config, meter } = this.options;
    meter.trainedSeconds += (clock() - this.timedAt) / 1000;
    await this.withRoom(() => metrics.flush());
    const isDue = clock() - this.savedAt >= config.settings.checkpointSeconds * 1000;
    if (isDue && !this.saver.isBeside) await this.saveBeside({ isFatal: true });
    if (this.saver.isBeside) await Promise.race([this.saver.settle(), setTimeout(BESIDE_MS)]);
    await this.carryOut();
    const hasRested = this.state.name !== 'running';
    while (this.state.name === 'paused') {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        if (this.waiting.length > 0) resolve(); // a request came while the last one was answered
      });
      await this.carryOut();
    }
    this.timedAt = clock();
    return hasRested;
  }

  private async carryOut(): Promise<void> {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      try {
        await next.carryOut();
      } catch (error) {
        next.reject(error);
        if (next.isFatal || error instanceof RemovedError) throw error; // no other request can be met then
      }
    }
  }

  private atBoundary<T>(run: () => Promise<T>, { isFatal = false } = {}): Promise<T> {
    if (!isLive(this.state.name)) {
      return Promise.reject(new Error('the run has ended: resume it first'));
    }
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ carryOut: async () => resolve(await run()), isFatal, reject });
      this.wake();
    });
  }

  /**
   * Begins a checkpoint, written beside the training or, without memory for a copy, while that waits.
   * @param options isFatal: whether a failure ends the run; a full disk makes it wait for room
   */
  private async saveBeside({ isFatal = false } = {}): Promise<Beside> {
    const beside = await this.saver.begin();
    if (beside === undefined) return { written: Promise.resolve(await this.save()) };
    const written = beside.written.catch((error) => {
      const isFull = isDiskFull(error);
      const again = () => (isFull ? this.save() : Promise.reject(error));
      return isFull || isFatal ? this.atBoundary(again, { isFatal: true }) : again();
    });
    written.catch(() => {}); // whoever asked for it is told, and a fatal one ends the run
    return { written };
  }

  /** Saves a checkpoint while the training waits. @returns its folder */
  private save(): Promise<string> {
    return this.withRoom(async () => {
      await this.options.metrics.flush();
      return this.saver.save();
    });
  }

  /** Says that there is a new checkpoint. */
  private async saved(agentStep: number): Promise<void> {
    const { paths, config, clock } = this.options;
    this.checkpointStep = agentStep;
    this.savedAt = clock();
    if (this.state.name !== 'waiting') this.state = withoutMessage(this.state);
    await checkOwner(paths, config);
    await writeJson(paths.status, await withMark(paths, this.status()));
  }

  /** Does an action as soon as the disk has room for it. */
  private async withRoom<T>(action: () => Promise<T>): Promise<T> {
    const { paths, events, training, diskRetryMs = DISK_RETRY_MS } = this.options;
    const { state } = this;
    while (true) {
      try {
        const result = await action();
        if (this.state.name === 'waiting') {
          this.state = move(this.state, state);
          await events.add(training.agentStep, 'the disk has room again, going on');
        }
        return result;
      } catch (error) {
        if (!isDiskFull(error)) {
          if (this.state.name === 'waiting') this.state = move(this.state, state);
          throw error;
        }
        if (this.state.name !== 'waiting') {
          const message = `the disk of ${paths.folder} is full: free some space, the run then goes on by itself`;
          this.state = move(this.state, { name: 'waiting', message });
          await events.add(training.agentStep, message);
        }
        await setTimeout(diskRetryMs);
      }
    }
  }

  private async enter(name: 'running' | 'paused'): Promise<void> {
    const next = { name, message: this.state.message };
    await this.writeState(next);
    this.state = move(this.state, next);
  }

  private async end(name: 'stopped' | 'finished'): Promise<void> {
    const next = { name, message: null };
    await this.writeState(next);
    await this.close(next, `the run ${this.options.paths.name} has ended`);
  }

  /** Writes down a state that the run is about to move to. */
  private async writeState(next: ProcessState): Promise<void> {
    const { paths, events, training } = this.options;
    const { name, message } = next;
    await this.write(paths.status, await withMark(paths, this.statusAs(next)));
    await events.add(training.agentStep, name === 'failed' ? `${name}: ${message}` : name);
  }

  /** @param value taken at this moment, also when it has to wait for room on the disk */
  private async write(path: string, value: object): Promise<void> {
    const { paths, config } = this.options;
    await this.withRoom(async () => {
      await checkOwner(paths, config);
      await writeJson(path, value);
    });
  }

  /** Moves to a last state: nothing can be asked for any more. */
  private async close(next: ProcessState, reason: string): Promise<void> {
    const { metrics, recorder } = this.options;
    await metrics.close();
    this.state = move(this.state, next);
    recorder.cancel(reason);
    for (const { reject } of this.waiting.splice(0)) reject(new Error(reason));
  }
}
