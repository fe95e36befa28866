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
  /** Whole number of pixels per pixel; by default one for the whole row, so that sizes compare. */
  readonly scale?: number;
}

export interface PanelsOptions {
  /** Height that the tallest picture should come near to, in pixels; 210 by default. */
  readonly height?: number;
  /** Whether the pictures have rulers, in their own pixels; default false. */
  readonly rulers?: boolean;
}

const GAP = 16;
/** Pixels: the height of the type, and from one line to the next. */
const SIZE = 15;
const LINE = 20;
/** The rulers' type, the room that their numbers need around a picture, and pixels between two marks. */
const RULER = { size: 11, left: 30, right: 10, below: 18, step: 40 } as const;
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
  const { height: target = 210, rulers = false } = options;
  const tallest = Math.max(...panels.map(({ picture }) => pictureSize(picture).height));
  const natural = Math.max(1, Math.round(target / tallest));
  const cells = await Promise.all(panels.map((panel) => toCell(panel, { natural, rulers })));
  const bottom = Math.max(...cells.map(({ png }) => png.height));
  const captionTop = bottom + 8 + (rulers ? RULER.below : 0);
  const height = captionTop + LINE * Math.max(...cells.map(({ lines }) => lines.length));
  const width = cells.reduce((sum, cell) => sum + cell.width, GAP * (cells.length - 1));

  let left = 0;
  let captions = '';
  const layers = cells.map(({ png, lines, scale, width: cellWidth }) => {
    const [before, after] = rulers ? [RULER.left, RULER.right] : [0, 0];
    const x = left + before + (cellWidth - before - after) / 2;
    lines.forEach((line, i) => {
      const y = captionTop + LINE * i + SIZE;
      captions += svgText(line, { x, y, size: SIZE, colour: CAPTION_COLOUR, anchor: 'middle' });
    });
    left += cellWidth + GAP;
    const place = { left: Math.floor(x - png.width / 2), top: bottom - png.height };
    if (rulers) captions += rulerMarks(png, { ...place, scale });
    return { input: png.data, ...place };
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
  /** Pixels per pixel of the picture. */
  readonly scale: number;
  /** Pixels that the picture and its caption need. */
  readonly width: number;
}

/** @param options.natural pixels per pixel of a panel that does not say */
async function toCell(
  panel: Panel,
  { natural, rulers }: { readonly natural: number; readonly rulers: boolean },
): Promise<Cell> {
  const scale = scaleOf(panel.picture, panel.scale ?? natural);
  const png = await encodeScaled(panel.picture, scale);
  const lines = panel.caption.split('\n');
  const widths = await Promise.all(lines.map((line) => textWidth(line, SIZE)));
  const content = Math.max(png.width, ...widths.map((width) => width + 2));
  const room = rulers ? RULER.left + RULER.right : 0;
  return { png, lines, scale, width: content + room };
}

/** Marks and numbers left of a picture and below it, in its own pixels from its upper left corner. */
function rulerMarks(
  { width, height }: PngImage,
  { left, top, scale }: { readonly left: number; readonly top: number; readonly scale: number },
): string {
  const text = { size: RULER.size, colour: CAPTION_COLOUR };
  const marks: string[] = [];
  for (let pixel = 0; pixel * scale <= height; pixel += RULER.step) {
    const y = top + pixel * scale;
    marks.push(`<path d="M${left - 5} ${y + 0.5}h4" stroke="${CAPTION_COLOUR}"/>`);
    const at = { x: left - 8, y: Math.max(RULER.size - 2, y + RULER.size / 2 - 1) };
    marks.push(svgText(String(pixel), { ...text, ...at, anchor: 'end' }));
  }
  for (let pixel = 0; pixel * scale <= width; pixel += RULER.step) {
    const x = left + pixel * scale;
    marks.push(`<path d="M${x + 0.5} ${top + height + 1}v4" stroke="${CAPTION_COLOUR}"/>`);
    const at = { x, y: top + height + RULER.below - 2 };
    marks.push(svgText(String(pixel), { ...text, ...at, anchor: 'middle' }));
  }
  return marks.join('');
}
