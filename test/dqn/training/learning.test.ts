/** DQN learns the toy game in either engine: it ends near the best return that there is. */
import { beforeAll, expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { train } from '../../../lib/dqn/training/train';
import { ensureEngines } from '../../helpers/native-engine';
import { createToyTraining, LEARNERS, playCatch } from '../../helpers/training';

beforeAll(ensureEngines);

// a random player misses most balls
test.each(LEARNERS)(
  '%s learns to catch nearly every ball in 2,500 steps',
  async (_, SomeLearner) => {
    const config = createConfig('quick', {
      totalSteps: 2500,
      epsilonDecaySteps: 1000,
      learningStarts: 200,
      bufferSize: 2600,
      trainFrequency: 2,
      targetUpdateInterval: 50,
      learningRate: 3e-3,
    });
    const training = createToyTraining({ config, seed: 1, SomeLearner });
    const before = await playCatch(training);
    const losses: number[] = [];
    for await (const event of train({ training, clock: () => 0 })) {
      if (event.type === 'update') losses.push(event.loss);
    }
    expect(before).toBeLessThan(0.5);
    expect(await playCatch(training)).toBeGreaterThan(2.5); // 3 is perfect
    expect(losses.every(Number.isFinite)).toBe(true);
    training.dispose();
  },
);
