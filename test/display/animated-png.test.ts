/** An animated PNG, decoded by the specification, has the pictures and the times of its GIF. */
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gifToPng } from '../../lib/display/animated-png';
import { encodeGif } from '../../lib/display/gif';
import { breakoutPicture, doubled } from './breakout-picture';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

function readChunks(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const data = png.subarray(at + 8, at + 8 + length);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data });
    at += 12 + length;
  }
  return chunks;
}

/** Plays the file as the PNG specification says: each picture in RGB, and its milliseconds. */
function play(png: Buffer): { readonly pictures: Buffer[]; readonly delays: number[] } {
  const chunks = readChunks(png);
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)!.data;
  const [width, height] = [find('IHDR').readUInt32BE(0), find('IHDR').readUInt32BE(4)];
  const [colours, alphas] = [find('PLTE'), find('tRNS')];
  const canvas = Buffer.alloc(3 * width * height);
  const [pictures, delays]: [Buffer[], number[]] = [[], []];
  let control: Buffer = Buffer.alloc(0);
  for (const { type, data } of chunks) {
    if (type === 'fcTL') control = data;
    if (type !== 'IDAT' && type !== 'fdAT') continue;
    const rows = inflateSync(type === 'IDAT' ? data : data.subarray(4));
    const [w, h, left, top] = [4, 8, 12, 16].map((at) => control.readUInt32BE(at)) as [
      number,
      number,
      number,
      number,
    ];
    for (let y = 0; y < h; y++) {
      expect(rows[y * (w + 1)]).toBe(0); // the filter
      for (let x = 0; x < w; x++) {
        const index = rows[y * (w + 1) + 1 + x]!;
        if (alphas[index] === 0) continue;
        colours.copy(canvas, 3 * ((top + y) * width + left + x), 3 * index, 3 * index + 3);
      }
    }
    pictures.push(Buffer.from(canvas));
    delays.push((1000 * control.readUInt16BE(20)) / control.readUInt16BE(22));
  }
  return { pictures, delays };
}

describe('gifToPng', () => {
  const [a, b, c] = [breakoutPicture(0), breakoutPicture(60), breakoutPicture(90)];

  it('plays the pictures of the GIF for the same time, for ever', async () => {
    const gif = await encodeGif([a, b, b, c, a], { delayMs: 70 });
    const png = await gifToPng(gif.data);
    const { pictures, delays } = play(png);
    expect(delays).toEqual([70, 140, 70, 70]);
    const expected = [a, b, c, a].map(doubled);
    expect(pictures.map((picture, i) => picture.equals(expected[i]!))).toEqual(Array(4).fill(true));
    const [, animation] = readChunks(png);
    expect(animation).toEqual({ type: 'acTL', data: Buffer.from([0, 0, 0, 4, 0, 0, 0, 0]) });
  });

  it('shows its first picture to a program that knows plain PNG only', async () => {
    const png = await gifToPng((await encodeGif([b, a])).data);
    const { data, info } = await sharp(png)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 320, height: 420 });
    expect(data.equals(doubled(b))).toBe(true);
  });

  it('moves in the nearest colours when there are too many for a palette', async () => {
    // two pictures of 64 x 64 with 256 colours each, none in common but a few
    const pixels = Array.from({ length: 64 * 64 }, (_, i) => [4 * (i % 64), 4 * (i >> 6)] as const);
    const red = pixels.flatMap(([x, y]) => [255, x, y]);
    const blue = pixels.flatMap(([x, y]) => [x, y, 255]);
    const gif = await sharp(Buffer.from([...red, ...blue]), {
      animated: true,
      raw: { width: 64, height: 128, channels: 3, pageHeight: 64 },
    })
      .gif({ dither: 0, reuse: false, delay: [100, 100] })
      .toBuffer();
    const { pictures } = play(await gifToPng(gif));
    const decoded = await sharp(gif, { animated: true }).removeAlpha().raw().toBuffer();
    expect(pictures).toHaveLength(2);
    const farthest = Buffer.concat(pictures).reduce(
      (most, value, i) => Math.max(most, Math.abs(value - decoded[i]!)),
      0,
    );
    expect(farthest).toBeLessThan(40);
  });
});
