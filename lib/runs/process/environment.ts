/** The environment in which a run's agent plays. */
import type { TrainingConfig } from '../../dqn/config/config';
import { type Breakout, makeBreakout } from '../../env/breakout';

type Played = Pick<TrainingConfig, 'pressFire' | 'repeatActionProbability'>;

/** Breakout with observations of [4, 84, 84] uint8; nothing but the config's fields is changed in it. */
export function createEnvironment({ pressFire, repeatActionProbability }: Played): Breakout {
  const fire = { fireReset: pressFire, fireAfterLifeLoss: pressFire };
  return makeBreakout({ repeatActionProbability, ...fire });
}
