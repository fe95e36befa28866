import { beforeAll, expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { NativeLearner } from '../../../lib/dqn/learner/native-learner';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import { evaluate } from '../../../lib/dqn/training/evaluate';
import { train } from '../../../lib/dqn/training/train';
import { ensureNativeEngine } from '../../helpers/native-engine';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyNetwork } from '../../helpers/toy-network';

beforeAll(ensureNativeEngine);

const LEARNERS = [
  ['TensorFlow', TensorFlowLearner],
  ['the native engine', NativeLearner],
] as const;

// a random player misses most balls
test.each(LEARNERS)(
  '%s learns to catch nearly every ball in 2,500 steps',
  async (_, SomeLearner) => {
    const training = new DqnTraining({
      env: new CatchEnv(),
      config: createConfig('quick', {
        totalSteps: 2500,
        epsilonDecaySteps: 1000,
        learningStarts: 200,
        bufferSize: 2600,
        trainFrequency: 2,
        targetUpdateInterval: 50,
        learningRate: 3e-3,
      }),
      seed: 1,
      createLearner: (options) => new SomeLearner({ ...options, createNetwork: createToyNetwork }),
    });
    const play = () =>
      evaluate({
        env: new CatchEnv(),
        qValues: (observation) => training.learner.qValues(observation),
        episodes: 30,
        epsilon: 0,
        seed: 5,
      });
    const before = await play();
    const losses: number[] = [];
    for await (const event of train({ training, clock: () => 0 })) {
      if (event.type === 'update') losses.push(event.loss);
    }
    const after = await play();
    expect(before.meanReturn).toBeLessThan(0.5);
    expect(after.meanReturn).toBeGreaterThan(2.5); // 3 is perfect
    expect(losses.every(Number.isFinite)).toBe(true);
    training.dispose();
  },
);
