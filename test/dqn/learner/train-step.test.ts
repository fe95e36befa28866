/** An update in TensorFlow.js changes weights as worked out by hand, and leaves no tensor. */
import { describe, expect, test } from 'vitest';
import { predictQ, syncTarget, trainStep } from '../../../lib/dqn/learner/train-step';
import type { Batch } from '../../../lib/dqn/replay/replay';
import { Adam } from '../../../lib/engine/adam';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { networkVariables, readWeights } from '../../../lib/engine/weights';
import { Mt19937 } from '../../../lib/random';
import { createToyNetwork } from '../../helpers/toy-network';

/** One dense layer without bias on observations [1, 1, 2]: Q = x W with W [2, 2]. */
function createLinear(weights: number[]): tf.Sequential {
  const network = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [1, 2, 1] }),
      tf.layers.dense({ units: 2, useBias: false }),
    ],
  });
  network.setWeights([tf.tensor2d(weights, [2, 2])]);
  return network;
}

function oneTransition(fields: Partial<Batch>): Batch {
  return {
    size: 1,
    observations: Uint8Array.of(1, 2),
    actions: Int32Array.of(0),
    rewards: Float32Array.of(1),
    nextObservations: Uint8Array.of(3, 1),
    terminateds: Uint8Array.of(0),
    ...fields,
  };
}

describe('trainStep, worked by hand on a linear network with stochastic gradient descent', () => {
  // Q(s) = (1, 2) W = (1*0.1 + 2*0.3, 1*0.2 + 2*0.4) = (0.7, 1.0); a = 0
  const weights = [0.1, 0.2, 0.3, 0.4];
  // Q_target(s') = (3, 1) V = (1, 2)
  const targetWeights = [0, 0.5, 1, 0.5];
  const config = { gamma: 0.5, terminalTarget: null, doubleDqn: false, loss: 'mse' } as const;
  const rate = 0.1;

  function run(options: { config?: object; batch?: Partial<Batch> }) {
    const qNetwork = createLinear(weights);
    const targetNetwork = createLinear(targetWeights);
    const result = trainStep({
      qNetwork,
      targetNetwork,
      optimizer: tf.train.sgd(rate),
      batch: oneTransition(options.batch ?? {}),
      config: { ...config, ...options.config },
    });
    return { ...result, weights: [...readWeights(qNetwork)[0]!] };
  }

  const expectWeights = (got: number[], expected: number[]) => {
    expected.forEach((w, i) => {
      expect(got[i]).toBeCloseTo(w, 5);
    });
  };

  test('mse: y = 1 + 0.5 * 2 = 2, error 1.3', () => {
    const { loss, meanQ, weights: after } = run({});
    expect(loss).toBeCloseTo(1.3 ** 2, 5);
    expect(meanQ).toBeCloseTo(0.7, 6);
    // dL/dQ = -2 * 1.3; dQ/dW for action 0 = (1, 2) in the first column
    expectWeights(after, [0.1 + rate * 2.6, 0.2, 0.3 + rate * 5.2, 0.4]);
  });

  test('huber: beyond an error of 1 the gradient is 1', () => {
    const { loss, weights: after } = run({ config: { loss: 'huber' } });
    expect(loss).toBeCloseTo(1.3 - 0.5, 5);
    expectWeights(after, [0.1 + rate * 1, 0.2, 0.3 + rate * 2, 0.4]);
  });

  test('terminated: y = r = 1, error 0.3, and inside 1 huber is half the square', () => {
    const { loss, weights: after } = run({
      config: { loss: 'huber' },
      batch: { terminateds: Uint8Array.of(1) },
    });
    expect(loss).toBeCloseTo(0.5 * 0.3 ** 2, 5);
    expectWeights(after, [0.1 + rate * 0.3, 0.2, 0.3 + rate * 0.6, 0.4]);
  });

  test('the other action: Q = 1, error 1, the second column moves', () => {
    const { loss, weights: after } = run({ batch: { actions: Int32Array.of(1) } });
    expect(loss).toBeCloseTo(1, 5);
    expectWeights(after, [0.1, 0.2 + rate * 2, 0.3, 0.4 + rate * 4]);
  });

  test("double: the network's Q(s') = (0.6, 1.0) chooses action 1, worth 2; reversed weights choose 0", () => {
    expect(run({ config: { doubleDqn: true } }).loss).toBeCloseTo(1.3 ** 2, 5);
    const qNetwork = createLinear([0.2, 0.1, 0.4, 0.3]); // Q(s) = (1, 0.7), Q(s') = (1, 0.6)
    const targetNetwork = createLinear(targetWeights);
    const double = { ...config, doubleDqn: true };
    const optimizer = tf.train.sgd(rate);
    const batch = oneTransition({});
    const { loss } = trainStep({ qNetwork, targetNetwork, optimizer, batch, config: double });
    expect(loss).toBeCloseTo((1 + 0.5 * 1 - 1) ** 2, 5);
  });

  test('a loss that is not finite stops before the weights change', () => {
    const qNetwork = createLinear(weights);
    const targetNetwork = createLinear([Number.NaN, 0, 0, 0]);
    const optimizer = tf.train.sgd(rate);
    const batch = oneTransition({});
    const before = readWeights(qNetwork);
    expect(() => trainStep({ qNetwork, targetNetwork, optimizer, batch, config })).toThrow(
      /loss must be finite, got NaN/,
    );
    expect(readWeights(qNetwork)).toEqual(before);
  });
});

