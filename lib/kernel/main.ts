/**
 * The Jupyter kernel for TypeScript.
 *
 * tslab's converter keeps the compiler's program of a cell after earlier cells; completion and
 * inspection are tslab's too. The JavaScript, the messages, the execution and all that a notebook needs
 * around it are ours, because tslab 1.0.22 puts text of its own into cells, loses output, reports
 * failing cells as successful and has no comms.
 *
 * - Two threads. io/: the sockets, in a thread of their own. Here: cells, one after the other.
 * - A cell behaves like a file in the notebook's folder: relative imports, file paths and
 *   `__dirname` are relative to it. `import ... from 'breakout-dqn'` finds lib/index.ts; lib is
 *   compiled by tsx when it is first imported and checked by the compiler whenever it has changed.
 *   A changed file is loaded anew by the next cell that imports it or uses a name of it (cells/modules.ts).
 * - Cells share their top-level names (cells/scope.ts); each may be run again, `const` or not.
 * - The value of an expression on the last line is the cell's output, `undefined` and assignments
 *   excepted. A semicolon ends statements in TypeScript, so it hides nothing: write `void f()`.
 *   Objects with a `[Symbol.for('Jupyter.display')]()` method decide how they look.
 * - An error that nobody caught fails the cell that runs, or else the next one.
 * - Interrupt: a cell that took `interruptSignal()` of host.ts ends by itself. Any other, and any at
 *   the second Interrupt, fails with KeyboardInterrupt: an awaiting cell at once, synchronous code
 *   after a moment and wherever it is (break-cell.ts); children of the process get a SIGINT. What such
 *   a cell still does has no effect on later cells. A SIGINT to the kernel does the same before a
 *   cell's first `await` and while it awaits, but cannot reach a later endless loop.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { CellCompiler } from './cells/compiler';
import { provideKernelHost } from './host';
import { IoChannel } from './io/io-channel';
import type { JsonObject } from './io/message';
import { isCaptured, log } from './io/stdio-pipes';
import { type ConnectionInfo, type IoThreadData, SHARED } from './io/thread-protocol';
import { Kernel } from './kernel';
import { endProcess, forbidExit, forbidStdin, routeWarnings } from './process-state';

/** The package's name, by which cells import lib/index.ts. */
const LIBRARY = 'breakout-dqn';
/** A kernel that has been idle for this long after its start checks the library, in ms. */
const WARM_UP_DELAY = 300;

export interface MainOptions {
  /** The repository's root. */
  readonly root: string;
  /** The file that starts either thread. */
  readonly launchFile: string;
  readonly connectionFile: string;
}

/** Runs the kernel until it is shut down. */
export function main({ root, launchFile, connectionFile }: MainOptions): void {
  const shared = new SharedArrayBuffer(4 * Object.keys(SHARED).length);
  const connection = JSON.parse(readFileSync(connectionFile, 'utf8')) as ConnectionInfo;
  const kernelInfo = describeKernel(root);
  const parentPid = process.ppid;
  const workerData: IoThreadData = { connection, kernelInfo, shared, parentPid, isCaptured };
  // The thread binds the sockets and answers kernel_info while the compiler loads here.
  const { port1, port2 } = new MessageChannel();
  const thread = new Worker(launchFile, {
    workerData: { ...workerData, port: port2 },
    transferList: [port2],
  });
  const fail = (reason: unknown): void => {
    log(`kernel: ${String(reason)}`);
    endProcess(1); // without its sockets the kernel is of no use
  };
  thread.once('error', fail);
  const folder = process.cwd();
  const sharedNumbers = new Int32Array(shared);
  const io = new IoChannel(port1, sharedNumbers);
  const compiler = new CellCompiler({ root, folder });
  const kernel = new Kernel({
    root,
    folder,
    io,
    shared: sharedNumbers,
    compiler,
    onShutdown: () => io.send({ kind: 'close' }),
  });
  provideKernelHost(kernel.host);
  forbidExit();
  forbidStdin();
  routeWarnings(kernel.outputs);
  kernel.outputs.capture();
  process.on('SIGINT', () => kernel.execution.interrupt());
  process.on('SIGTERM', () => io.send({ kind: 'close' }));
  process.on('unhandledRejection', (error) => kernel.execution.failLate(error));
  process.on('uncaughtException', (error) => kernel.execution.failLate(error));
  io.onMessage((message) => {
    if (message.kind === 'closed') endProcess(0);
    else if (message.kind === 'failed') fail(message.reason);
    else kernel.handle(message);
  });
  // Reading and checking the library takes seconds: better while the reader reads than in a cell.
  setTimeout(() => {
    if (!kernel.execution.hasStarted) compiler.warmUp(`import '${LIBRARY}';`);
  }, WARM_UP_DELAY);
}

/** Content of a kernel_info_reply. */
function describeKernel(root: string): JsonObject {
  const versionOf = (folder: string) => {
    const file = path.join(root, folder, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  const typescript = versionOf('node_modules/@tslab/typescript-for-tslab');
  const tslab = versionOf('node_modules/tslab');
  return {
    status: 'ok',
    protocol_version: '5.4',
    implementation: LIBRARY,
    implementation_version: versionOf('.'),
    language_info: {
      name: 'typescript',
      version: typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', typescript: true, mode: 'typescript' },
      nbconvert_exporter: 'script',
    },
    banner: `TypeScript ${typescript} (tslab ${tslab}) on Node ${process.version}`,
    help_links: [],
    supported_features: [],
  };
}
