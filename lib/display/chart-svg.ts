/** A still picture of a figure, for readers whose viewer does not draw plotly's format. */
import sharp from 'sharp';
import { readChart } from './chart';
import { type ChartAxis, shortNumber } from './chart-axis';
import type { Box, Chart, HeatMap, Mark, Series } from './chart-marks';
import { svgText, type TextPlace, textWidth } from './font';
import { plainFigure } from './plotly-figure';

/** Pixels of the still picture. */
export const CHART_WIDTH = 800;
export const CHART_HEIGHT = 440;

/** Pixels: the height of the type, and from one line to the next. */
const SIZE = 15;
const LINE = 22;
const INK = '#333333';
const GRID = '#dddddd';
const DASH_ARRAYS: Readonly<Record<string, string>> = {
  dash: '10 6',
  dot: '3 5',
  dashdot: '10 5 3 5',
  longdash: '16 6',
  longdashdot: '16 5 3 5',
};
const LEGEND_KEY = 28;
/** Pixels: the widest label of a tick, and the bar that explains a heat map's colours. */
const LABEL_WIDTH = 150;
const SCALE_WIDTH = 18;

/** An axis in the picture. */
interface Scale {
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  toPixel(v: number): number;
}

/** The rectangle within the axes, in pixels. */
interface Plot {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The figure as an SVG of its own, 800 x 440, on a white ground. @throws RangeError as `readChart`. */
export async function chartSvg(figure: unknown): Promise<string> {
  return drawChart(readChart(plainFigure(figure)));
}

async function drawChart(chart: Chart): Promise<string> {
  const legend = chart.hasLegend ? await legendRows(chart.series) : [];
  const yLabels = await shortLabels(chart.y);
  const rightLabels = chart.right ? await shortLabels(chart.right) : [];
  const heat = chart.heats.find(({ hasScale }) => hasScale);
  const heatLabels = heat ? scaleLabels(heat) : [];
  const roomOf = async (labels: readonly string[]) =>
    Math.max(0, ...(await Promise.all(labels.map((label) => textWidth(label, SIZE)))));
  const rightRoom = chart.right ? (await roomOf(rightLabels)) + 1.5 * LINE : 0;
  const heatRoom = heat ? (await roomOf(heatLabels)) + SCALE_WIDTH + LINE : 0;
  const plot = {
    left: 2 * LINE + (await roomOf(yLabels)),
    top: 2 * LINE + legend.length * LINE,
    right: CHART_WIDTH - 2 * SIZE - rightRoom - heatRoom,
    bottom: CHART_HEIGHT - 3 * LINE,
  };
  const y = scale(chart.y, { from: plot.bottom, to: plot.top, labels: yLabels });
  const right =
    chart.right && scale(chart.right, { from: plot.bottom, to: plot.top, labels: rightLabels });
  const x = await spaced(
    scale(chart.x, { from: plot.left, to: plot.right, labels: await shortLabels(chart.x) }),
  );
  const yOf = (axis: ChartAxis) => (axis === chart.right ? right! : y);
  const heats = await Promise.all(
    chart.heats.map((each) => drawHeat(each, { x, y: yOf(each.y), plot })),
  );
  const marks = chart.series.map((series) =>
    series.marks.map((mark) => drawMark(mark, series, { x, y: yOf(series.y) })).join(''),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${CHART_HEIGHT}">` +
    // wider than the plot by half a point, so that points on an axis are whole
    `<clipPath id="plot"><rect x="${plot.left - 4}" y="${plot.top - 4}" ` +
    `width="${plot.right - plot.left + 8}" height="${plot.bottom - plot.top + 8}"/></clipPath>` +
    `<rect width="${CHART_WIDTH}" height="${CHART_HEIGHT}" fill="#ffffff"/>` +
    drawGrid({ x, y, plot }) +
    `<g clip-path="url(#plot)">${heats.join('')}${marks.join('')}</g>` +
    `<path stroke="${INK}" fill="none" d="M${plot.left}.5 ${plot.top}V${plot.bottom}.5H${plot.right}"/>` +
    (await drawTitles(chart, plot)) +
    drawLabels({ x, y, right, plot }) +
    (heat ? drawHeatScale(heat, { labels: heatLabels, plot, at: plot.right + rightRoom }) : '') +
    legend
      .flatMap((row, i) => row.map((entry) => drawLegend(entry, plot.left, (i + 2) * LINE)))
      .join('') +
    '</svg>'
  );
}

function scale(
  axis: ChartAxis,
  place: { readonly from: number; readonly to: number; readonly labels: readonly string[] },
): Scale {
  const { from, to, labels } = place;
  const [low, high] = axis.limits();
  // what lies far outside is cut off, but its numbers must stay small enough for SVG
  const toPixel = (v: number) =>
    Math.min(1e5, Math.max(-1e5, from + ((v - low) / (high - low)) * (to - from)));
  const ticks = axis.ticks().places.map((tick, i) => ({ at: toPixel(tick), label: labels[i]! }));
  const room = Math.max(1, Math.ceil(ticks.length / (Math.abs(to - from) / LINE)));
  return { ticks: ticks.filter((_, i) => i % room === 0), toPixel };
}

function shortLabels(axis: ChartAxis): Promise<string[]> {
  return Promise.all(axis.ticks().labels.map((label) => shorten(label, LABEL_WIDTH)));
}

/** The axis with so many of its ticks that no label touches the next one, nor the picture's edge. */
async function spaced({ ticks, toPixel }: Scale): Promise<Scale> {
  const widths = await Promise.all(ticks.map(({ label }) => textWidth(label, SIZE)));
  const isFree = (every: number) => {
    const kept = ticks.flatMap(({ at }, i) =>
      i % every === 0 ? [{ at, half: widths[i]! / 2 + 4 }] : [],
    );
    return kept.every(({ at, half }, i) => {
      const next = kept[i + 1];
      return next === undefined || Math.abs(next.at - at) > half + next.half;
    });
  };
  let every = 1;
  while (every < ticks.length && !isFree(every)) every++;
  return {
    ticks: ticks.map((tick, i) => {
      const isWithin = tick.at + widths[i]! / 2 <= CHART_WIDTH && tick.at >= widths[i]! / 2;
      return i % every === 0 && isWithin ? tick : { ...tick, label: '' };
    }),
    toPixel,
  };
}

function drawGrid({ x, y, plot }: { x: Scale; y: Scale; plot: Plot }): string {
  const { left, top, right, bottom } = plot;
  const rows = y.ticks.map(({ at }) => `M${left} ${Math.round(at) + 0.5}H${right}`);
  const columns = x.ticks
    .filter(({ label }) => label !== '')
    .map(({ at }) => `M${Math.round(at) + 0.5} ${top}V${bottom}`);
  return `<path stroke="${GRID}" d="${[...rows, ...columns].join('')}"/>`;
}

function write(text: string, place: Omit<TextPlace, 'size' | 'colour'>): string {
  return text === '' ? '' : svgText(text, { ...place, size: SIZE, colour: INK });
}

async function drawTitles({ title, x, y, right: second }: Chart, plot: Plot): Promise<string> {
  const { left, top, right, bottom } = plot;
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2, anchor: 'middle' } as const;
  const wide = right - left;
  const high = 2 * Math.min(middle.y, CHART_HEIGHT - middle.y) - SIZE;
  const sideways = (at: number) => ({ ...middle, x: at, turn: -90 });
  return (
    write(await shorten(title, CHART_WIDTH - left - SIZE), { x: left, y: LINE }) +
    write(await shorten(x.title, wide), { ...middle, y: CHART_HEIGHT - 14 }) +
    write(await shorten(y.title, high), sideways(LINE)) +
    (second ? write(await shorten(second.title, high), sideways(CHART_WIDTH - 8)) : '')
  );
}

