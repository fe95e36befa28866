/** Still pictures as PNG: one picture, or several side by side with captions. */
import sharp from 'sharp';
import { textHeight, textPath, textWidth } from './font';
import { fittingScale, type Picture, pictureSize, toRgb } from './picture';

export interface PngImage {
  readonly data: Buffer;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface PngOptions {
  /** Whole number of pixels per pixel; by default what comes nearest to 320 pixels of width. */
  readonly scale?: number;
}

/**
 * Encodes one picture as a lossless RGB PNG.
 * @throws RangeError when the shape or the scale is invalid.
 */
export async function encodePng(picture: Picture, options: PngOptions = {}): Promise<PngImage> {
  const { data, width, height } = toRgb(picture, options.scale ?? fittingScale(picture));
  const png = sharp(data, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 6 });
  return { data: await png.toBuffer(), width, height };
}

/** One picture of a row and the line below it. */
export interface Panel {
  readonly picture: Picture;
  readonly caption: string;
  /** Whole number of pixels per pixel; by default what comes nearest to the row's height. */
  readonly scale?: number;
}

export interface PanelsOptions {
  /** Height that the pictures should come near to, in pixels; 210 by default. */
  readonly height?: number;
}

const GAP = 16;
const TEXT_SCALE = 2;
/** A gray with contrast 4 : 1 or more on JupyterLab's white and on its dark ground alike. */
const CAPTION_COLOUR = '#7d7d7d';

/**
 * Draws pictures side by side on a transparent ground, bottoms on one line, each over its caption.
 * @throws RangeError when there is no panel, or a shape or scale is invalid.
 */
export async function encodePanels(
  panels: readonly Panel[],
  options: PanelsOptions = {},
): Promise<PngImage> {
  if (panels.length === 0) {
    throw new RangeError('panels must hold at least one picture, got none');
  }
  const target = options.height ?? 210;
  const cells = panels.map(({ picture, caption, scale }) => {
    const natural = Math.max(1, Math.round(target / pictureSize(picture).height));
    const rgb = toRgb(picture, scale ?? natural);
    const lines = caption.split('\n');
    const textWidths = lines.map((line) => textWidth(line, TEXT_SCALE));
    return { rgb, lines, width: Math.max(rgb.width, ...textWidths) };
  });
  const lineHeight = textHeight(TEXT_SCALE) + 4;
  const picturesHeight = Math.max(...cells.map(({ rgb }) => rgb.height));
  const lineCount = Math.max(...cells.map(({ lines }) => lines.length));
  const height = picturesHeight + 8 + lineCount * lineHeight;
  const width = cells.reduce((sum, cell) => sum + cell.width, GAP * (cells.length - 1));

  let left = 0;
  let captions = '';
  const layers = cells.map(({ rgb, lines, width: cellWidth }) => {
    lines.forEach((line, i) => {
      const x = left + cellWidth / 2;
      const y = picturesHeight + 8 + i * lineHeight;
      captions += textPath(line, { x, y, scale: TEXT_SCALE, anchor: 'middle' });
    });
    const layer = {
      input: Buffer.from(rgb.data.buffer),
      raw: { width: rgb.width, height: rgb.height, channels: 3 as const },
      left: left + Math.floor((cellWidth - rgb.width) / 2),
      top: picturesHeight - rgb.height,
    };
    left += cellWidth + GAP;
    return layer;
  });
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<path fill="${CAPTION_COLOUR}" shape-rendering="crispEdges" d="${captions}"/></svg>`;
  const data = await sharp({
    create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .composite([...layers, { input: Buffer.from(svg), left: 0, top: 0 }])
    .png({ compressionLevel: 6 })
    .toBuffer();
  return { data, width, height };
}
