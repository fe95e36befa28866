/** Means, spread and speed of numbers that come one after the other. */

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
