/** The environments in which a run's agent plays. */
import type { TrainingConfig } from '../../dqn/config/config';
import { type Breakout, makeBreakout } from '../../env/breakout';
import { BreakoutPool } from '../../env/breakout-pool';
import type { Env } from '../../env/env';

type Played = Pick<TrainingConfig, 'pressFire' | 'repeatActionProbability'>;

/** Breakout with observations of [4, 84, 84] uint8; nothing but the config's fields is changed in it. */
export function createEnvironment(config: Played): Breakout {
  return makeBreakout(optionsOf(config));
}

/** The same for many games at once, in the threads that a training may use; the first one is a `Breakout`. */
export function createEnvironments(config: Played & { readonly numEnvs: number }): readonly Env[] {
  return new BreakoutPool({ numEnvs: config.numEnvs, options: optionsOf(config) }).envs;
}

function optionsOf({ pressFire, repeatActionProbability }: Played) {
  return { repeatActionProbability, fireReset: pressFire, fireAfterLifeLoss: pressFire };
}
