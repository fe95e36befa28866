/** The one place that loads TensorFlow.js for Node; everything else imports `tf` from here. */
import './prepare';
import './tile-gradient';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { nodeBackend } from './binding';

export { tf };

export interface EngineInfo {
  /** Version of the native TensorFlow library, e.g. `2.21.0`. */
  readonly tensorflow: string;
  /** Version of TensorFlow.js, e.g. `4.22.0`. */
  readonly tfjs: string;
  readonly device: 'CPU' | 'GPU';
}

/** Which TensorFlow computes here, and on what. */
export function engineInfo(): EngineInfo {
  const backend = nodeBackend();
  return {
    tensorflow: backend.binding.TF_Version,
    tfjs: tf.version['tfjs-core'],
    device: backend.isUsingGpuDevice ? 'GPU' : 'CPU',
  };
}
