/** Asks a trained network for its values, as fast as this machine can. */
import { findObstacle, NATIVE_ENGINE } from '../../engine/compiled';
import { describeModel } from '../../engine/native/describe';
import { NativeNetwork } from '../../engine/native/network';
import type { tf } from '../../engine/tensorflow';
import { cloneNetwork, readWeights } from '../../engine/weights';
import { type Support, valuesFrom } from '../equations/categorical';
import { predictQ } from './train-step';

export interface CompiledQValues {
  /**
   * Values of all actions, [n * actions] float32.
   * @param observations [n, stack, height, width] uint8, oldest picture first
   */
  readonly qValues: (observations: Uint8Array) => Float32Array;
  /** The engine that computes: values of another one differ by rounding, and games then go another way. */
  readonly engine: string;
  /** Ends its threads and frees its memory; the network stays the caller's. Later calls throw. */
  readonly dispose: () => void;
}

/**
 * Compiles a network for play, with the weights that it has now: what is done to it later changes nothing.
 *
 * A copy in TensorFlow computes for a network that the native engine cannot run; the values are the same
 * but for rounding. For one observation the native engine is the faster one even beside a GPU.
 * @param options `support` of a network with the categorical head: `supportOf` finds it in a config
 * @throws Error when only TensorFlow can run it and does not know a layer's class: register the class.
 */
export function compileQValues(
  network: tf.LayersModel,
  { support = null }: { readonly support?: Support | null } = {},
): CompiledQValues {
  const { outputs, engine, dispose } = compile(network);
  return {
    engine,
    qValues: (observations) => valuesFrom({ outputs: outputs(observations), support }),
    dispose,
  };
}

/** The network's outputs as they are. */
interface CompiledOutputs {
  readonly outputs: (observations: Uint8Array) => Float32Array;
  readonly engine: string;
  readonly dispose: () => void;
}

function compile(network: tf.LayersModel): CompiledOutputs {
  const description = describeModel(network);
  if (!description.supported || findObstacle(NATIVE_ENGINE) !== undefined)
    return copyInTensorFlow(network);
  const compiled = new NativeNetwork({ network: description.network, layout: 'channelsFirst' });
  compiled.setWeights(readWeights(network));
  return {
    engine: `native engine, ${compiled.instructionSet}`,
    outputs: (observations) => compiled.predict({ observations }),
    dispose: () => compiled.dispose(),
  };
}

function copyInTensorFlow(original: tf.LayersModel): CompiledOutputs {
  const network = cloneNetwork(original);
  let disposed = false;
  return {
    engine: 'TensorFlow',
    outputs: (observations) => {
      if (disposed) throw new Error('the network was disposed: create another one');
      return predictQ({ network, observations });
    },
    dispose: () => {
      if (!disposed) network.dispose();
      disposed = true;
    },
  };
}
