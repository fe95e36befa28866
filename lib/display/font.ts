/**
 * Text in SVG, in the DejaVu font that comes with the project: a machine's own fonts differ, and a slim
 * container has none and shows boxes.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { ROOT } from '../files/root';
import { escapeMarkup, messageOf } from '../text';

const FAMILY = 'DejaVu Sans';

let isFontSet = false;

/**
 * Writes what sharp's font library reads when it draws its first text; what the user has set counts, too.
 * It is written anew in each process, since paths in it must be whole and the project's folder may have
 * moved. Where that cannot be done, the machine's own fonts are used, and a warning says so.
 */
function useOwnFont(): void {
  if (isFontSet) return;
  isFontSet = true;
  const { FONTCONFIG_FILE: users } = process.env;
  const include = users ? `<include ignore_missing="yes">${escapeMarkup(users)}</include>` : '';
  const folder = join(ROOT, '.cache/fontconfig');
  const file = join(folder, 'fonts.conf');
  const fonts = escapeMarkup(join(ROOT, 'node_modules/dejavu-fonts-ttf/ttf'));
  const cache = escapeMarkup(folder);
  const unfinished = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      unfinished,
      `<fontconfig>${include}<dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>\n`,
    );
    renameSync(unfinished, file);
    process.env.FONTCONFIG_FILE = file;
  } catch (error) {
    process.emitWarning(
      `the font for static pictures cannot be set up (${messageOf(error)}), this machine's fonts are used: ` +
        `let ${folder} be written`,
    );
  }
}

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
  useOwnFont();
  const { x, y, size, colour, anchor = 'start', turn = 0 } = place;
  return (
    `<text x="${x}" y="${y}" font-family="${FAMILY}" font-size="${size}" fill="${colour}" ` +
    `text-anchor="${anchor}" transform="rotate(${turn} ${x} ${y})">${escapeMarkup(text)}</text>`
  );
}

/** Pixels from the first to the last drawn column of a line of text. */
export async function textWidth(text: string, size: number): Promise<number> {
  const line = escapeMarkup(text.replace(/\p{Cf}/gu, '')).trim(); // Cf are characters without a glyph
  if (line === '') return 0;
  useOwnFont();
  const drawn = sharp({ text: { text: line, font: `${FAMILY} ${size}`, dpi: 72 } });
  return (await drawn.metadata()).width;
}
