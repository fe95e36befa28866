/** What the native engine's tests share: the compiled addon, random numbers, networks to compare with. */
import { describeModel, type NetworkDescription } from '../../lib/engine/native/describe';
import { NativeNetwork, type NativeNetworkOptions } from '../../lib/engine/native/network';
import { tf } from '../../lib/engine/tensorflow';
import { ROOT } from '../../lib/files/root';
import { graphEngineStage, nativeEngineStage } from '../../lib/setup/engines';

/** Compiles the addons where set-up has not. */
export async function ensureEngines(): Promise<void> {
  for (const make of [nativeEngineStage, graphEngineStage]) {
    const stage = make({ root: ROOT, env: process.env });
    if (!stage.isDone()) await stage.run({ update() {}, done() {}, stop() {} });
  }
}

/** A small repeatable generator (Numerical Recipes' LCG): tests need no better one. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Uniform in [-scale, scale). */
export function randomFloats(args: { length: number; scale: number; seed: number }): Float32Array {
  const next = randomNumbers(args.seed);
  return Float32Array.from({ length: args.length }, () => (next() * 2 - 1) * args.scale);
}

export function randomBytes({ length, seed }: { length: number; seed: number }): Uint8Array {
  const next = randomNumbers(seed);
  return Uint8Array.from({ length }, () => next() * 256);
}

/** Pictures as games have them: a few bright rectangles on black, equal in all channels. */
export function randomPictures(args: {
  count: number;
  side: number;
  channels: number;
  seed: number;
}): Uint8Array {
  const { count, side, channels } = args;
  const next = randomNumbers(args.seed);
  const pictures = new Uint8Array(count * side * side * channels);
  for (let rectangle = 0; rectangle < count * 6; rectangle++) {
    const [top, left] = [Math.floor(next() * (side - 4)), Math.floor(next() * (side - 4))];
    const [height, width] = [1 + Math.floor(next() * 4), 1 + Math.floor(next() * 4)];
    const brightness = 60 + next() * 190;
    for (let y = top; y < top + height; y++) {
      const row = (Math.floor(rectangle / 6) * side + y) * side;
      pictures.fill(brightness, (row + left) * channels, (row + left + width) * channels);
    }
  }
  return pictures;
}

export function describeOrThrow(model: tf.LayersModel): NetworkDescription {
  const description = describeModel(model);
  if (!description.supported) throw new Error(description.reason);
  return description.network;
}

/** Gives the model random weights (gamma near 1, beta and biases not zero) and compiles it with them. */
export function compileWithRandomWeights({
  model,
  seed,
  ...options
}: { model: tf.LayersModel; seed: number } & Omit<NativeNetworkOptions, 'network'>): NativeNetwork {
  const weights = model.getWeights().map((tensor, i) => {
    const fanIn = tensor.shape.slice(0, -1).reduce((product, length) => product * length, 1);
    const scale = tensor.shape.length > 1 ? Math.sqrt(3 / fanIn) : 0.2;
    const values = randomFloats({ length: tensor.size, scale, seed: seed + i });
    const isGamma = model.weights[i]!.originalName.endsWith('gamma');
    return isGamma ? values.map((value) => 1 + value) : values;
  });
  model.setWeights(
    weights.map((values, i) => tf.tensor(values, model.weights[i]!.shape as number[])),
  );
  const network = new NativeNetwork({ network: describeOrThrow(model), ...options });
  network.setWeights(weights);
  network.syncTarget();
  return network;
}

/** Largest difference, relative to the largest value expected. */
export function relativeError(got: Float32Array, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 1e-30;
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs(got[i]! - expected[i]!);
    if (!(error <= difference)) difference = error; // keeps a NaN
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}

/**
 * One pass forward and back beside TensorFlow.js, which has the same weights.
 * @returns the largest relative errors of outputs and of any variable's gradient, and the ratio of the norms
 */
export function compareWithTensorFlow(args: {
  model: tf.LayersModel;
  network: NativeNetwork;
  observations: Uint8Array | Float32Array;
}): { output: number; gradient: number; norm: number } {
  const { model, network, observations } = args;
  const [, ...inputShape] = model.inputs[0]!.shape as number[];
  const batch = observations.length / network.inputSize;
  const output = new Float32Array(batch * network.outputSize);
  const direction = randomFloats({ length: output.length, scale: 1, seed: 12 });
  network.forward([{ observations, weights: 'online', output, keep: true }]);
  const norm = network.backward(direction);
  return tf.tidy(() => {
    const x = tf.tensor(Float32Array.from(observations), [batch, ...inputShape]);
    const expectedOutput = (model.predict(x) as tf.Tensor).dataSync<'float32'>();
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(() => {
      const y = model.apply(x) as tf.Tensor;
      return tf.sum(tf.mul(y, tf.tensor(direction, y.shape)));
    }, variables);
    const expected = variables.map(({ name }) => grads[name]!.dataSync<'float32'>());
    const errors = network.getGradients().map((got, i) => relativeError(got, expected[i]!));
    const squares = expected.flatMap((values) => [...values]).map((value) => value * value);
    const expectedNorm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    return {
      output: relativeError(output, expectedOutput),
      gradient: Math.max(...errors),
      norm: norm / expectedNorm,
    };
  });
}
