/** A run that begins says what its reader should know. */
import { mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import { prepare } from '../../../lib/runs/process/prepare';
import { pathsIn, writeJson } from '../../../lib/runs/record/folder';
import { folderOfTest } from '../../helpers/folder';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyNetwork } from '../../helpers/toy-network';
import { describeToy } from '../toy';

test.each([
  undefined,
  'Training is several times slower than it can be: the native engine is not compiled.',
])('what slows its engine is the message that it begins with: %s', async (warning) => {
  const paths = pathsIn(folderOfTest(), 'toy');
  mkdirSync(paths.checkpoints);
  const edits = { totalSteps: 50, bufferSize: 40, batchSize: 4, learningStarts: 20 };
  await writeJson(paths.config, await describeToy({ edits }));
  const more = warning === undefined ? {} : { warning };
  const runner = await prepare({
    paths,
    edits: {},
    create: ({ config, seed }) => ({
      training: new DqnTraining({
        env: new CatchEnv(),
        config: config as DqnConfig,
        seed,
        createLearner: (options) =>
          new TensorFlowLearner({ ...options, ...more, createNetwork: createToyNetwork }),
      }),
    }),
  });
  expect(runner.status().message).toBe(warning ?? null);
  await runner.run();
  expect(runner.status()).toMatchObject({ state: 'finished', message: null });
  expect(readFileSync(paths.events, 'utf8')).toContain('does the updates, on the CPU');
});
