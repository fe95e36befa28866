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
 * Encodes the same pictures with the same delays: without loss, up to 255 colours in all of them together.
 * Of more colours the nearest of 255 are taken.
 */
export async function gifToPng(gif: Uint8Array): Promise<Buffer> {
  const image = sharp(gif, { animated: true, limitInputPixels: false });
  const { width, height, pageHeight = height, delay = [], loop = 0 } = await image.metadata();
  const rgb = await image.removeAlpha().raw().toBuffer();
  const palette = toPalette(rgb) ?? toPalette(await reduceColours(rgb, width), { isLast: true })!;
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

/** The same RGB pixels in at most 256 colours: sharp gives no number between that and 16. */
async function reduceColours(rgb: Buffer, width: number): Promise<Buffer> {
  const raw = { width, height: rgb.length / (3 * width), channels: 3 } as const;
  const unlimited = { limitInputPixels: false };
  const reduced = sharp(rgb, { raw, ...unlimited }).png({ palette: true, dither: 0 });
  return sharp(await reduced.toBuffer(), unlimited)
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** The colours of RGB pixels. Of too many it takes the nearest if `isLast`, else it returns undefined. */
function toPalette(rgb: Uint8Array, { isLast = false } = {}): Palette | undefined {
  const indexOf = new Map<number, number>();
  const bytes: (readonly [number, number, number])[] = [];
  const indices = new Uint8Array(rgb.length / 3);
  let [last, index] = [-1, 0]; // most pixels are as the one before: no look-up
  for (let i = 0; i < indices.length; i++) {
    const colour = (rgb[3 * i]! << 16) | (rgb[3 * i + 1]! << 8) | rgb[3 * i + 2]!;
    if (colour !== last) {
      last = colour;
      const known = indexOf.get(colour);
      if (known === undefined) {
        if (bytes.length < MAX_COLOURS) {
          bytes.push([colour >> 16, (colour >> 8) & 255, colour & 255]);
        } else if (!isLast) return undefined;
        indexOf.set(colour, 1 + nearest(bytes, rgb.subarray(3 * i, 3 * i + 3)));
      }
      index = known ?? indexOf.get(colour)!;
    }
    indices[i] = index;
  }
  return { colours: Buffer.from([0, 0, 0, ...bytes.flat()]), indices };
}

/** Index of the colour that is the least away. */
function nearest(colours: readonly (readonly number[])[], wanted: Uint8Array): number {
  const distances = colours.map((colour) =>
    colour.reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
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
