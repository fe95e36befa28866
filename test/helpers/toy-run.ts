/** The process of a run on a toy: `startRun({ program })` with it takes seconds instead of hours. */

import type { LearnerOptions } from '../../lib/dqn/learner/learner';
import { TensorFlowLearner } from '../../lib/dqn/learner/tensorflow-learner';
import { DqnTraining } from '../../lib/dqn/training/dqn-training';
import { PqnTraining } from '../../lib/dqn/training/pqn-training';
import { runProcess } from '../../lib/runs/process/run-process';
import { CatchEnv } from './toy-env';
import { createToyNetwork } from './toy-network';

const createEnv = () => new CatchEnv();
const createLearner = (options: LearnerOptions) =>
  new TensorFlowLearner({ ...options, createNetwork: createToyNetwork });

runProcess(({ config, seed }) => {
  const training =
    config.method === 'pqn'
      ? new PqnTraining({ createEnv, config, seed, createLearner })
      : new DqnTraining({ env: createEnv(), config, seed, createLearner });
  return { training };
});
