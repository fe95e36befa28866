/** A long training on Breakout takes no more memory of its process once its replay memory is full. */
import { beforeAll, expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { makeBreakout } from '../../../lib/env/breakout';
import { ensureEngines } from '../../helpers/native-engine';

beforeAll(ensureEngines);

test('100,000 agent steps on Breakout leave memory flat once the replay memory is full', () => {
  const config = createConfig('cleanrl', {
    totalSteps: 100_000,
    learningStarts: 1_000,
    bufferSize: 10_000,
    batchSize: 8,
    epsilonDecaySteps: 50_000,
    engine: 'native',
  });
  const training = new DqnTraining({
    env: makeBreakout({ fireReset: true, fireAfterLifeLoss: true }),
    config,
    seed: 1,
    replay: { compress: true },
  });
  const live = () => [nodeBackend().binding.getNumOfTensors(), tf.memory().numTensors];
  const playTo = (step: number) => {
    while (training.agentStep < step) training.step();
    return process.memoryUsage.rss();
  };
  const before = playTo(30_000);
  const tensors = live();
  const after = playTo(100_000);
  expect(training.updates).toBe((100_000 - 1_000) / 4 + 1);
  expect(live()).toEqual(tensors);
  // 17,500 updates: 2 kB left behind by each would be 35 MB
  expect(after - before).toBeLessThan(35e6);
  training.dispose();
}, 3_600_000);
