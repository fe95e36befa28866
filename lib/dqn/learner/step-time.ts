/** How long a learner takes for an agent step of a config, measured: "auto" decides by it. */
import type { TrainingConfig } from '../config/config';
import type { Learner, LearnerOptions } from './learner';

export interface MeasureStepOptions extends Pick<LearnerOptions, 'observationShape' | 'actions'> {
  /** Its weights change. */
  readonly learner: Learner;
  readonly config: TrainingConfig;
  /** In milliseconds. */
  readonly clock: () => number;
}

/** Of each piece of work, after one that warms up. */
const TIMES = 9;

/**
 * Asking for the values of the games' observations, and the updates that are due, for each agent step.
 * Emulators and memory are left out: they cost the same in all engines.
 * @returns milliseconds
 */
export function measureStep(options: MeasureStepOptions): number {
  const { learner, config, observationShape, actions, clock } = options;
  const size = observationShape.reduce((product, length) => product * length, 1);
  const { batchSize } = config;
  const bytes = (count: number) =>
    Uint8Array.from({ length: count * size }, (_, i) => (i * 37) % 256);
  const batch = {
    size: batchSize,
    observations: bytes(batchSize),
    nextObservations: bytes(batchSize),
    actions: Int32Array.from({ length: batchSize }, (_, i) => i % actions),
    rewards: new Float32Array(batchSize),
    terminateds: new Uint8Array(batchSize),
    targets: new Float32Array(batchSize),
  };
  const timeOf = (work: () => void) => {
    work();
    const times = Array.from({ length: TIMES }, () => {
      const start = clock();
      work();
      return clock() - start;
    });
    return Math.min(...times); // what else runs here makes some slower, none faster
  };
  learner.learningRate = 0;
  const games = config.method === 'pqn' ? config.numEnvs : 1;
  const latest = { first: 0, observations: bytes(games) };
  const qValues = () => learner.store?.qValues(latest) ?? learner.qValues(latest.observations);
  const act = timeOf(qValues) / games;
  if (config.method === 'pqn') {
    const rows = Int32Array.from({ length: batchSize }, (_, i) => i % games);
    return act + (timeOf(() => learner.fit({ ...batch, rows })) * config.epochs) / batchSize;
  }
  return act + timeOf(() => learner.update(batch)) / config.trainFrequency;
}
