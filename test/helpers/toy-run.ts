/** The process of a run on a toy: `startRun({ program })` with it takes seconds instead of hours. */
import { DqnTraining } from '../../lib/dqn/training/dqn-training';
import { PqnTraining } from '../../lib/dqn/training/pqn-training';
import { runProcess } from '../../lib/runs/process/run-process';
import { CatchEnv } from './toy-env';
import { createToyLearner } from './toy-network';

const createEnv = () => new CatchEnv();

runProcess(({ config, seed }) => {
  const training =
    config.method === 'pqn'
      ? new PqnTraining({ createEnv, config, seed, createLearner: createToyLearner })
      : new DqnTraining({ env: createEnv(), config, seed, createLearner: createToyLearner });
  return { training };
});
