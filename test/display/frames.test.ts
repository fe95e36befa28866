/** PNGs and rows of panels, decoded by sharp, have every pixel of the pictures put into them. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePanels, encodePng } from '../../lib/display/frames';
import { breakoutPicture, doubled } from './breakout-picture';

async function pixels(png: Buffer): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

describe('encodePng', () => {
  it('keeps every pixel of the picture', async () => {
    const picture = breakoutPicture(30);
    const png = await encodePng(picture, { scale: 1 });
    const decoded = await pixels(png.data);
    expect(decoded).toMatchObject({ width: 160, height: 210 });
    expect(decoded.data.equals(Buffer.from(Uint8Array.from(picture.data)))).toBe(true);
  });

  it('shows the Atari screen at twice its size by default', async () => {
    const png = await encodePng(breakoutPicture(30));
    expect(png).toMatchObject({ width: 320, height: 420 });
    const decoded = await pixels(png.data);
    expect(decoded.data.equals(doubled(breakoutPicture(30)))).toBe(true);
  });
});

describe('encodePanels', () => {
  it('puts the pictures beside each other, bottoms on one line, untouched by captions', async () => {
    const white = { data: new Uint8Array(100 * 50).fill(255), shape: [100, 50] };
    const red = { data: Uint8Array.of(255, 0, 0), shape: [1, 1, 3] };
    const png = await encodePanels([
      { picture: white, caption: 'A', scale: 1 },
      { picture: red, caption: '', scale: 40 },
    ]);
    const { data, width, height } = await pixels(png.data);
    expect([width, height]).toEqual([png.width, png.height]);
    expect(width).toBe(50 + 16 + 40);
    const at = (x: number, y: number) => [
      ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
    ];
    expect(at(0, 0)).toEqual([255, 255, 255, 255]);
    expect(at(49, 99)).toEqual([255, 255, 255, 255]);
    expect(at(50, 0)[3]).toBe(0); // the gap is transparent
    expect(at(66, 59)[3]).toBe(0); // above the lower picture too
    expect(at(66, 60)).toEqual([255, 0, 0, 255]);
    expect(at(105, 99)).toEqual([255, 0, 0, 255]);
  });

  it('makes room for a caption wider than its picture and for several lines', async () => {
    const black = { data: Uint8Array.of(0), shape: [1, 1] };
    const widths = new Map<string, number>();
    for (const caption of ['wide caption', 'wide caption\nmore']) {
      const png = await encodePanels([{ picture: black, caption, scale: 10 }]);
      const { data, width, height } = await pixels(png.data);
      const drawn = [...data.keys()].filter((i) => i % 4 === 3 && data[i]! > 0);
      const columns = drawn.map((i) => ((i - 3) / 4) % width);
      expect([Math.min(...columns), Math.max(...columns)]).toEqual([1, width - 2]); // nothing is cut
      expect(data.subarray(-4 * width).every((value) => value === 0)).toBe(true);
      widths.set(caption, width);
      expect(height).toBe(10 + 8 + 20 * caption.split('\n').length);
    }
    expect(new Set(widths.values()).size).toBe(1);
  });

  it('draws all in one scale, and rulers in pixels of the picture', async () => {
    const white = (height: number, width: number) => ({
      picture: { data: new Uint8Array(height * width).fill(255), shape: [height, width] },
      caption: '',
    });
    const row = [white(100, 80), white(40, 40)];
    const png = await encodePanels(row, { height: 200, rulers: true });
    const { data, width } = await pixels(png.data);
    expect(width).toBe(40 + 160 + 16 + 40 + 80); // twice each, with room for numbers
    const isDrawn = (x: number, y: number) => data[(y * width + x) * 4 + 3]! > 0;
    /** Runs of drawn rows in a column of marks. */
    const marks = (x: number) =>
      Array.from({ length: 202 }, (_, y) => y).filter((y) => isDrawn(x, y));
    expect(marks(30 - 3)).toEqual([0, 80, 160]); // pixels 0, 40 and 80
    expect(marks(216 + 30 - 3)).toEqual([120, 200]); // pixels 0 and 40, below it nothing
    for (const pixel of [0, 40, 80]) expect(isDrawn(30 + 2 * pixel, 203), `${pixel}`).toBe(true);
  });

  it('refuses an empty row', async () => {
    await expect(encodePanels([])).rejects.toThrow(RangeError);
  });
});
