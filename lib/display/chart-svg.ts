/** A still picture of a figure, for readers whose viewer does not draw plotly's format. */
import type { Dash, Figure, Trace } from './figure';
import { svgText, type TextPlace, textWidth } from './font';

/** Pixels of the still picture. */
export const CHART_WIDTH = 800;
export const CHART_HEIGHT = 440;

/** Pixels: the height of the type, and from one line to the next. */
const SIZE = 15;
const LINE = 22;
const INK = '#333333';
const GRID = '#dddddd';
const DASH_ARRAYS: Record<Dash, string> = {
  solid: '',
  dash: '10 6',
  dot: '3 5',
  dashdot: '10 5 3 5',
};
const LEGEND_KEY = 28;

interface Scale {
  readonly ticks: readonly number[];
  readonly labels: readonly string[];
  toPixel(v: number): number;
}

/** The figure as an SVG of its own, 800 x 440, on a white ground. */
export async function chartSvg(figure: Figure): Promise<string> {
  const { data, layout } = figure;
  const xLimits = limits(data.map(({ x }) => x));
  const [least, most] = limits(data.map(({ y }) => y));
  const yLimits = layout.yaxis.range ?? ([least, most + (most - least) * 0.05] as const);
  const yTicks = niceTicks(yLimits, 6);
  const yWidths = await Promise.all(tickLabels(yTicks).map((label) => textWidth(label, SIZE)));
  const legend = layout.showlegend ? await legendRows(data) : [];
  const left = 2 * LINE + Math.max(...yWidths);
  const top = 2 * LINE + legend.length * LINE;
  const right = CHART_WIDTH - 2 * SIZE;
  const bottom = CHART_HEIGHT - 3 * LINE;
  const yAxis = axis(yLimits, { ticks: yTicks, from: bottom, to: top });
  const xAxis = axis(xLimits, { ticks: niceTicks(xLimits, 6), from: left, to: right });

  const parts = [`<rect width="${CHART_WIDTH}" height="${CHART_HEIGHT}" fill="#ffffff"/>`];
  for (const tick of yAxis.ticks) {
    const y = Math.round(yAxis.toPixel(tick)) + 0.5;
    parts.push(`<path stroke="${GRID}" d="M${left} ${y}H${right}"/>`);
  }
  for (const tick of xAxis.ticks) {
    const x = Math.round(xAxis.toPixel(tick)) + 0.5;
    parts.push(`<path stroke="${GRID}" d="M${x} ${top}V${bottom}"/>`);
  }
  parts.push(
    `<g clip-path="url(#plot)">${data.map((t) => drawTrace(t, xAxis, yAxis)).join('')}</g>`,
  );
  parts.push(`<path stroke="${INK}" fill="none" d="M${left}.5 ${top}V${bottom}.5H${right}"/>`);

  const write = (text: string, place: Omit<TextPlace, 'size' | 'colour'>) =>
    parts.push(svgText(text, { ...place, size: SIZE, colour: INK }));
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2, anchor: 'middle' } as const;
  const wide = right - left;
  const high = 2 * Math.min(middle.y, CHART_HEIGHT - middle.y) - SIZE;
  write(await shorten(layout.title.text, wide), { x: left, y: LINE });
  write(await shorten(layout.xaxis.title.text, wide), { ...middle, y: CHART_HEIGHT - 14 });
  write(await shorten(layout.yaxis.title.text, high), { ...middle, x: LINE, turn: -90 });
  yAxis.ticks.forEach((tick, i) => {
    write(yAxis.labels[i]!, { x: left - 8, y: yAxis.toPixel(tick) + 5, anchor: 'end' });
  });
  xAxis.ticks.forEach((tick, i) => {
    write(xAxis.labels[i]!, { x: xAxis.toPixel(tick), y: bottom + LINE, anchor: 'middle' });
  });
  legend.forEach((row, i) => {
    parts.push(...row.map((entry) => drawLegend(entry, left, (i + 2) * LINE)));
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${CHART_HEIGHT}">` +
    // wider than the plot by half a point, so that points on an axis are whole
    `<clipPath id="plot"><rect x="${left - 4}" y="${top - 4}" width="${right - left + 8}" ` +
    `height="${bottom - top + 8}"/></clipPath>${parts.join('')}</svg>`
  );
}

