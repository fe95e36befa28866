/** Moving pictures as animated GIF. */
import sharp from 'sharp';
import { copyRgb, type Picture, scaleOf } from './picture';

export interface GifOptions {
  /** Whole number of pixels per pixel; by default what comes nearest to 320 pixels of width. */
  readonly scale?: number;
  /**
   * Milliseconds that each picture stays; GIF keeps hundredths of a second. 70 by default: one
   * decision of the agent lasts 4 emulator frames, 67 ms.
   */
  readonly delayMs?: number;
  /** Times the animation plays; 0, the default, is for ever. */
  readonly loop?: number;
  /** Largest size in bytes; no limit by default. A longer animation skips pictures, in real time. */
  readonly maxBytes?: number;
}

export interface GifImage {
  readonly data: Buffer;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Pictures shown, repeated ones among them. */
  readonly frameCount: number;
  /** Milliseconds that each picture stays, a multiple of 10. */
  readonly delayMs: number;
}

/** More skipping than this and a player no longer sees where the ball goes. */
const MAX_STRIDE = 4;

/**
 * Encodes pictures of one shape as an animated GIF.
 *
 * The Atari's colours are kept exactly. A picture that repeats is stored once, with a longer delay.
 * @throws RangeError when there are no pictures, their shapes differ, an option is out of range, or
 *   `maxBytes` is exceeded even with three of four pictures skipped.
 */
export async function encodeGif(
  pictures: readonly Picture[],
  options: GifOptions = {},
): Promise<GifImage> {
  const { delayMs = 70, loop = 0, maxBytes = Number.POSITIVE_INFINITY } = options;
  checkPictures(pictures);
  if (!(delayMs >= 20)) {
    throw new RangeError(
      `delayMs must be at least 20, got ${delayMs}: browsers slow down faster GIFs`,
    );
  }
  const scale = scaleOf(pictures[0]!, options.scale);
  let stride = 1;
  for (;;) {
    const kept = pictures.filter((_, i) => i % stride === 0);
    const gif = await encode(kept, { scale, delayMs: delayMs * stride, loop });
    if (gif.data.length <= maxBytes) return gif;
    if (stride === MAX_STRIDE) {
      throw new RangeError(
        `the GIF must have at most ${maxBytes} bytes, got ${gif.data.length} with every ` +
          `${MAX_STRIDE}th of ${pictures.length} pictures: pass fewer pictures or a smaller scale`,
      );
    }
    const wanted = Math.ceil((stride * gif.data.length) / maxBytes);
    stride = Math.min(MAX_STRIDE, Math.max(stride + 1, wanted));
  }
}

function checkPictures(pictures: readonly Picture[]): void {
  const [first] = pictures;
  if (!first) throw new RangeError('a GIF needs at least one picture, got none');
  for (const [i, { shape }] of pictures.entries()) {
    if (shape.join() !== first.shape.join()) {
      throw new RangeError(
        `all pictures of a GIF must have the shape [${first.shape.join(', ')}] of the first, ` +
          `got [${shape.join(', ')}] at index ${i}`,
      );
    }
  }
}

async function encode(
  pictures: readonly Picture[],
  settings: { readonly scale: number; readonly delayMs: number; readonly loop: number },
): Promise<GifImage> {
  const frames = pictures.map(copyRgb);
  const { width, height } = frames[0]!;
  const { scale, loop } = settings;
  const size = { width: width * scale, height: height * scale };
  const delayMs = Math.round(settings.delayMs / 10) * 10;
  const strip = sharp(Buffer.concat(frames.map(({ data }) => data)), {
    // without `animated` the strip would silently be resized as two pictures
    animated: true,
    limitInputPixels: false,
    raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
  });
  const data = await strip
    .resize({ ...size, kernel: 'nearest' })
    // less effort shifts colours, more does not make these flat pictures smaller
    .gif({ delay: frames.map(() => delayMs), loop, dither: 0, effort: 7, reuse: true })
    .toBuffer();
  return { data, ...size, frameCount: frames.length, delayMs };
}
