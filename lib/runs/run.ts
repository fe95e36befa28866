/** A run as a notebook, a terminal or a program sees it: `attach('NAME')`. */
import { setTimeout } from 'node:timers/promises';
import type { PngImage } from '../display/frames';
import type { GifImage } from '../display/gif';
import { listCheckpoints } from '../dqn/checkpoint/checkpoint-list';
import type { ConfigEdits } from '../dqn/config/config';
import { decodeImage, sendCommand } from './control/messages';
import { findSocket, isRunning, NotRunningError, SilentError } from './control/ownership';
import { findStarter } from './control/starting';
import { type LaunchOptions, launch, programFile } from './launch';
import type { RunPaths } from './record/folder';
import { type MetricsRow, readMetrics } from './record/metrics';
import { type RunConfig, readRunConfig } from './record/run-config';
import {
  isLive,
  nothingLeft,
  type RunStatus,
  readLastStatus,
  readSilentStatus,
  startingStatus,
} from './record/status';

/** Values that may change while it runs; `epsilon` sets the whole schedule to one value. */
export type RunEdits = ConfigEdits & { readonly epsilon?: number };

export class Run {
  readonly name: string;
  readonly folder: string;
  readonly paths: RunPaths;

  constructor(paths: RunPaths) {
    this.name = paths.name;
    this.folder = paths.folder;
    this.paths = paths;
  }

  /**
   * Its state and progress: from its process or, when that is gone or held, as it last wrote them.
   * @param silenceMs longest wait for a sign of life of the process; default 15 seconds
   * @throws RunError when its folder was removed.
   */
  async status({ silenceMs }: { readonly silenceMs?: number } = {}): Promise<RunStatus> {
    const { paths } = this;
    const starter = await findStarter(paths); // first: it goes when the process answers
    try {
      const status = await sendCommand(paths, { command: 'status' }, silenceMs);
      return { ...status, name: this.name }; // its folder may have several
    } catch (error) {
      if (error instanceof NotRunningError) {
        return starter === undefined ? readLastStatus(paths) : startingStatus(paths, starter);
      }
      if (error instanceof SilentError) return readSilentStatus(paths, error.message);
      throw error;
    }
  }

  /** Every value with its source, changes, versions. */
  config(): Promise<RunConfig> {
    return readRunConfig(this.paths);
  }

  /** A row for each episode so far. */
  metrics(): Promise<readonly MetricsRow[]> {
    return readMetrics(this.paths.metrics);
  }

  /** Checkpoints, newest first. */
  checkpoints(): Promise<string[]> {
    return listCheckpoints(this.paths.checkpoints);
  }

  /** Takes effect after the running agent step. @throws RunError when it is not running. */
  pause(): Promise<RunStatus> {
    return sendCommand(this.paths, { command: 'pause' });
  }

  /**
   * Goes on after a pause or, when its process has ended, in a new one from the last checkpoint.
   * @param options threads: of a new process, which compute; default one for each core
   */
  async resume(
    edits: RunEdits = {},
    { threads }: Pick<LaunchOptions, 'threads'> = {},
  ): Promise<RunStatus> {
    const socket = await findSocket(this.paths);
    if (!isLive((await this.status()).state)) {
      await this.processEnded(socket);
      await this.restart(edits, threads);
    } else {
      if (Object.keys(edits).length > 0) await this.set(edits);
      await sendCommand(this.paths, { command: 'resume' });
    }
    return this.status();
  }

  /** Saves a checkpoint, ends the process and waits until it has ended. */
  async stop(): Promise<RunStatus> {
    const socket = await findSocket(this.paths);
    await sendCommand(this.paths, { command: 'stop' });
    await this.processEnded(socket);
    return this.status();
  }

  /** Saves a checkpoint now. @returns its folder */
  checkpoint(): Promise<string> {
    return sendCommand(this.paths, { command: 'checkpoint' });
  }

  /** Changes values from the next agent step on. @throws RunError naming all that cannot change. */
  set(edits: RunEdits): Promise<RunStatus> {
    return sendCommand(this.paths, { command: 'set', values: valuesOf(edits) });
  }

  /** A picture of what is to be seen now. */
  async picture(): Promise<PngImage> {
    return decodeImage(await sendCommand(this.paths, { command: 'picture' }));
  }

  /** An animation of the next agent steps; default 150, which are 10 seconds of play. */
  async gif({ steps = 150 }: { readonly steps?: number } = {}): Promise<GifImage> {
    return decodeImage(await sendCommand(this.paths, { command: 'gif', steps }));
  }

  /** A process replies that it has ended a little before it has; another may have begun by then. */
  private async processEnded(socket: string | undefined): Promise<void> {
    while (socket !== undefined && (await isRunning(this.paths, socket))) await setTimeout(20);
  }

  private async restart(edits: RunEdits, threads: number | undefined): Promise<void> {
    const { program } = await readRunConfig(this.paths);
    const last = await readLastStatus(this.paths);
    if (last.state === 'finished' && Object.keys(edits).length === 0) {
      throw nothingLeft({ ...last, solved: last.agentStep < last.totalSteps });
    }
    const { paths } = this;
    await launch({ paths, program: programFile(program), edits: valuesOf(edits), threads });
  }
}

function valuesOf({ epsilon, ...values }: RunEdits): ConfigEdits {
  if (epsilon === undefined) return values;
  return { ...values, epsilonStart: epsilon, epsilonEnd: epsilon, randomSteps: 0 };
}