/** Zero, and the smallest and largest number of all lists. */
function limits(lists: readonly (readonly (number | null)[])[]): readonly [number, number] {
  let [low, high] = [0, 0];
  for (const list of lists) {
    for (const v of list) {
      if (v === null) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  return low === high ? [0, 1] : [low, high];
}

/** About `count` round numbers within the limits: 1, 2 or 5 times a power of ten apart. */
export function niceTicks([low, high]: readonly [number, number], count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

/** 20,000 as 20k and 3,000,000 as 3M, all labels of an axis in one unit. */
function tickLabels(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const [divisor, unit] = largest >= 1e6 ? [1e6, 'M'] : largest >= 1e4 ? [1e3, 'k'] : [1, ''];
  return ticks.map((tick) =>
    tick === 0 ? '0' : `${Number((tick / divisor).toPrecision(6))}${unit}`,
  );
}

function axis(
  [low, high]: readonly [number, number],
  place: { readonly ticks: readonly number[]; readonly from: number; readonly to: number },
): Scale {
  const { ticks, from, to } = place;
  return {
    ticks,
    labels: tickLabels(ticks),
    toPixel: (v) => from + ((v - low) / (high - low)) * (to - from),
  };
}

function drawTrace(trace: Trace, xAxis: Scale, yAxis: Scale): string {
  const points = trace.x.map((x, i) => {
    const y = trace.y[i] ?? null;
    return y === null ? null : ([xAxis.toPixel(x), yAxis.toPixel(y)] as const);
  });
  if (trace.mode === 'markers') {
    const d = points.map((p) => (p ? `M${p[0].toFixed(1)} ${p[1].toFixed(1)}h0` : '')).join('');
    const { color, size } = trace.marker ?? { color: INK, size: 5 };
    return (
      `<path stroke="${color}" stroke-width="${size}" stroke-linecap="round" fill="none" ` +
      `stroke-opacity="${trace.opacity ?? 1}" d="${d}"/>`
    );
  }
  let d = '';
  let isPenDown = false;
  for (const point of points) {
    if (point) d += `${isPenDown ? 'L' : 'M'}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    isPenDown = point !== null;
  }
  if (trace.fill) {
    return `<path fill="${trace.fillcolor}" fill-opacity="${trace.opacity ?? 1}" d="${d}"/>`;
  }
  return linePath(trace, d);
}

function linePath(trace: Trace, d: string): string {
  const { color, width, dash = 'solid' } = trace.line ?? { color: INK, width: 2 };
  return (
    `<path stroke="${color}" stroke-width="${width}" stroke-dasharray="${DASH_ARRAYS[dash]}" ` +
    `stroke-linejoin="round" fill="none" d="${d}"/>`
  );
}

interface LegendEntry {
  readonly trace: Trace;
  readonly label: string;
  /** Pixels from the left end of the row. */
  readonly at: number;
}

/** The named lines, in as many rows as they need. */
async function legendRows(data: readonly Trace[]): Promise<LegendEntry[][]> {
  const rows: LegendEntry[][] = [[]];
  const available = CHART_WIDTH - 130;
  let at = 0;
  for (const trace of data) {
    if (trace.showlegend === false) continue;
    const label = await shorten(trace.name, available - LEGEND_KEY - 6);
    const width = LEGEND_KEY + 6 + (await textWidth(label, SIZE));
    if (at > 0 && at + width > available) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1)!.push({ trace, label, at });
    at += width + 22;
  }
  return rows;
}

/** The text, or as much of its start as has room. */
async function shorten(text: string, room: number): Promise<string> {
  const width = await textWidth(text, SIZE);
  if (width <= room) return text;
  const characters = [...text];
  const share = (0.95 * room) / width;
  return shorten(
    `${characters
      .slice(0, Math.floor(characters.length * share))
      .join('')
      .trim()}…`,
    room,
  );
}

function drawLegend({ trace, label, at }: LegendEntry, left: number, y: number): string {
  const x = left + at;
  const key = linePath(trace, `M${x} ${y - 5}h${LEGEND_KEY}`);
  return key + svgText(label, { x: x + LEGEND_KEY + 6, y, size: SIZE, colour: INK });
}
