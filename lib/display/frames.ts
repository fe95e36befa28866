/** Still pictures as PNG: one picture, or several side by side with captions. */
import sharp from 'sharp';
import { svgText, textWidth } from './font';
import { copyRgb, type Picture, pictureSize, scaleOf } from './picture';

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
  return encodeScaled(picture, scaleOf(picture, options.scale));
}

async function encodeScaled(picture: Picture, scale: number): Promise<PngImage> {
  const { data, ...size } = copyRgb(picture);
  const [width, height] = [size.width * scale, size.height * scale];
  const png = sharp(data, { raw: { ...size, channels: 3 } })
    .resize({ width, height, kernel: 'nearest' })
    .png({ compressionLevel: 6 });
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
/** Pixels: the height of the type, and from one line to the next. */
const SIZE = 15;
const LINE = 20;
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
  const cells = await Promise.all(panels.map((panel) => toCell(panel, options.height ?? 210)));
  const captionTop = Math.max(...cells.map(({ png }) => png.height)) + 8;
  const height = captionTop + LINE * Math.max(...cells.map(({ lines }) => lines.length));
  const width = cells.reduce((sum, cell) => sum + cell.width, GAP * (cells.length - 1));

  let left = 0;
  let captions = '';
  const layers = cells.map(({ png, lines, width: cellWidth }) => {
    const x = left + cellWidth / 2;
    lines.forEach((line, i) => {
      const y = captionTop + LINE * i + SIZE;
      captions += svgText(line, { x, y, size: SIZE, colour: CAPTION_COLOUR, anchor: 'middle' });
    });
    left += cellWidth + GAP;
    return {
      input: png.data,
      left: Math.floor(x - png.width / 2),
      top: captionTop - 8 - png.height,
    };
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${captions}</svg>`;
  const data = await sharp({
    create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .composite([...layers, { input: Buffer.from(svg), left: 0, top: 0 }])
    .png({ compressionLevel: 6 })
    .toBuffer();
  return { data, width, height };
}

interface Cell {
  readonly png: PngImage;
  readonly lines: readonly string[];
  /** Pixels that the picture and its caption need. */
  readonly width: number;
}

/** @param target the height that the picture should come near to, in pixels */
async function toCell({ picture, caption, scale }: Panel, target: number): Promise<Cell> {
  const natural = Math.max(1, Math.round(target / pictureSize(picture).height));
  const png = await encodeScaled(picture, scaleOf(picture, scale ?? natural));
  const lines = caption.split('\n');
  const widths = await Promise.all(lines.map((line) => textWidth(line, SIZE)));
  return { png, lines, width: Math.max(png.width, ...widths.map((width) => width + 2)) };
}
