/** The value of a cell's last line as a MIME bundle. */
import { inspect } from 'node:util';
import { DISPLAY, type MimeBundle } from '../host';

const INSPECT_OPTIONS = {
  depth: 4,
  maxArrayLength: 24,
  maxStringLength: 10_000,
  breakLength: 88,
} as const;

/** A tensor with at most this many values is shown with them. */
const MAX_TENSOR_VALUES = 1_000;

/** The parts of a TensorFlow.js tensor that are needed here; the kernel does not load TensorFlow. */
interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly isDisposed: boolean;
  toString(verbose?: boolean): string;
  dataSync(): unknown;
}

function isTensor(value: object): value is TensorLike {
  const tensor = value as Partial<TensorLike>;
  return (
    Array.isArray(tensor.shape) &&
    typeof tensor.dtype === 'string' &&
    typeof tensor.dataSync === 'function'
  );
}

function describeTensor(tensor: TensorLike): string {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return `${head} (disposed)`;
  if (tensor.size > MAX_TENSOR_VALUES) return head;
  return `${head}\n${tensor.toString().replace(/^Tensor\n/, '')}`;
}

/**
 * The value's own bundle where it offers one by `Symbol.for('Jupyter.display')` (Deno's convention),
 * and always text. An `undefined` shows nothing.
 */
export async function describeValue(value: unknown): Promise<MimeBundle | undefined> {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null) {
    const display: unknown = Reflect.get(value, DISPLAY);
    if (typeof display === 'function') {
      const bundle = (await display.call(value)) as MimeBundle;
      return 'text/plain' in bundle ? bundle : { ...bundle, 'text/plain': describeText(value) };
    }
  }
  return { 'text/plain': describeText(value) };
}

function describeText(value: unknown): string {
  if (typeof value === 'object' && value !== null && isTensor(value)) return describeTensor(value);
  return inspect(value, INSPECT_OPTIONS);
}
