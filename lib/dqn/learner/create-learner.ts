/** Chooses the engine that learns. */
import { findNativeObstacle } from '../../engine/native/addon';
import { type EngineInfo, engineInfo, type tf } from '../../engine/tensorflow';
import type { Learner } from './learner';
import { buildNetwork, NativeLearner, type NativeLearnerOptions } from './native-learner';
import { TensorFlowLearner } from './tensorflow-learner';

export interface CreateLearnerOptions extends Omit<NativeLearnerOptions, 'network'> {
  /** The engines and devices to choose from; default: those found here. */
  readonly machine?: {
    readonly info: EngineInfo;
    /** Why the native engine cannot be used, or undefined when it can. */
    readonly findNativeObstacle: () => string | undefined;
  };
}

/**
 * A learner in the engine that `config.engine` names. With "auto" that is TensorFlow where it computes
 * on a GPU, else the native engine, or TensorFlow again for a network that the native engine cannot
 * compile. The learner's `engine` says which one it is, and why.
 * @throws Error when the config insists on the native engine and that cannot be.
 */
export function createLearner(options: CreateLearnerOptions): Learner {
  const { machine = { info: engineInfo(), findNativeObstacle }, ...rest } = options;
  const { info } = machine;
  const { engine } = rest.config;
  const inTensorFlow = (reason: string, built: { qNetwork?: tf.LayersModel } = {}) =>
    new TensorFlowLearner({ ...rest, ...built, info, because: asClause(reason) });
  if (engine === 'tensorflow') return inTensorFlow('the config names it');
  if (engine === 'auto' && info.device === 'GPU') {
    return inTensorFlow('the native engine computes on the CPU only, which is slower');
  }
  const obstacle = machine.findNativeObstacle();
  if (obstacle !== undefined) {
    if (engine === 'native') throw new Error(obstacle);
    return inTensorFlow(obstacle);
  }
  const network = buildNetwork(rest);
  const { model, description } = network;
  if (description.supported || engine === 'native') return new NativeLearner({ ...rest, network });
  return inTensorFlow(description.reason, { qNetwork: model });
}

/** A sentence as the end of another one. */
function asClause(sentence: string): string {
  return sentence.replace(/^The /, 'the ').replace(/\.$/, '');
}
