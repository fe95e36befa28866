/** What a notebook is given for each kind of output: MIME bundles and their metadata. */
import sharp from 'sharp';
import { CHART_HEIGHT, CHART_WIDTH, chartSvg } from './chart-svg';
import type { Figure } from './figure';
import type { PngImage } from './frames';
import type { GifImage } from './gif';

export const PLOTLY_MIME = 'application/vnd.plotly.v1+json';

/** One output: a value for each MIME type, of which the viewer takes the best it knows. */
export interface Output {
  readonly bundle: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A figure as PNG, 800 x 440, drawn by ourselves: no browser is needed. */
export async function encodeFigure(figure: Figure): Promise<PngImage> {
  const data = await sharp(Buffer.from(await chartSvg(figure)))
    .png({ palette: true, effort: 1 })
    .toBuffer();
  return { data, width: CHART_WIDTH, height: CHART_HEIGHT };
}

/**
 * A figure for every viewer: plotly's format where it is drawn, else the still picture, else text.
 *
 * JupyterLab shows the type with the lowest rank; this project's extension ranks plotly before PNG.
 */
export async function figureOutput(figure: Figure): Promise<Output> {
  const still = await encodeFigure(figure);
  return {
    bundle: {
      [PLOTLY_MIME]: figure,
      'image/png': still.data.toString('base64'),
      'text/plain': describeFigure(figure),
    },
    metadata: { 'image/png': { width: still.width, height: still.height } },
  };
}

/** Title, axes and last value of each line. */
function describeFigure({ data, layout }: Figure): string {
  const lines = data
    .filter(({ showlegend }) => showlegend !== false)
    .map(({ name, x, y }) => `  ${name}: ${x.length} points, last ${y.at(-1) ?? 'none'}`);
  const axes = `${layout.yaxis.title.text} over ${layout.xaxis.title.text}`;
  return [`${layout.title.text} - ${axes}`, ...lines].join('\n');
}

export function pngOutput(image: PngImage, text: string): Output {
  const { data, width, height } = image;
  return {
    bundle: { 'image/png': data.toString('base64'), 'text/plain': text },
    metadata: { 'image/png': { width, height } },
  };
}

export function gifOutput(gif: GifImage): Output {
  const { data, width, height, frameCount, delayMs } = gif;
  const seconds = ((frameCount * delayMs) / 1000).toFixed(1);
  return {
    bundle: {
      'image/gif': data.toString('base64'),
      'text/plain': `animation: ${frameCount} pictures ${width} x ${height}, ${seconds} s`,
    },
    metadata: { 'image/gif': { width, height } },
  };
}
