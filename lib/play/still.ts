/** What a live game leaves in the notebook: for files, exports and viewers without the live channel. */
import type { Output } from '../display/bundle';
import { encodePng } from '../display/frames';
import type { GifImage } from '../display/gif';
import { escapeMarkup } from '../text';
import type { Game } from './game';
import { gameGif, screenPicture } from './gif';

/** The labextension draws this type. */
export const PLAYER_MIME = 'application/vnd.breakout-dqn.player+json';

/** An animation longer than this makes way for a shorter one: a notebook must not grow by its games. */
const MOST_GIF_BYTES = 30_000;

/** A sentence and the end of the game as a GIF; a picture where HTML is not shown. */
export async function stillOutput(game: Game, elsewhere: string): Promise<Output> {
  const { data, width, height } = await encodePng(screenPicture(game.ale.getScreen().slice()));
  const gif = await smallGif(game);
  const text = `${elsewhere} ${game.score} points so far.`;
  const source = `data:image/gif;base64,${gif.data.toString('base64')}`;
  const size = `width="${2 * gif.width}" height="${2 * gif.height}"`;
  const style = 'style="image-rendering: pixelated"';
  return {
    bundle: {
      'text/html': `<p>${escapeMarkup(text)}</p><img src="${source}" ${size} ${style} alt="the game">`,
      'image/png': data.toString('base64'),
      'text/plain': text,
    },
    metadata: { 'image/png': { width, height } },
  };
}

async function smallGif(game: Game): Promise<GifImage> {
  for (let seconds = 6; ; seconds /= 2) {
    const gif = await gameGif(game, { seconds, scale: 1 });
    if (gif.data.length <= MOST_GIF_BYTES || seconds < 0.1) return gif;
  }
}
