/** What a kernel changes in its process so that no cell can end or mute it by accident. */
import { Readable } from 'node:stream';
import { killProcessGroup } from './io/process-group';
import { log } from './io/stdio-pipes';
import type { Outputs } from './outputs';

/** How long children may take to end after SIGTERM, in ms. */
const CHILD_GRACE = 300;

const exit = process.exit.bind(process);

/** Whether a child that a cell has started is alive. */
export function hasChildren(): boolean {
  return process.getActiveResourcesInfo().includes('ProcessWrap');
}

/** Ends the process and the children that cells have started. */
export function endProcess(code: number): void {
  process.removeAllListeners('SIGTERM');
  process.on('SIGTERM', () => {}); // the group's SIGTERM reaches this process as well
  if (!hasChildren()) exit(code);
  killProcessGroup('SIGTERM');
  const deadline = setTimeout(() => killProcessGroup('SIGKILL'), CHILD_GRACE);
  setInterval(() => {
    if (hasChildren()) return;
    clearTimeout(deadline);
    exit(code);
  }, 10);
}

/** `process.exit()` in a cell would end the kernel and lose all of the notebook's variables. */
export function forbidExit(): void {
  process.exit = () => {
    throw new Error('process.exit() would end the kernel: use Kernel > Shut Down Kernel instead');
  };
}

/** A notebook has no standard input: reading it fails instead of waiting for ever. */
export function forbidStdin(): void {
  const stdin = new Readable({
    read() {
      const message = 'cells cannot read standard input: put the value into a variable instead';
      this.destroy(new Error(message));
    },
  });
  Object.defineProperty(process, 'stdin', { configurable: true, get: () => stdin });
}

/**
 * Deprecations and experiments of Node and of packages go to the server's log; warnings that can
 * come from a cell are shown under it.
 */
export function routeWarnings(outputs: Outputs): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    const text = `${warning.name}: ${warning.message}`;
    if (/^(Deprecation|Experimental)Warning$/.test(warning.name)) log(text);
    else outputs.write('stderr', `${text}\n`);
  });
}
