/** A still picture of a figure, for readers whose viewer does not draw plotly's format. */
import type { Dash, Figure, Trace } from './figure';
import { textHeight, textPath, textWidth } from './font';

/** Pixels of the still picture. */
export const CHART_WIDTH = 800;
export const CHART_HEIGHT = 440;

const TEXT_SCALE = 2;
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

/** The figure as an SVG of its own, 800 x 440, with text as paths and a white ground. */
export function chartSvg(figure: Figure): string {
  const { data, layout } = figure;
  const xLimits = limits(data.map(({ x }) => x));
  const [low, high] = limits(data.map(({ y }) => y));
  const yLimits = layout.yaxis.range ?? ([low, high + (high - low) * 0.05] as const);
  const yTicks = niceTicks(yLimits, 6);
  const yLabels = tickLabels(yTicks);
  const lineHeight = textHeight(TEXT_SCALE);
  const legend = layout.showlegend ? legendRows(data) : [];
  const left = 2 * lineHeight + Math.max(...yLabels.map((label) => textWidth(label, TEXT_SCALE)));
  const top = 44 + legend.length * (lineHeight + 6);
  const right = CHART_WIDTH - 28;
  const bottom = CHART_HEIGHT - 60;
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

  let text = textPath(layout.title.text, { x: left, y: 12, scale: TEXT_SCALE });
  yAxis.ticks.forEach((tick, i) => {
    const y = Math.round(yAxis.toPixel(tick)) - 7;
    text += textPath(yAxis.labels[i]!, { x: left - 8, y, scale: TEXT_SCALE, anchor: 'end' });
  });
  xAxis.ticks.forEach((tick, i) => {
    const x = xAxis.toPixel(tick);
    text += textPath(xAxis.labels[i]!, { x, y: bottom + 8, scale: TEXT_SCALE, anchor: 'middle' });
  });
  const xTitle = { x: (left + right) / 2, y: bottom + 36, scale: TEXT_SCALE } as const;
  text += textPath(layout.xaxis.title.text, { ...xTitle, anchor: 'middle' });
  parts.push(`<path fill="${INK}" d="${text}"/>`);
  const yTitle = { x: -(top + bottom) / 2, y: 6, scale: TEXT_SCALE, anchor: 'middle' } as const;
  const yPath = textPath(layout.yaxis.title.text, yTitle);
  parts.push(`<path fill="${INK}" transform="rotate(-90)" d="${yPath}"/>`);
  legend.forEach((row, i) => {
    parts.push(...row.map((entry) => drawLegend(entry, left, 40 + i * (lineHeight + 6))));
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
function legendRows(data: readonly Trace[]): LegendEntry[][] {
  const rows: LegendEntry[][] = [[]];
  const available = CHART_WIDTH - 130;
  let at = 0;
  for (const trace of data) {
    if (trace.showlegend === false) continue;
    const longest = Math.floor((available - LEGEND_KEY) / textWidth('m', TEXT_SCALE)) - 4;
    const label = trace.name.length > longest ? `${trace.name.slice(0, longest)}…` : trace.name;
    const width = LEGEND_KEY + 6 + textWidth(label, TEXT_SCALE);
    if (at > 0 && at + width > available) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1)!.push({ trace, label, at });
    at += width + 22;
  }
  return rows;
}

function drawLegend({ trace, label, at }: LegendEntry, left: number, y: number): string {
  const x = left + at;
  const key = linePath(trace, `M${x} ${y + 7}h${LEGEND_KEY}`);
  const text = textPath(label, { x: x + LEGEND_KEY + 6, y, scale: TEXT_SCALE });
  return `${key}<path fill="${INK}" d="${text}"/>`;
}
