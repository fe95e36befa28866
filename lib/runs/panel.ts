/** Shows a run under a cell: its figures, buttons, curve and play, up to date while it lives. */
import { inspect } from 'node:util';
import { pngOutput } from '../display/bundle';
import { type Button, Buttons, type ButtonsOptions } from '../display/buttons';
import { type Clock, SYSTEM_CLOCK } from '../display/clock';
import { compareCurves, learningCurve, type RunSeries } from '../display/curves';
import type { Figure } from '../display/figure';
import type { PngImage } from '../display/frames';
import { LiveFigure, LiveOutput } from '../display/live';
import { type DisplayHost, requireHost } from '../display/show';
import { bandOf } from './bands';
import { progressLine } from './progress-line';
import type { RunsFolder } from './record/folder';
import { MetricsReader, type MetricsRow } from './record/metrics';
import { isLive, type RunState, type RunStatus } from './record/status';
import type { Run } from './run';
import { attach } from './start';

/** Time between two looks at a run; nothing in the panel changes more often. */
const PERIOD_MS = 500;

export interface ShowRunOptions extends RunsFolder {
  /** Episodes in the running mean and its spread; default 100. */
  readonly window?: number;
  /** More buttons than those that control the run. */
  readonly buttons?: (run: Run) => Readonly<Record<string, Button>>;
  /** The running notebook kernel by default. */
  readonly host?: DisplayHost & NonNullable<ButtonsOptions['host']>;
  readonly clock?: Clock;
}

/** The panel that follows a run, by the run's folder; a panel that has ended or was closed follows none. */
const following = new Map<string, RunPanel>();

/**
 * Shows a run under the cell and keeps it up to date; cells stay usable meanwhile. After a restart of
 * the kernel it shows the whole run again. A run has one panel: a newer one takes its place.
 * @param run a run, or its name
 * @throws RunError when there is no such run, Error outside a notebook.
 */
export async function showRun(run: Run | string, options: ShowRunOptions = {}): Promise<RunPanel> {
  const shown = typeof run === 'string' ? await attach(run, options) : run;
  const panel = new RunPanel(shown, options);
  await panel.look();
  return panel;
}

/**
 * The returns of several runs in one figure: `showFigure(await compareRuns(['one', 'other']))`. Runs that
 * differ in nothing but their seeds are one line with a band.
 */
export async function compareRuns(
  runs: readonly (Run | string)[],
  options: RunsFolder & Pick<ShowRunOptions, 'window'> = {},
): Promise<Figure> {
  const { window = 100 } = options;
  const groups = new Map<string, RunSeries[]>();
  const seen: string[] = [];
  for (const each of runs) {
    const run = typeof each === 'string' ? await attach(each, options) : each;
    const { preset, program, values, changes, seed } = await run.config();
    const training = JSON.stringify([preset, program, values, changes]);
    const repeated = seen.filter((other) => other === `${training} ${seed}`).length;
    seen.push(`${training} ${seed}`);
    const alike = `${training} ${repeated}`; // a seed that comes again is no further evidence
    const series = seriesOf(run.name, await run.metrics());
    groups.set(alike, [...(groups.get(alike) ?? []), series]);
  }
  const curves = [...groups.values()].map((seeds) =>
    seeds.length === 1 ? seeds[0]! : { name: nameOf(seeds), ...bandOf(seeds, window) },
  );
  return compareCurves(curves, { window });
}

/** How the names of runs begin, or the first of them when they begin differently. */
function nameOf(runs: readonly RunSeries[]): string {
  const names = runs.map(({ name }) => name);
  const [first] = names as [string];
  const at = [...first].findIndex((_, i) => names.some((name) => name[i] !== first[i]));
  const common = (at < 0 ? first : first.slice(0, at)).replace(/[-._]*(seed)?[-._]*$/, '');
  return `${common || first}, ${runs.length} seeds`;
}

export class RunPanel {
  private readonly run: Run;
  private readonly clock: Clock;
  private readonly window: number;
  private readonly metrics: MetricsReader;
  private readonly line: LiveOutput<{ readonly text: string }>;
  private readonly buttonsHost: ButtonsOptions;
  private readonly moreButtons: Readonly<Record<string, Button>>;
  private buttons: Buttons | undefined;
  private readonly curve: LiveFigure;
  private readonly play: LiveOutput<PngImage>;
  private rows: readonly MetricsRow[] | undefined;
  private enabledFor: RunState | undefined;
  private looking: Promise<void> | undefined;
  private cancelTimer: () => void = () => {};
  private isOpen = true;

