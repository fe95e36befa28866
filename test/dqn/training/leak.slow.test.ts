/** 1,000 updates of the full-size network leave no tensor and no handle in TensorFlow.js. */
import { expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import type { Batch } from '../../../lib/dqn/replay/replay';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { Mt19937 } from '../../../lib/random';

test("Mnih et al.'s network: 1,000 updates with clipping leave no tensor and no handle", () => {
  const random = new Mt19937(1);
  const pick = (n: number) => Math.floor(random.nextDouble() * n);
  const size = 32;
  const bytes = () => Uint8Array.from({ length: size * 4 * 84 * 84 }, () => pick(256));
  const batch: Batch = {
    size,
    observations: bytes(),
    actions: Int32Array.from({ length: size }, () => pick(4)),
    rewards: Float32Array.from({ length: size }, () => pick(2)),
    nextObservations: bytes(),
    terminateds: Uint8Array.from({ length: size }, () => pick(2)),
  };
  const config = createConfig('keras');
  const learner = new TensorFlowLearner({
    config,
    observationShape: [4, 84, 84],
    actions: 4,
    seed: 1,
  });
  const live = () => [nodeBackend().binding.getNumOfTensors(), tf.memory().numTensors];
  learner.update(batch);
  const before = live();
  for (let i = 1; i <= 1000; i++) {
    expect(Number.isFinite(learner.update(batch).loss)).toBe(true);
    if (i % 100 === 0) learner.syncTarget();
    if (i % 4 === 0) learner.qValues(batch.observations.subarray(0, 4 * 84 * 84));
  }
  expect(live()).toEqual(before);
});
