/** Makes what a run on Breakout trains. */
import { DqnTraining } from '../../dqn/training/dqn-training';
import { PqnTraining } from '../../dqn/training/pqn-training';
import type { Breakout } from '../../env/breakout';
import type { Env } from '../../env/env';
import { createEnvironment, createEnvironments } from './environment';
import { checkMemory } from './memory-need';
import type { ProgramOptions, RunProgram } from './prepare';

export function createBreakoutProgram({
  config,
  seed,
  settings: { replay },
}: ProgramOptions): RunProgram {
  const isPqn = config.method === 'pqn';
  const envs = isPqn ? createEnvironments(config) : [createEnvironment(config)];
  const env = envs[0] as Breakout; // the first game is the one to be seen
  checkMemory({ config, replay, observationShape: env.observationSpace.shape });
  const picture = () => ({ data: env.render(), shape: [210, 160, 3] });
  if (isPqn) {
    const next = envs.values();
    const createEnv = () => next.next().value as Env;
    return { training: new PqnTraining({ createEnv, config, seed }), picture };
  }
  const compress = replay === 'compressed';
  const training = new DqnTraining({ env, config, seed, replay: { compress } });
  return { training, picture };
}
