/**
 * The gradient of TensorFlow.js' tile as one sum, for every model; imported for this effect.
 *
 * Its own adds one slice for each repetition. Layer normalization tiles mean and variance over all
 * features of a picture: 21,888 slices in one update of the network of the preset fast.
 */
import './prepare';
import * as tf from '@tensorflow/tfjs-node-gpu';

tf.registerGradient({
  kernelName: 'Tile',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attributes) => {
    const { reps } = attributes as unknown as { reps: readonly number[] };
    return { x: () => sumOfTiles({ dy: dy as tf.Tensor, shape: saved[0]!.shape, reps }) };
  },
});

/** The gradient of a tensor of `shape`. @param options `dy` has the shape [reps[0] * shape[0], ...] */
function sumOfTiles(options: {
  dy: tf.Tensor;
  shape: number[];
  reps: readonly number[];
}): tf.Tensor {
  const { dy, shape, reps } = options;
  const split: number[] = []; // [reps[0], shape[0], reps[1], ...], without ones: the rank stays low
  const repeated: number[] = [];
  shape.forEach((length, i) => {
    if (reps[i]! > 1) repeated.push(split.push(reps[i]!) - 1);
    if (length > 1) split.push(length);
  });
  return tf.reshape(tf.sum(tf.reshape(dy, split), repeated), shape);
}
