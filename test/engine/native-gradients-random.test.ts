/** Random networks and batches in the native engine against TensorFlow.js: seeded, so a failure repeats. */
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../lib/engine/tensorflow';
import {
  compareWithTensorFlow,
  compileWithRandomWeights,
  ensureEngines,
  randomBytes,
  randomFloats,
  randomNumbers,
} from '../helpers/native-engine';

beforeAll(ensureEngines);

const { activation, conv2d, dense, flatten, layerNormalization, reLU, rescaling } = tf.layers;

/** Draws whole numbers and choices. */
class Dice {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = randomNumbers(seed);
    for (let i = 0; i < 10; i++) this.next(); // seeds that follow each other begin alike
  }

  /** From `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)]!;
  }
}

/** A relu inside the layer, as one of the two kinds of layers, or none; with or without a norm before. */
function withActivation(
  dice: Dice,
  create: (relu: 'relu' | 'linear') => tf.layers.Layer,
  axis: number | number[],
): tf.layers.Layer[] {
  const kind = dice.of(['none', 'inside', 'layer', 'norm'] as const);
  if (kind === 'inside') return [create('relu')];
  const relu = dice.of([() => [reLU()], () => [activation({ activation: 'relu' })], () => []]);
  const norm =
    kind === 'norm' ? [layerNormalization({ axis, epsilon: dice.of([1e-3, 1e-5]) })] : [];
  return [create('linear'), ...norm, ...(kind === 'none' ? [] : relu())];
}

/** Convolutions that fit into the picture: no kernel of 1 x 1 whose stride is larger. */
function convolutions(dice: Dice, inputShape: readonly number[]): tf.layers.Layer[] {
  let [height, width] = inputShape as [number, number];
  return Array.from({ length: dice.whole(0, 3) }, () => {
    const kernelSize = [
      dice.whole(1, Math.min(4, height)),
      dice.whole(1, Math.min(4, width)),
    ] as const;
    // The CPU gradient of TensorFlow 2.21 for a 1 x 1 kernel with a stride writes outside its memory.
    const strides = Math.max(...kernelSize) === 1 ? [1, 1] : [dice.whole(1, 3), dice.whole(1, 3)];
    height = Math.floor((height - kernelSize[0]) / strides[0]!) + 1;
    width = Math.floor((width - kernelSize[1]) / strides[1]!) + 1;
    const options = { filters: dice.whole(3, 36), useBias: dice.of([true, false]) };
    return withActivation(
      dice,
      (relu) =>
        conv2d({
          ...options,
          kernelSize: [...kernelSize],
          strides: strides as [number, number],
          activation: relu,
        }),
      dice.of([-1, [1, 2, 3]]),
    );
  }).flat();
}

function createModel(dice: Dice): tf.Sequential {
  const image = dice.whole(0, 3) > 0;
  const side = () => dice.whole(3, 14);
  const inputShape = image ? [side(), side(), dice.whole(1, 5)] : [dice.whole(1, 40)];
  const units = () => ({ units: dice.whole(3, 50), useBias: dice.of([true, false]) });
  const layers = [
    tf.layers.inputLayer({ inputShape }),
    ...(dice.of([true, false]) ? [rescaling({ scale: dice.of([1 / 255, 0.5]) })] : []),
    ...(image ? [...convolutions(dice, inputShape), flatten()] : []),
    ...Array.from({ length: dice.whole(0, 2) }, () => {
      const options = units();
      return withActivation(dice, (relu) => dense({ ...options, activation: relu }), -1);
    }).flat(),
    dense({ units: dice.whole(1, 20) }),
  ];
  return tf.sequential({ layers });
}

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

test.each(SEEDS)('network %i', (seed) => {
  const dice = new Dice(seed);
  const model = createModel(dice);
  const network = compileWithRandomWeights({ model, seed, threads: dice.whole(1, 3) });
  const length = dice.whole(1, 20) * network.inputSize;
  const observations = dice.of([true, false])
    ? randomBytes({ length, seed })
    : randomFloats({ length, scale: 1, seed });
  const errors = compareWithTensorFlow({ model, network, observations });
  const layers = model.layers.map((layer) => `${layer.getClassName()} [${layer.outputShape}]`);
  expect(errors.output, layers.join(', ')).toBeLessThan(1e-5);
  expect(errors.gradient, layers.join(', ')).toBeLessThan(1e-4);
  expect(errors.norm).toBeCloseTo(1, 4);
  network.dispose();
  model.dispose();
});

test('they have every kind of layer, with one picture and with many', () => {
  const kinds = SEEDS.flatMap((seed) => createModel(new Dice(seed)).layers).map((layer) =>
    layer.getClassName(),
  );
  expect([...new Set(kinds)].sort()).toEqual(
    [
      ...['Activation', 'Conv2D', 'Dense', 'Flatten', 'InputLayer'],
      ...['LayerNormalization', 'ReLU', 'Rescaling'],
    ].sort(),
  );
});
