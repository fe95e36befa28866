/** Runs and trainings on the toy environment, for tests. */
import { fileURLToPath } from 'node:url';
import type { ConfigEdits } from '../../lib/dqn/config/config';
import { createConfig } from '../../lib/dqn/config/presets';
import type { DqnTraining } from '../../lib/dqn/training/dqn-training';
import type { MetricsRow } from '../../lib/runs/record/metrics';
import {
  DEFAULT_SETTINGS,
  type DescribeRunOptions,
  describeRun,
  type RunConfig,
} from '../../lib/runs/record/run-config';
import { createToyTraining } from '../helpers/training';

/** The program of a run on the toy. */
export const TOY = fileURLToPath(new URL('../helpers/toy-run.ts', import.meta.url));

/** A row of metrics in which nothing was learned. */
export function metricsRow(agentStep: number, return_ = 0): MetricsRow {
  return {
    ...{ agentStep, episode: agentStep / 10, return: return_, length: 10, loss: null, meanQ: null },
    ...{ epsilon: 1, stepsPerSecond: 0, memoryBytes: 0, seconds: 0 },
  };
}

/** The config.json of a run that has no process. */
export function describeToy(options: Partial<DescribeRunOptions> = {}): Promise<RunConfig> {
  return describeRun({
    name: 'toy',
    preset: 'quick',
    edits: {},
    seed: 1,
    program: 'none',
    settings: DEFAULT_SETTINGS,
    created: new Date(0),
    ...options,
  });
}

/** A DQN training with the preset quick's values. */
export function createQuickTraining(edits: ConfigEdits, seed = 1): DqnTraining {
  return createToyTraining({ config: createConfig('quick', edits), seed });
}
