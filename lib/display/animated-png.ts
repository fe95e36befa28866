/**
 * An animated GIF as an animated PNG (APNG, part of the PNG specification since its third edition).
 *
 * Jupyter shows `image/gif`; nbconvert, and with it the viewers of code hosts, knows PNG and not GIF.
 * Browsers play an animated PNG, and what does not know the animation shows its first picture. It is
 * written here because sharp writes still PNGs only, and the packages that write APNG are not kept up.
 */
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** Index of the palette's transparent entry: a pixel that stays as it was. */
const UNCHANGED = 0;
const MAX_COLOURS = 255;

/** Pixels. */
interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Palette {
  /** Three bytes for each index; those of `UNCHANGED` are not used. */
  readonly colours: Buffer;
  /** One byte for each pixel. */
  readonly indices: Uint8Array;
}

/**
 * Encodes the same pictures with the same delays, without loss.
 * @returns a PNG file; not animated, the first picture alone, when the pictures have more than 255 colours
 */
export async function gifToPng(gif: Uint8Array): Promise<Buffer> {
  const image = sharp(gif, { animated: true, limitInputPixels: false });
  const { width, height, pageHeight = height, delay = [], loop = 0 } = await image.metadata();
  const rgb = await image.removeAlpha().raw().toBuffer();
  const palette = toPalette(rgb);
  if (palette === undefined) return sharp(gif).png().toBuffer();
  const pictureBytes = width * pageHeight;
  const count = palette.indices.length / pictureBytes;
  const pictureAt = (i: number) =>
    palette.indices.subarray(i * pictureBytes, (i + 1) * pictureBytes);

  const chunks = [
    chunk('IHDR', Buffer.concat([uint32(width, pageHeight), Buffer.of(8, 3, 0, 0, 0)])),
    chunk('acTL', uint32(count, loop)),
    chunk('PLTE', palette.colours),
    chunk('tRNS', Buffer.of(0)), // index 0 is transparent
  ];
  let sequence = 0;
  for (let i = 0; i < count; i++) {
    const picture = pictureAt(i);
    const before = i === 0 ? undefined : pictureAt(i - 1);
    const { left, top, ...size } = changedPart({ picture, before, width });
    const place = uint32(sequence++, size.width, size.height, left, top);
    const control = Buffer.alloc(6);
    control.writeUInt16BE(Math.min(delay[i] ?? 100, 65_535), 0);
    control.writeUInt16BE(1000, 2); // the delay is in milliseconds
    control[5] = 1; // drawn over the picture before, which stays
    chunks.push(chunk('fcTL', Buffer.concat([place, control])));
    const rows = packRows({ picture, before, width, part: { left, top, ...size } });
    const data = deflateSync(rows, { level: 9 });
    if (i === 0) chunks.push(chunk('IDAT', data));
    else chunks.push(chunk('fdAT', Buffer.concat([uint32(sequence++), data])));
  }
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

/** The colours of RGB pixels; undefined when there are too many. */
function toPalette(rgb: Uint8Array): Palette | undefined {
  const indexOf = new Map<number, number>();
  const indices = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < indices.length; i++) {
    const colour = (rgb[3 * i]! << 16) | (rgb[3 * i + 1]! << 8) | rgb[3 * i + 2]!;
    let index = indexOf.get(colour);
    if (index === undefined) {
      if (indexOf.size === MAX_COLOURS) return undefined;
      index = indexOf.size + 1;
      indexOf.set(colour, index);
    }
    indices[i] = index;
  }
  const bytes = [...indexOf.keys()].flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]);
  return { colours: Buffer.from([0, 0, 0, ...bytes]), indices };
}

interface Change {
  /** Indices of the palette, row by row. */
  readonly picture: Uint8Array;
  /** undefined for the first picture, which is drawn whole. */
  readonly before: Uint8Array | undefined;
  /** Pixels of a row. */
  readonly width: number;
}

/** The smallest rectangle that holds all changed pixels; one pixel when none has changed. */
function changedPart({ picture, before, width }: Change): Rectangle {
  const height = picture.length / width;
  if (before === undefined) return { left: 0, top: 0, width, height };
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let i = 0; i < picture.length; i++) {
    if (picture[i] === before[i]) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = y;
  }
  if (right < 0) return { left: 0, top: 0, width: 1, height: 1 };
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The rectangle as PNG's rows, each with its filter's number, 0, before it. */
function packRows({ picture, before, width, part }: Change & { part: Rectangle }): Buffer {
  const rows = Buffer.alloc(part.height * (part.width + 1));
  for (let y = 0; y < part.height; y++) {
    const from = (part.top + y) * width + part.left;
    const to = y * (part.width + 1) + 1;
    for (let x = 0; x < part.width; x++) {
      const index = picture[from + x]!;
      rows[to + x] = index === before?.[from + x] ? UNCHANGED : index;
    }
  }
  return rows;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

function uint32(...values: number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    buffer.writeUInt32BE(value, 4 * i);
  });
  return buffer;
}
