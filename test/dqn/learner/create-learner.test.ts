/** The engine that a config and a machine lead to is taken, and the reason is given in a sentence. */
import { beforeAll, expect, test, vi } from 'vitest';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import { createLearner } from '../../../lib/dqn/learner/create-learner';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import { tf } from '../../../lib/engine/tensorflow';
import { ensureEngines } from '../../helpers/native-engine';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyNetwork } from '../../helpers/toy-network';
import { TOY } from '../../helpers/training';

beforeAll(ensureEngines);

/** What a learner says that is created on a machine with this device and obstacle to the native engine. */
function create(
  engine: DqnConfig['engine'],
  options: {
    createNetwork?: typeof createToyNetwork;
    device?: 'CPU' | 'GPU';
    obstacle?: string;
    graphObstacle?: string;
    graphMs?: number;
  } = {},
) {
  const { createNetwork = createToyNetwork, device = 'CPU', obstacle, graphObstacle } = options;
  const { graphMs = 1 } = options;
  let calls = 0;
  const learner = createLearner({
    ...{ ...TOY, createNetwork, threads: 2 },
    config: createConfig('quick', { engine }),
    machine: {
      info: { tensorflow: '2.21.0', tfjs: '4.22.0', device, note: '' },
      obstacles: { native: () => obstacle, graph: () => graphObstacle },
      // Learners are asked in turn: the times of the native one, then those of the graph.
      clock: () => ++calls * (calls > 36 ? graphMs : 1),
    },
  });
  learner.dispose();
  return learner.engine;
}

/** Its padding is not one that the native engine knows. */
function createPadded(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: 'padded',
        inputShape: [4, 4, 2],
        filters: 2,
        kernelSize: 3,
        padding: 'same',
      }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3 }),
    ],
  });
}

test('auto takes the native engine on a machine without a GPU', () => {
  for (const engine of ['auto', 'native'] as const) {
    const { name, sentence } = create(engine);
    expect(name).toBe('native');
    expect(sentence).toMatch(
      /^The native engine does the updates, on 2 threads with (avx512|avx2|baseline) instructions\.$/,
    );
  }
});

test('auto measures where there is a GPU, and says the figures', () => {
  // one clock tick for values, and one update in four steps: 1.25
  const slower = create('auto', { device: 'GPU', graphMs: 2 });
  expect(slower.name).toBe('native');
  expect(slower.sentence).toMatch(
    /, because an agent step takes 1.25 ms here and .* ms on the GPU\.$/,
  );
  const faster = create('auto', { device: 'GPU', graphMs: 0.1 });
  expect(faster.name).toBe('graph');
  expect(faster.sentence).toMatch(
    /, on the GPU with TF32 \(.*\), because an agent step takes .* ms there and 1.25 ms in the native engine\.$/,
  );
});

test('auto measures nothing where only one engine can be used', () => {
  const obstacle = 'The native engine is not compiled.';
  expect(create('auto', { device: 'GPU', obstacle }).sentence).toMatch(
    /^A graph of TensorFlow .*, because the native engine is not compiled\.$/,
  );
  expect(create('auto', { device: 'GPU', graphObstacle: 'It is not there.' }).name).toBe('native');
  expect(create('auto', { device: 'GPU', createNetwork: createPadded }).name).toBe('tensorflow');
  for (const engine of ['native', 'graph'] as const) {
    expect(create(engine, { device: 'GPU' }).name).toBe(engine);
  }
});

test('the graph is taken when the config names it, or the error says why not', () => {
  expect(create('graph').sentence).toMatch(
    /^A graph of TensorFlow .*, because the config names it\.$/,
  );
  expect(() => create('graph', { graphObstacle: 'run "npm run setup"' })).toThrow('npm run setup');
  expect(() => create('graph', { createNetwork: createPadded })).toThrow('pads "same"');
});

