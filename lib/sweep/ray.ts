/** Runs the trials of a sweep on Ray: here, or on a cluster of which this machine is a node. */
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Control, openControl } from '../runs/control/ownership';
import { BREAKOUT, programFile, threadVariables } from '../runs/launch';
import { RunError, runPaths, runsFolderOf } from '../runs/record/folder';
import { emptyStatus, isLive, type RunStatus } from '../runs/record/status';
import { createRun } from '../runs/start';
import { messageOf } from '../text';
import { largestNeed, type RunTrialsOptions } from './local';
import { startTune, type TuneNews } from './ray-process';
import type { Trial } from './spec';
import { findTrial, isFinished, startOptions, type TrialState } from './trial';

export interface RayTrialsOptions extends RunTrialsOptions {
  /** 'local', or HOST:PORT of the cluster's head. */
  readonly address: string;
}

/**
 * Brings all trials to their ends on Ray. Their folders are in the runs folder here: what a worker computes
 * arrives with each checkpoint, and from the last one a trial goes on, on any worker or without Ray.
 * @throws Error when the cluster cannot be joined, has no worker, or Ray fails.
 */
export async function runOnRay(options: RayTrialsOptions): Promise<TrialState[]> {
  const trials = new RayTrials(options);
  try {
    await trials.run();
  } finally {
    await trials.close();
  }
  return trials.list();
}

class RayTrials {
  private readonly options: RayTrialsOptions;
  private readonly states = new Map<string, TrialState>();
  /** Makes this process the runs' own while Ray has them: whoever asks for their status asks us. */
  private readonly controls = new Map<string, Control>();
  private readonly endings: Trial[] = [];

  constructor(options: RayTrialsOptions) {
    this.options = options;
  }

  list(): TrialState[] {
    return [...this.states.values()];
  }

  async run(): Promise<void> {
    const { sweep, signal } = this.options;
    for (const trial of sweep.trials) await this.prepare(trial);
    await this.look();
    const due = [...this.controls.keys()];
    if (due.length === 0 || signal.aborted) return;
    const tune = await startTune(this.jobOf(due), (news) => this.take(news));
    signal.addEventListener('abort', tune.stop, { once: true });
    await this.follow(tune.ended);
    signal.removeEventListener('abort', tune.stop);
  }

  /** Lets go of all trials. */
  async close(): Promise<void> {
    for (const { trial } of this.list()) await this.finish(trial);
    await this.look();
  }

  /** Finds a trial, or makes its folder, which the worker is given. */
  private async prepare(trial: Trial): Promise<void> {
    const { name } = trial;
    let status: RunStatus | undefined;
    let problem: string | undefined;
    try {
      const run = await findTrial({ ...this.options, trial });
      status = await run?.status();
      if (status !== undefined && isLive(status.state)) {
        throw new RunError('it is at work already, elsewhere: stop it first, or wait for its end');
      }
      if (run === undefined) await createRun(await startOptions({ ...this.options, trial }));
      if (status?.state !== 'finished') {
        const paths = runPaths(name, this.options);
        const handle = async ({ command }: { readonly command: string }) => {
          if (command === 'status') return this.states.get(name)!.status ?? emptyStatus(name);
          throw new RunError(`the run ${name} is computed on Ray: stop its sweep to have it here`);
        };
        this.controls.set(name, await openControl({ paths, handle }));
        status = undefined;
      }
    } catch (error) {
      problem = messageOf(error);
    }
    this.states.set(name, { trial, status, problem });
  }

  private jobOf(trials: readonly string[]) {
    const { sweep, address } = this.options;
    const { ray, steps, program = BREAKOUT } = sweep;
    return {
      ...{ address, trials, steps },
      runs: resolve(runsFolderOf(this.options)),
      program: programFile(program),
      variables: threadVariables(ray.cpus),
      ray: { gigabytes: largestNeed(sweep) / 1e9, ...ray },
    };
  }

  private take(news: TuneNews): void {
    const { trial, status } = this.states.get(news.trial)!;
    if (news.state === 'ended') {
      this.endings.push(trial);
      return;
    }
    const { totalSteps } = trial.config;
    const before = status ?? { ...emptyStatus(trial.name), totalSteps };
    const { agentStep, meanReturn, seconds } = { ...before, ...news };
    this.states.set(trial.name, {
      trial,
      status: { ...before, state: 'running', agentStep, meanReturn, seconds },
      problem: news.state === 'failed' ? news.message : undefined,
    });
  }

  private async follow(ended: Promise<void>): Promise<void> {
    const { signal, periodMs = 500 } = this.options;
    let isOver = false;
    const over = ended.finally(() => {
      isOver = true;
    });
    const quietly = over.catch(() => {}); // awaited for its error at the end
    while (!isOver) {
      for (const trial of this.endings.splice(0)) await this.finish(trial);
      await this.look();
      await Promise.race([setTimeout(periodMs), quietly]);
    }
    if (!signal.aborted) await over;
  }

  /** Lets go of a trial, and reads what has arrived of it. */
  private async finish(trial: Trial): Promise<void> {
    const control = this.controls.get(trial.name);
    if (control === undefined) return;
    this.controls.delete(trial.name);
    await control.close();
    const run = await findTrial({ ...this.options, trial });
    const arrived = { trial, status: await run!.status(), problem: undefined };
    const { status, problem } = this.states.get(trial.name)!;
    const isBegun = status !== undefined && status.state === 'running';
    const early = isBegun
      ? `ended after ${status.agentStep} agent steps: by asha, or as the sweep was stopped`
      : undefined;
    this.states.set(
      trial.name,
      isFinished(arrived)
        ? arrived
        : {
            trial,
            status: status && { ...status, state: 'stopped' },
            problem: problem ?? early,
          },
    );
  }

  private async look(): Promise<void> {
    await this.options.onLook(this.list());
  }
}
