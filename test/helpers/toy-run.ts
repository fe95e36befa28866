/** The process of a run on a toy: `startRun({ program })` with it takes seconds instead of hours. */
import { TensorFlowLearner } from '../../lib/dqn/tensorflow-learner';
import { Training } from '../../lib/dqn/training';
import { runProcess } from '../../lib/runs/run-process';
import { CatchEnv } from './toy-env';
import { createToyNetwork } from './toy-network';

runProcess(({ config, seed }) => {
  const env = new CatchEnv();
  const training = new Training({
    env,
    config,
    seed,
    createLearner: (options) =>
      new TensorFlowLearner({ ...options, createNetwork: createToyNetwork }),
  });
  return { training };
});
