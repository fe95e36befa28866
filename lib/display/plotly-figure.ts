/** Figures of any kind, as plotly takes them. */

/** Numbers, dates, categories; null and NaN leave a gap. */
export type PlotlyValues = readonly unknown[] | ArrayBufferView;

type Open<Known extends string> = Known | (string & Record<never, never>);

/**
 * One trace. The fields named here are read for the still picture; all others of plotly's pass unchanged.
 *
 * The public declarations (@types/plotly.js 3.0.14) are not used: they refuse figures that plotly draws,
 * among them those with `nbinsx`, tables, read-only arrays, rows of typed arrays, and each trace that was
 * put into a variable first, as its `type` is then any string.
 */
export interface PlotlyTrace {
  readonly type?: Open<'scatter' | 'bar' | 'histogram' | 'heatmap' | 'pie' | 'box' | 'surface'>;
  readonly name?: unknown;
  readonly x?: PlotlyValues;
  readonly y?: PlotlyValues;
  /** A heat map's rows, the lowest first. */
  readonly z?: PlotlyValues;
  readonly mode?: Open<'lines' | 'markers' | 'lines+markers' | 'none'>;
  readonly orientation?: Open<'v' | 'h'>;
  /** Most bins of a histogram. */
  readonly nbinsx?: number;
  readonly nbinsy?: number;
  readonly opacity?: unknown;
  readonly visible?: unknown;
  readonly showlegend?: boolean;
  readonly line?: object;
  readonly marker?: object;
  readonly fill?: string;
  readonly xaxis?: string;
  /** 'y2' is the axis that `layout.yaxis2` describes. */
  readonly yaxis?: string;
  readonly [field: string]: unknown;
}

export interface PlotlyLayout {
  readonly title?: string | object;
  readonly xaxis?: object;
  readonly yaxis?: object;
  readonly yaxis2?: object;
  readonly barmode?: Open<'group' | 'stack' | 'relative' | 'overlay'>;
  readonly showlegend?: boolean;
  /** Pixels. */
  readonly height?: number;
  readonly [field: string]: unknown;
}

/** What `Plotly.newPlot` takes as one object. */
export interface PlotlyFigure {
  readonly data: readonly PlotlyTrace[];
  readonly layout?: PlotlyLayout;
  readonly config?: object;
  readonly frames?: readonly object[];
}

/** A figure after `plainFigure`: what JSON can say, whatever the reader wrote into its fields. */
export type Plain = Readonly<Record<string, unknown>>;
export interface PlainFigure {
  readonly data: readonly Plain[];
  readonly layout: Plain;
}

/**
 * The figure as JSON carries it: typed arrays as lists, dates as text, NaN and infinity as null.
 * @throws TypeError when it is not a figure, or holds itself.
 */
export function plainFigure(figure: unknown): PlainFigure {
  const { data, layout } = asPlain(figure);
  if (!Array.isArray(data) || !data.every(isPlain) || !isPlain(layout ?? {})) {
    throw new TypeError(
      'a figure must be { data: [traces], layout?: { ... } } as plotly takes it, for example ' +
        "{ data: [{ type: 'bar', x: ['a', 'b'], y: [1, 2] }] }",
    );
  }
  const plain = JSON.stringify(figure, (_key, value) => {
    if (typeof value === 'bigint') return Number(value);
    return ArrayBuffer.isView(value) && !(value instanceof DataView)
      ? Array.from(value as unknown as ArrayLike<unknown>, (v) =>
          typeof v === 'bigint' ? Number(v) : v,
        )
      : value;
  });
  const parsed = JSON.parse(plain);
  return { ...parsed, layout: asPlain(parsed.layout) };
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object's fields; none where there is no object. */
export function asPlain(value: unknown): Plain {
  return isPlain(value) ? value : {};
}

/** `title: 'text'` and `title: { text: 'text' }` mean the same; the few tags that plotly knows are left out. */
export function textOf(value: unknown): string {
  const text = isPlain(value) ? value.text : value;
  if (typeof text !== 'string' && typeof text !== 'number') return '';
  return String(text)
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/<\/?(?:b|i|em|strong|su[bp]|span|a)(?:\s[^>]*)?>/gi, '');
}

/** Categories of several levels, a list for each, are joined. */
export function listOf(values: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const [first] = values;
  if (!Array.isArray(first)) return values;
  return first.map((_, i) =>
    values.map((level) => (Array.isArray(level) ? level[i] : level)).join(' '),
  );
}

const STILL_KINDS = ['scatter', 'scattergl', 'bar', 'histogram', 'heatmap'];
const KIND_NAMES: Readonly<Record<string, string>> = {
  pie: 'a pie chart',
  box: 'a box plot',
  violin: 'a violin plot',
  table: 'a table',
  surface: 'a surface',
  contour: 'a contour plot',
  scatter3d: 'a scatter plot in three dimensions',
};

/** The traces that are to be seen. */
export function visibleTraces({ data }: PlainFigure): readonly Plain[] {
  return data.filter(({ visible }) => visible !== false && visible !== 'legendonly');
}

/** What the figure shows that this project draws no still picture of; undefined where it draws all. */
export function unknownPart(figure: PlainFigure): string | undefined {
  const { layout } = figure;
  const y2 = asPlain(layout.yaxis2);
  for (const trace of visibleTraces(figure)) {
    const { type = 'scatter', xaxis = 'x', yaxis = 'y' } = trace;
    if (!STILL_KINDS.includes(String(type))) {
      return KIND_NAMES[String(type)] ?? `a figure of type '${type}'`;
    }
    if (xaxis !== 'x' || (yaxis !== 'y' && !(yaxis === 'y2' && y2.overlaying === 'y'))) {
      return 'a figure of several plots';
    }
    if (trace.stackgroup) return 'a chart of stacked areas';
    const isCounting =
      (trace.histfunc ?? 'count') === 'count' && !asPlain(trace.cumulative).enabled;
    if (type === 'histogram' && !isCounting) return 'a histogram that does not count';
    if ([trace.x, trace.y, trace.z].some((v) => 'bdata' in asPlain(v)))
      return 'a figure in binary form';
  }
  return undefined;
}
