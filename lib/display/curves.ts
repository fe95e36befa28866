/** The curves of a training run: returns, epsilon, loss. */
import { type Figure, type Line, type LineFigureOptions, lineFigure } from './figure';

/** Numbers over the course of one run. */
export interface RunSeries {
  /** Named in the legend: what was edited, such as 'learning rate 1e-3'. */
  readonly name: string;
  /** Agent steps (decisions) at which the values were taken, ascending. */
  readonly agentSteps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export type CurveOptions = Partial<LineFigureOptions>;

export interface LearningCurveOptions extends CurveOptions {
  /** Episodes in the running mean; 100 by default, as in the criterion for a solved game. */
  readonly window?: number;
  /** Shows the standard deviation of those episodes around their mean; false by default. */
  readonly spread?: boolean;
}

/**
 * The mean of the last `window` values at every value; at the start of as many as there are.
 * @throws RangeError when the window is not a whole number of at least 1.
 */
export function runningMean(values: ArrayLike<number>, window: number): Float64Array {
  if (!Number.isInteger(window) || window < 1) {
    throw new RangeError(`window must be a whole number of at least 1, got ${window}`);
  }
  const means = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    if (i >= window) sum -= values[i - window]!;
    means[i] = sum / Math.min(i + 1, window);
  }
  return means;
}

/**
 * The standard deviation of the last `window` values at every value; at the start of as many as there
 * are, so 0 at the first.
 * @throws RangeError when the window is not a whole number of at least 1.
 */
export function runningDeviation(values: ArrayLike<number>, window: number): Float64Array {
  const means = runningMean(values, window);
  const squares = runningMean(
    Float64Array.from(values, (value) => value * value),
    window,
  );
  return means.map((mean, i) => Math.sqrt(Math.max(0, squares[i]! - mean * mean)));
}

/** Return of each episode (points) and its running mean (line) of one run or several. */
export function learningCurve(
  runs: RunSeries | readonly RunSeries[],
  options: LearningCurveOptions = {},
): Figure {
  const { window = 100, spread = false, ...rest } = options;
  const lines = asList(runs).flatMap(({ name, agentSteps: x, values }, colour): Line[] => {
    const mean = runningMean(values, window);
    const deviation = runningDeviation(values, window);
    const low = mean.map((value, i) => value - deviation[i]!);
    const high = mean.map((value, i) => value + deviation[i]!);
    return [
      { name, x, y: values, colour, asPoints: true },
      ...(spread ? [{ name, x, y: low, areaTo: high, colour }] : []),
      { name, x, y: mean, colour },
    ];
  });
  return lineFigure(lines, {
    title: `Return per episode, line: mean of the last ${window}${spread ? ', area: ± 1 sd' : ''}`,
    xTitle: 'agent steps',
    yTitle: 'return (points)',
    ...rest,
  });
}

/** The share of random actions over the agent's steps. */
export function epsilonCurve(
  runs: RunSeries | readonly RunSeries[],
  options: CurveOptions = {},
): Figure {
  return lineFigure(seriesLines(runs), {
    title: 'Exploration',
    xTitle: 'agent steps',
    yTitle: 'ε (share of random actions)',
    yRange: [0, 1.05],
    ...options,
  });
}

/** The loss of the updates over the agent's steps. */
export function lossCurve(
  runs: RunSeries | readonly RunSeries[],
  options: CurveOptions = {},
): Figure {
  return lineFigure(seriesLines(runs), {
    title: 'Loss of the updates',
    xTitle: 'agent steps',
    yTitle: 'mean loss of the batch',
    ...options,
  });
}

function seriesLines(runs: RunSeries | readonly RunSeries[]): Line[] {
  return asList(runs).map(({ name, agentSteps, values }) => ({ name, x: agentSteps, y: values }));
}

function asList(runs: RunSeries | readonly RunSeries[]): readonly RunSeries[] {
  return 'agentSteps' in runs ? [runs] : runs;
}
