/** Weights for users of Python: the safetensors format, written by hand. */
import type { tf } from '../../engine/tensorflow';
import { readWeights } from '../../engine/weights';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row by row, the last axis fastest. */
  readonly values: Float32Array;
}

/** The numbers start at a multiple of this, for readers that map the file into memory. */
const ALIGNMENT = 8;

/**
 * A safetensors file: 8 bytes with the length of a JSON text, the text, then the numbers, all
 * little-endian. The text lists each tensor's type, shape and place among the numbers.
 * Source: https://github.com/huggingface/safetensors, section "Format".
 */
export function encodeSafetensors({
  tensors,
  metadata,
}: {
  tensors: readonly NamedTensor[];
  metadata: Readonly<Record<string, string>>;
}): Buffer {
  let end = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    const start = end;
    end += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }] as const;
  });
  const text = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const json = Buffer.from(text);
  const padding = Buffer.alloc((ALIGNMENT - (json.length % ALIGNMENT)) % ALIGNMENT, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  const numbers = tensors.map(({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return Buffer.concat([length, json, padding, ...numbers]);
}

/**
 * A network's weights under the names `layer1.kernel`, `layer1.bias`, `layer2.kernel` and so on, in
 * the order of the layers that have any; the metadata say how they are laid out.
 */
export function networkSafetensors(network: tf.LayersModel): Buffer {
  const values = readWeights(network);
  let layer = 0;
  const names = network.layers.flatMap(({ weights }) => {
    if (weights.length > 0) layer++;
    return weights.map(({ originalName }) => `layer${layer}.${originalName.split('/').at(-1)}`);
  });
  const tensors = network.weights.map((weight, i) => ({
    name: names[i]!,
    shape: weight.shape as number[],
    values: values[i]!,
  }));
  return encodeSafetensors({
    tensors,
    metadata: {
      format: 'tf',
      input: `[batch, ${network.inputs[0]!.shape.slice(1).join(', ')}], pictures oldest first`,
      convolutions: 'kernel [height, width, in, out]; for PyTorch permute(3, 2, 0, 1)',
      dense: 'kernel [in, out]; flattened pictures run over height, width, channel',
    },
  });
}
