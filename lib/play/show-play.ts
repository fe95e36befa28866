/** `showPlay()`: an agent at play as a GIF with its values, for every viewer. */

import sharp from 'sharp';
import { PALETTE_RGB } from '../atari/palette';
import { SCREEN_HEIGHT, SCREEN_WIDTH } from '../atari/screen';
import { svgText } from '../display/font';
import { encodeGif, type GifImage, type GifOptions } from '../display/gif';
import type { Overlay } from '../display/messages';
import type { Picture } from '../display/picture';
import { showGif } from '../display/show';
import { ACTIONS } from './actions';
import { autoplay } from './autoplay';
import { Game } from './game';
import { Pilot, type PilotOptions, type Playable } from './pilot';
import { saliencyBytes } from './saliency';

export interface ShowPlayOptions extends PilotOptions, Pick<GifOptions, 'maxBytes' | 'delayMs'> {
  /** Whether bars of Q are drawn beside the game; default true. */
  readonly q?: boolean;
  /** What is laid over the game; default 'none'. */
  readonly saliency?: Overlay;
  /** Agent steps that are played before the first picture; default 0. */
  readonly from?: number;
  /** Agent steps that are shown, 15 a second; default 150. */
  readonly steps?: number;
}

/** Pixels: the game twice as large, the bars beside it. */
const SCALE = 2;
const SIDE = 84;
const BARS_WIDTH = 132;
const INK = { ground: '#101418', text: '#e6e6e6', bar: '#5b6570', best: '#4da3ff' } as const;

/**
 * Plays an agent and shows it as a GIF: what `watch` shows live.
 * @throws Error outside a notebook, RangeError for a `from` or `steps` that is no whole number, and for a
 * `from` behind the game's end.
 */
export async function showPlay(playable: Playable, options: ShowPlayOptions = {}): Promise<void> {
  await showGif(await playGif(playable, options));
}

/** The same as bytes. */
export async function playGif(
  playable: Playable,
  options: ShowPlayOptions = {},
): Promise<GifImage> {
  const { from = 0, steps = 150, q: withBars = true, saliency = 'none', seed = 0 } = options;
  checkCounts({ from, steps });
  const pilot = new Pilot(playable, options);
  try {
    const game = new Game({ seed, noopMax: 30, pressFire: pilot.pressFire });
    let before = 0;
    autoplay(game, { steps: from, pilot, onStep: () => before++ });
    if (game.over) {
      throw new RangeError(
        `the game was over after ${before} agent steps: from must be less, got ${from}; or choose another seed`,
      );
    }
    const shown: Shown[] = [];
    for (let i = 0; i < steps && !game.over; i++) {
      const screen = game.ale.getScreen().slice();
      const overlay = pilot.saliency(saliency, game.observation);
      const heat = overlay && saliencyBytes(overlay);
      const onStep = ({ q }: { readonly q: Float32Array | null }) =>
        shown.push({ screen, heat, q: q ?? new Float32Array(4) });
      autoplay(game, { steps: 1, pilot, onStep });
    }
    const most = Math.max(0.1, ...shown.map(({ q }) => Math.max(...q)));
    const pictures: Picture[] = [];
    for (const each of shown) pictures.push(await draw(each, withBars ? most : null));
    const { maxBytes = 300_000, delayMs = 70 } = options;
    return await encodeGif(pictures, { scale: 1, maxBytes, delayMs });
  } finally {
    pilot.dispose();
  }
}

interface Shown {
  readonly screen: Uint8Array;
  readonly heat: Uint8Array | null;
  readonly q: Float32Array;
}

function checkCounts({ from, steps }: { readonly from: number; readonly steps: number }): void {
  for (const [name, value, least] of [
    ['from', from, 0],
    ['steps', steps, 1],
  ] as const) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new RangeError(`${name} must be a whole number of at least ${least}, got ${value}`);
  }
}

/** @param most the Q that fills a bar; null without bars */
async function draw({ screen, heat, q }: Shown, most: number | null): Promise<Picture> {
  const [width, height] = [SCALE * SCREEN_WIDTH, SCALE * SCREEN_HEIGHT];
  const whole = most === null ? width : width + BARS_WIDTH;
  const data = new Uint8Array(3 * whole * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor(x / SCALE), Math.floor(y / SCALE)];
      const from = 3 * screen[row * SCREEN_WIDTH + column]!;
      // four levels: a GIF has few colours
      const at = Math.floor((row * SIDE) / SCREEN_HEIGHT) * SIDE;
      const warmth = heat ? heat[at + Math.floor((column * SIDE) / SCREEN_WIDTH)]! >> 6 : 0;
      const glow = [85 * warmth, 40 * warmth, 0];
      for (let c = 0; c < 3; c++) {
        data[3 * (y * whole + x) + c] = Math.min(255, PALETTE_RGB[from + c]! + glow[c]!);
      }
    }
  }
  if (most !== null) {
    const bars = await sharp(Buffer.from(barsSvg(q, most)))
      .removeAlpha()
      .raw()
      .toBuffer();
    for (let y = 0; y < height; y++) {
      const row = bars.subarray(3 * y * BARS_WIDTH, 3 * (y + 1) * BARS_WIDTH);
      data.set(row, 3 * (y * whole + width));
    }
  }
  return { data, shape: [height, whole, 3] };
}

function barsSvg(q: Float32Array, most: number): string {
  const height = SCALE * SCREEN_HEIGHT;
  const best = q.indexOf(Math.max(...q));
  const parts = [`<rect width="100%" height="100%" fill="${INK.ground}"/>`];
  for (const [i, name] of ACTIONS.entries()) {
    const y = 60 + 80 * i;
    const fill = i === best ? INK.best : INK.bar;
    const length = Math.max(1, Math.round((Math.max(0, q[i]!) / most) * 108));
    parts.push(
      svgText(`${name} ${q[i]!.toFixed(1)}`, { x: 12, y, size: 15, colour: INK.text }),
      `<rect x="12" y="${y + 8}" width="${length}" height="14" fill="${fill}" shape-rendering="crispEdges"/>`,
    );
  }
  const size = `width="${BARS_WIDTH}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${parts.join('')}</svg>`;
}
