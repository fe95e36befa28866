/** The process of a run on Breakout; `startRun` starts it. */

import { ReplayBuffer } from '../dqn/replay-buffer';
import { ReplayMemory } from '../dqn/replay-memory';
import { Training } from '../dqn/training';
import { makeBreakout } from '../env/make';
import { COMPRESSED_BYTES, checkMemory } from './memory';
import { runProcess } from './run-process';

runProcess(({ config, seed, settings: { replay } }) => {
  const env = makeBreakout();
  checkMemory({ config, replay, observationShape: env.observationSpace.shape });
  const training = new Training({
    env,
    config,
    seed,
    createReplay: (options) =>
      replay === 'plain'
        ? new ReplayBuffer(options)
        : new ReplayMemory({ ...options, maxBytes: COMPRESSED_BYTES }),
  });
  return { training, picture: () => ({ data: env.render(), shape: [210, 160, 3] }) };
});
