import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as lib from '../lib/index';
import { CatchEnv } from './helpers/toy-env';
import { createToyNetwork } from './helpers/toy-network';
import { runTo } from './helpers/training';

const createEnv = () => new CatchEnv();
const createLearner = (options: lib.LearnerOptions) =>
  new lib.TensorFlowLearner({ ...options, createNetwork: createToyNetwork });

function createTraining(config: lib.TrainingConfig): lib.Training {
  const options = { seed: 1, createLearner };
  return config.method === 'pqn'
    ? new lib.PqnTraining({ ...options, createEnv, config })
    : new lib.DqnTraining({ ...options, env: createEnv(), config });
}

test.each(Object.keys(lib.PRESETS) as lib.PresetName[])(
  'what createConfig makes of %s can be trained with what the index exports',
  (name) => {
    const edits =
      name === 'fast'
        ? { numEnvs: 2, rolloutSteps: 16 }
        : { bufferSize: 100, learningStarts: 40, batchSize: 32 };
    const training = createTraining(lib.createConfig(name, edits));
    runTo({ training, to: 64 });
    expect(training.updates).toBeGreaterThan(0);
    training.dispose();
  },
);

/** The names between the braces of imports or exports. */
function namesIn(text: string, pattern: RegExp): string[] {
  const names = [...text.matchAll(pattern)].flatMap((match) => match[1]!.split(','));
  return [...new Set(names.map((name) => name.trim().replace(/^type /, '')))]
    .filter(Boolean)
    .sort();
}

test("the index's first block is what the notebooks import", () => {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const [notebooks] = read('lib/index.ts').split('// more of the library');
  const cells = [
    'breakout-dqn',
    'inside-the-agent',
    'solutions',
    'the-console',
    'why-the-original-fails',
  ];
  const imported = cells.map((name) => read(`notebooks/${name}.ts`)).join('\n');
  expect(namesIn(notebooks!, /export (?:type )?\{([^}]*)\}/g)).toEqual(
    namesIn(imported, /import (?:type )?\{([^}]*)\} from 'breakout-dqn'/g),
  );
});
