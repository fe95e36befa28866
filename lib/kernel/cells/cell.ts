/** One execution of a cell: from its request to its reply, and what outlives the reply. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import type { Header } from '../io/message';

export type CellOptions = Pick<Cell, 'parent' | 'count' | 'source' | 'silent' | 'cellId'>;

export class Cell {
  /** The execute request's header, under which outputs appear. */
  readonly parent: Header;
  readonly count: number;
  readonly source: string;
  readonly silent: boolean;
  /** The notebook's id of the cell, where the front end has sent it. */
  readonly cellId: string | undefined;
  /** `cell [3]`. */
  readonly label: string;
  /** The controller of the cell's signal; Interrupt aborts it. */
  readonly abort = new AbortController();
  /** Whether the cell took `abort.signal` and so promised to end by itself. */
  soft = false;
  /** Whether the cell was cut off: its code is broken, its output and results are dropped. */
  cutOff = false;
  /** What is still to be shown before the cell is over. */
  readonly showing = new Set<Promise<unknown>>();

  constructor(options: CellOptions) {
    this.parent = options.parent;
    this.count = options.count;
    this.source = options.source;
    this.silent = options.silent;
    this.cellId = options.cellId;
    this.label = `cell [${options.count}]`;
  }

  /** Node keeps a note of the cell on objects that wait for something, which readers may look at. */
  [inspect.custom](): string {
    return this.label;
  }
}

/** Numbers of the cells whose code is on a stack. */
export function cellsOn(stack: string): number[] {
  return Array.from(stack.matchAll(/\bcell \[(\d+)\]:/g), ([, number]) => Number(number));
}

/**
 * Whether the running code is that of a cell, by its stack: what a cell has opened, a server say, calls
 * listeners of later cells in that cell's context.
 */
export function isCodeOf({ count }: Cell, stack = String(new Error().stack)): boolean {
  return cellsOn(stack).every((number) => number <= count);
}

/** The cell whose code runs now, also in timers and promises that it has started. */
export const cellContext = new AsyncLocalStorage<Cell>();

/** What an interrupted cell fails with. */
export class InterruptedError extends Error {
  override readonly name = 'KeyboardInterrupt';

  constructor() {
    super('the cell was interrupted');
  }
}
