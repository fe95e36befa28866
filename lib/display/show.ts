/** Shows pictures, animations and figures under the running cell. */
import { findKernelHost, type KernelHost } from '../kernel/host';
import { figureOutput, gifOutput, type Output, pngOutput } from './bundle';
import { type Diagram, encodeDiagram } from './diagram';
import type { Figure } from './figure';
import { encodePanels, encodePng, type Panel, type PanelsOptions, type PngOptions } from './frames';
import { encodeGif, type GifImage, type GifOptions } from './gif';
import type { Picture } from './picture';
import type { PlotlyFigure } from './plotly-figure';

/** The part of the kernel that displays need. */
export type DisplayHost = Pick<KernelHost, 'display'>;

/**
 * The running kernel's host.
 * @throws Error outside a notebook, where there is nothing to show pictures on.
 */
export function requireHost(caller: string): DisplayHost {
  const host = findKernelHost();
  if (!host) {
    throw new Error(
      `${caller} shows its output in a notebook, and no notebook kernel runs here: call it from a ` +
        'cell, or use saveGif() or saveFigure(), or encodePng() or encodePanels() and write the bytes ' +
        'to a file',
    );
  }
  return host;
}

/** Shows one picture. @throws Error outside a notebook, RangeError for an invalid picture. */
export function showPicture(picture: Picture, options: PngOptions = {}): Promise<void> {
  return show('showPicture()', () => pictureOutput(picture, options));
}

/** One picture as an output; its text is its shape. */
export async function pictureOutput(picture: Picture, options: PngOptions): Promise<Output> {
  return pngOutput(await encodePng(picture, options), `picture [${picture.shape.join(', ')}]`);
}

/**
 * Shows pictures side by side, each over its caption.
 * @throws Error outside a notebook, RangeError for an invalid picture or none.
 */
export function showPanels(panels: readonly Panel[], options: PanelsOptions = {}): Promise<void> {
  return show('showPanels()', async () => {
    const text = panels.map(({ caption }) => caption.replaceAll('\n', ' ')).join(' | ');
    return pngOutput(await encodePanels(panels, options), text);
  });
}

/** Shows a drawing. @throws Error outside a notebook. */
export function showDiagram(diagram: Diagram): Promise<void> {
  return show('showDiagram()', async () => pngOutput(await encodeDiagram(diagram), diagram.text));
}

/**
 * Shows an animation, made from pictures or already encoded, such as a run's.
 * @param options for pictures
 * @throws Error outside a notebook, RangeError as `encodeGif` does.
 */
export function showGif(
  pictures: readonly Picture[] | GifImage,
  options: GifOptions = {},
): Promise<void> {
  return show('showGif()', async () =>
    gifOutput('data' in pictures ? pictures : await encodeGif(pictures, options)),
  );
}

/**
 * Shows a figure: one of this library's, or any that plotly takes.
 *
 * Lines, points, bars, histograms and heat maps also get a still picture, for viewers without plotly.
 * @throws Error outside a notebook, TypeError when it is not a figure.
 */
export function showFigure(figure: Figure | PlotlyFigure): Promise<void> {
  return show('showFigure()', async () => figureOutput(figure));
}

/** Shows HTML, where the viewer trusts the notebook with its scripts. @throws Error outside a notebook. */
export function showHtml(html: string): void {
  const text = html.replace(/<(script|style)\b.*?<\/\1>|<[^>]*>/gis, '').trim();
  requireHost('showHtml()').display({ 'text/html': html, 'text/plain': text });
}

/** Shows an output when it is made. The cell waits for it, also without an `await`. */
function show(caller: string, make: () => Promise<Output>): Promise<void> {
  const work = (async () => {
    const host = requireHost(caller);
    const { bundle, metadata = {} } = await make();
    host.display(bundle, { metadata });
  })();
  return findKernelHost()?.finish(work) ?? work;
}