test('auto says in one sentence why a network runs in TensorFlow', () => {
  expect(create('auto', { createNetwork: createPadded })).toEqual({
    name: 'tensorflow',
    sentence:
      'TensorFlow 2.21.0 does the updates, on the CPU, because the compiled engines cannot run this: ' +
      'the layer "padded" pads "same", not "valid".',
  });
  expect(() => create('native', { createNetwork: createPadded })).toThrow(
    'the layer "padded" pads "same"',
  );
});

test('a network is built once, and once more for TensorFlow as target network', () => {
  const cases = [
    ['native', createToyNetwork, 1],
    ['auto', createToyNetwork, 1],
    ['auto', createPadded, 2],
    ['native', createPadded, 1],
    ['tensorflow', createPadded, 2],
  ] as const;
  for (const [engine, createNetwork, expected] of cases) {
    let built = 0;
    const counted: typeof createToyNetwork = (options) => {
      built++;
      return createNetwork(options);
    };
    const before = tf.memory().numTensors;
    try {
      create(engine, { createNetwork: counted });
    } catch (error) {
      expect([engine, createNetwork, String(error)]).toEqual([
        ...['native', createPadded, expect.stringContaining('cannot run this')],
      ]);
    }
    expect(built).toBe(expected);
    expect(tf.memory().numTensors).toBe(before);
  }
});

test.each(['auto', 'native', 'tensorflow'] as const)(
  '%s refuses regularizers and constraints, which no learner applies',
  (engine) => {
    const { l2 } = tf.regularizers;
    const { dense, layerNormalization, flatten } = tf.layers;
    const sequential = (layer: tf.layers.Layer) =>
      tf.sequential({
        layers: [flatten({ inputShape: [4, 4, 2] }), dense({ units: 3 }), layer],
      });
    const cases: [string, () => tf.layers.Layer][] = [
      ['kernelRegularizer', () => dense({ name: 'it', units: 3, kernelRegularizer: l2() })],
      ['biasConstraint', () => dense({ name: 'it', units: 3, biasConstraint: 'nonNeg' })],
      ['gammaRegularizer', () => layerNormalization({ name: 'it', gammaRegularizer: l2() })],
    ];
    const before = tf.memory().numTensors;
    for (const [name, layer] of cases) {
      expect(() => create(engine, { createNetwork: () => sequential(layer()) })).toThrow(
        `the layer "it" has a ${name}, which no learner here applies: create it without one`,
      );
    }
    expect(tf.memory().numTensors).toBe(before);
  },
);

test('auto goes on without the compiled engine; native says what to do', () => {
  const obstacle = 'the native engine is not compiled: run "npm run setup".';
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  const warning = `Training is several times slower than it can be: ${obstacle}`;
  expect(create('auto', { obstacle })).toEqual({
    name: 'tensorflow',
    sentence:
      'TensorFlow 2.21.0 does the updates, on the CPU, because the native engine is not compiled: run "npm run setup".',
    warning,
  });
  expect(warn).toHaveBeenCalledWith(warning);
  warn.mockRestore();
  expect(() => create('native', { obstacle })).toThrow('run "npm run setup"');
});

test('TensorFlow is taken when the config names it', () => {
  expect(create('tensorflow').sentence).toBe(
    'TensorFlow 2.21.0 does the updates, on the CPU, because the config names it.',
  );
});

test("a training's learner is the one of its config", () => {
  const engines = (['auto', 'tensorflow'] as const).map((engine) => {
    const config = createConfig('quick', { engine, bufferSize: 600 });
    const options = { env: new CatchEnv(), config, seed: 1 };
    const training = new DqnTraining({
      ...options,
      createLearner: (given) => createLearner({ ...given, createNetwork: createToyNetwork }),
    });
    training.dispose();
    expect(training.config.engine).toBe(training.learner.engine.name); // a resume uses the same
    return training.learner.engine.name;
  });
  expect(engines).toEqual(['native', 'tensorflow']);
});
