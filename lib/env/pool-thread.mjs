/** The first file of a thread of `BreakoutPool`: plain JavaScript, so that any program can start it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

// tsx looks for a tsconfig.json in the working folder, which may be anybody's. The variable is this thread's.
process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL('../../tsconfig.json', import.meta.url));
require('tsx/cjs');
require('./pool-thread.ts').servePool();
