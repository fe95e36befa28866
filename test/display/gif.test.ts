/** GIFs, decoded by sharp, have each picture's colours and time, within the size asked for. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeGif } from '../../lib/display/gif';
import { breakoutPicture, doubled } from './breakout-picture';

const pictures = (n: number) => Array.from({ length: n }, (_, i) => breakoutPicture(3 * i));

describe('encodeGif', () => {
  it('stores every picture with its delay and plays for ever', async () => {
    const gif = await encodeGif(pictures(12), { delayMs: 66 });
    expect(gif).toMatchObject({ width: 320, height: 420, frameCount: 12, delayMs: 70 });
    const metadata = await sharp(gif.data, { animated: true }).metadata();
    expect(metadata).toMatchObject({
      format: 'gif',
      width: 320,
      pageHeight: 420,
      pages: 12,
      loop: 0,
    });
    expect(metadata.delay).toEqual(Array(12).fill(70));
  });

  it('keeps every colour of every picture', async () => {
    const originals = pictures(10);
    const gif = await encodeGif(originals, { scale: 2 });
    const decoded = await sharp(gif.data, { animated: true }).removeAlpha().raw().toBuffer();
    const expected = Buffer.concat(originals.map(doubled));
    expect(decoded.length).toBe(expected.length);
    expect(decoded.equals(expected)).toBe(true);
  });

  it('stores a picture that repeats once, for its whole time', async () => {
    const [a, b] = [breakoutPicture(0), breakoutPicture(60)];
    const gif = await encodeGif([a, a, a, b, a]);
    const metadata = await sharp(gif.data, { animated: true }).metadata();
    expect(metadata.delay).toEqual([210, 70, 70]);
    expect(gif.frameCount).toBe(5);
  });

  it('encodes a single gray picture', async () => {
    const gif = await encodeGif([{ data: new Uint8Array(84 * 84).fill(9), shape: [84, 84] }]);
    expect(gif).toMatchObject({ width: 336, height: 336, frameCount: 1 });
  });

  it('keeps within the size by skipping pictures, in unchanged time', async () => {
    const all = await encodeGif(pictures(80), { delayMs: 50 });
    const maxBytes = Math.floor(all.data.length * 0.6);
    const small = await encodeGif(pictures(80), { delayMs: 50, maxBytes });
    expect(small.data.length).toBeLessThanOrEqual(maxBytes);
    expect(small.frameCount).toBeLessThan(80);
    expect(Math.abs(small.frameCount * small.delayMs - 80 * 50)).toBeLessThan(small.delayMs);
  });

  it('says what to do when the size cannot be kept', async () => {
    await expect(encodeGif(pictures(40), { maxBytes: 500 })).rejects.toThrow(/fewer pictures/);
  });

  it('refuses no pictures, pictures of several shapes and delays that browsers ignore', async () => {
    await expect(encodeGif([])).rejects.toThrow(/at least one picture/);
    const gray = { data: new Uint8Array(84 * 84), shape: [84, 84] };
    await expect(encodeGif([breakoutPicture(0), gray])).rejects.toThrow(
      /got \[84, 84\] at index 1/,
    );
    await expect(encodeGif([gray], { delayMs: 5 })).rejects.toThrow(/delayMs/);
  });
});
