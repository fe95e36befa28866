/** Means, spread and speed of numbers, and what few samples say about where more of them would lie. */

/** The arithmetic mean; NaN when there are no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation of a sample; NaN for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN;
}

/**
 * The mean of the last `window` values at every value; at the start, of as many as there are. Each mean
 * comes from its own window alone: a value that is not finite spoils no later one.
 * @throws RangeError when the window is not a whole number of at least 1.
 */
export function runningMean(values: ArrayLike<number>, window: number): Float64Array {
  return overWindows(values, window, mean);
}

/**
 * The standard deviation of the last `window` values at every value, as of a whole population; at the
 * start, of as many as there are, so 0 at the first.
 * @throws RangeError when the window is not a whole number of at least 1.
 */
export function runningDeviation(values: ArrayLike<number>, window: number): Float64Array {
  return overWindows(values, window, (part) => {
    const middle = mean(part);
    return Math.sqrt(mean(part.map((value) => (value - middle) ** 2)));
  });
}

function overWindows(
  values: ArrayLike<number>,
  window: number,
  measure: (part: readonly number[]) => number,
): Float64Array {
  if (!Number.isInteger(window) || window < 1) {
    throw new RangeError(`window must be a whole number of at least 1, got ${window}`);
  }
  const all = Array.from(values);
  return Float64Array.from(all, (_, i) => measure(all.slice(Math.max(0, i + 1 - window), i + 1)));
}

/**
 * The mean of the middle half: a quarter of the values, rounded down, is left out at either end. NaN when
 * there are no values; the plain mean when there are fewer than four.
 * Source: the aggregate that Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the
 * Statistical Precipice", recommend for few training runs.
 */
export function interquartileMean(values: readonly number[]): number {
  const cut = Math.floor(values.length / 4);
  return mean(ascending(values).slice(cut, values.length - cut));
}

/**
 * The probability that a value of the first sample exceeds one of the second; equal values count half.
 * NaN when a sample is empty. Source: Mann and Whitney's U, as Agarwal et al. 2021 use it.
 */
export function probabilityOfImprovement(
  values: readonly number[],
  base: readonly number[],
): number {
  return mean(values.flatMap((value) => base.map((other) => (Math.sign(value - other) + 1) / 2)));
}

/** The value below which a share of all lies, on the straight line between its two neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

export type Interval = readonly [low: number, high: number];

/** Samples of different kinds: of several games, or of several settings. */
export type Strata = readonly (readonly number[])[];

export interface BootstrapOptions {
  /** Each is drawn anew for itself. */
  readonly strata: Strata;
  readonly estimate: (strata: Strata) => number;
  /** Draws from [0, 1): a seeded generator makes the interval repeat. */
  readonly random: () => number;
  /** Default 10,000. */
  readonly repetitions?: number;
  /** Share of repetitions in the interval, default 0.95. */
  readonly confidence?: number;
}

/**
 * A percentile interval for an estimate by the stratified bootstrap: each repetition draws from every
 * stratum as many values as it has, with replacement. With few values it is narrower than its confidence says.
 * Source: Efron 1979; Agarwal et al. 2021 for strata.
 * @throws RangeError when there is no stratum, or an empty one.
 */
export function bootstrapInterval(options: BootstrapOptions): Interval {
  const { strata, estimate, random, repetitions = 10_000, confidence = 0.95 } = options;
  if (strata.length === 0 || strata.some((values) => values.length === 0)) {
    throw new RangeError('every stratum must have at least one value, got none: leave it out');
  }
  const draw = (values: readonly number[]) =>
    values.map(() => values[Math.floor(random() * values.length)]!);
  const estimates = Array.from({ length: repetitions }, () => estimate(strata.map(draw)));
  const outside = (1 - confidence) / 2;
  return [quantile(estimates, outside), quantile(estimates, 1 - outside)];
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** A count at a time; times are in one unit, since any moment. */
export interface Mark {
  readonly at: number;
  readonly count: number;
}

/** Measures how fast a count grows at present: over about the last `window` of time. */
export class Speedometer {
  private readonly window: number;
  /** Oldest first, at least a fiftieth of the window apart. */
  private readonly marks: Mark[];

  /** @param window time to look back on */
  constructor(start: Mark, window: number) {
    this.window = window;
    this.marks = [start];
  }

  /** Counted per unit of time; 0 while no time has gone by. */
  measure(now: Mark): number {
    const { marks, window } = this;
    if (now.at - marks.at(-1)!.at >= window / 50) marks.push(now);
    while (marks.length > 2 && now.at - marks[1]!.at >= window) marks.shift();
    return speed(marks[0]!, now);
  }
}

/** Counted per unit of time between two marks; 0 when no time lies between. */
export function speed(from: Mark, to: Mark): number {
  return to.at > from.at ? (to.count - from.count) / (to.at - from.at) : 0;
}
