/** `watch(agent)`: an agent at play, with its values, what they depend on, and your hand in the game. */
import type { ChannelHost } from '../display/channel';
import type { Clock } from '../display/clock';
import { Pilot, type PilotOptions, type Playable } from './pilot';
import { requirePlayHost } from './play';
import { Player } from './player';
import { knownScores } from './scores';

export interface WatchOptions extends PilotOptions {
  /** The running notebook kernel by default. */
  readonly host?: ChannelHost;
  readonly clock?: Clock;
}

/** As agents are evaluated: up to so many no-ops at the start. */
const NOOP_MAX = 30;

const ELSEWHERE =
  'The agent plays live in the JupyterLab that npm start opens; here is a recording.';

/**
 * Shows an agent at play: Q of each action, V over time, what V depends on. Take the paddle over by any
 * key and hand it back; in a pause move ball or paddle by the mouse, and the values follow at once.
 *
 * The network plays with the weights of now: call `watch` again after more training.
 * @param playable a network, or an agent as `loadAgent` returns it
 * @throws Error outside a notebook, RomError when there is no Breakout cartridge to read.
 */
export async function watch(playable: Playable, options: WatchOptions = {}): Promise<Player> {
  const { host = requirePlayHost('watch()'), seed = 0, clock } = options;
  const scores = await knownScores();
  const pilot = new Pilot(playable, options);
  const game = { seed, noopMax: NOOP_MAX, pressFire: pilot.pressFire };
  const shared = { game, pilot, scores, elsewhere: ELSEWHERE, host };
  return new Player({ ...shared, ...(clock && { clock }) }).show();
}
