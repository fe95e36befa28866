/** A trial of a sweep as the run that it is: found, compared, started, and looked at. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { isDiskFull, saysDiskFull } from '../files/disk';
import { BREAKOUT } from '../runs/launch';
import { RunError, type RunsFolder, runPaths } from '../runs/record/folder';
import { firstConfig, type RunConfig } from '../runs/record/run-config';
import { isLive, type RunStatus } from '../runs/record/status';
import type { Run } from '../runs/run';
import { attach, type StartOptions, startRun } from '../runs/start';
import { messageOf, show } from '../text';
import type { Sweep, Trial } from './spec';

/** How often a trial may end without a newer checkpoint before it is given up. */
const TRIES = 3;
/** Time from one look for room on a full disk to the next. */
const DISK_RETRY_MS = 5_000;

/** What is known of a trial. */
export interface TrialState {
  readonly trial: Trial;
  /** Undefined until it has begun. */
  readonly status: RunStatus | undefined;
  /** Why it is not done, and what to do about it; undefined while all is well. */
  readonly problem: string | undefined;
}

export function isFinished({ status }: Pick<TrialState, 'status'>): boolean {
  return status?.state === 'finished';
}

export interface TrialRunOptions extends RunsFolder {
  readonly sweep: Sweep;
  readonly trial: Trial;
  /** Milliseconds since any moment. */
  readonly clock: () => number;
}

/**
 * The run of a trial, or undefined when it has not begun.
 * @throws RunError when a run of that name is another training.
 */
export async function findTrial(options: Omit<TrialRunOptions, 'clock'>): Promise<Run | undefined> {
  const { sweep, trial } = options;
  if (!existsSync(runPaths(trial.name, options).config)) return undefined;
  const run = await attach(trial.name, options);
  const differences = differencesOf(await run.config(), sweep, trial);
  if (differences.length === 0) return run;
  throw new RunError(
    `the run ${trial.name} is there and is not this trial (${differences.join(', ')}): give the sweep ` +
      'another name, or remove the run',
  );
}

function differencesOf(found: RunConfig, sweep: Sweep, trial: Trial): string[] {
  const asked = {
    preset: sweep.preset,
    program: sweep.program ?? BREAKOUT,
    seed: trial.seed,
    ...trial.config,
  };
  const { preset, program, seed } = found;
  const its: Record<string, unknown> = { preset, program, seed, ...firstConfig(found) };
  const differing = Object.entries(asked).filter(([field, value]) => its[field] !== value);
  const texts = differing.map(
    ([field, value]) => `${field} ${show(its[field])}, not ${show(value)}`,
  );
  return [...texts, ...(found.changes.length > 0 ? ['its values were changed while it ran'] : [])];
}

/** What the run of a trial that has not begun is started with; what a kill has left of it is removed. */
export async function startOptions(options: Omit<TrialRunOptions, 'clock'>): Promise<StartOptions> {
  const { sweep, trial, runsFolder } = options;
  await removeUnwritten(runPaths(trial.name, options).folder);
  return {
    ...sweep.keeping,
    ...trial.edits,
    name: trial.name,
    preset: sweep.preset,
    seed: trial.seed,
    ...(sweep.program === undefined ? {} : { program: sweep.program }),
    ...(runsFolder === undefined ? {} : { runsFolder }),
  };
}

/** A trial that is to be brought to its end on this machine, however often its process ends before. */
export class TrialRun {
  readonly trial: Trial;
  private readonly options: TrialRunOptions;
  private run: Run | undefined;
  private status: RunStatus | undefined;
  private problem: string | undefined;
  private isGivenUp = false;
  /** Whether its process was seen at work, or was started, by us. */
  private isBegun = false;
  private tries = 0;
  private triedAt: number | null = null;
  /** How many others were live when it could not start. */
  private blockedBy = Number.POSITIVE_INFINITY;
  private retryAt = Number.NEGATIVE_INFINITY;

  constructor(options: TrialRunOptions) {
    this.options = options;
    this.trial = options.trial;
  }

  get state(): TrialState {
    const { trial, status, problem } = this;
    return { trial, status, problem };
  }

  get isLive(): boolean {
    return this.status !== undefined && isLive(this.status.state);
  }

  get isOver(): boolean {
    return this.isGivenUp || isFinished(this.state);
  }

  /** @param liveOthers trials at work: one that found no room beside them waits until there are fewer */
  canStart(liveOthers: number): boolean {
    const { clock } = this.options;
    return !this.isOver && !this.isLive && liveOthers < this.blockedBy && clock() >= this.retryAt;
  }

  /** Looks at the run. It never fails: what is wrong becomes the problem. */
  async look(): Promise<void> {
    if (this.isOver) return;
    try {
      this.run ??= await findTrial(this.options);
      this.status = await this.run?.status();
    } catch (error) {
      this.giveUp(messageOf(error));
      return;
    }
    if (this.status === undefined) return;
    const { state, message } = this.status;
    if (this.isLive) this.isBegun = true;
    if (state === 'finished') this.problem = undefined;
    else if (this.isLive || state === 'failed') this.problem = message ?? undefined;
    if (state === 'stopped' && this.isBegun) {
      this.giveUp('somebody has stopped it: run the sweep again to go on with it');
    }
  }

  /** Starts its process, or another one from its last checkpoint. */
  async start(options: { readonly threads: number; readonly liveOthers: number }): Promise<void> {
    const { threads, liveOthers } = options;
    const savedAt = this.status?.checkpointStep ?? null;
    this.tries = savedAt === this.triedAt ? this.tries + 1 : 1;
    this.triedAt = savedAt;
    if (this.tries > TRIES) {
      const why = this.problem ?? 'its process was killed';
      this.giveUp(`it has ended ${TRIES} times without a newer checkpoint: ${why}`);
      return;
    }
    try {
      await this.launch(threads);
      this.problem = undefined;
      this.blockedBy = Number.POSITIVE_INFINITY;
    } catch (error) {
      this.tries--; // it has not begun
      this.problem = messageOf(error);
      if (isDiskFull(error) || saysDiskFull(this.problem)) {
        this.problem = `the disk is full: free some space, the sweep then goes on (${this.problem})`;
        this.retryAt = this.options.clock() + DISK_RETRY_MS;
      } else if (liveOthers > 0) this.blockedBy = liveOthers;
      else this.giveUp(this.problem);
    }
    await this.look();
  }

  /** Ends its process after a checkpoint. */
  async stop(): Promise<void> {
    await this.run?.stop();
  }

  private async launch(threads: number): Promise<void> {
    if (this.run !== undefined) {
      await this.run.resume({}, { threads });
      return;
    }
    this.run = await startRun({ ...(await startOptions(this.options)), threads });
  }

  private giveUp(problem: string): void {
    this.problem = problem;
    this.isGivenUp = true;
  }
}

/** Removes a trial's folder that a kill has left before its config.json was there. */
async function removeUnwritten(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => undefined);
  if (names?.every((name) => /^\.config\.json\..*\.tmp$/.test(name))) {
    await rm(folder, { recursive: true, force: true });
  }
}
