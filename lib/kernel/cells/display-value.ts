/** The value of a cell's last line as a MIME bundle. */
import { type InspectOptions, inspect, types } from 'node:util';
import { DISPLAY, type MimeBundle } from '../host';

/** No value takes more than this many characters of a notebook. */
export const MAX_TEXT = 100_000;

/** Options that are tried in this order until the text is short enough. */
const INSPECT_OPTIONS: readonly InspectOptions[] = [
  { depth: 4, maxArrayLength: 24, maxStringLength: 10_000, breakLength: 88 },
  { depth: 2, maxArrayLength: 24, maxStringLength: 1_000, breakLength: 88 },
  { depth: 1, maxArrayLength: 12, maxStringLength: 1_000, breakLength: 88 },
];

/** A tensor with at most this many values is shown with them. */
const MAX_TENSOR_VALUES = 1_000;

/** The parts of a TensorFlow.js tensor that are needed here; the kernel does not load TensorFlow. */
interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly isDisposed: boolean;
  toString(verbose?: boolean): string;
}

/** What `look` finds; undefined where looking at a foreign object throws. */
function probe<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function isTensor(value: object): value is TensorLike {
  const tensor = value as Partial<TensorLike> & { readonly dataSync?: unknown };
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

function isBundle(value: unknown): value is MimeBundle {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((type) => type.includes('/'));
}

/**
 * The value's own bundle where it offers one by `Symbol.for('Jupyter.display')` (Deno's convention),
 * and always text. An `undefined` shows nothing.
 */
export async function describeValue(value: unknown): Promise<MimeBundle | undefined> {
  if (value === undefined) return undefined;
  // A proxy may answer to any name with anything, and its answer's promise may never settle.
  if (typeof value === 'object' && value !== null && !types.isProxy(value)) {
    const display = probe((): unknown => Reflect.get(value, DISPLAY));
    if (typeof display === 'function') {
      const bundle: unknown = await display.call(value);
      if (isBundle(bundle)) return { 'text/plain': describeText(value), ...bundle };
    }
  }
  return { 'text/plain': describeText(value) };
}

/** Any value as text of at most `MAX_TEXT` characters, whatever it does when it is looked at. */
export function describeText(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const tensor = probe(() => (isTensor(value) ? describeTensor(value) : undefined));
    if (tensor !== undefined) return limitText(tensor);
  }
  let text = '';
  for (const options of INSPECT_OPTIONS) {
    text =
      probe(() => inspect(value, options)) ??
      probe(() => inspect(value, { ...options, customInspect: false })) ??
      `a value that cannot be shown: ${typeof value}`;
    if (text.length <= MAX_TEXT) break;
  }
  if (types.isPromise(value) && text.startsWith('Promise { <pending>')) {
    text += '\nThe value of this promise is not there yet: was an `await` forgotten before it?';
  }
  return limitText(text);
}

/** Cuts text to `most` characters and says how much is missing. */
export function limitText(text: string, most = MAX_TEXT): string {
  if (text.length <= most) return text;
  const note = `\n... ${text.length - most} more characters, which a notebook could not show`;
  return text.slice(0, most - note.length) + note;
}
