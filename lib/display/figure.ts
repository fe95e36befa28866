/** Figures as data: the part of plotly's JSON format that this project draws. */

/** One line or cloud of points. */
export interface Trace {
  readonly type: 'scatter';
  readonly mode: 'lines' | 'markers';
  readonly name: string;
  readonly x: readonly number[];
  /** null leaves a gap. */
  readonly y: readonly (number | null)[];
  readonly line?: { readonly color: string; readonly width: number; readonly dash?: Dash };
  readonly marker?: { readonly color: string; readonly size: number };
  readonly opacity?: number;
  readonly showlegend?: boolean;
  readonly legendgroup?: string;
  readonly hovertemplate?: string;
  readonly hoverinfo?: 'skip';
  /** The line is an area's edge. */
  readonly fill?: 'toself';
  readonly fillcolor?: string;
}

export type Dash = 'solid' | 'dash' | 'dot' | 'dashdot';

export interface Axis {
  readonly title: { readonly text: string; readonly standoff: number };
  readonly automargin: true;
  /** The automatic limits include zero, with room for points on it. */
  readonly autorangeoptions?: { readonly include: 0 };
  /** Fixed limits. */
  readonly range?: readonly [number, number];
}

export interface Layout {
  readonly title: {
    readonly text: string;
    readonly x: number;
    readonly xref: 'container';
    readonly xanchor: 'left';
    /** Pixels. */
    readonly pad: { readonly l: number };
    readonly font: { readonly size: number };
  };
  readonly xaxis: Axis;
  readonly yaxis: Axis;
  /** Pixels. */
  readonly height: number;
  readonly margin: {
    readonly l: number;
    readonly r: number;
    readonly t: number;
    readonly b: number;
  };
  readonly legend: Readonly<Record<string, unknown>>;
  readonly showlegend: boolean;
  readonly hovermode: 'closest';
  /** The same value in the next version of a figure keeps the reader's zoom. */
  readonly uirevision: string;
}

/** What `application/vnd.plotly.v1+json` carries. */
export interface Figure {
  readonly data: readonly Trace[];
  readonly layout: Layout;
}

/** A line of a figure, before it is styled. */
export interface Line {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Index into the colours; by default the line's own position. */
  readonly colour?: number;
  readonly dash?: Dash;
  /** Whether the line is drawn as pale points, without an entry in the legend. */
  readonly asPoints?: boolean;
  /** Values: the line is drawn as a pale area from y to them, without an entry in the legend. */
  readonly areaTo?: ArrayLike<number>;
}

export interface LineFigureOptions {
  readonly title: string;
  /** Axis titles name the quantity and its unit: 'agent steps', 'loss (Huber, points²)'. */
  readonly xTitle: string;
  readonly yTitle: string;
  /** Points kept of each line, evenly; 1,000 by default, which keeps saved notebooks small. */
  readonly maxPoints?: number;
  /** Pixels; 360 by default. */
  readonly height?: number;
  /** Fixed limits of the vertical axis; by default they follow the data. */
  readonly yRange?: readonly [number, number];
}

/**
 * Colours that colour-blind readers can tell apart and that show on light and on dark ground: those
 * of Okabe and Ito, "Color Universal Design" (2008), without black and yellow.
 */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;
const DASHES: readonly Dash[] = ['solid', 'dash', 'dot', 'dashdot'];

/**
 * A figure of lines and points in the project's style.
 * @throws RangeError when a line's x, y and areaTo differ in length.
 */
export function lineFigure(lines: readonly Line[], options: LineFigureOptions): Figure {
  const { title, xTitle, yTitle, maxPoints = 1000, height = 360, yRange } = options;
  const fromZero = { autorangeoptions: { include: 0 } } as const;
  const names = lines.filter((line) => !line.asPoints && !line.areaTo).map((line) => line.name);
  return {
    data: lines.map((line, i) => trace(line, { position: i, maxPoints })),
    layout: {
      // small and from the very left, so that it fits into a narrow window in wide letters, too
      title: {
        text: title,
        x: 0,
        xref: 'container',
        xanchor: 'left',
        pad: { l: 12 },
        font: { size: 14 },
      },
      xaxis: { title: { text: xTitle, standoff: 10 }, automargin: true, ...fromZero },
      yaxis: {
        title: { text: yTitle, standoff: 10 },
        automargin: true,
        ...(yRange ? { range: yRange } : fromZero),
      },
      height,
      margin: { l: 64, r: 24, t: 56, b: 56 },
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom' },
      showlegend: names.length > 1,
      hovermode: 'closest',
      uirevision: 'keep',
    },
  };
}

function trace(line: Line, place: { position: number; maxPoints: number }): Trace {
  const { name, asPoints = false, areaTo } = line;
  for (const values of areaTo ? [line.y, areaTo] : [line.y]) {
    if (line.x.length === values.length) continue;
    throw new RangeError(
      `x and y of the line '${name}' must have the same length, got ` +
        `${line.x.length} and ${values.length}`,
    );
  }
  const index = line.colour ?? place.position;
  const color = COLOURS[index % COLOURS.length]!;
  const kept = evenly(line.x.length, place.maxPoints);
  const common = {
    type: 'scatter',
    name,
    legendgroup: name,
    x: kept.map((i) => rounded(line.x[i]!) ?? 0),
    y: kept.map((i) => rounded(line.y[i]!)),
  } as const;
  if (asPoints) {
    return {
      ...common,
      mode: 'markers',
      marker: { color, size: 5 },
      opacity: 0.5,
      showlegend: false,
    };
  }
  if (areaTo) {
    const back = [...kept].reverse();
    return {
      ...common,
      x: [...common.x, ...back.map((i) => rounded(line.x[i]!) ?? 0)],
      y: [...common.y, ...back.map((i) => rounded(areaTo[i]!))],
      mode: 'lines',
      line: { color, width: 0 },
      fill: 'toself',
      fillcolor: color,
      opacity: 0.2,
      showlegend: false,
      hoverinfo: 'skip',
    };
  }
  const dash = line.dash ?? DASHES[index % DASHES.length]!;
  return { ...common, mode: 'lines', line: { color, width: 2, dash } };
}

/** At most `limit` of the indices 0 ... n - 1, evenly spread, the last one among them. */
function evenly(n: number, limit: number): number[] {
  const count = Math.min(n, Math.max(2, limit));
  return Array.from({ length: count }, (_, i) =>
    count === n ? i : Math.round((i * (n - 1)) / (count - 1)),
  );
}

/** Six digits are more than a screen shows, but steps stay whole; JSON has no NaN, no infinity. */
function rounded(v: number): number | null {
  if (!Number.isFinite(v)) return null;
  return Number.isInteger(v) ? v : Number(v.toPrecision(6));
}
