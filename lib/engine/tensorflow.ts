/** The one place that loads TensorFlow.js for Node; everything else imports `tf` from here. */
import './prepare';
import './tile-gradient';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { ROOT } from '../files/root';
import { nodeBackend } from './binding';

export { tf };

export interface EngineInfo {
  /** Version of the native TensorFlow library, e.g. `2.21.0`. */
  readonly tensorflow: string;
  /** Version of TensorFlow.js, e.g. `4.22.0`. */
  readonly tfjs: string;
  readonly device: 'CPU' | 'GPU';
  /** What a reader should know of the device, one sentence. */
  readonly note: string;
}

/** Which TensorFlow computes here, and on what. */
export function engineInfo(): EngineInfo {
  const { binding, isUsingGpuDevice } = nodeBackend();
  const device = isUsingGpuDevice ? 'GPU' : 'CPU';
  return {
    tensorflow: binding.TF_Version,
    tfjs: tf.version['tfjs-core'],
    device,
    note: noteOn({ device, isCuda: existsSync(join(ROOT, '.tensorflow/nvidia')) }),
  };
}

/** @param options `isCuda`: set-up took TensorFlow's build for NVIDIA GPUs */
export function noteOn({ device, isCuda }: { device: 'CPU' | 'GPU'; isCuda: boolean }): string {
  if (device === 'GPU') return 'Of all GPUs, an NVIDIA H200 was tried.';
  if (!isCuda) return 'This is TensorFlow for CPUs: it looks for no GPU.';
  return (
    'This is TensorFlow for NVIDIA GPUs, but it finds none and computes on the CPU: nvidia-smi must list ' +
    'one, and its driver must know CUDA 12.'
  );
}

/** A device in a sentence, with what it does to numbers. */
export function deviceText({ device }: Pick<EngineInfo, 'device'>): string {
  if (device === 'CPU') return 'CPU';
  const isExact = process.env.NVIDIA_TF32_OVERRIDE === '0';
  return isExact ? 'GPU in full float32' : 'GPU with TF32 (NVIDIA_TF32_OVERRIDE=0 forbids it)';
}
