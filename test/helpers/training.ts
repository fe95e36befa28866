/** What tests of learners and trainings share: toy trainings, their events, random batches. */
import type { DqnConfig } from '../../lib/dqn/config/config';
import { createConfig } from '../../lib/dqn/config/presets';
import { GraphLearner } from '../../lib/dqn/learner/graph-learner';
import { NativeLearner } from '../../lib/dqn/learner/native-learner';
import { TensorFlowLearner } from '../../lib/dqn/learner/tensorflow-learner';
import type { FitBatch, SpanBatch } from '../../lib/dqn/replay/replay';
import { DqnTraining } from '../../lib/dqn/training/dqn-training';
import { evaluate } from '../../lib/dqn/training/evaluate';
import type { TrainEvent } from '../../lib/dqn/training/events';
import type { Training } from '../../lib/dqn/training/training';
import { randomNumbers, randomPictures } from './native-engine';
import { CatchEnv } from './toy-env';
import { createToyNetwork } from './toy-network';

/** All learners, for tables of cases. */
export const LEARNERS = [
  ['native', NativeLearner],
  ['TensorFlow', TensorFlowLearner],
  ['graph', GraphLearner],
] as const;

/** What a learner for CatchEnv needs beside its config. */
export const TOY = {
  ...{ observationShape: [2, 4, 4], actions: 3, seed: 5 },
  createNetwork: createToyNetwork,
};

/** Hundreds of steps with dozens of updates, on a memory that wraps: over within a second. */
const TINY: Partial<DqnConfig> = {
  ...{ totalSteps: 300, epsilonDecaySteps: 100, learningStarts: 20, bufferSize: 50, batchSize: 4 },
  ...{ trainFrequency: 2, targetUpdateInterval: 30, lifeLossIsTerminal: true, clipNorm: 1 },
};

/** A DQN training on CatchEnv; by default a tiny one in TensorFlow. */
export function createToyTraining({
  edits = {},
  config = createConfig('quick', { ...TINY, ...edits }),
  seed = 7,
  SomeLearner = TensorFlowLearner,
  createNetwork = createToyNetwork,
}: {
  edits?: Partial<DqnConfig>;
  config?: DqnConfig;
  seed?: number;
  SomeLearner?: (typeof LEARNERS)[number][1];
  createNetwork?: typeof createToyNetwork;
} = {}): DqnTraining {
  return new DqnTraining({
    env: new CatchEnv(),
    config,
    seed,
    createLearner: (options) => new SomeLearner({ ...options, createNetwork }),
  });
}

/** Steps a training up to an agent step. */
export function runTo({ training, to }: { training: Training; to: number }): TrainEvent[] {
  const events: TrainEvent[] = [];
  while (training.agentStep < to) events.push(...training.step());
  return events;
}

/** The mean return of some episodes of CatchEnv, played by what a training has learned. */
export async function playCatch({ learner }: Training): Promise<number> {
  const qValues = (observation: Uint8Array) => learner.qValues(observation);
  const options = { episodes: 30, epsilon: 0, seed: 5 };
  return (await evaluate({ env: new CatchEnv(), qValues, ...options })).meanReturn;
}

/** The events of one type. */
export function ofType<Type extends TrainEvent['type']>(
  events: readonly TrainEvent[],
  type: Type,
): Extract<TrainEvent, { type: Type }>[] {
  return events.filter((event) => event.type === type) as Extract<TrainEvent, { type: Type }>[];
}

/** Random pictures as observations, [count, stack, side, side] uint8; default: those of CatchEnv. */
export function observationsOf({ count = 8, stack = 2, side = 4, seed = 1 }): Uint8Array {
  return randomPictures({ count: stack * count, side, channels: 1, seed });
}

/** Random transitions, other ones for each seed; default: 8 of CatchEnv's shape. */
export function batchOf({
  seed,
  size = 8,
  actions = 3,
  ...shape
}: {
  seed: number;
  size?: number;
  actions?: number;
  stack?: number;
  side?: number;
}): SpanBatch & FitBatch {
  const next = randomNumbers(seed);
  const column = (from: (number: number) => number) =>
    Array.from({ length: size }, () => from(next()));
  return {
    size,
    observations: observationsOf({ ...shape, count: size, seed: 3 * seed }),
    nextObservations: observationsOf({ ...shape, count: size, seed: 3 * seed + 1 }),
    actions: Int32Array.from(column((number) => Math.floor(number * actions))),
    rewards: Float32Array.from(column((number) => Math.floor(number * 3))),
    terminateds: Uint8Array.from(column((number) => (number < 0.2 ? 1 : 0))),
    truncateds: new Uint8Array(size),
    steps: Uint8Array.from(column((number) => 1 + Math.floor(number * 3))),
    targets: Float32Array.from(column((number) => number)),
  };
}