  /** @throws Error outside a notebook, unless a host is passed. */
  constructor(run: Run, options: ShowRunOptions = {}) {
    const { window = 100, clock = SYSTEM_CLOCK, host } = options;
    const live = { periodMs: PERIOD_MS, clock, host: host ?? requireHost('A panel') };
    this.run = run;
    this.clock = clock;
    this.window = window;
    this.metrics = new MetricsReader(run.paths.metrics);
    this.line = new LiveOutput(({ text }) => ({ bundle: { 'text/plain': text } }), live);
    this.buttonsHost = host ? { host } : {};
    this.moreButtons = options.buttons?.(run) ?? {};
    this.curve = new LiveFigure(live);
    this.play = new LiveOutput((image) => pngOutput(image, `run ${run.name} at play`), live);
  }

  /** Looks at the run now, and from now on twice a second for as long as its process lives. */
  look(): Promise<void> {
    this.cancelTimer();
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** A short text, as a panel is the value of each cell that ends with `await showRun(...)`. */
  [inspect.custom](): string {
    return `the panel of the run ${this.run.name}`;
  }

  /** Looks no more; what is shown stays. */
  close(): void {
    this.isOpen = false;
    this.cancelTimer();
    this.forget();
  }

  private forget(): void {
    if (following.get(this.run.folder) === this) following.delete(this.run.folder);
  }

  /** Takes the place of another panel that follows the run. */
  private follow(): void {
    const { folder } = this.run;
    if (following.get(folder) !== this) following.get(folder)?.close();
    following.set(folder, this);
    this.cancelTimer = this.clock.after(PERIOD_MS, () => {
      this.look().catch((error: Error) => this.fail(error));
    });
  }

  /** Ends the panel, and says so in it. */
  private fail(error: Error): void {
    if (!this.isOpen) return;
    this.close();
    const { name } = this.run;
    const again = `this panel has ended, showRun('${name}') opens another`;
    this.line.update({ text: `run ${name}\n${error.message}\n${again}` });
  }

  private async lookOnce(): Promise<void> {
    if (!this.isOpen) return;
    const { run, metrics } = this;
    const status = await run.status();
    const isPlaying = status.state === 'running' || status.state === 'paused';
    // a toy has no pictures, and neither has a run that has just ended
    const picture = isPlaying ? await run.picture().catch(() => undefined) : undefined;
    const rows = await metrics.read();
    if (!this.isOpen) return;
    // the first update of each gives it its place among the cell's outputs: in this order
    this.line.update({ text: linesOf(status) });
    this.enable(status.state);
    if (rows !== this.rows) {
      this.rows = rows;
      this.curve.update(() => this.figure());
    }
    if (picture) this.play.update(picture);
    if (isLive(status.state)) {
      this.follow();
    } else {
      this.forget();
      await Promise.all([this.line.finish(), this.curve.finish(), this.play.finish()]);
    }
  }

  private enable(state: RunState): void {
    if (state === this.enabledFor) return;
    this.enabledFor = state;
    this.buttons ??= this.createButtons();
    this.buttons.setEnabled('pause', state === 'running');
    this.buttons.setEnabled('resume', state !== 'running' && state !== 'finished');
    this.buttons.setEnabled('stop', state === 'running' || state === 'paused');
  }

  private createButtons(): Buttons {
    const { run } = this;
    const press = (action: () => Promise<unknown>) => async () => {
      await action();
      await this.look();
    };
    const resume = 'Goes on after a pause, or from the last checkpoint';
    const stop = 'Ends it after a checkpoint';
    return new Buttons(
      {
        pause: { label: 'Pause', onPress: press(() => run.pause()) },
        resume: { label: 'Resume', title: resume, onPress: press(() => run.resume()) },
        stop: { label: 'Stop', title: stop, onPress: press(() => run.stop()) },
        ...this.moreButtons,
      },
      this.buttonsHost,
    );
  }

  private figure(): Figure {
    const { run, rows = [], window } = this;
    return learningCurve(seriesOf(run.name, rows), { window, spread: true });
  }
}

function linesOf(status: RunStatus): string {
  const { name, message } = status;
  return [`run ${name}`, progressLine(status), ...(message === null ? [] : [message])].join('\n');
}

function seriesOf(name: string, rows: readonly MetricsRow[]): RunSeries {
  return {
    name,
    agentSteps: rows.map(({ agentStep }) => agentStep),
    values: rows.map((row) => row.return),
  };
}
