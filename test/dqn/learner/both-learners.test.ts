/** What holds for a learner in either engine. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import type { Learner } from '../../../lib/dqn/learner/learner';
import { NativeLearner } from '../../../lib/dqn/learner/native-learner';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import { predictQ } from '../../../lib/dqn/learner/train-step';
import { NonFiniteGradientError } from '../../../lib/engine/adam-checks';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { ensureNativeEngine, randomBytes, randomFloats } from '../../helpers/native-engine';
import { createToyNetwork } from '../../helpers/toy-network';

beforeAll(ensureNativeEngine);

const SIZE = 2 * 4 * 4;
const BATCH = 4;

function batchOf(seed: number) {
  return {
    size: BATCH,
    observations: randomBytes({ length: BATCH * SIZE, seed }),
    nextObservations: randomBytes({ length: BATCH * SIZE, seed: seed + 1 }),
    actions: Int32Array.of(0, 1, 2, 0),
    rewards: Float32Array.of(1, 0, 2, 1),
    terminateds: Uint8Array.of(0, 1, 0, 0),
    targets: Float32Array.of(1, 0, 2, 1),
  };
}

describe.each([
  ['native', NativeLearner],
  ['TensorFlow', TensorFlowLearner],
] as const)('the %s learner', (_, SomeLearner) => {
  function create(options: Partial<DqnConfig> = {}): Learner {
    return new SomeLearner({
      config: createConfig('nature', { loss: 'mse', ...options }),
      observationShape: [2, 4, 4],
      actions: 3,
      seed: 1,
      createNetwork: createToyNetwork,
    });
  }

  describe.each([{}, { clipNorm: 1 }, { globalClipNorm: 1 }])('with %o', (options) => {
    test.each(['update', 'fit'] as const)(
      'refuses an infinite gradient of a finite loss in %s, and nothing changes',
      (step) => {
        const learner = create(options);
        learner.update(batchOf(1));
        // Hidden units of 1e-37 and weights of 2e38 behind them: Q = 32 * 20, and its error times 2e38
        // is the gradient of a hidden unit.
        const { weights, ...rest } = learner.state();
        const values = [0, 1e-37, 2e38, 0];
        learner.restore({ ...rest, weights: weights.map((w, i) => w.map(() => values[i]!)) });
        const q = learner.qValues(batchOf(1).observations);
        expect(q[0]! / 640).toBeCloseTo(1, 5);
        const before = learner.state();
        const live = () => [nodeBackend().binding.getNumOfTensors(), tf.memory().numTensors];
        const tensors = live();
        expect(() => learner[step](batchOf(2))).toThrow(NonFiniteGradientError);
        expect(live()).toEqual(tensors);
        expect(learner.state()).toEqual(before);
        learner.restore({ ...rest, weights });
        learner[step](batchOf(2)); // and it can go on
        expect(learner.state().optimizer.updates).toBe(2);
        learner.dispose();
      },
    );
  });

  describe('takes over weights that are set on qNetwork', () => {
    const { observations } = batchOf(7);
    /** Sets all weights, or those of the last layer only, to random ones. */
    function setWeights({ network, last }: { network: tf.LayersModel; last: boolean }): void {
      const owner = last ? network.layers.at(-1)! : network;
      const weights = owner.getWeights().map(({ shape, size }, i) => {
        return tf.tensor(randomFloats({ length: size, scale: 0.3, seed: 40 + i }), shape);
      });
      owner.setWeights(weights);
      tf.dispose(weights);
    }
    const valuesOf = (network: tf.LayersModel) =>
      network.getWeights().map((weight) => weight.dataSync<'float32'>());

    test('in qValues, state and the next qNetwork', () => {
      const learner = create();
      learner.update(batchOf(1));
      const network = learner.qNetwork;
      setWeights({ network, last: false });
      const expected = predictQ({ network, observations });
      const got = learner.qValues(observations);
      for (const [i, q] of expected.entries()) expect(got[i]).toBeCloseTo(q, 5);
      expect(learner.state().weights).toEqual(valuesOf(network));
      expect(valuesOf(learner.qNetwork)).toEqual(learner.state().weights);
      learner.dispose();
    });

    test.each<[string, (learner: Learner) => unknown]>([
      ['state', () => {}],
      ['update', (learner) => learner.update(batchOf(3))],
      ['fit', (learner) => learner.fit(batchOf(3))],
      ['syncTarget', (learner) => learner.syncTarget()],
      ['qNetwork', (learner) => learner.qNetwork],
    ])('in %s, as weights that are restored', (_, act) => {
      const [set, restored] = [create(), create()];
      for (const learner of [set, restored]) learner.update(batchOf(1));
      setWeights({ network: set.qNetwork, last: false });
      restored.restore({ ...restored.state(), weights: valuesOf(set.qNetwork) });
      for (const learner of [set, restored]) act(learner);
      expect(set.state()).toEqual(restored.state());
      for (const learner of [set, restored]) learner.dispose();
    });

    test('when only one layer is set, on a network asked for before an update', () => {
      const learner = create();
      const network = learner.qNetwork;
      learner.update(batchOf(1));
      const updated = learner.state().weights;
      setWeights({ network, last: true });
      const { weights } = learner.state();
      expect(weights.slice(0, 2)).toEqual(updated.slice(0, 2));
      expect(weights.slice(2)).toEqual(valuesOf(network).slice(2));
      expect(weights[2]).not.toEqual(updated[2]);
      learner.dispose();
    });

    test('but not after a state was restored over them', () => {
      const learner = create();
      const state = learner.state();
      setWeights({ network: learner.qNetwork, last: false });
      learner.restore(state);
      expect(learner.state()).toEqual(state);
      learner.qValues(observations);
      expect(valuesOf(learner.qNetwork)).toEqual(state.weights);
      learner.dispose();
    });
  });
});
