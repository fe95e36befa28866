/** Means, spread and speed of numbers that come one after the other. */

/** NaN when there are no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a sample; NaN for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN;
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
