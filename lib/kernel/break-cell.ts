/**
 * Ends code of cells that runs on the main thread, wherever it is: in a loop, a regular expression, a
 * callback. `Runtime.terminateExecution` of the inspector empties the stack; no `catch` or `finally`
 * runs. The code's promises stay pending, so who waits for a cell must also wait for its Interrupt.
 */
import { executionAsyncResource } from 'node:async_hooks';
import { Session } from 'node:inspector';
import { cellContext, cellsOn, isCodeOf } from './cells/cell';
import { BREAK_CELL, type BreakWhat } from './io/thread-protocol';
import { goOnBehind, isImmediate } from './mend-immediates';
import { unwindTensorFlow } from './unwind-tensorflow';

interface AsyncWrap {
  /** What Node itself calls after an uncaught exception. */
  clearAsyncIdStack(): void;
  /** Whose callbacks run, the outermost first; a later Node tells the innermost only. */
  readonly execution_async_resources?: readonly unknown[];
}

/**
 * Node aborts when a callback ends whose entry is not the last of its stack of async ids, and no code
 * runs that would take the entries of broken callbacks away.
 */
function findAsyncWrap(): AsyncWrap {
  const { noDeprecation = false } = process;
  process.noDeprecation = true; // nothing that is not deprecated offers this
  const { binding } = process as unknown as { binding(name: string): AsyncWrap };
  try {
    return binding.call(process, 'async_wrap');
  } catch {
    return { clearAsyncIdStack: () => {} }; // a later Node, which has no such stack of promises
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

const asyncWrap = findAsyncWrap();
const session = new Session();

/** Empties the stack; the calling function is ended at its next call or loop turn. */
function breakNow(): void {
  setImmediate(unwindTensorFlow);
  const { execution_async_resources: resources = [executionAsyncResource()] } = asyncWrap;
  const immediate = resources.find(isImmediate);
  if (immediate) goOnBehind(immediate);
  asyncWrap.clearAsyncIdStack();
  session.post('Runtime.terminateExecution');
}

/** Whether the kernel itself computes: it would not go on, and what it keeps be torn. */
let isKernelAtWork = false;

/** Runs code of the kernel that no Interrupt breaks; none of a cell may be called by it. */
export function keepWhole<Value>(code: () => Value): Value {
  isKernelAtWork = true;
  try {
    return code();
  } finally {
    isKernelAtWork = false;
  }
}

/** The latest Interrupt to which the event loop has come: what runs afterwards is not meant by it. */
let latestSeen = 0;

export function noteSeen(sequence: number): void {
  latestSeen = sequence;
}

/** Ends the running code if it belongs to a cell that was cut off. */
export function breakIfCutOff(): void {
  const cell = cellContext.getStore();
  if (cell?.cutOff && isCodeOf(cell)) breakNow();
}

/** Lets the I/O thread break the code that the main thread is in. */
export function installBreaker(): void {
  session.connect();
  const isWanted = (what: BreakWhat, sequence: number): boolean => {
    if (isKernelAtWork) return false;
    const cell = cellContext.getStore();
    if (what !== 'cut-off') return sequence > latestSeen && (what === 'any' || cell !== undefined);
    const stack = String(new Error().stack);
    // A library that goes on without the cell's code may be needed by later cells.
    return cell?.cutOff === true && cellsOn(stack).length > 0 && isCodeOf(cell, stack);
  };
  Object.defineProperty(globalThis, Symbol.for(BREAK_CELL), {
    value: (what: BreakWhat, sequence: number) => {
      if (isWanted(what, sequence)) breakNow();
    },
  });
}
