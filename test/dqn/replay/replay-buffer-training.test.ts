import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { DqnTraining, type DqnTrainingOptions } from '../../../lib/dqn/training/dqn-training';
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

type CreateReplay = NonNullable<DqnTrainingOptions['createReplay']>;
const compressed: CreateReplay = (options) => new ReplayBuffer({ ...options, compress: true });

function createTraining(createReplay: CreateReplay): DqnTraining {
  return new DqnTraining({
    env: new CatchEnv(),
    config: createConfig('quick', EDITS),
    seed: 7,
    createLearner: (options) =>
      new TensorFlowLearner({ ...options, createNetwork: createToyNetwork }),
    createReplay,
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
  const plain = createTraining((options) => new ReplayBuffer(options));
  const training = createTraining(compressed);
  const events = run({ training, to: 200 });
  expect(events.filter(({ type }) => type === 'update')).toHaveLength(91);
  expect(events).toEqual(run({ training: plain, to: 200 }));
});

test('a training is resumed bit for bit with a compressed memory in its checkpoint', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  try {
    const straight = createTraining(compressed);
    run({ training: straight, to: 95 });
    const path = await saveCheckpoint({ training: straight, folder, keepReplay: true });
    const resumed = createTraining(compressed);
    run({ training: resumed, to: 30 });
    await loadCheckpoint({ training: resumed, path });
    expect(run({ training: resumed, to: 200 })).toEqual(run({ training: straight, to: 200 }));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
