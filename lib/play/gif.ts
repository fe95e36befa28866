/** Games as animations. */
import { PALETTE_RGB } from '../atari/palette';
import { SCREEN_HEIGHT, SCREEN_WIDTH } from '../atari/screen';
import { encodeGif, type GifImage } from '../display/gif';
import type { Picture } from '../display/picture';
import type { Game } from './game';

const FRAMES_PER_SECOND = 60;

/** Palette indices [210, 160] as a picture. */
export function screenPicture(data: Uint8Array): Picture {
  return { data, shape: [SCREEN_HEIGHT, SCREEN_WIDTH], palette: PALETTE_RGB };
}

/** The end of a game at 15 pictures a second: one for each agent step. */
export async function gameGif(
  game: Game,
  { seconds, scale }: { readonly seconds: number; readonly scale: number },
): Promise<GifImage> {
  const from = Math.max(0, game.frame - Math.round(seconds * FRAMES_PER_SECOND));
  const pictures = [...game.pictures({ from, every: 4 })];
  if (pictures.length === 0) pictures.push(game.ale.getScreen().slice());
  return encodeGif(pictures.map(screenPicture), { scale });
}
