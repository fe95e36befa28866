/** Axes of still charts: what the values mean, their limits, and round places with labels. */
import { asPlain, type Plain, textOf } from './plotly-figure';

export type AxisKind = 'linear' | 'log' | 'date' | 'category';

/** A date as plotly takes it, in universal time. */
const DATE = /^\d{4}-\d\d(-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?)?Z?$/;
const DAY = 86_400_000;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;
/** Milliseconds between two ticks, for steps of constant length. */
const DATE_STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200]
  .map((seconds) => 1000 * seconds)
  .concat([1, 2, 7, 14].map((days) => days * DAY));

/** More labels of categories than any picture has room for. */
const MOST_CATEGORIES = 100;

/** One axis: turns values into numbers, and keeps what the limits must hold. */
export class ChartAxis {
  readonly kind: AxisKind;
  readonly title: string;
  readonly categories: readonly string[];
  private readonly settings: Plain;
  private readonly indices = new Map<string, number>();
  private tight: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  private loose: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

  /**
   * @param settings plotly's `layout.xaxis` or the like
   * @param values all that traces place along this axis
   */
  constructor(settings: unknown, values: readonly unknown[]) {
    this.settings = asPlain(settings);
    this.title = textOf(this.settings.title);
    this.kind = kindOf(this.settings.type, values);
    if (this.kind === 'category') {
      for (const value of values) {
        const name = String(value);
        if (isPresent(value) && !this.indices.has(name)) this.indices.set(name, this.indices.size);
      }
    }
    this.categories = [...this.indices.keys()];
    if (this.categories.length > 0) this.include([-0.5, this.categories.length - 0.5]);
  }

  /** The place of a value along the axis; null where it has none. */
  place(value: unknown): number | null {
    if (!isPresent(value)) return null;
    if (this.kind === 'category') return this.indices.get(String(value)) ?? null;
    const number =
      this.kind === 'date' ? dateOf(value) : isNumeric(value) ? Number(value) : Number.NaN;
    return this.scaled(number);
  }

  /** The place of a number that was computed, such as a sum of bars; null where it has none. */
  scaled(value: number): number | null {
    const place = this.kind === 'log' ? Math.log10(value) : value;
    return Number.isFinite(place) ? place : null;
  }

  /** Makes the limits hold these places; with room around them unless `isTight`. */
  include(places: readonly (number | null)[], isTight = true): void {
    const bounds = isTight ? this.tight : this.loose;
    for (const place of places) {
      if (place === null) continue;
      if (place < bounds[0]) bounds[0] = place;
      if (place > bounds[1]) bounds[1] = place;
    }
  }

  /** The places of the axis's two ends; the first is the larger one on a reversed axis. */
  limits(): readonly [number, number] {
    const { range, autorange, rangemode } = this.settings;
    const fixed = Array.isArray(range) ? range.map((end) => this.endOf(end)) : [];
    if (fixed.length === 2 && fixed[0] !== fixed[1] && fixed.every((end) => end !== null)) {
      return fixed as [number, number];
    }
    const isZeroIn =
      this.kind === 'linear' &&
      (asPlain(this.settings.autorangeoptions).include === 0 ||
        /zero|negative/.test(`${rangemode}`));
    let low = Math.min(this.tight[0], this.loose[0], isZeroIn ? 0 : Number.POSITIVE_INFINITY);
    let high = Math.max(this.tight[1], this.loose[1], isZeroIn ? 0 : Number.NEGATIVE_INFINITY);
    if (low > high || (low === 0 && high === 0)) [low, high] = [0, 1];
    const least = Math.max(Math.abs(low), Math.abs(high)) * 1e-9; // no number lies within a smaller span
    if (high - low <= least)
      [low, high] = [low - (Math.abs(low) / 2 || 1), high + (Math.abs(high) / 2 || 1)];
    const room = 0.05 * (high - low);
    const padded = [
      low === this.loose[0] && !(isZeroIn && low === 0) && low < this.tight[0] ? low - room : low,
      high === this.loose[1] && !(isZeroIn && high === 0) && high > this.tight[1]
        ? high + room
        : high,
    ] as const;
    return autorange === 'reversed' ? [padded[1], padded[0]] : padded;
  }

  private endOf(end: unknown): number | null {
    return typeof end === 'number' && Number.isFinite(end) ? end : this.place(end); // exponents on a log axis
  }

