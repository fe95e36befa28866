// @ts-check
/** The picture of a live game, what is laid over it, and the line of text below. */
import { element } from './player-parts.js';

export const WIDTH = 160;
const HEIGHT = 210;
/** Side of what the agent sees. */
const SIDE = 84;
/** Bytes of a changed row: its number and its pixels. */
const ROW = 1 + WIDTH;

export class Screen {
  /** @param {string | undefined} still PNG in base64, shown until the kernel has sent a picture */
  constructor(still) {
    this.canvas = element('canvas', { width: WIDTH, height: HEIGHT });
    this.heat = element('canvas', { className: 'heat', width: SIDE, height: SIDE, hidden: true });
    this.hint = element('div', { className: 'hint', textContent: 'Run this cell to play.' });
    this.still = element('img', { alt: '', src: still ? `data:image/png;base64,${still}` : '' });
    this.node = element(
      'div',
      { className: 'stage' },
      this.canvas,
      this.heat,
      this.still,
      this.hint,
    );
    this.image = new ImageData(WIDTH, HEIGHT);
    /** @type {Uint8Array} [256 * 3], empty before the first picture */
    this.palette = new Uint8Array(0);
  }

  /**
   * @param {Uint8Array} palette
   * @param {Uint8Array} picture palette indices [210 * 160]
   */
  begin(palette, picture) {
    this.palette = palette;
    this.still.remove();
    for (let row = 0; row < HEIGHT; row++) {
      this.drawRow(row, picture.subarray(row * WIDTH, (row + 1) * WIDTH));
    }
    this.paint();
  }

  /** @param {Uint8Array} rows that have changed, each after its number */
  change(rows) {
    for (let at = 0; at < rows.length; at += ROW) {
      this.drawRow(/** @type {number} */ (rows[at]), rows.subarray(at + 1, at + ROW));
    }
    this.paint();
  }

  paint() {
    this.canvas.getContext('2d')?.putImageData(this.image, 0, 0);
  }

  /**
   * A place on the page as one of the picture.
   * @param {{ readonly clientX: number, readonly clientY: number }} event
   */
  placeOf({ clientX, clientY }) {
    const box = this.node.getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * WIDTH;
    return { x, y: ((clientY - box.top) / box.height) * HEIGHT };
  }

  /**
   * @param {number} row
   * @param {Uint8Array} pixels palette indices
   */
  drawRow(row, pixels) {
    const { data } = this.image;
    for (let x = 0, to = 4 * WIDTH * row; x < WIDTH; x++, to += 4) {
      const from = 3 * /** @type {number} */ (pixels[x]);
      data[to] = /** @type {number} */ (this.palette[from]);
      data[to + 1] = /** @type {number} */ (this.palette[from + 1]);
      data[to + 2] = /** @type {number} */ (this.palette[from + 2]);
      data[to + 3] = 255;
    }
  }

  /** @param {Uint8Array} bytes [84 * 84] */
  drawHeat(bytes) {
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < bytes.length; i++) {
      const value = /** @type {number} */ (bytes[i]) / 255;
      image.data.set(
        [255 * value, 150 * value ** 2, 40 * value, 255 * Math.min(1, 1.4 * value)],
        4 * i,
      );
    }
    this.heat.getContext('2d')?.putImageData(image, 0, 0);
  }
}
