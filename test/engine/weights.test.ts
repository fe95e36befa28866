/** Weights are copied between networks of TensorFlow.js without sharing memory or leaving handles. */
import { describe, expect, test } from 'vitest';
import { Adam } from '../../lib/engine/adam';
import { nodeBackend } from '../../lib/engine/binding';
import { tf } from '../../lib/engine/tensorflow';
import { copyWeights, networkVariables, readWeights, writeWeights } from '../../lib/engine/weights';

function createNetwork({ units = 2, seed }: { units?: number; seed: number }): tf.Sequential {
  const kernelInitializer = tf.initializers.glorotUniform({ seed });
  return tf.sequential({
    layers: [tf.layers.dense({ units, inputShape: [3], kernelInitializer })],
  });
}

function trainOnce(network: tf.LayersModel): void {
  const variables = networkVariables(network);
  const adam = new Adam({ variables, learningRate: 0.1 });
  adam.minimize(() => tf.sum(network.apply(tf.ones([1, 3])) as tf.Tensor), false, variables);
  adam.dispose();
}

const optimizers = {
  'our Adam': trainOnce,
  'tf.train.adam': (network: tf.LayersModel) => {
    tf.train
      .adam(0.1)
      .minimize(
        () => tf.sum(network.apply(tf.ones([1, 3])) as tf.Tensor),
        false,
        networkVariables(network),
      );
  },
};

describe('copyWeights', () => {
  for (const [name, train] of Object.entries(optimizers)) {
    test(`gives the weights at that moment, untouched by later training with ${name}`, () => {
      const from = createNetwork({ seed: 1 });
      const to = createNetwork({ seed: 2 });
      const copied = readWeights(from);
      expect(readWeights(to)).not.toEqual(copied);
      copyWeights({ from, to });
      expect(readWeights(to)).toEqual(copied);
      train(from);
      expect(readWeights(from)).not.toEqual(copied);
      expect(readWeights(to)).toEqual(copied);
    });
  }

  test('leaves no handle behind', () => {
    const from = createNetwork({ seed: 1 });
    const to = createNetwork({ seed: 2 });
    copyWeights({ from, to });
    const before = nodeBackend().binding.getNumOfTensors();
    for (let i = 0; i < 100; i++) copyWeights({ from, to });
    expect(nodeBackend().binding.getNumOfTensors()).toBe(before);
  });

  test('refuses networks of other shapes', () => {
    const from = createNetwork({ seed: 1 });
    const to = createNetwork({ units: 4, seed: 1 });
    expect(() => copyWeights({ from, to })).toThrow(/expected \[3,2\] \[2\], got \[3,4\] \[4\]/);
  });
});

describe('readWeights and writeWeights', () => {
  test('carry weights into another network, and neither side writes to the other', () => {
    const from = createNetwork({ seed: 1 });
    const to = createNetwork({ seed: 2 });
    const weights = readWeights(from);
    const copy = weights.map((values) => values.slice());
    writeWeights({ network: to, weights });
    expect(readWeights(to)).toEqual(copy);
    trainOnce(to);
    expect(weights).toEqual(copy);
    weights[0]!.fill(9);
    expect(readWeights(to)[0]).not.toContain(9);
  });

  test('refuse weights that do not fit', () => {
    const network = createNetwork({ seed: 1 });
    const weights = [new Float32Array(6), new Float32Array(3)];
    expect(() => writeWeights({ network, weights })).toThrow(/lengths \[6,2\], got \[6,3\]/);
  });
});
