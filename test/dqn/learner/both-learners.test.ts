/** What holds for a learner in any engine. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import type { Learner } from '../../../lib/dqn/learner/learner';
import { predictQ } from '../../../lib/dqn/learner/train-step';
import { NonFiniteGradientError } from '../../../lib/engine/adam-rule';
import { nodeBackend } from '../../../lib/engine/binding';
import { tf } from '../../../lib/engine/tensorflow';
import { readWeights } from '../../../lib/engine/weights';
import { ensureEngines, randomFloats } from '../../helpers/native-engine';
import * as toy from '../../helpers/training';
import { LEARNERS, TOY } from '../../helpers/training';

beforeAll(ensureEngines);

const batchOf = (seed: number) => toy.batchOf({ seed, size: 4 });

describe.each(LEARNERS)('the %s learner', (_, SomeLearner) => {
  function create(options: Partial<DqnConfig> = {}): Learner {
    return new SomeLearner({ ...TOY, config: createConfig('nature', { loss: 'mse', ...options }) });
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

  test('setWeights sets the weights alone, and learning goes on from them', () => {
    const [set, restored] = [create(), create()] as const;
    for (const learner of [set, restored]) learner.update(batchOf(1));
    const state = set.state();
    const weights = state.weights.map(({ length }, i) =>
      randomFloats({ length, scale: 0.3, seed: 40 + i }),
    );
    const given = weights.map((values) => values.slice());
    set.setWeights(given);
    for (const values of given) values.fill(0); // they were copied
    expect(set.state()).toEqual({ ...state, weights });
    expect(readWeights(set.qNetwork)).toEqual(weights);
    const { observations } = batchOf(7);
    const expected = predictQ({ network: set.qNetwork, observations });
    set.qValues(observations).forEach((q, i) => {
      expect(q).toBeCloseTo(expected[i]!, 5);
    });
    restored.restore({ ...state, weights });
    for (const learner of [set, restored]) {
      for (const step of ['update', 'fit'] as const) learner[step](batchOf(3));
      learner.syncTarget();
    }
    expect(set.state()).toEqual(restored.state());
    for (const learner of [set, restored]) learner.dispose();
  });

  test('weights of another architecture are refused, and nothing changes', () => {
    const learner = create();
    learner.update(batchOf(1));
    const state = learner.state();
    const [, ...others] = state.weights;
    for (const weights of [others, [new Float32Array(7), ...others]]) {
      expect(() => learner.setWeights(weights)).toThrow(RangeError);
      expect(() => learner.restore({ ...state, weights })).toThrow(RangeError);
    }
    expect(learner.state()).toEqual(state);
    expect(readWeights(learner.qNetwork)).toEqual(state.weights);
    learner.dispose();
  });
});
