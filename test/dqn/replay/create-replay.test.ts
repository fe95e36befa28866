import { describe, expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import { createReplay } from '../../../lib/dqn/replay/create-replay';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { ReplayMemory } from '../../../lib/dqn/replay/replay-memory';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import type { Env } from '../../../lib/env/env';
import { createToyNetwork } from '../../helpers/toy-network';

const SHAPE = [4, 84, 84];

/** Observations of Breakout's size in which nothing happens. */
function createStillEnv(): Env {
  const observation = new Uint8Array(4 * 84 * 84);
  const info = { lives: 5, episodeFrameNumber: 0, frameNumber: 0 };
  return {
    observationSpace: { kind: 'box', shape: SHAPE, dtype: 'uint8', low: 0, high: 255 },
    actionSpace: { kind: 'discrete', n: 4, meanings: ['NOOP', 'FIRE', 'RIGHT', 'LEFT'] },
    reset: () => ({ observation, info }),
    step: () => ({ observation, reward: 0, terminated: false, truncated: false, info }),
  };
}

describe('a training with the default memory can be made for the preset', () => {
  const kinds = {
    keras: ReplayBuffer,
    nature: ReplayMemory,
    cleanrl: ReplayMemory,
    quick: ReplayBuffer,
    dqn: ReplayMemory,
  };
  test.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s', (name) => {
    const config = createConfig(name);
    const training = new DqnTraining({
      env: createStillEnv(),
      config,
      seed: 1,
      createLearner: (options) =>
        new TensorFlowLearner({ ...options, createNetwork: createToyNetwork }),
    });
    expect(training.memory).toBeInstanceOf(kinds[name]);
    expect(training.memory.capacity).toBe(config.bufferSize);
    training.step();
    expect(training.memory.length).toBe(1);
    training.dispose();
  });
});

test('pictures are compressed above 1 GB of them', () => {
  const options = { observationShape: SHAPE, batchSize: 1 };
  const most = Math.floor(1e9 / (84 * 84));
  expect(createReplay({ ...options, capacity: most })).toBeInstanceOf(ReplayBuffer);
  expect(createReplay({ ...options, capacity: most + 1 })).toBeInstanceOf(ReplayMemory);
});
