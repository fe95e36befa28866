/** The value of a cell's last line as a MIME bundle. */
import { type InspectOptions, inspect, types } from 'node:util';
import { DISPLAY, type MimeBundle } from '../host';
import { toJson } from '../io/message';
import { InterruptedError } from './cell';

/** No value's text takes more than this many bytes of a notebook. */
const MAX_TEXT = 100_000;
/** Nor does a picture, a page or other data that a value shows itself by, in bytes. */
const MAX_DATA = 20_000_000;

/** Room for the note that something is missing. */
const NOTE_BYTES = 80;

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
 * and always text, which says so where the bundle cannot be shown. An `undefined` shows nothing.
 */
export async function describeValue(value: unknown): Promise<MimeBundle | undefined> {
  if (value === undefined) return undefined;
  const text = describeText(value);
  // A proxy may answer to any name with anything, and its answer's promise may never settle.
  if (typeof value !== 'object' || value === null || types.isProxy(value)) {
    return { 'text/plain': text };
  }
  const display = probe((): unknown => Reflect.get(value, DISPLAY));
  if (typeof display !== 'function') return { 'text/plain': text };
  try {
    const bundle: unknown = await display.call(value);
    return isBundle(bundle) ? limitBundle(bundle, text) : { 'text/plain': text };
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    return {
      'text/plain': limitText(`${text}\n${NAME_OF_DISPLAY} has failed: ${describeText(error)}`),
    };
  }
}

const NAME_OF_DISPLAY = "Its method [Symbol.for('Jupyter.display')]";

/** What a notebook can hold of a bundle; what is left out is named under the text. */
function limitBundle(bundle: MimeBundle, ownText: string): MimeBundle {
  const limited: Record<string, unknown> = {};
  const notes: string[] = [];
  const leaveOut = (type: string, reason: string) =>
    notes.push(`${NAME_OF_DISPLAY} gives ${type} that is not shown: ${reason}`);
  for (const type of Object.keys(bundle)) {
    try {
      const data = bundle[type];
      if (type === 'text/plain' && typeof data === 'string') {
        limited[type] = limitText(data);
        continue;
      }
      const size = Buffer.byteLength(toJson({ data }));
      if (size <= MAX_DATA) limited[type] = data;
      else leaveOut(type, `at most ${MAX_DATA} bytes are, and it has ${size}`);
    } catch (error) {
      leaveOut(type, describeText(error).split('\n', 1)[0]!);
    }
  }
  const text = limited['text/plain'] ?? ownText;
  return { ...limited, 'text/plain': notes.length > 0 ? [text, ...notes].join('\n') : text };
}

/** Any value as text of at most `MAX_TEXT` bytes, whatever it does when it is looked at. */
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
    if (Buffer.byteLength(text) <= MAX_TEXT) break;
  }
  if (types.isPromise(value) && text.startsWith('Promise { <pending>')) {
    text += '\nThe value of this promise is not there yet: was an `await` forgotten before it?';
  }
  return limitText(text);
}

/** Cuts text to `most` bytes of UTF-8 and says how many characters are missing. */
export function limitText(text: string, most = MAX_TEXT): string {
  if (Buffer.byteLength(text) <= most) return text;
  const bytes = Buffer.from(text.slice(0, most)).subarray(0, most - NOTE_BYTES);
  const begin = new TextDecoder().decode(bytes, { stream: true }); // without a character that is cut in two
  return `${begin}\n... ${text.length - begin.length} more characters, too many for a notebook`;
}