function drawLabels(axes: { x: Scale; y: Scale; right: Scale | undefined; plot: Plot }): string {
  const { x, y, right, plot } = axes;
  return [
    ...y.ticks.map(({ at, label }) => write(label, { x: plot.left - 8, y: at + 5, anchor: 'end' })),
    ...(right?.ticks ?? []).map(({ at, label }) => write(label, { x: plot.right + 8, y: at + 5 })),
    ...x.ticks.map(({ at, label }) =>
      write(label, { x: at, y: plot.bottom + LINE, anchor: 'middle' }),
    ),
  ].join('');
}

function drawMark(mark: Mark, { opacity }: Series, { x, y }: { x: Scale; y: Scale }): string {
  const pixel = (place: readonly [number, number]) =>
    `${x.toPixel(place[0]).toFixed(1)} ${y.toPixel(place[1]).toFixed(1)}`;
  if (mark.kind === 'boxes') return drawBoxes(mark, { x, y, opacity });
  if (mark.kind === 'points') {
    const paths = new Map<string, string>();
    mark.points.forEach((point, i) => {
      const style = `stroke="${mark.colours[i]}" stroke-width="${mark.sizes[i]}"`;
      if (point) paths.set(style, `${paths.get(style) ?? ''}M${pixel(point)}h0`);
    });
    const shared = `stroke-linecap="round" fill="none" stroke-opacity="${opacity}"`;
    return [...paths].map(([style, d]) => `<path ${style} ${shared} d="${d}"/>`).join('');
  }
  let d = '';
  let isPenDown = false;
  for (const point of mark.points) {
    if (point) d += `${isPenDown ? 'L' : 'M'}${pixel(point)}`;
    isPenDown = point !== null;
  }
  return mark.kind === 'area'
    ? `<path fill="${mark.colour}" fill-opacity="${opacity * mark.opacity}" d="${d}"/>`
    : linePath(mark, d, opacity);
}

