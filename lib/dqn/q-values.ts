/** A trained network's values, as fast as they can be had here. */
import { findNativeObstacle } from '../engine/native/addon';
import { describeModel } from '../engine/native/describe';
import { NativeNetwork } from '../engine/native/network';
import type { tf } from '../engine/tensorflow';
import { readWeights } from '../engine/weights';
import { predictQ } from './agent';
import { type Support, valuesFrom } from './categorical';

/**
 * Compiles a network for play, with the weights that it has now.
 *
 * A network that the native engine cannot run is asked in TensorFlow; the values are the same but for
 * rounding. For one observation the native engine is the faster one even beside a GPU.
 * @param options `support` of a network with the categorical head: `supportOf` finds it in a config
 * @returns a function from observations [n, stack, height, width] uint8, oldest picture first, to the
 *   values of all actions, [n * actions] float32
 */
export function compileQValues(
  network: tf.LayersModel,
  { support = null }: { readonly support?: Support | null } = {},
): (observations: Uint8Array) => Float32Array {
  const description = describeModel(network);
  if (!description.supported || findNativeObstacle() !== undefined) {
    return (observations) => valuesFrom({ outputs: predictQ({ network, observations }), support });
  }
  const compiled = new NativeNetwork({ network: description.network, layout: 'channelsFirst' });
  compiled.setWeights(readWeights(network));
  return (observations) => valuesFrom({ outputs: compiled.predict({ observations }), support });
}
