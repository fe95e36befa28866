/** Runs the trials of a sweep on this machine: as many at once as its cores and memory allow. */
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { availableBytes, neededBytes } from '../runs/process/memory-need';
import type { RunsFolder } from '../runs/record/folder';
import { DEFAULT_SETTINGS } from '../runs/record/run-config';
import type { Sweep } from './spec';
import { TrialRun, type TrialState } from './trial';

export interface RunTrialsOptions extends RunsFolder {
  readonly sweep: Sweep;
  /** When aborted, trials end after a checkpoint, and nothing more is started. */
  readonly signal: AbortSignal;
  /** Called after each look at the trials; it is waited for. */
  readonly onLook: (states: readonly TrialState[]) => void | Promise<void>;
  readonly cores?: number;
  /** Time from one look to the next; default 500. */
  readonly periodMs?: number;
}

/**
 * Brings all trials to their ends, in order. What an earlier call has begun goes on from where it is, and
 * what another program does with the same trials meanwhile is joined.
 * @returns the trials as they are at the end: finished, stopped, or with a problem
 */
export async function runLocally(options: RunTrialsOptions): Promise<TrialState[]> {
  const { sweep, signal, onLook, runsFolder, periodMs = 500 } = options;
  const { cores = availableParallelism() } = options;
  const slots = countSlots(sweep, cores);
  const threads = Math.max(1, Math.floor(cores / slots));
  const clock = () => performance.now();
  const folder = runsFolder === undefined ? {} : { runsFolder };
  const runs = sweep.trials.map((trial) => new TrialRun({ ...folder, sweep, trial, clock }));
  const states = () => runs.map(({ state }) => state);
  const live = () => runs.filter(({ isLive }) => isLive);
  for (;;) {
    await Promise.all(runs.map((run) => run.look()));
    await onLook(states());
    if (signal.aborted || runs.every(({ isOver }) => isOver)) break;
    const liveOthers = live().length;
    const next = runs
      .filter((run) => run.canStart(liveOthers))
      .slice(0, Math.max(0, slots - liveOthers));
    // the first alone: of several at once that find no room, one must know that others were there
    const [first, ...rest] = next;
    await first?.start({ threads, liveOthers });
    const beside = liveOthers + Number(first?.isLive);
    await Promise.all(rest.map((run) => run.start({ threads, liveOthers: beside })));
    await pause(periodMs, signal);
  }
  await Promise.allSettled(live().map((run) => run.stop()));
  await Promise.all(runs.map((run) => run.look()));
  await onLook(states());
  return states();
}

/** Bytes that the trial with the largest memory takes. */
export function largestNeed({ trials, keeping }: Pick<Sweep, 'trials' | 'keeping'>): number {
  const { replay = DEFAULT_SETTINGS.replay } = keeping;
  const observationShape = [4, 84, 84];
  return Math.max(...trials.map(({ config }) => neededBytes({ config, replay, observationShape })));
}

/** How many trials run at once. */
export function countSlots(
  { trials, parallel, keeping, program }: Sweep,
  cores: number,
  freeBytes = availableBytes(),
): number {
  const largest = largestNeed({ trials, keeping });
  // a program of one's own says itself at its start whether its memory fits
  const room = program === undefined ? Math.floor(freeBytes / largest) : cores;
  return Math.max(1, Math.min(parallel ?? Math.min(cores, room), trials.length));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {}); // aborted: look at once
}