function linePath(
  { colour, width, dash }: { colour: string; width: number; dash: string },
  d: string,
  opacity = 1,
): string {
  return (
    `<path stroke="${colour}" stroke-width="${width}" stroke-dasharray="${DASH_ARRAYS[dash] ?? ''}" ` +
    `stroke-linejoin="round" fill="none" stroke-opacity="${opacity}" d="${d}"/>`
  );
}

function drawBoxes(
  { boxes, colours }: { boxes: readonly Box[]; colours: readonly string[] },
  { x, y, opacity }: { x: Scale; y: Scale; opacity: number },
): string {
  const rectangles = boxes.map((box, i) => {
    const [x0, x1] = box.x.map(x.toPixel).sort((a, b) => a - b) as [number, number];
    const [y0, y1] = box.y.map(y.toPixel).sort((a, b) => a - b) as [number, number];
    return (
      `<rect x="${x0.toFixed(1)}" y="${y0.toFixed(1)}" width="${(x1 - x0).toFixed(1)}" ` +
      `height="${(y1 - y0).toFixed(1)}" fill="${colours[i]}" fill-opacity="${opacity}"/>`
    );
  });
  return rectangles.join('');
}

/** The cells as pixels: a picture inside the SVG stays small however many there are. */
async function drawHeat(
  { edges, rows, range, colourAt }: HeatMap,
  { x, y, plot }: { x: Scale; y: Scale; plot: Plot },
): Promise<string> {
  const width = Math.round(plot.right - plot.left);
  const height = Math.round(plot.bottom - plot.top);
  const pixels = Buffer.alloc(4 * width * height); // RGBA, transparent
  const columns = cellOfPixels(
    edges.x.map((edge) => x.toPixel(edge) - plot.left),
    width,
  );
  const colours = Array.from({ length: 256 }, (_, i) => colourAt(i / 255));
  const lines = cellOfPixels(
    edges.y.map((edge) => y.toPixel(edge) - plot.top),
    height,
  );
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = rows[lines[row]!]?.[columns[column]!];
      if (value === undefined || Number.isNaN(value)) continue;
      const share = (value - range[0]) / (range[1] - range[0]);
      const at = 4 * (row * width + column);
      pixels.set(colours[Math.round(255 * Math.min(1, Math.max(0, share)))]!, at);
      pixels[at + 3] = 255;
    }
  }
  const png = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  return (
    `<image x="${plot.left}" y="${plot.top}" width="${width}" height="${height}" ` +
    `href="data:image/png;base64,${png.toString('base64')}"/>`
  );
}

