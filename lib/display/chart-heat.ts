/** Heat maps as coloured cells on axes. */
import type { ChartAxis } from './chart-axis';
import { type HeatMap, type PlacedTrace, type Rgb, withoutGaps } from './chart-marks';
import type { Plain } from './plotly-figure';

/** Colours of the scales that plotly knows by name, evenly spread from the least value to the largest. */
const SCALES: Readonly<Record<string, string>> = {
  viridis: '#440154 #3b528b #21918c #5ec962 #fde725',
  greys: '#000000 #ffffff',
  blues: '#f7fbff #6baed6 #08306b',
  reds: '#fff5f0 #fb6a4a #67000d',
  hot: '#000000 #e60000 #ffd200 #ffffff',
  rdbu: '#053061 #92c5de #f7f7f7 #f4a582 #67001f',
};

/** Reads a heat map's cells and tells its axes where they lie. */
export function heatMap({ trace, x, y }: PlacedTrace): HeatMap {
  const cells = trace.transpose ? transposed(matrixOf(trace)) : matrixOf(trace);
  const columns = cells.reduce((most, row) => Math.max(most, row.length), 0);
  const rows = cells.map((row) => Array.from({ length: columns }, (_, i) => numberAt(row[i])));
  const edges = {
    x: edgesOf({ axis: x, values: centresOf(trace, 'x'), count: columns }),
    y: edgesOf({ axis: y, values: centresOf(trace, 'y'), count: rows.length }),
  };
  x.include(edges.x);
  y.include(edges.y);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of rows.flat()) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = [numberAt(trace.zmin ?? low), numberAt(trace.zmax ?? high)] as const;
  return {
    y,
    edges,
    rows,
    range: range[0] < range[1] ? range : [low - 1, low + 1],
    hasScale: trace.showscale !== false && low <= high,
    colourAt: colourScale(trace),
  };
}

const numberAt = (value: unknown): number =>
  value === null || value === undefined || value === '' ? Number.NaN : Number(value);

/** `z` as rows: as they are, or three lists of x, y and z put into their places. */
function matrixOf(trace: Plain): readonly (readonly unknown[])[] {
  const z = Array.isArray(trace.z) ? trace.z : [];
  if (z.every(Array.isArray)) return z;
  const [xs, ys] = [centresOf(trace, 'x'), centresOf(trace, 'y')];
  const { x, y } = trace;
  if (!Array.isArray(x) || !Array.isArray(y)) return [z];
  const rows: unknown[][] = ys.map(() => []);
  z.forEach((value, i) => {
    const [column, row] = [xs.indexOf(x[i]), ys.indexOf(y[i])];
    if (rows[row] && column >= 0) rows[row][column] = value;
  });
  return rows;
}

/** The columns' or rows' values; from three lists, each value once and numbers in order. */
function centresOf(trace: Plain, field: 'x' | 'y'): readonly unknown[] {
  const values = trace[field];
  if (!Array.isArray(values)) return [];
  if (!Array.isArray(trace.z) || trace.z.every(Array.isArray)) return values;
  const once = [...new Set<unknown>(values)];
  return once.every((value) => typeof value === 'number')
    ? once.sort((a, b) => Number(a) - Number(b))
    : once;
}

function transposed(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  return (rows[0] ?? []).map((_, i) => rows.map((row) => row[i]));
}

/** The edges halfway between centres; values are edges already when there is one more than cells. */
function edgesOf({
  axis,
  values,
  count,
}: {
  axis: ChartAxis;
  values: readonly unknown[];
  count: number;
}): number[] {
  if (count === 0) return [];
  const places = withoutGaps(values.map((value) => axis.place(value)));
  if (places.length === count + 1) return places;
  if (places.length < count || count === 1) {
    const [start = 0] = places;
    return Array.from({ length: count + 1 }, (_, i) => start + i - 0.5);
  }
  const between = (i: number) => (places[i - 1]! + places[i]!) / 2;
  const inner = Array.from({ length: count - 1 }, (_, i) => between(i + 1));
  const ends = [2 * places[0]! - inner[0]!, 2 * places[count - 1]! - inner.at(-1)!] as const;
  return [ends[0], ...inner, ends[1]];
}

/** The trace's own list of colours, a named one, or viridis. */
function colourScale({ colorscale, reversescale }: Plain): (share: number) => Rgb {
  const own = Array.isArray(colorscale)
    ? colorscale.map((entry) => (Array.isArray(entry) ? entry[1] : entry))
    : [];
  const places = Array.isArray(colorscale)
    ? colorscale.map((entry, i) => (Array.isArray(entry) ? Number(entry[0]) : i / (own.length - 1)))
    : [];
  const named = SCALES[String(colorscale).toLowerCase()] ?? SCALES.viridis!;
  const parsed = own.map(parseColour);
  const isOwn = parsed.length > 1 && parsed.every((colour) => colour !== undefined);
  const colours = isOwn ? (parsed as Rgb[]) : named.split(' ').map((hex) => parseColour(hex)!);
  const stops = isOwn ? places : colours.map((_, i) => i / (colours.length - 1));
  return (asked) => {
    const share = Math.min(1, Math.max(0, reversescale ? 1 - asked : asked));
    const found = stops.findIndex((stop) => stop >= share);
    const i = found < 0 ? stops.length - 1 : Math.max(1, found);
    const part = (share - stops[i - 1]!) / (stops[i]! - stops[i - 1]! || 1);
    const mix = (c: 0 | 1 | 2) =>
      Math.round(colours[i - 1]![c] + part * (colours[i]![c] - colours[i - 1]![c]));
    return [mix(0), mix(1), mix(2)];
  };
}

/** '#rrggbb', '#rgb' and 'rgb(r, g, b)'. */
function parseColour(text: unknown): Rgb | undefined {
  const colour = String(text).trim();
  const hex = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(colour)?.[1];
  const parts = hex
    ? hex
        .match(hex.length === 3 ? /./g : /../g)!
        .map((part) => Number.parseInt(part.padStart(2, part), 16))
    : (/^rgba?\(([^)]*)\)/i.exec(colour)?.[1]?.split(',').map(Number) ?? []);
  const [r, g, b] = parts;
  return parts.length >= 3 && parts.every(Number.isFinite) ? [r!, g!, b!] : undefined;
}
