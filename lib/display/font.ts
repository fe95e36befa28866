/**
 * Text in SVG, in the DejaVu font that comes with the project: a machine's own fonts differ, and a slim
 * container has none and shows boxes.
 */
import { join } from 'node:path';
import sharp from 'sharp';
import { ROOT } from '../files/root';
import { escapeMarkup } from '../text';

const FAMILY = 'DejaVu Sans';

// Read by sharp's font library when it draws its first text.
process.env.FONTCONFIG_FILE = join(ROOT, 'lib/display/fonts.conf');

/** Where and how `svgText` writes one line. */
export interface TextPlace {
  /** Pixels; the left end, middle or right end of the text, as `anchor` says. */
  readonly x: number;
  /** Pixels; the base line. */
  readonly y: number;
  /** Height of the type in pixels: capitals have 73% of it, descenders reach 24% below the base line. */
  readonly size: number;
  readonly colour: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Degrees clockwise, around the place; 0 by default. */
  readonly turn?: number;
}

/** One line of text as an SVG element. */
export function svgText(text: string, place: TextPlace): string {
  const { x, y, size, colour, anchor = 'start', turn = 0 } = place;
  return (
    `<text x="${x}" y="${y}" font-family="${FAMILY}" font-size="${size}" fill="${colour}" ` +
    `text-anchor="${anchor}" transform="rotate(${turn} ${x} ${y})">${escapeMarkup(text)}</text>`
  );
}

/** Pixels from the first to the last drawn column of a line of text. */
export async function textWidth(text: string, size: number): Promise<number> {
  const line = escapeMarkup(text.replace(/\p{Cf}/gu, '')).trim(); // Cf: without a glyph
  if (line === '') return 0;
  const drawn = sharp({ text: { text: line, font: `${FAMILY} ${size}`, dpi: 72 } });
  return (await drawn.metadata()).width;
}
