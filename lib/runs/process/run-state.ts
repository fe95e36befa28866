/** The state that a run's process is in, and the moves from one state to the next. */
import type { RunState } from '../record/status';

/** The states that a process knows of itself. */
export type ProcessStateName = Exclude<RunState, 'lost' | 'unreadable'>;

export interface ProcessState {
  readonly name: ProcessStateName;
  /** Why it waits, failed or went on from an older checkpoint; null otherwise. */
  readonly message: string | null;
}

/** From each state to those that may follow it. A run that waits for the disk goes back to where it was. */
export const MOVES: Readonly<Record<ProcessStateName, readonly ProcessStateName[]>> = {
  starting: ['running', 'waiting', 'failed'],
  running: ['paused', 'waiting', 'stopped', 'finished', 'failed'],
  paused: ['running', 'waiting', 'stopped', 'finished', 'failed'],
  waiting: ['starting', 'running', 'paused'],
  stopped: [],
  finished: [],
  failed: [],
};

/** The same state, once its message is out of date. */
export function withoutMessage(state: ProcessState): ProcessState {
  return { ...state, message: null };
}

/** @throws Error when `next` may not follow `state`. */
export function move(state: ProcessState, next: ProcessState): ProcessState {
  if (MOVES[state.name].includes(next.name)) return next;
  const allowed = MOVES[state.name].join(', ') || 'no other';
  throw new Error(`after ${state.name} a run's state must be ${allowed}, got ${next.name}`);
}
