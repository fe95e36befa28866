/** The native side of TensorFlow.js for Node: handles, raw ops, and the little its typings keep private. */
import './prepare';
import * as tf from '@tensorflow/tfjs-node-gpu';

/** An attribute of a TensorFlow op; `type` is one of the binding's TF_ATTR constants. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

/** What an op returns for each output; whoever runs the op owns the handle `id`. */
export interface HandleInfo {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The N-API addon: tensors are numbers (handles) that must be deleted by hand. */
export interface Binding {
  createTensor(shape: readonly number[], dtype: number, data: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): HandleInfo[];
  /** Live handles: unlike `tf.memory().numTensors` it also counts those made by raw ops. */
  getNumOfTensors(): number;
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_TYPE: number;
}

/** What a tf.Tensor's dataId stands for; `id` is undefined until the first op needs the values. */
interface TensorEntry {
  id: number;
}

export interface NodeBackend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: { get(dataId: object): TensorEntry };
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(handle: HandleInfo): tf.Tensor;
}

/** The native backend. @throws Error when another backend has been selected. */
export function nodeBackend(): NodeBackend {
  if (tf.getBackend() !== 'tensorflow') {
    throw new Error(
      `expected TensorFlow.js to run on the backend "tensorflow", got "${tf.getBackend()}": ` +
        "call tf.setBackend('tensorflow') first",
    );
  }
  return tf.backend() as unknown as NodeBackend; // tensorMap and two methods are private in the typings
}

/** The native handle of a tensor; it stays owned by the tensor. */
export function handleOf(tensor: tf.Tensor): number {
  return nodeBackend().getInputTensorIds([tensor])[0]!;
}

/**
 * Lets a variable hold another handle, which it then owns; its old handle is deleted.
 * The handle must have the variable's shape and element type.
 */
export function replaceHandle(variable: tf.Tensor, handle: number): void {
  const backend = nodeBackend();
  const entry = backend.tensorMap.get(variable.dataId);
  backend.getInputTensorIds([variable]); // uploads values that still wait, so that none overwrite ours
  backend.binding.deleteTensor(entry.id);
  entry.id = handle;
}
