/** The course of one setting over several seeds: a line with a band. */
import type { Band, RunSeries } from '../display/curves';
import { Mt19937 } from '../random';
import { bootstrapInterval, interquartileMean, runningMean } from '../statistics';

/** Places at which a band is computed, evenly spread. */
const POINTS = 60;
/** Enough for a picture; tables take more. */
const REPETITIONS = 400;

/**
 * The interquartile mean over runs of their running mean return, with its 95 % bootstrap interval, from
 * where every run has ended an episode to where the shortest run ends. Equal runs give equal bands.
 * @param runs the returns of their episodes
 * @param window episodes in the running mean
 */
export function bandOf(runs: readonly Omit<RunSeries, 'name'>[], window: number): Band {
  const courses = runs.map((run) => ({
    agentSteps: Array.from(run.agentSteps),
    means: runningMean(run.values, window),
  }));
  const from = Math.max(...courses.map(({ agentSteps: [first = Infinity] }) => first));
  const to = Math.min(...courses.map(({ agentSteps }) => agentSteps.at(-1) ?? 0));
  const count = to > from ? POINTS : Number(to === from);
  const agentSteps = Array.from({ length: count }, (_, i) =>
    Math.round(from + (i * (to - from)) / (POINTS - 1)),
  );
  const points = agentSteps.map((step) => {
    const values = courses.map((course) => course.means[lastBefore(course.agentSteps, step)]!);
    const generator = new Mt19937(1); // the same draws at each point: the band is smooth
    const [low, high] = bootstrapInterval({
      strata: [values],
      estimate: (drawn) => interquartileMean(drawn.flat()),
      random: () => generator.nextDouble(),
      repetitions: REPETITIONS,
    });
    return { middle: interquartileMean(values), low, high };
  });
  return {
    agentSteps,
    middle: points.map(({ middle }) => middle),
    low: points.map(({ low }) => low),
    high: points.map(({ high }) => high),
  };
}

/** Index of the last number that is at most `limit`, in an ascending list. */
function lastBefore(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
