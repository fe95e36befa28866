/** A run as it is seen from a notebook, a terminal or a program: `attach('NAME')`. */
import { setTimeout } from 'node:timers/promises';
import type { PngImage } from '../display/frames';
import type { GifImage } from '../display/gif';
import { listCheckpoints } from '../dqn/checkpoint/checkpoint-list';
import type { ConfigEdits } from '../dqn/config/config';
import {
  findSocket,
  isRunning,
  NotRunningError,
  SilentError,
  sendRequest,
} from './control/ownership';
import { launch } from './launch';
import type { EncodedGif, EncodedPicture } from './process/runner';
import type { RunPaths } from './record/folder';
import { type MetricsRow, readMetrics } from './record/metrics';
import { type RunConfig, readRunConfig } from './record/run-config';
import {
  isLive,
  nothingLeft,
  type RunStatus,
  readLastStatus,
  readSilentStatus,
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
   * Where it is: from its process or, when there is none or it is held, as the process left it.
   * @param silenceMs longest wait for a sign of life of the process; 15 seconds unless told
   * @throws RunError when its folder was removed.
   */
  async status({ silenceMs }: { readonly silenceMs?: number } = {}): Promise<RunStatus> {
    try {
      const status = await sendRequest(this.paths, { command: 'status' }, silenceMs);
      return { ...(status as RunStatus), name: this.name }; // its folder may have several
    } catch (error) {
      if (error instanceof NotRunningError) return readLastStatus(this.paths);
      if (error instanceof SilentError) return readSilentStatus(this.paths, error.message);
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
  async pause(): Promise<RunStatus> {
    return (await sendRequest(this.paths, { command: 'pause' })) as RunStatus;
  }

  /** Goes on after a pause or, when its process has ended, in a new one from the last checkpoint. */
  async resume(edits: RunEdits = {}): Promise<RunStatus> {
    const socket = await findSocket(this.paths);
    if (!isLive((await this.status()).state)) {
      await this.processEnded(socket);
      await this.restart(edits);
    } else {
      if (Object.keys(edits).length > 0) await this.set(edits);
      await sendRequest(this.paths, { command: 'resume' });
    }
    return this.status();
  }

  /** Saves a checkpoint, ends the process and waits until it has ended. */
  async stop(): Promise<RunStatus> {
    const socket = await findSocket(this.paths);
    await sendRequest(this.paths, { command: 'stop' });
    await this.processEnded(socket);
    return this.status();
  }

  /** Saves a checkpoint now. @returns its folder */
  async checkpoint(): Promise<string> {
    return (await sendRequest(this.paths, { command: 'checkpoint' })) as string;
  }

  /** Changes values from the next agent step on. @throws RunError naming all that cannot change. */
  async set(edits: RunEdits): Promise<RunStatus> {
    const values = valuesOf(edits);
    return (await sendRequest(this.paths, { command: 'change', values })) as RunStatus;
  }

  /** What is to be seen now. */
  async picture(): Promise<PngImage> {
    const request = { command: 'picture' };
    const { base64, ...rest } = (await sendRequest(this.paths, request)) as EncodedPicture;
    return { ...rest, data: Buffer.from(base64, 'base64') };
  }

  /** An animation of the next agent steps, 150 unless told: 10 seconds of play. */
  async gif({ steps = 150 }: { readonly steps?: number } = {}): Promise<GifImage> {
    const request = { command: 'gif', steps };
    const { base64, ...rest } = (await sendRequest(this.paths, request)) as EncodedGif;
    return { ...rest, data: Buffer.from(base64, 'base64') };
  }

  /** A process tells that it has ended a little before it has; another one may have begun by then. */
  private async processEnded(socket: string | undefined): Promise<void> {
    while (socket !== undefined && (await isRunning(this.paths, socket))) await setTimeout(20);
  }

  private async restart(edits: RunEdits): Promise<void> {
    const { program } = await readRunConfig(this.paths);
    const last = await readLastStatus(this.paths);
    if (last.state === 'finished' && Object.keys(edits).length === 0) {
      throw nothingLeft({ ...last, solved: last.agentStep < last.totalSteps });
    }
    await launch({ paths: this.paths, program, edits: valuesOf(edits) });
  }
}

function valuesOf({ epsilon, ...values }: RunEdits): ConfigEdits {
  if (epsilon === undefined) return values;
  return { ...values, epsilonStart: epsilon, epsilonEnd: epsilon, randomSteps: 0 };
}
