/** The few protocol buffers that TensorFlow's C API takes as bytes: attributes of ops, a session's settings. */

/** TensorFlow's numbers of element types. */
export const TYPES = { float: 1, int32: 3, uint8: 4 } as const;

export type ElementType = keyof typeof TYPES;

export type Values = Float32Array | Int32Array | Uint8Array;

/** An attribute of an op. */
export type Attribute =
  | { readonly type: ElementType }
  | { readonly shape: readonly number[] }
  | { readonly ints: readonly number[] }
  | { readonly tensor: Values; readonly shape: readonly number[] }
  | boolean
  | number
  | string;

/** A serialized AttrValue (tensorflow/core/framework/attr_value.proto). @param value numbers are whole */
export function encodeAttribute(value: Attribute): Uint8Array {
  return Uint8Array.from(fieldsOf(value));
}

function fieldsOf(value: Attribute): number[] {
  if (typeof value === 'string') return message(2, [...Buffer.from(value)]);
  if (typeof value === 'number') return varint(3, value);
  if (typeof value === 'boolean') return varint(5, Number(value));
  if ('type' in value) return varint(6, TYPES[value.type]);
  if ('ints' in value) return message(1, message(3, value.ints.flatMap(bytesOf)));
  if (!('tensor' in value)) return message(7, shapeOf(value.shape));
  const { tensor, shape } = value;
  const type = tensor instanceof Float32Array ? 'float' : 'int32';
  const content = [...new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength)];
  return message(8, [
    ...varint(1, TYPES[type]),
    ...message(2, shapeOf(shape)),
    ...message(4, content),
  ]);
}

/** A serialized ConfigProto (tensorflow/core/protobuf/config.proto): what a session may do. */
export function sessionConfig(): Uint8Array {
  return Uint8Array.from([
    ...message(6, varint(4, 1)), // gpu_options.allow_growth: takes memory as it needs it
    ...varint(7, 1), // allow_soft_placement: ops without a kernel for the GPU run on the CPU
  ]);
}

/** TensorShapeProto; a length of -1 is unknown. */
function shapeOf(shape: readonly number[]): number[] {
  return shape.flatMap((length) => message(2, varint(1, length)));
}

function varint(field: number, value: number): number[] {
  return [...bytesOf(field << 3), ...bytesOf(value)];
}

function message(field: number, content: readonly number[]): number[] {
  return [...bytesOf((field << 3) | 2), ...bytesOf(content.length), ...content];
}

function bytesOf(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
