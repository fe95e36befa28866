/** Which pixels of an observation a network's value depends on: by its gradient, and by hiding parts. */
import { atomsOf, type Support } from '../dqn/equations/categorical';
import { tf } from '../engine/tensorflow';
import { observationTensor } from '../engine/upload';

const SIDE = 84;
const PIXELS = SIDE * SIDE;
const PICTURES = 4;
/** Side of the square that hides a part; 84 is 14 of them. */
const PATCH = 6;

export interface SaliencyOptions {
  /** [4, 84, 84] uint8, oldest first. */
  readonly observation: Uint8Array;
}

/**
 * How strongly each pixel moves the best action's value: the sum over the four pictures of
 * |dV / ds|, V = max over a of Q(s, a), smoothed over 5 x 5 pixels.
 * Source: Simonyan, Vedaldi and Zisserman 2014, Deep Inside Convolutional Networks.
 * @returns [84 * 84] float32, at least 0
 */
export function gradientSaliency({
  network,
  support = null,
  observation,
}: SaliencyOptions & {
  readonly network: tf.LayersModel;
  /** Of a network with the categorical head: `supportOf` finds it in a config. */
  readonly support?: Support | null;
}): Float32Array {
  const result = tf.tidy(() => {
    const shape = [1, PICTURES, SIDE, SIDE] as const;
    const input = observationTensor({ observations: observation, shape: [...shape] });
    const value = (s: tf.Tensor): tf.Scalar => valuesOf(network, support, s).max();
    const gradient = tf.grad(value)(input) as tf.Tensor4D; // [1, 84, 84, 4]
    const strength = gradient.abs().sum(3, true) as tf.Tensor4D;
    return tf.avgPool(strength, 5, 1, 'same').flatten();
  });
  const saliency = result.dataSync<'float32'>();
  result.dispose();
  return saliency;
}

function valuesOf(network: tf.LayersModel, support: Support | null, s: tf.Tensor): tf.Tensor {
  const outputs = network.apply(s) as tf.Tensor;
  if (support === null) return outputs;
  const atoms = tf.tensor1d(Float32Array.from(atomsOf(support)));
  return outputs.reshape([-1, support.atoms]).softmax().mul(atoms).sum(1);
}

/**
 * How much the values change when a part of all four pictures is painted black: for each of 14 x 14
 * squares the root mean square over the actions, spread over the square's pixels.
 * Source: Zeiler and Fergus 2014, Visualizing and Understanding Convolutional Networks; for agents
 * Greydanus et al. 2018, who blur where this paints.
 * @param options.qValues as `compileQValues` makes it: values of many observations at a time
 * @returns [84 * 84] float32, at least 0
 */
export function occlusionSaliency({
  qValues,
  observation,
}: SaliencyOptions & {
  readonly qValues: (observations: Uint8Array) => Float32Array;
}): Float32Array {
  const squares = SIDE / PATCH;
  const hidden = new Uint8Array(squares * squares * observation.length);
  for (let square = 0; square < squares * squares; square++) {
    const at = square * observation.length;
    hidden.set(observation, at);
    const left = (square % squares) * PATCH;
    const top = Math.floor(square / squares) * PATCH;
    for (let picture = 0; picture < PICTURES; picture++) {
      for (let y = top; y < top + PATCH; y++) {
        const row = at + picture * PIXELS + y * SIDE + left;
        hidden.fill(0, row, row + PATCH);
      }
    }
  }
  const q = qValues(observation);
  const changed = qValues(hidden);
  const saliency = new Float32Array(PIXELS);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const x = Math.floor((pixel % SIDE) / PATCH);
    const square = Math.floor(Math.floor(pixel / SIDE) / PATCH) * squares + x;
    let sum = 0;
    for (let a = 0; a < q.length; a++) sum += (changed[square * q.length + a]! - q[a]!) ** 2;
    saliency[pixel] = Math.sqrt(sum / q.length);
  }
  return saliency;
}

/** Saliency as bytes for a picture: its largest value becomes 255; nothing at all stays 0. */
export function saliencyBytes(saliency: Float32Array): Uint8Array {
  const most = saliency.reduce((max, value) => Math.max(max, value), 0);
  if (!(most > 0)) return new Uint8Array(saliency.length);
  return Uint8Array.from(saliency, (value) => Math.round((255 * value) / most));
}