  /** Places of ticks within the limits, with their labels. */
  ticks(): { readonly places: readonly number[]; readonly labels: readonly string[] } {
    const [a, b] = this.limits();
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    if (this.kind === 'category') {
      const all = this.categories.map((_, i) => i).filter((i) => i >= low && i <= high);
      const every = Math.ceil(all.length / MOST_CATEGORIES); // each label is measured
      const places = all.filter((_, k) => k % every === 0);
      return { places, labels: places.map((i) => this.categories[i]!) };
    }
    if (this.kind === 'date') return dateTicks(low, high);
    const places = niceTicks([low, high], 6);
    if (this.kind === 'linear') return { places, labels: tickLabels(places) };
    const whole = places.filter(Number.isInteger);
    const exponents = whole.length > 1 ? whole : places;
    return { places: exponents, labels: exponents.map((e) => shortNumber(10 ** e)) };
  }
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}

function isNumeric(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

function dateOf(value: unknown): number {
  if (typeof value === 'number') return value;
  const text = String(value).replace(' ', 'T');
  return Date.parse(text.includes('T') && !text.endsWith('Z') ? `${text}Z` : text);
}

function kindOf(declared: unknown, values: readonly unknown[]): AxisKind {
  const known = (['linear', 'log', 'date', 'category'] as const).find((kind) => kind === declared);
  if (known !== undefined) return known;
  const present = values.filter(isPresent);
  if (present.every(isNumeric)) return 'linear';
  return present.every((v) => typeof v === 'string' && DATE.test(v)) ? 'date' : 'category';
}

/** About `count` round numbers within the limits: 1, 2 or 5 times a power of ten apart. */
export function niceTicks([low, high]: readonly [number, number], count: number): number[] {
  const step = niceStep((high - low) / count);
  const first = Math.ceil(low / step - 1e-9);
  const length = Math.floor(high / step + 1e-9) - first + 1;
  if (!(length > 0 && length < 1000)) return [low, high].filter(Number.isFinite);
  return Array.from({ length }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The next number from here on up that is 1, 2 or 5 times a power of ten. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least * 0.999) ?? 10);
}

/** 20,000 as 20k and 3,000,000 as 3M, all labels of an axis in one unit. */
function tickLabels(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest >= 1e10) return ticks.map(shortNumber);
  const [divisor, unit] = largest >= 1e6 ? [1e6, 'M'] : largest >= 1e4 ? [1e3, 'k'] : [1, ''];
  return ticks.map((tick) =>
    tick === 0 ? '0' : `${Number((tick / divisor).toPrecision(6))}${unit}`,
  );
}

/** A number in at most four digits. */
export function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 1e5 ? rounded.toExponential().replace('e+', 'e') : String(rounded);
}

function dateTicks(low: number, high: number) {
  const least = (high - low) / 6;
  const step = DATE_STEPS.find((each) => each >= least);
  const iso = (time: number) => {
    const date = new Date(time);
    return Number.isNaN(date.getTime()) ? '' : date.toISOString();
  };
  if (step !== undefined && least > 200) {
    const first = Math.ceil(low / step);
    const places = Array.from(
      { length: Math.floor(high / step) - first + 1 },
      (_, i) => (first + i) * step,
    );
    const [from, to] = step >= DAY ? [0, 10] : step >= 60_000 ? [11, 16] : [11, 19];
    const isDaysLong = step < DAY && high - low > DAY;
    return {
      places,
      labels: places.map((t) =>
        iso(t)
          .slice(isDaysLong ? 5 : from, to)
          .replace('T', ' '),
      ),
    };
  }
  if (step !== undefined) {
    const places = niceTicks([low, high], 4);
    return { places, labels: places.map((time) => iso(time).slice(14, 23)) };
  }
  const months =
    least < 3 * MONTH ? 3 : least < 6 * MONTH ? 6 : 12 * Math.max(1, niceStep(least / YEAR));
  const places: number[] = [];
  const year = new Date(low).getUTCFullYear();
  for (let month = 0; places.length < 20; month += months) {
    const time = Date.UTC(
      months > 12 ? Math.floor(year / (months / 12)) * (months / 12) : year,
      month,
    );
    if (!(time <= high)) break;
    if (time >= low) places.push(time);
  }
  return { places, labels: places.map((time) => iso(time).slice(0, months < 12 ? 7 : 4)) };
}
