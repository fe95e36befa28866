/** Pictures with the geometry and colours of Breakout, for tests that need no emulator. */
import type { Picture } from '../../lib/display/picture';

const WIDTH = 160;
const HEIGHT = 210;
const BRICKS = [
  [200, 72, 72],
  [198, 108, 58],
  [180, 122, 48],
  [162, 162, 42],
  [72, 160, 72],
  [66, 72, 200],
] as const;

/** The screen at agent step `t`: walls, bricks that go one by one, paddle, ball. */
export function breakoutPicture(t: number): Picture {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const fill = (x: number, y: number, w: number, h: number, colour: readonly number[]) => {
    for (let row = y; row < y + h; row++) {
      for (let column = x; column < x + w; column++) data.set(colour, (row * WIDTH + column) * 3);
    }
  };
  fill(0, 17, WIDTH, 15, [142, 142, 142]);
  fill(0, 17, 8, 179, [142, 142, 142]);
  fill(WIDTH - 8, 17, 8, 179, [142, 142, 142]);
  BRICKS.forEach((colour, row) => {
    for (let column = 0; column < 18; column++) {
      if ((row * 18 + column * 7) % 108 >= t / 4) fill(8 + column * 8, 57 + row * 6, 8, 6, colour);
    }
  });
  fill(8 + bounce(t * 3, 128), 189, 16, 4, BRICKS[0]);
  fill(8 + bounce(t * 4, 142), 93 + bounce(t * 5, 92), 2, 4, BRICKS[0]);
  return { data, shape: [HEIGHT, WIDTH, 3] };
}

/** The RGB bytes of such a picture with each pixel twice as wide and high. */
export function doubled({ data }: Picture): Buffer {
  const bytes = new Uint8Array(4 * data.length);
  const row = 2 * WIDTH * 3;
  for (let i = 0; i < bytes.length; i++) {
    const [y, x] = [Math.floor(i / row) >> 1, Math.floor((i % row) / 3) >> 1];
    bytes[i] = data[(y * WIDTH + x) * 3 + (i % 3)]!;
  }
  return Buffer.from(bytes);
}

/** 0 ... n ... 0 ... */
function bounce(v: number, n: number): number {
  return Math.abs((v % (2 * n)) - n);
}
