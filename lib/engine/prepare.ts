/** Loads TensorFlow's addon under the conditions it needs; imported for this effect, before the package itself. */
import { createRequire } from 'node:module';
import util from 'node:util';

// @tensorflow/tfjs-node-gpu 4.22 calls this function, which Node 23 removed.
const removed = util as { isNullOrUndefined?: (value: unknown) => boolean };
removed.isNullOrUndefined ??= (value) => value === null || value === undefined;

// TensorFlow reads its log level once, when the library is loaded: 3 keeps errors only.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';

try {
  createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu');
} catch (cause) {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  throw new Error(
    `TensorFlow cannot be loaded: expected the addon that set-up compiles, got "${reason}". ` +
      'Run "npm run setup" in the project folder.',
    { cause },
  );
}
