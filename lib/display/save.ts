/** Writes animations and figures into files: beside the notebook, or where a program runs. */
import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { replaceFile } from '../files/atomic';
import { ROOT } from '../files/root';
import { escapeMarkup } from '../text';
import { encodeFigure } from './bundle';
import { chartSvg } from './chart-svg';
import type { Figure } from './figure';
import { encodeGif, type GifImage, type GifOptions } from './gif';
import type { Picture } from './picture';
import { type PlotlyFigure, plainFigure, textOf } from './plotly-figure';

/**
 * The file's ending in small letters.
 * @throws RangeError when it is not one of the allowed ones.
 */
export function requireEnding(file: string, allowed: readonly string[]): string {
  const ending = extname(file).toLowerCase();
  if (allowed.includes(ending)) return ending;
  throw new RangeError(`the file's name must end in ${allowed.join(' or ')}, got '${file}'`);
}

/**
 * Writes an animation, made from pictures or already encoded, such as a run's.
 * @param file ends in .gif; from the notebook's folder, unless it is absolute
 * @param options for pictures
 * @throws RangeError for another ending, and as `encodeGif`; Error when the file cannot be written.
 */
export async function saveGif(
  file: string,
  pictures: readonly Picture[] | GifImage,
  options: GifOptions = {},
): Promise<void> {
  requireEnding(file, ['.gif']);
  const gif = 'data' in pictures ? pictures : await encodeGif(pictures, options);
  await replaceFile(resolve(file), gif.data);
}

/**
 * Writes a figure: .png and .svg as a still picture of 800 x 440, .html as a page that draws it live and
 * needs no network (10 MB, as plotly is in it).
 * @param file from the notebook's folder, unless it is absolute
 * @throws RangeError for another ending, and as `encodeFigure` for a figure without a still picture;
 *   Error when the file cannot be written.
 */
export async function saveFigure(file: string, figure: Figure | PlotlyFigure): Promise<void> {
  const ending = requireEnding(file, ['.png', '.svg', '.html']);
  const encode = { '.png': pngOf, '.svg': chartSvg, '.html': pageOf }[ending]!;
  await replaceFile(resolve(file), await encode(figure));
}

const pngOf = async (figure: Figure | PlotlyFigure) => (await encodeFigure(figure)).data;

async function pageOf(figure: Figure | PlotlyFigure): Promise<string> {
  const plain = plainFigure(figure);
  const plotly = await readFile(join(ROOT, 'node_modules/plotly.js-dist/plotly.js'), 'utf8');
  const title = escapeMarkup(textOf(plain.layout.title) || 'figure');
  const json = JSON.stringify(plain).replaceAll('<', '\\u003c'); // no tag of the page ends here
  return (
    `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${title}</title>\n` +
    `<div id="figure"></div>\n<script>${plotly}</script>\n<script>\n` +
    `const figure = ${json};\n` +
    // plotly.js 4 offers by default to upload the figure to its maker
    'figure.config = { responsive: true, ...figure.config, showSendToCloud: false, plotlyServerURL: "" };\n' +
    'Plotly.newPlot("figure", figure);\n</script>\n</html>\n'
  );
}
