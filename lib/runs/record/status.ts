/** The state and progress of a run. */
import { access } from 'node:fs/promises';
import { RunError, type RunPaths, readJson } from './folder';

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
 * - unreadable: its config.json is damaged or another version's; the message says which.
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
  readonly pid: number;
}

/** Whether a process answers in this state. */
export function isLive(state: RunState): boolean {
  return LIVE.some((live) => live === state);
}

/** The status of a run whose process, this one, makes itself ready. */
export async function startingStatus(paths: RunPaths): Promise<RunStatus> {
  const last = (await readWritten(paths)) ?? emptyStatus(paths.name);
  return { ...last, state: 'starting', message: null, pid: process.pid };
}

/** The status of a run whose process is gone. @throws RunError when its folder is, too. */
export async function readLastStatus(paths: RunPaths): Promise<RunStatus> {
  const last = await readWritten(paths);
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
  const last = (await readWritten(paths)) ?? emptyStatus(paths.name);
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

/** The status that the process last wrote, with no speed. */
async function readWritten({ status, name }: RunPaths): Promise<RunStatus | undefined> {
  const last = (await readJson(status).catch(() => undefined)) as RunStatus | null | undefined;
  if (typeof last?.state !== 'string') return undefined;
  return { ...last, name, stepsPerSecond: 0, secondsLeft: null }; // the folder may be a copy
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
