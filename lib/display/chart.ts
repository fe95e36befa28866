/** Reads a figure into marks on axes: what a still chart is drawn from. */

import { ChartAxis } from './chart-axis';
import { barMarks } from './chart-bars';
import { heatMap } from './chart-heat';
import {
  type Chart,
  colourOf,
  type Mark,
  numberOf,
  type PlacedTrace,
  type Point,
  withoutGaps,
} from './chart-marks';
import { COLOURS } from './figure';
import {
  asPlain,
  listOf,
  type Plain,
  type PlainFigure,
  textOf,
  unknownPart,
  visibleTraces,
} from './plotly-figure';

/** @throws RangeError when the figure shows what this project draws no still picture of. */
export function readChart(figure: PlainFigure): Chart {
  const unknown = unknownPart(figure);
  if (unknown !== undefined) {
    throw new RangeError(
      `a still picture shows lines, points, bars, histograms and heat maps, got ${unknown}: ` +
        'save it as .html, or show it in a notebook',
    );
  }
  const { layout } = figure;
  const raw = visibleTraces(figure).map(readValues);
  const along = (axis: 'y' | 'y2') => raw.filter(({ trace }) => (trace.yaxis ?? 'y') === axis);
  const x = new ChartAxis(
    layout.xaxis,
    raw.flatMap(({ xs }) => xs),
  );
  const y = new ChartAxis(
    layout.yaxis,
    along('y').flatMap(({ ys }) => ys),
  );
  const onRight = along('y2');
  const right =
    onRight.length > 0
      ? new ChartAxis(
          layout.yaxis2,
          onRight.flatMap(({ ys }) => ys),
        )
      : undefined;
  const placed = raw.map((each, i): PlacedTrace => {
    const colour = colourOf(asPlain(each.trace.line).color, COLOURS[i % COLOURS.length]!);
    return {
      ...each,
      x,
      y: each.trace.yaxis === 'y2' ? right! : y,
      colour: colourOf(asPlain(each.trace.marker).color, colour),
    };
  });
  const bars = barMarks(placed, layout);
  const isNamed = ({ trace, type }: PlacedTrace) =>
    trace.showlegend !== false && type !== 'heatmap';
  return {
    title: textOf(layout.title),
    x,
    y,
    right,
    heats: placed.filter(({ type }) => type === 'heatmap').map(heatMap),
    series: placed.map((each, i) => ({
      name: textOf(each.trace.name) || `trace ${i}`,
      colour: each.colour,
      opacity: numberOf(each.trace.opacity, 1),
      isInLegend: isNamed(each),
      y: each.y,
      marks: /^scatter/.test(each.type)
        ? scatterMarks(each, placed[i - 1])
        : (bars.get(each) ?? []),
    })),
    hasLegend: Boolean(layout.showlegend ?? placed.filter(isNamed).length > 1),
  };
}

/** The trace's values, and those that plotly takes where it gives none. */
function readValues(trace: Plain): Omit<PlacedTrace, 'x' | 'y' | 'colour'> {
  const type = String(trace.type ?? 'scatter');
  const [x, y] = [listOf(trace.x), listOf(trace.y)];
  const isHorizontal = (trace.orientation ?? (x && !y && type === 'bar' ? 'h' : 'v')) === 'h';
  const isOnY =
    type === 'histogram' && (trace.orientation === 'h' || (y !== undefined && x === undefined));
  const base = { trace, type, isHorizontal: isHorizontal || isOnY };
  if (type === 'heatmap') return { ...base, xs: x ?? [], ys: y ?? [] };
  if (type === 'histogram')
    return isOnY ? { ...base, xs: [], ys: y ?? [] } : { ...base, xs: x ?? [], ys: [] };
  const count = Math.min(
    x?.length ?? Number.POSITIVE_INFINITY,
    y?.length ?? Number.POSITIVE_INFINITY,
  );
  const counted = (start: unknown, step: unknown) =>
    Array.from(
      { length: Number.isFinite(count) ? count : 0 },
      (_, i) => numberOf(start, 0) + i * numberOf(step, 1),
    );
  return {
    ...base,
    xs: x?.slice(0, count) ?? counted(trace.x0, trace.dx),
    ys: y?.slice(0, count) ?? counted(trace.y0, trace.dy),
  };
}

function scatterMarks(placed: PlacedTrace, before: PlacedTrace | undefined): Mark[] {
  const { trace, x, y, colour } = placed;
  const all = pointsOf(placed);
  const points = trace.connectgaps ? withoutGaps(all) : all;
  const mode = String(trace.mode ?? (points.length < 20 ? 'lines+markers' : 'lines'));
  const [hasMarkers, line] = [/markers|text/.test(mode), asPlain(trace.line)];
  x.include(
    points.map((point) => point?.[0] ?? null),
    !hasMarkers,
  );
  y.include(
    points.map((point) => point?.[1] ?? null),
    false,
  );
  const marks: Mark[] = [];
  const outline = areaOf(placed, { points, before });
  const width = numberOf(line.width, 2);
  if (outline) {
    const opacity = trace.fillcolor === undefined ? 0.5 : 1; // by default plotly lets others show through
    const filled = colourOf(trace.fillcolor, colour);
    marks.push({ kind: 'area', points: outline, colour: filled, opacity });
  }
  if (mode.includes('lines') && width > 0) {
    marks.push({
      kind: 'line',
      colour: colourOf(line.color, colour),
      points: stepped(points, line.shape),
      width,
      dash: String(line.dash ?? 'solid'),
    });
  }
  if (hasMarkers) {
    const marker = asPlain(trace.marker);
    const one = <T>(field: unknown, i: number, read: (v: unknown) => T) =>
      read(Array.isArray(field) ? field[i] : field);
    marks.push({
      kind: 'points',
      points,
      colours: points.map((_, i) => one(marker.color, i, (v) => colourOf(v, colour))),
      sizes: points.map((_, i) => one(marker.size, i, (v) => numberOf(v, 6))),
    });
  }
  return marks;
}

function pointsOf({ x, y, xs, ys }: PlacedTrace): Point[] {
  return xs.map((value, i) => {
    const [left, up] = [x.place(value), y.place(ys[i])];
    return left === null || up === null ? null : [left, up];
  });
}

/** The edge of the area that a trace fills. */
function areaOf(
  placed: PlacedTrace,
  { points, before }: { points: readonly Point[]; before: PlacedTrace | undefined },
): readonly Point[] | undefined {
  const known = withoutGaps(points);
  const [first, last] = [known[0], known.at(-1)];
  const { fill } = placed.trace;
  if (!first || !last) return undefined;
  if (fill === 'toself') return points;
  if (fill === 'tonexty' && before?.type.startsWith('scatter')) {
    return [...known, ...pointsOf(before).reverse()];
  }
  const zero = placed.y.scaled(0);
  if ((fill !== 'tozeroy' && fill !== 'tonexty') || zero === null) return undefined;
  placed.y.include([zero]);
  return [[first[0], zero], ...known, [last[0], zero]];
}

/** The corners that a line in steps has between its points. */
function stepped(points: readonly Point[], shape: unknown): readonly Point[] {
  if (shape !== 'hv' && shape !== 'vh') return points;
  return points.flatMap((point, i): Point[] => {
    const next = points[i + 1];
    if (!point || !next) return [point];
    return [point, shape === 'hv' ? [next[0], point[1]] : [point[0], next[1]]];
  });
}
