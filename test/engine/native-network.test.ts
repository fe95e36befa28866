/** What the native engine accepts, and what it says of the rest. */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { describeModel } from '../../lib/engine/native/describe';
import { NativeNetwork } from '../../lib/engine/native/network';
import { tf } from '../../lib/engine/tensorflow';
import { ROOT } from '../../lib/files/root';
import {
  compileWithRandomWeights,
  describeOrThrow,
  ensureEngines,
  randomBytes,
  relativeError,
} from '../helpers/native-engine';

beforeAll(ensureEngines);

const { conv2d, dense, dropout, flatten, layerNormalization, maxPooling2d, rescaling } = tf.layers;

function sequential(inputShape: number[], ...layers: tf.layers.Layer[]): tf.Sequential {
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape }));
  for (const layer of layers) model.add(layer);
  return model;
}

function smallNetwork(): tf.Sequential {
  const conv = conv2d({ filters: 8, kernelSize: 4, strides: 2, activation: 'relu' });
  return sequential([12, 12, 4], conv, flatten(), dense({ units: 3 }));
}

const SIZE = 12 * 12 * 4;

describe('a network that cannot be compiled is refused in one sentence', () => {
  const image = (...layers: tf.layers.Layer[]) => sequential([9, 9, 1], ...layers);
  const features = (...layers: tf.layers.Layer[]) => sequential([4], ...layers);
  const conv = (options = {}) => conv2d({ filters: 2, kernelSize: 3, ...options });
  const two = (options = {}) => dense({ units: 2, ...options });
  const branching = () => {
    const inputs = tf.input({ shape: [4] });
    return tf.model({ inputs, outputs: two().apply(inputs) as tf.SymbolicTensor });
  };
  const cases: [string, () => tf.LayersModel][] = [
    ['pads "same", not "valid"', () => image(conv({ padding: 'same' }))],
    ['is dilated', () => image(conv({ dilationRate: 2 }))],
    ['has the activation "tanh", not relu or linear', () => features(two({ activation: 'tanh' }))],
    ['of the kind MaxPooling2D', () => image(conv(), maxPooling2d({ poolSize: 2 }))],
    ['of the kind Dropout', () => features(two(), dropout({ rate: 0.5 }))],
    ['is dense but gets an image', () => image(two())],
    [
      'flattens its channels first',
      () => image(conv(), flatten({ dataFormat: 'channelsFirst' }), two()),
    ],
    ['normalizes the observations themselves', () => image(layerNormalization(), flatten())],
    [
      'over the axes [1], not over the last one or all',
      () => image(conv(), layerNormalization({ axis: 1 })),
    ],
    ['without gamma or beta', () => features(two(), layerNormalization({ scale: false }))],
    ['cuts off large values', () => features(two(), tf.layers.reLU({ maxValue: 6 }))],
    ['rescales after another layer', () => features(two(), rescaling({ scale: 2 }))],
    ['with the offset 1, not 0', () => features(rescaling({ scale: 2, offset: 1 }), two())],
    [
      'inputs must be [height, width, channels] or [features], got [5,6]',
      () => sequential([5, 6], flatten(), two()),
    ],
    ['the model has no layer with weights', () => image(flatten())],
    [
      'the model has weights that are not trainable',
      () => features(two({ trainable: false }), two()),
    ],
    ['it runs tf.sequential models only, not Model', branching],
  ];
  test.each(cases)('%s', (reason, build) => {
    const description = describeModel(build());
    expect(description).toMatchObject({ supported: false });
    const text = description.supported ? '' : description.reason;
    expect(text).toContain(reason);
    expect(text).toMatch(/^The compiled engines cannot run this: [^\n]+\.$/);
  });
});

test('a description names shapes, scale and the order of the weights', () => {
  const model = smallNetwork();
  expect(describeOrThrow(model)).toMatchObject({
    input: { height: 12, width: 12, channels: 4 },
    scale: 1,
    layers: [
      { kind: 'conv2d', output: { height: 5, width: 5, channels: 8 }, relu: true, kernelHeight: 4 },
      { kind: 'dense', output: { height: 1, width: 1, channels: 3 }, relu: false },
    ],
    variables: [[4, 4, 4, 8], [8], [200, 3], [3]],
  });
});

test('channels first and channels last are the same pictures', () => {
  for (const channels of [3, 4]) {
    const model = sequential(
      [5, 6, channels],
      conv2d({ filters: 3, kernelSize: 2 }),
      flatten(),
      dense({ units: 2 }),
    );
    const last = compileWithRandomWeights({ model, seed: 1 });
    const first = compileWithRandomWeights({ model, seed: 1, layout: 'channelsFirst' });
    const pictures = randomBytes({ length: 2 * 30 * channels, seed: 2 });
    const turned = new Uint8Array(pictures.length);
    for (let n = 0; n < 2; n++)
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < 30; i++)
          turned[(n * 30 + i) * channels + c] = pictures[(n * channels + c) * 30 + i]!;
    for (const kind of [Uint8Array, Float32Array]) {
      const expected = last.predict({ observations: kind.from(turned) });
      expect(first.predict({ observations: kind.from(pictures) })).toEqual(expected);
    }
  }
});

