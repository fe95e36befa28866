/** Drawings of boxes, arrows and pictures, on a transparent ground that suits a light and a dark theme. */
import sharp from 'sharp';
import { COLOURS } from './figure';
import { svgText, type TextPlace } from './font';
import { encodePng, type PngImage } from './frames';
import type { Picture } from './picture';

/** A drawing, and what it says in words for viewers without pictures. */
export interface Diagram {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** SVG elements. */
  readonly parts: readonly string[];
  readonly text: string;
}

/** Ink on transparent ground: contrast 4 : 1 or more on JupyterLab's white and on its dark ground alike. */
const INK = '#7d7d7d';
const SIZE = 15;
const LINE = 20;
/** Pixels of the file for a pixel of the page: sharp on screens of high density. */
const DENSITY = 2;

/** Encodes a drawing as PNG; `width` and `height` are those it is to be shown with. */
export async function encodeDiagram({ width, height, parts }: Diagram): Promise<PngImage> {
  const size = `width="${DENSITY * width}" height="${DENSITY * height}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}">${parts.join('')}</svg>`;
  const data = await sharp(Buffer.from(svg)).png({ palette: true, effort: 1 }).toBuffer();
  return { data, width, height };
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Text around a point, one line below the other; `y` is the middle. */
export function label(
  text: string,
  { x, y }: Place,
  style: Partial<Pick<TextPlace, 'size' | 'colour' | 'anchor'>> = {},
): string {
  const { size = SIZE, colour = INK, anchor = 'middle' } = style;
  const lines = text.split('\n');
  const first = y + size * 0.36 - ((lines.length - 1) * LINE) / 2;
  return lines
    .map((line, i) => svgText(line, { x, y: first + i * LINE, size, colour, anchor }))
    .join('');
}

export interface BoxOptions extends Place {
  readonly width: number;
  readonly height: number;
  /** Index into the project's colours; default 0, blue. */
  readonly colour?: number;
}

/** A filled box around white text; `x` and `y` are its left upper corner. */
export function box(text: string, { x, y, width, height, colour = 0 }: BoxOptions): string {
  const fill = COLOURS[colour % COLOURS.length]!;
  const middle = { x: x + width / 2, y: y + height / 2 };
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}"/>` +
    label(text, middle, { colour: '#ffffff' })
  );
}

/** A line through the points with a head at its end. */
export function arrow(points: readonly Place[], { dashed = false } = {}): string {
  const [from, to] = points.slice(-2) as [Place, Place];
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const corner = (back: number, aside: number) =>
    `${to.x - back * ux - aside * uy},${to.y - back * uy + aside * ux}`;
  const bend = points.slice(0, -1).map(({ x, y }) => `${x},${y}`);
  const line = [...bend, corner(8, 0)].join(' ');
  const dash = dashed ? ' stroke-dasharray="6 4"' : '';
  return (
    `<polyline points="${line}" fill="none" stroke="${INK}" stroke-width="2"${dash}/>` +
    `<polygon points="${to.x},${to.y} ${corner(10, 5)} ${corner(10, -5)}" fill="${INK}"/>`
  );
}

/** A bracket under or over a span, with its name. */
export function bracket(
  text: string,
  { x, y, width, up = false }: Place & { readonly width: number; readonly up?: boolean },
): string {
  const tip = up ? 8 : -8;
  const path = `M${x},${y + tip} V${y} H${x + width} V${y + tip}`;
  const line = `<path d="${path}" fill="none" stroke="${INK}" stroke-width="2"/>`;
  return line + label(text, { x: x + width / 2, y: up ? y - 14 : y + 14 });
}

/** A picture in the drawing, with a thin frame. */
export async function image(
  picture: Picture,
  { x, y, scale }: Place & { readonly scale: number },
): Promise<string> {
  const { data, width, height } = await encodePng(picture, { scale });
  const area = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  const source = `data:image/png;base64,${data.toString('base64')}`;
  return (
    `<image ${area} href="${source}" style="image-rendering: pixelated"/>` +
    `<rect ${area} fill="none" stroke="${INK}"/>`
  );
}
