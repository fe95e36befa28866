/** The curves of a training run: returns, epsilon, loss. */

import { runningDeviation, runningMean } from '../statistics';
import { type Figure, type Line, type LineFigureOptions, lineFigure } from './figure';

/** Numbers over the course of one run. */
export interface RunSeries {
  /** The name in the legend: what was edited, such as 'learning rate 1e-3'. */
  readonly name: string;
  /** Agent steps (decisions) at which the values were taken, ascending. */
  readonly agentSteps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** What several runs have in common over their course: a line with a band around it. */
export interface Band {
  /** Agent steps, ascending; the values below are those at each of them. */
  readonly agentSteps: readonly number[];
  readonly middle: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface NamedBand extends Band {
  /** The name in the legend: what the runs have in common. */
  readonly name: string;
}

/** The runs of a figure. */
type Runs = RunSeries | readonly RunSeries[];

export type CurveOptions = Partial<LineFigureOptions>;

export interface LearningCurveOptions extends CurveOptions {
  /** Episodes in the running mean; 100 by default, as in the criterion for a solved game. */
  readonly window?: number;
  /** Shows the standard deviation of those episodes around their mean; false by default. */
  readonly spread?: boolean;
}

/** Return of each episode (points) and its running mean (line) of one run or several. */
export function learningCurve(runs: Runs, options: LearningCurveOptions = {}): Figure {
  return compareCurves(asList(runs), options);
}

/**
 * The curves of single runs, as `learningCurve` draws them, beside those of several seeds each: the
 * interquartile mean over the seeds, in a pale area for its 95 % interval.
 */
export function compareCurves(
  curves: readonly (RunSeries | NamedBand)[],
  options: LearningCurveOptions = {},
): Figure {
  const { window = 100, spread = false, ...rest } = options;
  const lines = curves.flatMap((curve, colour): Line[] => {
    const { name, agentSteps: x } = curve;
    if ('middle' in curve) {
      const { middle, low, high } = curve;
      return [
        { name, x, y: low, areaTo: high, colour },
        { name, x, y: middle, colour },
      ];
    }
    const { values } = curve;
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
  const isBand = (curve: RunSeries | NamedBand) => 'middle' in curve;
  const area = curves.some(isBand)
    ? ', IQM over seeds, area: 95 % interval'
    : spread
      ? ', area: ± 1 sd'
      : '';
  return lineFigure(lines, {
    title: `Points per game, line: mean of the last ${window}${area}`,
    xTitle: 'agent steps',
    yTitle: 'points',
    ...rest,
  });
}

/** The share of random actions over the agent's steps. */
export function epsilonCurve(runs: Runs, options: CurveOptions = {}): Figure {
  return lineFigure(seriesLines(runs), {
    title: 'Exploration',
    xTitle: 'agent steps',
    yTitle: 'ε (share of random actions)',
    yRange: [0, 1.05],
    ...options,
  });
}

/** The loss of the updates over the agent's steps. */
export function lossCurve(runs: Runs, options: CurveOptions = {}): Figure {
  return lineFigure(seriesLines(runs), {
    title: 'Loss of the updates',
    xTitle: 'agent steps',
    yTitle: 'mean loss of the batch',
    ...options,
  });
}

function seriesLines(runs: Runs): Line[] {
  return asList(runs).map(({ name, agentSteps, values }) => ({ name, x: agentSteps, y: values }));
}

function asList(runs: Runs): readonly RunSeries[] {
  return 'agentSteps' in runs ? [runs] : runs;
}