test('an observation alone and in a batch of any size has the same outputs', () => {
  const network = compileWithRandomWeights({ model: smallNetwork(), seed: 1, threads: 3 });
  const observations = randomBytes({ length: 37 * SIZE, seed: 2 });
  const together = network.predict({ observations });
  for (const [begin, end] of [
    [0, 1],
    [36, 37],
    [3, 8],
    [0, 36],
  ] as const) {
    const part = network.predict({ observations: observations.subarray(begin * SIZE, end * SIZE) });
    expect(part).toEqual(together.subarray(begin * 3, end * 3));
  }
});

test('passes of one call do not disturb each other', () => {
  const network = compileWithRandomWeights({ model: smallNetwork(), seed: 1 });
  const weights = network.getWeights().map((values) => values.map((value) => -value));
  network.setWeights(weights, 'target');
  const one = randomBytes({ length: 6 * SIZE, seed: 2 });
  const two = randomBytes({ length: 9 * SIZE, seed: 3 });
  const [first, second, target] = [18, 27, 27].map((length) => new Float32Array(length));
  network.forward([
    { observations: one, weights: 'online', output: first!, keep: true },
    { observations: two, weights: 'online', output: second! },
    { observations: two, weights: 'target', output: target! },
  ]);
  expect(first).toEqual(network.predict({ observations: one }));
  expect(second).toEqual(network.predict({ observations: two }));
  expect(target).toEqual(network.predict({ observations: two, weights: 'target' }));
  expect(target).not.toEqual(second);
  // The kept pass is still the first one, although other passes came after it.
  network.backward(new Float32Array(18).fill(1));
  const [, , , bias] = network.getGradients();
  expect([...bias!]).toEqual([6, 6, 6]);
});

test('every instruction set of this processor computes the same outputs', () => {
  const model = smallNetwork();
  const observations = randomBytes({ length: 5 * SIZE, seed: 2 });
  const expected = compileWithRandomWeights({ model, seed: 1 }).predict({ observations });
  for (const instructionSet of ['avx512', 'avx2', 'baseline'] as const) {
    try {
      const network = compileWithRandomWeights({ model, seed: 1, instructionSet });
      expect(network.instructionSet).toBe(instructionSet);
      expect(relativeError(network.predict({ observations }), expected)).toBeLessThan(1e-5);
    } catch (error) {
      expect(String(error)).toContain(`this processor does not have "${instructionSet}"`);
    }
  }
});

