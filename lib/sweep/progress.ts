/** How far a sweep is, as one line, and what its trials have to say. */
import type { Clock } from '../display/clock';
import { formatProgress } from '../display/progress';
import { isLive } from '../runs/record/status';
import { type Mark, Speedometer, speed } from '../statistics';
import type { Sweep } from './spec';
import { isFinished, type TrialState } from './trial';

/** Seconds that the speed looks back on. */
const RATE_WINDOW = 30;

/** Makes the line; the speed is that since the command or cell began. */
export class SweepProgress {
  private readonly sweep: Sweep;
  private readonly clock: Clock;
  private start: Mark | undefined;
  private speedometer: Speedometer | undefined;

  constructor(sweep: Sweep, clock: Clock) {
    this.sweep = sweep;
    this.clock = clock;
  }

  /** '███░░░ 4,500 / 18,000 agent steps · 25% · 310 /s · 44 s left · trials 1 of 6 done, 2 running' */
  line(states: readonly TrialState[], options: { readonly columns?: number } = {}): string {
    const { trials, steps } = this.sweep;
    const count = (isCounted: (state: TrialState) => boolean) => states.filter(isCounted).length;
    const done = count(isFinished);
    const running = count(({ status }) => status !== undefined && isLive(status.state));
    const total = trials.length * steps;
    // one that has solved its game has no steps to go
    const taken = states.map((state) =>
      isFinished(state) ? steps : (state.status?.agentStep ?? 0),
    );
    const mark = { at: this.clock.now() / 1000, count: taken.reduce((a, b) => a + b, 0) };
    this.start ??= mark;
    this.speedometer ??= new Speedometer(this.start, RATE_WINDOW);
    const present = this.speedometer.measure(mark);
    const isOver = done === trials.length;
    return formatProgress(
      {
        done: mark.count,
        total,
        unit: 'agent steps',
        seconds: mark.at - this.start.at,
        rate: isOver ? speed(this.start, mark) : present,
        notes: {
          trials: `${done} of ${trials.length} done${isOver ? '' : `, ${running} running`}`,
        },
      },
      options,
    );
  }
}

/** A line for each trial that has something to say. */
export function problemLines(states: readonly TrialState[]): string[] {
  return states.flatMap(({ trial, problem }) =>
    problem === undefined ? [] : `${trial.name}: ${problem}`,
  );
}
