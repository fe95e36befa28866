/** What a notebook is given for each kind of output: MIME bundles and their metadata. */
import sharp from 'sharp';
import { messageOf } from '../text';
import { gifToPng } from './animated-png';
import { CHART_HEIGHT, CHART_WIDTH, chartSvg } from './chart-svg';
import type { Figure } from './figure';
import type { PngImage } from './frames';
import type { GifImage } from './gif';
import {
  listOf,
  type PlainFigure,
  type PlotlyFigure,
  plainFigure,
  textOf,
  unknownPart,
  visibleTraces,
} from './plotly-figure';

export const PLOTLY_MIME = 'application/vnd.plotly.v1+json';

/** One output: a value for each MIME type, of which the viewer takes the best it knows. */
export interface Output {
  readonly bundle: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * A figure as PNG, 800 x 440, drawn by ourselves: no browser is needed.
 * @throws RangeError for what is not made of lines, points, bars, histograms and heat maps.
 */
export async function encodeFigure(figure: Figure | PlotlyFigure): Promise<PngImage> {
  const data = await sharp(Buffer.from(await chartSvg(figure)))
    .png({ palette: true, effort: 1 })
    .toBuffer();
  return { data, width: CHART_WIDTH, height: CHART_HEIGHT };
}

/**
 * A figure for every viewer: plotly's format where it is drawn, else the still picture, else text.
 *
 * JupyterLab shows the type with the lowest rank; this project's extension ranks plotly before PNG.
 * @throws TypeError when it is not a figure.
 */
export async function figureOutput(figure: Figure | PlotlyFigure): Promise<Output> {
  const plain = plainFigure(figure);
  const unknown = unknownPart(plain);
  if (unknown !== undefined) return withoutPicture(plain, unknown);
  let picture: PngImage;
  try {
    picture = await encodeFigure(figure);
  } catch (error) {
    // plotly may draw it all the same
    return withoutPicture(plain, `a figure without a still picture (${messageOf(error)})`);
  }
  const { data, width, height } = picture;
  const text = describeFigure(plain, undefined);
  return {
    bundle: { [PLOTLY_MIME]: plain, 'image/png': data.toString('base64'), 'text/plain': text },
    metadata: { 'image/png': { width, height } },
  };
}

function withoutPicture(plain: PlainFigure, what: string): Output {
  return { bundle: { [PLOTLY_MIME]: plain, 'text/plain': describeFigure(plain, what) } };
}

/** Title, axes and last value of each trace. */
function describeFigure(figure: PlainFigure, unknown: string | undefined): string {
  const { layout } = figure;
  const titleOf = (field: string) =>
    textOf((layout[field] as { title?: unknown } | undefined)?.title);
  const axes = [titleOf('yaxis'), titleOf('xaxis')].filter((title) => title !== '').join(' over ');
  const head = [textOf(layout.title), axes].filter((part) => part !== '').join(' - ');
  const lines = visibleTraces(figure)
    .filter(({ showlegend }) => showlegend !== false)
    .map(({ name, type = 'scatter', x, y, z }, i) => {
      const label = textOf(name) || `${type} ${i + 1}`;
      const values = listOf(y) ?? listOf(x) ?? [];
      if (type === 'heatmap') return `  ${label}: ${Array.isArray(z) ? z.length : 0} rows`;
      if (type !== 'scatter') return `  ${label}: ${values.length} values`;
      return `  ${label}: ${values.length} points, last ${values.at(-1) ?? 'none'}`;
    });
  const shown = unknown === undefined ? lines : [`${unknown}, shown where Plotly is available`];
  return [...(head === '' ? [] : [head]), ...shown].join('\n') || 'an empty figure';
}

export function pngOutput(image: PngImage, text: string): Output {
  const { data, width, height } = image;
  return {
    bundle: { 'image/png': data.toString('base64'), 'text/plain': text },
    metadata: { 'image/png': { width, height } },
  };
}

/** An animation as GIF, and as a PNG that moves: nbconvert and code hosts know no GIF. */
export async function gifOutput(gif: GifImage): Promise<Output> {
  const { data, width, height, frameCount, delayMs } = gif;
  const seconds = ((frameCount * delayMs) / 1000).toFixed(1);
  return {
    bundle: {
      'image/gif': data.toString('base64'),
      'image/png': (await gifToPng(data)).toString('base64'),
      'text/plain': `animation: ${frameCount} pictures ${width} x ${height}, ${seconds} s`,
    },
    metadata: { 'image/gif': { width, height }, 'image/png': { width, height } },
  };
}
