/** Exits with 0 when TensorFlow loads and computes; run by the set-up in a process of its own. */
const util = require('node:util');

// The package calls a function that Node 23 removed.
Object.assign(util, {
  isNullOrUndefined: (/** @type {unknown} */ v) => v === null || v === undefined,
});
const tf = require('@tensorflow/tfjs-node-gpu');

// [[1, 2], [3, 4]] squared
const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([1, 2, 3, 4], [2, 2]));
const got = Array.from(product.dataSync()).join();
if (got !== '7,10,15,22') {
  console.error(`error: expected the product 7,10,15,22, got ${got}`);
  process.exitCode = 1;
}
