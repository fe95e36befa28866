/** Experiments from a cell or a program: `await sweep({ preset: 'quick', vary: {...}, seeds: [1, 2, 3], steps })`. */
import type { Output } from '../display/bundle';
import { type Clock, SYSTEM_CLOCK } from '../display/clock';
import { compareCurves } from '../display/curves';
import { interruptSignal } from '../display/interrupt';
import { LiveFigure, LiveOutput } from '../display/live';
import type { DisplayHost } from '../display/show';
import { encodeTable } from '../display/table';
import type { Unchecked } from '../dqn/config/config';
import { isDiskFull } from '../files/disk';
import { findKernelHost } from '../kernel/host';
import type { RunsFolder } from '../runs/record/folder';
import { checkSweep } from './check-sweep';
import { type RunTrialsOptions, runLocally } from './local';
import { problemLines, SweepProgress } from './progress';
import { SweepReader, type SweepResults, sweepTable, writeResults } from './results';
import type { Sweep, SweepOptions } from './spec';
import { isFinished, type TrialState } from './trial';

/** Time between two versions of the figure, whose bands take some computing. */
const FIGURE_MS = 5_000;

export interface SweepDisplay {
  /** The running notebook kernel by default. */
  readonly host?: DisplayHost;
  readonly clock?: Clock;
}

/** Brings trials to their ends; `runLocally`, or a cluster. */
export type RunTrials = (options: RunTrialsOptions) => Promise<TrialState[]>;

/**
 * Trains each setting with each seed, every trial in a process of its own, with one live figure in a
 * notebook. The same call again goes on where it was, and so does `npm run sweep` with the same values.
 * Interrupting the cell stops the trials after a checkpoint.
 * @returns the results, which are in NAME.sweep.json of the runs folder, too
 * @throws ConfigError naming every wrong field at once.
 */
export async function sweep(
  options: Unchecked<SweepOptions>,
  { host = findKernelHost(), clock = SYSTEM_CLOCK }: SweepDisplay = {},
): Promise<SweepResults> {
  const checked = checkSweep(options);
  const { runsFolder } = options;
  const folder = runsFolder === undefined ? {} : { runsFolder };
  const signal = interruptSignal();
  const view = host && new SweepView({ sweep: checked, folder, host, clock });
  const onLook = async (states: readonly TrialState[]) => view?.look(states);
  const results = await runSweep({ sweep: checked, signal, onLook, ...folder });
  await view?.finish(results);
  return results;
}

/**
 * Runs the trials and writes the results whenever one of them has finished.
 * @param options run: brings the trials to their ends; default `runLocally`
 */
export async function runSweep(
  options: RunTrialsOptions & { readonly run?: RunTrials },
): Promise<SweepResults> {
  const { sweep: asked, onLook, run = runLocally, runsFolder } = options;
  const folder = runsFolder === undefined ? {} : { runsFolder };
  const reader = new SweepReader(asked, folder);
  let written = -1;
  const states = await run({
    ...options,
    async onLook(looked) {
      await onLook(looked);
      const finished = looked.filter(isFinished).length;
      if (finished === written) return;
      try {
        await writeResults(await reader.results(looked), folder);
        written = finished;
      } catch (error) {
        if (!isDiskFull(error)) throw error; // the next look tries again
      }
    },
  });
  const results = await reader.results(states);
  await writeResults(results, folder);
  return results;
}

/** A line, the figure and at last the table, under a cell. */
class SweepView {
  private readonly sweep: Sweep;
  private readonly reader: SweepReader;
  private readonly progress: SweepProgress;
  private readonly host: DisplayHost;
  private readonly clock: Clock;
  private readonly line: LiveOutput<{ readonly text: string }>;
  private readonly figure: LiveFigure;
  private drawnAt = Number.NEGATIVE_INFINITY;

  constructor(options: { sweep: Sweep; folder: RunsFolder; host: DisplayHost; clock: Clock }) {
    const { sweep: asked, folder, host, clock } = options;
    this.sweep = asked;
    this.host = host;
    this.clock = clock;
    this.reader = new SweepReader(asked, folder);
    this.progress = new SweepProgress(asked, clock);
    this.line = new LiveOutput(({ text }): Output => ({ bundle: { 'text/plain': text } }), {
      host,
      clock,
    });
    this.figure = new LiveFigure({ host, clock });
  }

  async look(states: readonly TrialState[]): Promise<void> {
    const lines = [`sweep ${this.sweep.name}`, this.progress.line(states), ...problemLines(states)];
    this.line.update({ text: lines.join('\n') });
    if (this.clock.now() - this.drawnAt < FIGURE_MS) return;
    this.drawnAt = this.clock.now();
    await this.draw();
  }

  async finish(results: SweepResults): Promise<void> {
    await this.draw();
    await Promise.all([this.line.finish(), this.figure.finish()]);
    this.host.display(encodeTable(sweepTable(results)).bundle);
  }

  private async draw(): Promise<void> {
    const bands = await this.reader.bands();
    this.figure.update(() => compareCurves(bands));
  }
}
