/** Bars and histograms as boxes on axes. */
import { niceStep } from './chart-axis';
import { type Box, colourOf, type Mark, type PlacedTrace, withoutGaps } from './chart-marks';
import { asPlain, type Plain } from './plotly-figure';

/** Bars of one trace: where they stand along the one axis and how far they reach along the other. */
interface BarSeries {
  readonly placed: PlacedTrace;
  readonly positions: readonly (number | null)[];
  readonly values: readonly (number | null)[];
  readonly colours: readonly string[];
}

/** The marks of each trace of bars. */
export function barMarks(traces: readonly PlacedTrace[], layout: Plain): Map<PlacedTrace, Mark[]> {
  const marks = new Map<PlacedTrace, Mark[]>();
  for (const isHorizontal of [false, true]) {
    const turned = traces.filter((each) => each.isHorizontal === isHorizontal);
    const histograms = turned.filter(({ type }) => type === 'histogram');
    const bins = binsOf(histograms);
    const all = turned.flatMap((each) => {
      if (each.type === 'bar') return [barsOf(each)];
      return each.type === 'histogram' ? [countsOf(each, bins)] : [];
    });
    const slot = bins?.size ?? slotOf(all);
    const gap = typeof layout.bargap === 'number' ? layout.bargap : bins ? 0 : 0.2;
    const mode = String(layout.barmode ?? 'group');
    for (const [series, boxes] of placeBars(all, { mode, slot, gap })) {
      marks.set(series.placed, [{ kind: 'boxes', boxes, colours: series.colours }]);
    }
  }
  return marks;
}

const axesOf = ({ x, y, isHorizontal }: PlacedTrace) =>
  isHorizontal ? { along: y, up: x } : { along: x, up: y };

function barsOf(placed: PlacedTrace): BarSeries {
  const { xs, ys, isHorizontal, colour, trace } = placed;
  const { along, up } = axesOf(placed);
  const [positions, values] = isHorizontal ? [ys, xs] : [xs, ys];
  const { color } = asPlain(trace.marker);
  return {
    placed,
    positions: positions.map((value) => along.place(value)),
    values: values.map((value) => (up.kind === 'log' ? numeric(value) : up.place(value))),
    colours: positions.map((_, i) => colourOf(Array.isArray(color) ? color[i] : undefined, colour)),
  };
}

const numeric = (value: unknown) => (Number.isFinite(Number(value)) ? Number(value) : null);

interface Bins {
  readonly start: number;
  readonly size: number;
}

/** One set of bins for all histograms; undefined without numbers. */
function binsOf(traces: readonly PlacedTrace[]): Bins | undefined {
  const places = traces.flatMap((each) => {
    const { along } = axesOf(each);
    if (along.kind === 'category') return [];
    return (each.isHorizontal ? each.ys : each.xs).map((value) => along.place(value));
  });
  const known = withoutGaps(places);
  if (known.length === 0) return undefined;
  const low = known.reduce((least, v) => Math.min(least, v));
  const high = known.reduce((most, v) => Math.max(most, v));
  const { trace, isHorizontal } = traces[0]!;
  const asked = asPlain(isHorizontal ? trace.ybins : trace.xbins);
  const most = Number((isHorizontal ? trace.nbinsy : trace.nbinsx) ?? 0);
  const isWhole = known.every(Number.isInteger);
  const count = most >= 1 ? Math.min(most, 1000) : Math.ceil(2 * Math.cbrt(known.length)) + 1;
  const size =
    typeof asked.size === 'number' && asked.size > (high - low) / 10_000
      ? asked.size
      : binSize({ low, high, count, isWhole });
  const start = typeof asked.start === 'number' ? asked.start : firstBin({ low, size, isWhole });
  return { start, size };
}

const firstBin = ({ low, size, isWhole }: { low: number; size: number; isWhole: boolean }) =>
  Math.floor(low / size + 1e-9) * size - (isWhole && size === 1 ? 0.5 : 0);

/** The smallest round size with which at most `count` bins hold all values. */
function binSize(values: { low: number; high: number; count: number; isWhole: boolean }): number {
  const { low, high, count, isWhole } = values;
  let size = high > low ? niceStep((high - low) / count) : 1;
  if (isWhole) size = Math.max(1, size);
  while (Math.floor((high - firstBin({ low, size, isWhole })) / size) + 1 > count && count > 1) {
    size = niceStep(size * 1.01);
  }
  return size;
}

/** How many values are in each bin, or of each category. */
function countsOf(placed: PlacedTrace, bins: Bins | undefined): BarSeries {
  const { along } = axesOf(placed);
  const counts = new Map<number, number>();
  let total = 0;
  for (const value of placed.isHorizontal ? placed.ys : placed.xs) {
    const place = along.place(value);
    if (place === null) continue;
    const bin = bins ? Math.floor((place - bins.start) / bins.size + 1e-9) : place;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
    total++;
  }
  const norm = String(placed.trace.histnorm ?? '');
  const share = /probability/.test(norm) ? 1 / total : norm === 'percent' ? 100 / total : 1;
  const factor = /density/.test(norm) ? share / (bins?.size ?? 1) : share;
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return {
    placed,
    positions: sorted.map(([bin]) => (bins ? bins.start + (bin + 0.5) * bins.size : bin)),
    values: sorted.map(([, count]) => count * factor),
    colours: sorted.map(() => placed.colour),
  };
}

/** The least distance between two bars. */
function slotOf(all: readonly BarSeries[]): number {
  const places = withoutGaps([...new Set(all.flatMap(({ positions }) => positions))]);
  places.sort((a, b) => a - b);
  const isDate = all.some(({ placed }) => axesOf(placed).along.kind === 'date');
  return places.reduce(
    (least, place, i) => (i === 0 ? least : Math.min(least, place - places[i - 1]!)),
    places.length > 1 ? Number.POSITIVE_INFINITY : isDate ? 86_400_000 : 1,
  );
}

/** Stacks bars or sets them side by side, and tells the axes how far they reach. */
function placeBars(
  all: readonly BarSeries[],
  { mode, slot, gap }: { mode: string; slot: number; gap: number },
): [BarSeries, Box[]][] {
  const isStacked = mode === 'stack' || mode === 'relative';
  const isGrouped = mode === 'group';
  const width = (slot * (1 - gap)) / (isGrouped ? Math.max(1, all.length) : 1);
  const heights = { plus: new Map<number, number>(), minus: new Map<number, number>() };
  return all.map((series, i) => {
    const { along, up } = axesOf(series.placed);
    const { base } = series.placed.trace;
    const boxes = series.positions.flatMap((position, k): Box[] => {
      const value = series.values[k] ?? null;
      if (position === null || value === null) return [];
      const left = position + (isGrouped ? (i - all.length / 2) * width : -width / 2);
      const sums = value < 0 ? heights.minus : heights.plus;
      const own = Array.isArray(base) ? base[k] : base;
      const from = isStacked ? (sums.get(position) ?? 0) : typeof own === 'number' ? own : 0;
      const to = from + value;
      if (isStacked) sums.set(position, to);
      const ends = [up.scaled(from), up.scaled(to)] as const;
      along.include([left, left + width]);
      up.include([ends[0]]);
      up.include([ends[1]], false);
      const reach = [
        ends[0] ?? Number.NEGATIVE_INFINITY,
        ends[1] ?? Number.NEGATIVE_INFINITY,
      ] as const;
      const place = [left, left + width] as const;
      return [series.placed.isHorizontal ? { x: reach, y: place } : { x: place, y: reach }];
    });
    return [series, boxes];
  });
}
