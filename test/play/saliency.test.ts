import { describe, expect, it } from 'vitest';
import { compileQValues } from '../../lib/dqn/learner/compile-q-values';
import { createQNetwork } from '../../lib/dqn/learner/q-network';
import { tf } from '../../lib/engine/tensorflow';
import { gradientSaliency, occlusionSaliency, saliencyBytes } from '../../lib/play/saliency';

const PIXELS = 84 * 84;

/** V is twice the pixel [30, 40] of the newest picture, in bytes; three more actions are worth nothing. */
function onePixelNetwork(): tf.LayersModel {
  const network = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [84, 84, 4] }),
      tf.layers.dense({ units: 4, useBias: false }),
    ],
  });
  const kernel = new Float32Array(4 * PIXELS * 4);
  kernel[4 * (4 * (30 * 84 + 40) + 3)] = 2;
  network.setWeights([tf.tensor2d(kernel, [4 * PIXELS, 4])]);
  return network;
}

const network = onePixelNetwork();
const observation = new Uint8Array(4 * PIXELS).fill(100);

describe('gradientSaliency', () => {
  it('is the gradient at the pixel, shared by the 5 x 5 around it', () => {
    const saliency = gradientSaliency({ network, observation });
    for (const [y, x, expected] of [
      [30, 40, 2 / 25],
      [28, 42, 2 / 25],
      [27, 40, 0],
      [30, 43, 0],
    ] as const) {
      expect(saliency[y * 84 + x], `[${y}, ${x}]`).toBeCloseTo(expected, 6);
    }
  });

  it('weighs the distribution of a categorical head by its returns', () => {
    const support = { atoms: 4, min: 0, max: 3 }; // of a single action; the first logit is 2 s
    const dark = new Uint8Array(observation.length);
    // at s = 0: p = 1/4 each, Q = 1.5, dQ/ds = 2 p (z - Q) = 2 * 0.25 * (0 - 1.5)
    const saliency = gradientSaliency({ network, support, observation: dark });
    expect(saliency[30 * 84 + 40]).toBeCloseTo(0.75 / 25, 6);
  });

  it('takes few operations through normalized layers', async () => {
    const shape = { observationShape: [4, 84, 84], actions: 4, width: 0.125, seed: 2 };
    const normalized = createQNetwork({ ...shape, layerNorm: true });
    const { kernels } = await tf.profile(() => {
      gradientSaliency({ network: normalized, observation });
      return [];
    });
    expect(kernels.length).toBeLessThan(500);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) gradientSaliency({ network, observation });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('occlusionSaliency', () => {
  it('is what the values lose when a square is painted black', () => {
    const { qValues, dispose } = compileQValues(network);
    const saliency = occlusionSaliency({ qValues, observation });
    // Q changes by 200 for one of four actions: the root mean square is 100
    for (const [y, x, expected] of [
      [30, 36, 100],
      [35, 41, 100],
      [29, 40, 0],
      [30, 42, 0],
    ] as const) {
      expect(saliency[y * 84 + x], `[${y}, ${x}]`).toBeCloseTo(expected, 3);
    }
    dispose();
  });
});

describe('saliencyBytes', () => {
  it('stretches to 255, and leaves nothing at nothing', () => {
    expect([...saliencyBytes(Float32Array.of(0, 1, 4))]).toEqual([0, 64, 255]);
    expect([...saliencyBytes(Float32Array.of(0, 0))]).toEqual([0, 0]);
  });
});
