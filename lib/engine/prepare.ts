/** Loads TensorFlow.js under the conditions it needs; imported for this effect, before the package itself. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';

// @tensorflow/tfjs-node-gpu 4.22 calls this function, which Node 23 removed.
const removed = util as { isNullOrUndefined?: (value: unknown) => boolean };
removed.isNullOrUndefined ??= (value) => value === null || value === undefined;

// TensorFlow reads its log level once, when the library is loaded: 3 keeps errors only.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';

const PACKAGE = '@tensorflow/tfjs-node-gpu';
const require = createRequire(import.meta.url);

type Addon = Readonly<Record<string, unknown>>;

/**
 * Stands for the addon until it is first used: its library takes some 0.3 GB of memory, and a program that
 * only plays needs none of it. TensorFlow.js asks at once whether there is a GPU, which a build without
 * NVIDIA's libraries never has.
 */
function delayAddon(packageFolder: string): void {
  const path = join(packageFolder, 'lib/napi-v8/tfjs_binding.node');
  if (!existsSync(path) || require.cache[path]) return; // the package says what is missing
  const isForGpu = existsSync(join(packageFolder, '../../../.tensorflow/nvidia'));
  let addon: Addon | undefined;
  const load = (): Addon => {
    if (!addon) {
      const holder = { exports: {} as Addon };
      explainFailure(() => process.dlopen(holder, path));
      addon = holder.exports;
    }
    return addon;
  };
  const exports = new Proxy({} as Addon, {
    get: (_target, key: string) =>
      key === 'isUsingGpuDevice' && !isForGpu ? () => false : load()[key],
  });
  require.cache[path] = Object.assign(Object.create(null), { id: path, loaded: true, exports });
}

function explainFailure(load: () => void): void {
  try {
    load();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new Error(
      `TensorFlow cannot be loaded: expected the addon that set-up compiles, got "${reason}". ` +
        'Run "npm run setup" in the project folder.',
      { cause },
    );
  }
}

explainFailure(() => {
  delayAddon(dirname(require.resolve(`${PACKAGE}/package.json`)));
  require(PACKAGE);
});
