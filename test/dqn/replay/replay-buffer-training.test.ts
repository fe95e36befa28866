/** A training sees the same batches from plain and compressed pictures, also after a resume. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import type { TrainEvent } from '../../../lib/dqn/training/events';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyNetwork } from '../../helpers/toy-network';

const EDITS: Partial<DqnConfig> = {
  totalSteps: 200,
  epsilonDecaySteps: 100,
  learningStarts: 20,
  bufferSize: 50, // overwritten several times
  batchSize: 4,
  trainFrequency: 2,
  targetUpdateInterval: 30,
  lifeLossIsTerminal: true,
};

function createTraining(compress: boolean): DqnTraining {
  return new DqnTraining({
    env: new CatchEnv(),
    config: createConfig('quick', EDITS),
    seed: 7,
    createLearner: (options) =>
      new TensorFlowLearner({ ...options, createNetwork: createToyNetwork }),
    replay: { compress },
  });
}

function run({ training, to }: { training: DqnTraining; to: number }): Partial<TrainEvent>[] {
  const events: Partial<TrainEvent>[] = [];
  while (training.agentStep < to) {
    events.push(...training.step());
  }
  return events;
}

test('a training takes the same actions and has the same losses with either memory', () => {
  const plain = createTraining(false);
  const training = createTraining(true);
  const events = run({ training, to: 200 });
  expect(events.filter(({ type }) => type === 'update')).toHaveLength(91);
  expect(events).toEqual(run({ training: plain, to: 200 }));
});

test.each([true, false])(
  'a training resumes bit for bit from compressed pictures, itself made with %s',
  async (own) => {
    const folder = mkdtempSync(join(tmpdir(), 'checkpoint-'));
    try {
      const straight = createTraining(true);
      run({ training: straight, to: 95 });
      const path = await saveCheckpoint({ training: straight, folder, keepReplay: true });
      const resumed = createTraining(own);
      run({ training: resumed, to: 30 });
      await loadCheckpoint({ training: resumed, path });
      expect(run({ training: resumed, to: 200 })).toEqual(run({ training: straight, to: 200 }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
