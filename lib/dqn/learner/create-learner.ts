/** Chooses the engine that learns. */
import { findNativeObstacle } from '../../engine/native/addon';
import { engineInfo } from '../../engine/tensorflow';
import type { Learner } from './learner';
import {
  NativeLearner,
  type NativeLearnerOptions,
  UnsupportedNetworkError,
} from './native-learner';
import { TensorFlowLearner } from './tensorflow-learner';

/**
 * A learner in the engine that `config.engine` names. With "auto" that is TensorFlow where it computes
 * on a GPU, else the native engine, or TensorFlow again for a network that the native engine cannot
 * compile. The learner's `engine` says which one it is, and why.
 * @throws Error when the config insists on the native engine and that cannot be.
 */
export function createLearner(options: NativeLearnerOptions): Learner {
  const { engine } = options.config;
  const inTensorFlow = (reason: string) =>
    new TensorFlowLearner({ ...options, because: asClause(reason) });
  if (engine === 'tensorflow') return inTensorFlow('the config names it');
  if (engine === 'auto' && engineInfo().device === 'GPU') {
    return inTensorFlow('the native engine has none and is slower');
  }
  const obstacle = findNativeObstacle();
  if (obstacle !== undefined) {
    if (engine === 'native') throw new Error(obstacle);
    return inTensorFlow(obstacle);
  }
  try {
    return new NativeLearner(options);
  } catch (error) {
    if (!(error instanceof UnsupportedNetworkError) || engine === 'native') throw error;
    return inTensorFlow(error.message);
  }
}

/** A sentence as the end of another one. */
function asClause(sentence: string): string {
  return sentence.replace(/^The /, 'the ').replace(/\.$/, '');
}
