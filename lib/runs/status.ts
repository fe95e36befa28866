/** Where a run is. */
import { type RunPaths, readJson } from './folder';

/**
 * - starting: the process makes itself ready.
 * - running, paused: it trains, or waits for `resume`.
 * - waiting: the disk is full; it goes on by itself when there is room.
 * - stopped, finished: ended on demand, or because all steps are done or the game is solved.
 * - failed: ended by an error; the message tells which.
 * - lost: the process is gone without having ended the run: a crash, a kill, a power cut.
 */
export type RunState =
  | 'starting'
  | 'running'
  | 'paused'
  | 'waiting'
  | 'stopped'
  | 'finished'
  | 'failed'
  | 'lost';

/** A run's figures, as the process tells them or, when there is none, as it last wrote them. */
export interface RunStatus {
  readonly name: string;
  readonly state: RunState;
  /** Why it waits, failed or was lost; null otherwise. */
  readonly message: string | null;
  readonly agentStep: number;
  readonly totalSteps: number;
  /** Number of the running episode. */
  readonly episode: number;
  /** Gradient steps. */
  readonly updates: number;
  /** Of the last `solvedEpisodes` episodes; null before the first has ended. */
  readonly meanReturn: number | null;
  /** Probability of a random action. */
  readonly epsilon: number;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  /** Seconds of training so far, without pauses. */
  readonly seconds: number;
  /** At that speed; null while nothing is known. */
  readonly secondsLeft: number | null;
  /** Of the process, resident. */
  readonly memoryBytes: number;
  /** Of the newest checkpoint; null before the first. */
  readonly checkpointStep: number | null;
  readonly pid: number;
}

/** A process answers in these. */
const LIVE: readonly RunState[] = ['starting', 'running', 'paused', 'waiting'];

export function isLive(state: RunState): boolean {
  return LIVE.includes(state);
}

/** The status of a run whose process, this one, makes itself ready. */
export async function startingStatus(paths: RunPaths): Promise<RunStatus> {
  const last = (await readWritten(paths)) ?? unknown(paths.name);
  return { ...last, state: 'starting', message: null, pid: process.pid };
}

/** The status of a run whose process does not answer. */
export async function readLastStatus(paths: RunPaths): Promise<RunStatus> {
  const last = await readWritten(paths);
  if (last !== undefined && !isLive(last.state)) return last;
  const message =
    'its process has ended without a word (a crash, a kill, a power cut): resume it from its last checkpoint';
  return { ...(last ?? unknown(paths.name)), state: 'lost', message };
}

async function readWritten({ status }: RunPaths): Promise<RunStatus | undefined> {
  return (await readJson(status).catch(() => undefined)) as RunStatus | undefined;
}

function unknown(name: string): RunStatus {
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
