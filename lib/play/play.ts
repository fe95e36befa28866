/** `play()`: Breakout in a cell, by keys, mouse or touch. */
import type { ChannelHost } from '../display/channel';
import type { Clock } from '../display/clock';
import { findKernelHost } from '../kernel/host';
import { Player } from './player';
import { knownScores } from './scores';

export interface PlayOptions {
  /** A whole number, at least 0; the next game has the next one. Default 0. */
  readonly seed?: number;
  /** The running notebook kernel by default. */
  readonly host?: ChannelHost;
  readonly clock?: Clock;
}

const ELSEWHERE =
  'Breakout is played live in the JupyterLab that npm start opens; here is a recording.';

/**
 * The running kernel's host.
 * @throws Error outside a notebook.
 */
export function requirePlayHost(caller: string): ChannelHost {
  const host = findKernelHost();
  if (host) return host;
  throw new Error(
    `${caller} needs a notebook, and no notebook kernel runs here: call it in a cell`,
  );
}

/**
 * Shows Breakout to play: arrow keys, space, mouse or touch; half speed, frame by frame, and rewind. The
 * player that it returns keeps the game: `game.gif()`, `game.remember(replayBuffer)`.
 *
 * The emulator runs in the kernel, so other cells can run meanwhile, and a cell that computes without
 * `await` holds the game up.
 * @throws Error outside a notebook, RomError when there is no Breakout cartridge to read.
 */
export async function play(options: PlayOptions = {}): Promise<Player> {
  const { host = requirePlayHost('play()'), seed = 0, clock } = options;
  const scores = await knownScores();
  const game = { seed };
  const player = new Player({ game, scores, elsewhere: ELSEWHERE, host, ...(clock && { clock }) });
  return player.show();
}
