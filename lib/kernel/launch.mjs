/** Starts a kernel: `node launch.mjs CONNECTION_FILE`. Also the first file of its I/O thread. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';

const launchFile = fileURLToPath(import.meta.url);
const root = path.resolve(launchFile, '../../..');
const require = createRequire(launchFile);
const connectionFile = process.argv[2];

// tsx looks for a tsconfig.json in the working folder, which may be anybody's.
process.env.TSX_TSCONFIG_PATH = path.join(root, 'tsconfig.json');
require('tsx/cjs');
delete process.env.TSX_TSCONFIG_PATH;

if (!isMainThread) {
  const { port, ...data } = workerData;
  require('./io/io-thread.ts').runIoThread(data, port);
} else if (connectionFile === undefined) {
  process.stderr.write('usage: node launch.mjs CONNECTION_FILE (Jupyter starts the kernel)\n');
  process.exitCode = 1;
} else {
  require('./main.ts').main({ root, launchFile, connectionFile });
}
