/** The state and progress of a run. */
import { access } from 'node:fs/promises';
import { FileError } from '../../files/disk';
import { readJson } from '../../files/json';
import {
  exactly,
  type Fields,
  fields,
  number,
  optional,
  orNull,
  type Schema,
  text,
  truth,
  whole,
} from '../../files/schema';
import { RunError, type RunPaths } from './folder';
import { markProcess } from './process-mark';

/** The states in which a process answers. */
const LIVE = ['starting', 'running', 'paused', 'waiting'] as const;

export const RUN_STATES = [
  ...LIVE,
  ...(['stopped', 'finished', 'failed', 'lost', 'unreadable'] as const),
] as const;

/**
 * - starting: the process makes itself ready.
 * - running, paused: it trains, or waits for `resume`.
 * - waiting: the disk is full; it goes on by itself when there is room.
 * - stopped, finished: ended on demand, or because all steps are done or the game is solved.
 * - failed: ended by an error; the message says which.
 * - lost: the process is gone without having ended the run: a crash, a kill, a power cut.
 * - unreadable: its config.json is damaged or another version's, or no process answers and its status.json is
 *   damaged; the message says which.
 */
export type RunState = (typeof RUN_STATES)[number];

/** A run's figures, as its process reports them or, without one, as it last wrote them. */
export interface RunStatus {
  readonly name: string;
  readonly state: RunState;
  /** Why it waits, failed, was lost or went on from an older checkpoint; null otherwise. */
  readonly message: string | null;
  readonly agentStep: number;
  readonly totalSteps: number;
  /** Number of the running episode. */
  readonly episode: number;
  /** Gradient steps. */
  readonly updates: number;
  /** Mean return of the last `solvedEpisodes` episodes; null before the first has ended. */
  readonly meanReturn: number | null;
  /** Probability of a random action. */
  readonly epsilon: number;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  /** Seconds of training so far, without pauses. */
  readonly seconds: number;
  /** Seconds to go at the speed of now; null while that is unknown, and while it does not run. */
  readonly secondsLeft: number | null;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
  /** Agent step of the newest checkpoint; null before the first. */
  readonly checkpointStep: number | null;
  /** Whether a checkpoint is being written, beside the training; left out by earlier versions. */
  readonly saving?: boolean;
  readonly pid: number;
}

/** What a status must be, from a process or a file. */
const FIELDS: Fields<RunStatus> = {
  name: text,
  state: exactly(...RUN_STATES),
  message: orNull(text),
  agentStep: whole,
  totalSteps: whole,
  episode: whole,
  updates: whole,
  meanReturn: orNull(number),
  epsilon: number,
  learningRate: number,
  stepsPerSecond: number,
  seconds: number,
  secondsLeft: orNull(number),
  memoryBytes: number,
  checkpointStep: orNull(whole),
  saving: optional(truth),
  pid: whole,
};
export const STATUS = fields<RunStatus>(FIELDS);

/** What status.json has besides: the mark of the process that wrote it, left out by earlier versions. */
type Written = RunStatus & { readonly process?: string };
const WRITTEN: Schema<Written> = fields<Written>({ ...FIELDS, process: optional(text) });

/** A status of this process as it goes into status.json. */
export async function withMark(paths: RunPaths, status: RunStatus): Promise<Written> {
  const mark = await markProcess(paths, process.pid);
  return mark === undefined ? status : { ...status, process: mark };
}

/** The process that trains in a run's folder as its status.json says, if it still lives. */
export async function findWriter(paths: RunPaths): Promise<number | undefined> {
  const last = await readJson(paths.status, WRITTEN).catch(() => undefined);
  if (last?.process === undefined || !isLive(last.state)) return undefined;
  return last.process === (await markProcess(paths, last.pid)) ? last.pid : undefined;
}

/** Whether a process answers in this state. */
export function isLive(state: RunState): boolean {
  return LIVE.some((live) => live === state);
}

/** The status of a run whose process, by default this one, makes itself ready. */
export async function startingStatus(paths: RunPaths, pid = process.pid): Promise<RunStatus> {
  return { ...(await readWhole(paths)), state: 'starting', message: null, pid };
}

/** The status of a run whose process is gone. @throws RunError when its folder is, too. */
export async function readLastStatus(paths: RunPaths): Promise<RunStatus> {
  let last: RunStatus | undefined;
  try {
    last = await readWritten(paths);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const message = `${error.message}: remove the file, or resume the run, which writes it anew`;
    return { ...emptyStatus(paths.name), state: 'unreadable', message };
  }
  if (last !== undefined && !isLive(last.state)) return last;
  await access(paths.folder).catch(() => {
    throw new RunError(`the run ${paths.name} was removed: there is no folder ${paths.folder}`);
  });
  const message =
    'its process has ended without a word (a crash, a kill, a power cut): resume it from its last checkpoint';
  return { ...(last ?? emptyStatus(paths.name)), state: 'lost', message };
}

/** The status of a run whose process is there but gives no sign of life. */
export async function readSilentStatus(paths: RunPaths, message: string): Promise<RunStatus> {
  const last = await readWhole(paths);
  return { ...last, state: isLive(last.state) ? last.state : 'starting', message };
}

/** Why a run that has finished cannot go on as it is. */
export function nothingLeft(
  end: Pick<RunStatus, 'name' | 'agentStep' | 'totalSteps'> & { readonly solved: boolean },
): RunError {
  const { name, agentStep, totalSteps, solved } = end;
  if (solved) {
    return new RunError(
      `the run ${name} has solved its game after ${agentStep} of ${totalSteps} agent steps, as its mean ` +
        'return exceeds solvedReturn: resume it with a higher solvedReturn, or with null to take all steps',
    );
  }
  return new RunError(
    `the run ${name} has finished its ${totalSteps} agent steps: resume it with more, such as ` +
      `totalSteps ${2 * totalSteps}`,
  );
}

/**
 * The status that the process last wrote, with no speed; undefined when it has written none.
 * @throws FileError when it cannot be read.
 */
async function readWritten({ status, name }: RunPaths): Promise<RunStatus | undefined> {
  const last = await readJson(status, WRITTEN);
  if (last === undefined) return undefined;
  const { saving: _, process: __, ...rest } = last;
  return { ...rest, name, stepsPerSecond: 0, secondsLeft: null }; // the folder may be a copy
}

/** The status that was last written, or that of a run of which nothing is known. */
async function readWhole(paths: RunPaths): Promise<RunStatus> {
  const last = await readWritten(paths).catch(() => undefined);
  return last ?? emptyStatus(paths.name);
}

/** The status of a run of which nothing is known. */
export function emptyStatus(name: string): RunStatus {
  return {
    name,
    state: 'lost',
    message: null,
    agentStep: 0,
    totalSteps: 0,
    episode: 0,
    updates: 0,
    meanReturn: null,
    epsilon: 1,
    learningRate: 0,
    stepsPerSecond: 0,
    seconds: 0,
    secondsLeft: null,
    memoryBytes: 0,
    checkpointStep: null,
    pid: 0,
  };
}