/** The cell in which each pixel's middle lies, -1 outside of all. */
function cellOfPixels(edges: readonly number[], length: number): Int32Array {
  const cells = new Int32Array(length).fill(-1);
  for (let i = 0; i + 1 < edges.length; i++) {
    const [from, to] = [edges[i]!, edges[i + 1]!].sort((a, b) => a - b) as [number, number];
    cells.fill(i, Math.max(0, Math.round(from)), Math.max(0, Math.round(to)));
  }
  return cells;
}

function scaleLabels({ range }: HeatMap): string[] {
  return [range[1], (range[0] + range[1]) / 2, range[0]].map(shortNumber);
}

function drawHeatScale(
  { colourAt }: HeatMap,
  { labels, plot, at }: { labels: readonly string[]; plot: Plot; at: number },
): string {
  const x = at + LINE;
  const part = (plot.bottom - plot.top) / 50;
  const parts = Array.from({ length: 50 }, (_, i) => {
    const y = plot.top + i * part;
    return `<rect x="${x}" y="${y.toFixed(1)}" width="${SCALE_WIDTH}" height="${part + 0.5}" fill="rgb(${colourAt(1 - i / 49).join()})"/>`;
  });
  const texts = labels.map((label, i) =>
    write(label, { x: x + SCALE_WIDTH + 6, y: plot.top + 5 + (i * (plot.bottom - plot.top)) / 2 }),
  );
  return [...parts, ...texts].join('');
}

interface LegendEntry {
  readonly series: Series;
  readonly label: string;
  /** Pixels from the left end of the row. */
  readonly at: number;
}

/** The named traces, in as many rows as they need. */
async function legendRows(all: readonly Series[]): Promise<LegendEntry[][]> {
  const rows: LegendEntry[][] = [[]];
  const available = CHART_WIDTH - 130;
  let at = 0;
  for (const series of all) {
    if (!series.isInLegend) continue;
    const label = await shorten(series.name, available - LEGEND_KEY - 6);
    const width = LEGEND_KEY + 6 + (await textWidth(label, SIZE));
    if (at > 0 && at + width > available) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1)!.push({ series, label, at });
    at += width + 22;
  }
  return rows.slice(0, 6); // more would leave no room for the plot
}

/** The text, or as much of its start as has room. */
async function shorten(text: string, room: number): Promise<string> {
  const width = await textWidth(text, SIZE);
  if (width <= room) return text;
  const characters = [...text];
  const share = (0.95 * room) / width;
  const start = characters
    .slice(0, Math.floor(characters.length * share))
    .join('')
    .trim();
  return start === '' ? '…' : shorten(`${start}…`, room);
}

function drawLegend({ series, label, at }: LegendEntry, left: number, y: number): string {
  const x = left + at;
  const { colour, marks } = series;
  const line = marks.find((mark) => mark.kind === 'line');
  const isBlock = !line && marks.some(({ kind }) => kind !== 'points');
  const key =
    marks.some(({ kind }) => kind === 'points') && !line
      ? `<circle cx="${x + LEGEND_KEY / 2}" cy="${y - 5}" r="4" fill="${colour}"/>`
      : isBlock
        ? `<rect x="${x + 8}" y="${y - 11}" width="12" height="12" fill="${colour}"/>`
        : linePath({ colour, width: 2, dash: 'solid', ...line }, `M${x} ${y - 5}h${LEGEND_KEY}`);
  return key + write(label, { x: x + LEGEND_KEY + 6, y });
}