/** Batches of random bytes for the toy network. */
function randomBatch({ size, random }: { size: number; random: Mt19937 }): Batch {
  const pick = (n: number) => Math.floor(random.nextDouble() * n);
  return {
    size,
    observations: Uint8Array.from({ length: size * 32 }, () => pick(256)),
    actions: Int32Array.from({ length: size }, () => pick(3)),
    rewards: Float32Array.from({ length: size }, () => pick(3) - 1),
    nextObservations: Uint8Array.from({ length: size * 32 }, () => pick(256)),
    terminateds: Uint8Array.from({ length: size }, () => (pick(5) === 0 ? 1 : 0)),
  };
}

const TOY = { observationShape: [2, 4, 4], actions: 3, seed: 5 };
const CONFIG = { gamma: 0.99, terminalTarget: null, doubleDqn: true, loss: 'huber' } as const;

test('our Adam and tf.train.adam learn the same over 200 updates', () => {
  const learn = (createOptimizer: (variables: tf.Variable[]) => tf.Optimizer) => {
    const random = new Mt19937(3);
    const networks = { qNetwork: createToyNetwork(TOY), targetNetwork: createToyNetwork(TOY) };
    syncTarget(networks);
    const optimizer = createOptimizer(networkVariables(networks.qNetwork));
    const losses: number[] = [];
    for (let i = 1; i <= 200; i++) {
      const batch = randomBatch({ size: 8, random });
      losses.push(trainStep({ ...networks, optimizer, batch, config: CONFIG }).loss);
      if (i % 50 === 0) syncTarget(networks);
    }
    return {
      losses,
      q: predictQ({ network: networks.qNetwork, observations: new Uint8Array(32) }),
    };
  };
  const ours = learn((variables) => new Adam({ variables, learningRate: 1e-3 }));
  const theirs = learn(() => tf.train.adam(1e-3, 0.9, 0.999, 1e-8));
  ours.losses.forEach((loss, i) => {
    expect(loss).toBeCloseTo(theirs.losses[i]!, 4);
  });
  ours.q.forEach((value, i) => {
    expect(value).toBeCloseTo(theirs.q[i]!, 4);
  });
});

test('1,000 updates, with actions and target copies between, leave no tensor and no handle', () => {
  const random = new Mt19937(4);
  const networks = { qNetwork: createToyNetwork(TOY), targetNetwork: createToyNetwork(TOY) };
  const variables = networkVariables(networks.qNetwork);
  const optimizer = new Adam({ variables, learningRate: 1e-3, clipNorm: 1 });
  const batch = randomBatch({ size: 4, random });
  const once = () => {
    predictQ({ network: networks.qNetwork, observations: batch.observations.subarray(0, 32) });
    trainStep({ ...networks, optimizer, batch, config: CONFIG });
  };
  const live = () => [nodeBackend().binding.getNumOfTensors(), tf.memory().numTensors];
  once();
  syncTarget(networks);
  const before = live();
  for (let i = 0; i < 1000; i++) {
    once();
    if (i % 100 === 0) syncTarget(networks);
  }
  expect(live()).toEqual(before);
});
