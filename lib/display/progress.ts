/** A line that shows how far a loop is, how fast, and how long it will take. */
import { type Mark, Speedometer, speed } from '../statistics';
import type { Output } from './bundle';
import { SYSTEM_CLOCK } from './clock';
import { type LiveOptions, LiveOutput } from './live';

/** How far a loop is. */
export interface ProgressState {
  readonly done: number;
  readonly total: number;
  /** What is counted, in the plural: 'agent steps'. */
  readonly unit: string;
  /** Seconds since the start. */
  readonly seconds: number;
  /** Counted per second at present. */
  readonly rate: number;
  /** More to show at the end of the line: { 'mean return': '1.20' }. */
  readonly notes: Readonly<Record<string, string | number>>;
  /** Whether the loop has ended before its time. */
  readonly isStopped?: boolean;
  /** What matters more than all numbers: 'now paused'. */
  readonly headline?: string;
}

/** Columns of the bar, and of the bar of a line with fewer than 100 columns. */
const BAR_WIDTH = 24;
const SHORT_BAR_WIDTH = 8;

/**
 * '████░░░░ 1,500 / 10,000 agent steps · 15% · 210 /s · 40 s left · mean return 1.2'
 * @param columns place for the line; what comes last is left out when it does not fit
 */
export function formatProgress(
  state: ProgressState,
  { columns = Number.POSITIVE_INFINITY }: { readonly columns?: number } = {},
): string {
  const { done, total, unit, seconds, rate, notes, isStopped = false, headline } = state;
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const width = columns < 100 ? SHORT_BAR_WIDTH : BAR_WIDTH;
  const full = Math.floor(share * width);
  const isOver = done >= total;
  const parts = [
    ...(headline === undefined ? [] : [headline]),
    `${grouped(done)} / ${grouped(total)} ${unit}`,
    `${Math.floor(share * 100)}%`,
    `${rate >= 10 ? grouped(Math.round(rate)) : rate.toFixed(1)} /s`,
  ];
  if (isOver) parts.push(`${formatDuration(seconds)} in all`);
  else if (isStopped) parts.push(`stopped after ${formatDuration(seconds)}`);
  else if (rate > 0) parts.push(`${formatDuration((total - done) / rate)} left`);
  for (const [name, value] of Object.entries(notes)) parts.push(`${name} ${value}`);
  const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}  `;
  const lengths = parts.map((_, i) => bar.length + parts.slice(0, i + 1).join(' · ').length);
  const fitting = Math.max(1, lengths.filter((length) => length <= columns).length);
  return bar + parts.slice(0, fitting).join(' · ');
}

/** A duration as text: 5 s, 2 min 05 s, 3 h 07 min. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const padded = (v: number) => String(v).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${padded(Math.floor((whole % 3600) / 60))} min`;
}

/** Writes 1234567 as 1,234,567, whatever the machine's language. */
function grouped(v: number): string {
  return String(v).replace(/\B(?=(\d{3})+$)/g, ',');
}

export interface LiveProgressOptions extends LiveOptions {
  readonly total: number;
  /** What is counted, in the plural; 'agent steps' by default. */
  readonly unit?: string;
}

/** Seconds that the speed looks back on: it follows when training begins after the random steps. */
const RATE_WINDOW = 10;

/** A progress line updated in place. */
export class LiveProgress {
  private readonly output: LiveOutput<ProgressState>;
  private readonly options: LiveProgressOptions;
  private readonly start: Mark;
  private readonly speedometer: Speedometer;
  private last: ProgressState | undefined;

  /** @throws Error outside a notebook, unless a host is passed. */
  constructor(options: LiveProgressOptions) {
    this.options = options;
    this.output = new LiveOutput(progressOutput, options);
    this.start = { at: this.now(), count: 0 };
    this.speedometer = new Speedometer(this.start, RATE_WINDOW);
  }

  /** Shows that `done` of the total are done, with more values to show behind. */
  update(done: number, notes: Readonly<Record<string, string | number>> = {}): void {
    const { total, unit = 'agent steps' } = this.options;
    const now = { at: this.now(), count: done };
    const seconds = now.at - this.start.at;
    const present = this.speedometer.measure(now);
    const rate = done >= total ? speed(this.start, now) : present;
    this.last = { done, total, unit, seconds, rate, notes };
    this.output.update(this.last);
  }

  /** Shows the last state now, as stopped when the total is not reached. */
  async finish(): Promise<void> {
    const { last } = this;
    if (last && last.done < last.total) {
      this.output.update({ ...last, seconds: this.now() - this.start.at, isStopped: true });
    }
    await this.output.finish();
  }

  private now(): number {
    return (this.options.clock ?? SYSTEM_CLOCK).now() / 1000;
  }
}

function progressOutput(state: ProgressState): Output {
  return { bundle: { 'text/plain': formatProgress(state) } };
}
