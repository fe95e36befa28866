/** Weights of networks: their variables, and copying them without moving a byte. */
import { handleOf, nodeBackend, replaceHandle } from './binding';
import type { tf } from './tensorflow';

/** The variables behind a network's weights, in the order of `getWeights()`. */
export function networkVariables(network: tf.LayersModel): tf.Variable[] {
  return network.weights.map((weight) => weight.read() as tf.Variable);
}

/**
 * Gives `to` the weights of `from`, two networks of one architecture.
 *
 * Both then share their buffers; the next training step writes to new ones, so `to` keeps its values.
 * @throws RangeError when the weights' shapes differ.
 */
export function copyWeights({ from, to }: { from: tf.LayersModel; to: tf.LayersModel }): void {
  const sources = networkVariables(from);
  const targets = networkVariables(to);
  const shapes = (variables: tf.Variable[]) => variables.map((v) => `[${v.shape}]`).join(' ');
  if (shapes(sources) !== shapes(targets)) {
    throw new RangeError(
      `copyWeights needs networks of the same shape: expected ${shapes(sources)}, got ${shapes(targets)}`,
    );
  }
  const { binding } = nodeBackend();
  const attributes = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }];
  sources.forEach((source, i) => {
    const alias = binding.executeOp('Identity', attributes, [handleOf(source)], 1)[0]!.id;
    replaceHandle(targets[i]!, alias);
  });
}

/**
 * Another network of the same layers and weights, which keeps them whatever becomes of this one.
 * @throws Error when it does not know a layer's class: call tf.serialization.registerClass with it.
 */
export function cloneNetwork(network: tf.LayersModel): tf.LayersModel {
  const type = network.constructor as tf.serialization.SerializableConstructor<tf.LayersModel>;
  const clone = type.fromConfig(type, network.getConfig());
  copyWeights({ from: network, to: clone });
  return clone;
}

/** The weights as copies, in the order of `getWeights()`. */
export function readWeights(network: tf.LayersModel): Float32Array[] {
  return networkVariables(network).map((variable) => variable.dataSync<'float32'>());
}

/**
 * Sets the weights from copies as `readWeights` gives them.
 * @throws RangeError when their number or a length does not fit.
 */
export function writeWeights({
  network,
  weights,
}: {
  network: tf.LayersModel;
  weights: readonly Float32Array[];
}): void {
  const variables = networkVariables(network);
  const expected = variables.map((variable) => variable.size);
  const got = weights.map((values) => values.length);
  if (expected.join() !== got.join()) {
    throw new RangeError(`weights must have the lengths [${expected}], got [${got}]`);
  }
  const { binding } = nodeBackend();
  variables.forEach((variable, i) => {
    // TensorFlow may use an array's own memory: what it will write to must not be the caller's
    const handle = binding.createTensor(variable.shape, binding.TF_FLOAT, weights[i]!.slice());
    replaceHandle(variable, handle);
  });
}
