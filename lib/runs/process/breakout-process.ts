/** The process of a run on Breakout; `startRun` starts it. */
import { DqnTraining } from '../../dqn/training/dqn-training';
import { PqnTraining } from '../../dqn/training/pqn-training';
import { createEnvironment } from './environment';
import { checkMemory } from './memory-need';
import { runProcess } from './run-process';

runProcess(({ config, seed, settings: { replay } }) => {
  const env = createEnvironment(config);
  checkMemory({ config, replay, observationShape: env.observationSpace.shape });
  const picture = () => ({ data: env.render(), shape: [210, 160, 3] });
  if (config.method === 'pqn') {
    const envs = [env]; // the first game is the one to be seen
    const createNext = () => envs.pop() ?? createEnvironment(config);
    return { training: new PqnTraining({ createEnv: createNext, config, seed }), picture };
  }
  const compress = replay === 'compressed';
  const training = new DqnTraining({ env, config, seed, replay: { compress } });
  return { training, picture };
});