describe('wrong arguments', () => {
  const network = () => compileWithRandomWeights({ model: smallNetwork(), seed: 1 });
  const observations = new Uint8Array(2 * SIZE);
  const output = new Float32Array(6);
  const weights = 'online' as const;
  /** A network with a gradient of this value for every output. */
  const withGradient = (value = 0) => {
    const one = network();
    one.forward([{ observations, weights, output, keep: true }]);
    one.backward(new Float32Array(6).fill(value));
    return one;
  };

  test('observations of another kind', () => {
    const doubles = new Float64Array(SIZE) as unknown as Float32Array;
    expect(() => network().predict({ observations: doubles })).toThrow(TypeError);
    expect(() => network().predict({ observations: doubles })).toThrow('got Float64Array');
  });
  test.each([0, 1, SIZE - 1, SIZE + 1])('%i bytes of observations', (length) => {
    const call = () => network().predict({ observations: new Uint8Array(length) });
    expect(call).toThrow(RangeError);
    expect(call).toThrow(`12 x 12 x 4 = 576 values, got ${length}`);
  });
  test('an output of the wrong length or kind', () => {
    const pass = { observations, weights, output: new Float32Array(5) };
    expect(() => network().forward([pass])).toThrow('output must hold 6 values, got 5');
    const bytes = new Uint8Array(6) as unknown as Float32Array;
    expect(() => network().forward([{ ...pass, output: bytes }])).toThrow(TypeError);
  });
  test('two passes to keep, or one with target weights', () => {
    const pass = { observations, weights, output, keep: true };
    expect(() => network().forward([pass, pass])).toThrow('at most 1 pass can be kept, got 2');
    expect(() => network().forward([{ ...pass, weights: 'target' }])).toThrow('online weights');
  });
  test('a gradient of the wrong length, or without a kept pass', () => {
    const one = network();
    expect(() => one.backward(output)).toThrow('nothing is kept');
    one.forward([{ observations, weights, output, keep: true }]);
    expect(() => one.backward(new Float32Array(3))).toThrow('outputGradient must hold 6 values');
  });
  test('an update without a gradient, or with both kinds of clipping', () => {
    expect(() => network().update({ learningRate: 1 })).toThrow('update() before backward()');
    const both = { learningRate: 1, clipNorm: 1, globalClipNorm: 1 };
    expect(() => withGradient().update(both)).toThrow(
      'expected clipNorm or globalClipNorm, got both (1, 1)',
    );
  });
  test.each<[string, object, string]>([
    ['learningRate', { learningRate: undefined }, 'a finite number of 0 or more, got undefined'],
    ['learningRate', { learningRate: Number.NaN }, 'a finite number of 0 or more, got NaN'],
    ['learningRate', { learningRate: -1 }, 'a finite number of 0 or more, got -1'],
    ['beta1', { beta1: 1 }, 'at least 0 and below 1, got 1'],
    ['beta2', { beta2: Number.NaN }, 'at least 0 and below 1, got NaN'],
    ['epsilon', { epsilon: 0 }, 'a finite number above 0, got 0'],
    ['clipNorm', { clipNorm: 0 }, 'a finite number above 0, got 0'],
    ['clipNorm', { clipNorm: -1 }, 'a finite number above 0, got -1'],
    ['globalClipNorm', { globalClipNorm: Number.NaN }, 'a finite number above 0, got NaN'],
  ])('an update whose %s is wrong (%o) changes nothing', (name, option, text) => {
    const one = withGradient(1);
    const before = [one.getWeights(), one.optimizerState()];
    const update = () => one.update({ learningRate: 1e-3, ...option });
    expect(update).toThrow(RangeError);
    expect(update).toThrow(`${name} must be ${text}`);
    expect([one.getWeights(), one.optimizerState()]).toEqual(before);
    one.update({ learningRate: 1e-3 }); // the gradient is still there
  });
  test.each([-3, 1.5, Number.NaN])('%d updates of Adam to restore', (updates) => {
    const one = network();
    const state = { ...one.optimizerState(), updates };
    expect(() => one.restoreOptimizer(state)).toThrow(RangeError);
    expect(() => one.restoreOptimizer(state)).toThrow(`0 or more, got ${updates}`);
  });
  test('weights of an unknown name', () => {
    const one = network();
    const unknown = 'onlin' as 'online';
    const text = 'weights must be "online" or "target", got "onlin"';
    for (const call of [
      () => one.predict({ observations, weights: unknown }),
      () => one.forward([{ observations, weights: unknown, output }]),
      () => one.getWeights(unknown),
      () => one.setWeights(one.getWeights(), unknown),
    ]) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(text);
    }
  });
  test('weights that do not fit change nothing', () => {
    const one = network();
    const before = one.getWeights();
    const [first, ...others] = before.map((values) => values.map((value) => value + 1));
    expect(() => one.setWeights([first!])).toThrow('weights must be 4 arrays, got 1');
    const short = [first!, ...others.slice(0, 2), new Float32Array(2)];
    expect(() => one.setWeights(short)).toThrow('weights[3] must hold 3 values, got 2');
    expect(one.getWeights()).toEqual(before);
  });
  test.each([0, 1.5, -1, Number.NaN])('%d threads', (threads) => {
    const network = describeOrThrow(smallNetwork());
    expect(() => new NativeNetwork({ network, threads })).toThrow(RangeError);
  });
});

test('BREAKOUT_THREADS says how many threads there are by default', ({ onTestFinished }) => {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const network = describeOrThrow(smallNetwork());
  vi.stubEnv('BREAKOUT_THREADS', '3');
  const [given, own] = [new NativeNetwork({ network }), new NativeNetwork({ network, threads: 2 })];
  expect([given.threads, own.threads]).toEqual([3, 2]);
  for (const each of [given, own]) each.dispose();
  vi.stubEnv('BREAKOUT_THREADS', 'many');
  expect(() => new NativeNetwork({ network })).toThrow(
    'BREAKOUT_THREADS must be a whole number of 1 to 256, got NaN',
  );
});

test('threads are those at work, not those asked for', ({ skip }) => {
  skip(process.platform !== 'linux', 'the limit is set with prlimit of Linux');
  // A process with room for a few more threads' stacks of 8 MB.
  const program = `
    const { execFileSync } = require('node:child_process');
    const { readFileSync } = require('node:fs');
    const { NativeNetwork } = require('./lib/engine/native/network');
    const network = JSON.parse(process.env.NETWORK);
    new NativeNetwork({ network, threads: 1 }).dispose();
    const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]);
    const limit = (bytes) => execFileSync('prlimit', ['--pid', process.pid, '--as=' + bytes + ':']);
    limit(pages * 4096 + 200e6);
    const { threads } = new NativeNetwork({ network, threads: 200 });
    limit('unlimited'); // tsx still has to start WebAssembly
    process.stdout.write(String(threads));
  `;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '-e', program], {
    cwd: ROOT,
    env: { ...process.env, NETWORK: JSON.stringify(describeOrThrow(smallNetwork())) },
    encoding: 'utf8',
  });
  expect(Number(output)).toBeGreaterThan(1);
  expect(Number(output)).toBeLessThan(200);
});
