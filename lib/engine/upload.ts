/** Uploads uint8 pictures to TensorFlow: a quarter of the bytes of float32, and no loop over them in JavaScript. */
import { nodeBackend } from './binding';
import type { tf } from './tensorflow';

/**
 * Observations as a network with channels last takes them.
 *
 * TensorFlow turns the bytes round and casts them; the numbers stay 0 ... 255.
 * @param observations [batch, stack, height, width] uint8; may be reused as soon as this returns
 * @returns [batch, height, width, stack] float32, the oldest picture in channel 0
 * @throws RangeError when the bytes do not fill the shape.
 */
export function observationTensor({
  observations,
  shape,
}: {
  observations: Uint8Array;
  shape: readonly [batch: number, stack: number, height: number, width: number];
}): tf.Tensor4D {
  const size = shape.reduce((product, length) => product * length, 1);
  if (observations.length !== size) {
    throw new RangeError(
      `observations must be ${size} bytes for the shape [${shape}], got ${observations.length}`,
    );
  }
  const backend = nodeBackend();
  const { binding } = backend;
  const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32, TF_UINT8 } = binding;
  const pictures = binding.createTensor(shape, TF_UINT8, observations);
  const order = binding.createTensor([4], TF_INT32, Int32Array.of(0, 2, 3, 1));
  const turned = binding.executeOp(
    'Transpose',
    [
      { name: 'T', type: TF_ATTR_TYPE, value: TF_UINT8 },
      { name: 'Tperm', type: TF_ATTR_TYPE, value: TF_INT32 },
    ],
    [pictures, order],
    1,
  )[0]!;
  const cast = binding.executeOp(
    'Cast',
    [
      { name: 'SrcT', type: TF_ATTR_TYPE, value: TF_UINT8 },
      { name: 'DstT', type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
    ],
    [turned.id],
    1,
  )[0]!;
  for (const id of [pictures, order, turned.id]) binding.deleteTensor(id);
  return backend.createOutputTensor(cast) as tf.Tensor4D;
}
