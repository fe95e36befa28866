/** What the running kernel offers to code in cells and in lib: outputs, interrupts, comms. */

/** MIME type -> value, as Jupyter's display_data carries it (binary as base64). */
export type MimeBundle = Readonly<Record<string, unknown>>;

export interface DisplayOptions {
  /** Outputs shown under an id can be replaced in place later. */
  readonly displayId?: string;
  /** Replace the outputs shown under `displayId` instead of adding one. */
  readonly update?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** One open channel to the front end. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  send(data: unknown, buffers?: readonly Uint8Array[]): void;
  close(data?: unknown): void;
  onMessage(handler: (data: unknown, buffers: readonly Uint8Array[]) => void): void;
  onClose(handler: (data: unknown) => void): void;
}

export interface KernelHost {
  /** The repository's root, absolute. */
  readonly root: string;
  /** Shows a bundle under the running cell, or replaces one shown under the same id. */
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  /**
   * Lets the running cell wait for a promise that shows something, also where the cell does not: as its last line
   * it is no value. @returns what the cell may await
   */
  finish(work: Promise<void>): Promise<void>;
  /** Clears the running cell's outputs; with `wait` only when the next output comes. */
  clearOutput(wait?: boolean): void;
  /**
   * Aborted by Interrupt. A cell that takes it promises to end by itself soon after; a cell that does
   * not take it is interrupted hard, and so is any cell at the second Interrupt.
   */
  interruptSignal(): AbortSignal;
  /** Opens a comm from the kernel's side. */
  openComm(target: string, data?: unknown): Comm;
  /** Registers what happens when the front end opens a comm of this target. */
  onCommOpen(target: string, handler: (comm: Comm, data: unknown) => void): void;
}

/**
 * An object with a method of this name says itself how it looks as a cell's value: the method
 * returns a MIME bundle, or a promise of one. The convention of Deno's Jupyter kernel.
 */
export const DISPLAY = Symbol.for('Jupyter.display');

const KEY = Symbol.for('breakout-dqn.kernel');

/** Makes the host known to all code of this process; called once by the kernel. */
export function provideKernelHost(host: KernelHost): void {
  Object.defineProperty(globalThis, KEY, { value: host, configurable: true }); // unseen in `globalThis`
}

/** The running kernel's host, or undefined outside a notebook. */
export function findKernelHost(): KernelHost | undefined {
  return (globalThis as Record<symbol, unknown>)[KEY] as KernelHost | undefined;
}
