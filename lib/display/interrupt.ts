/** The notebook's interrupt button, as a signal that loops can look at. */
import { findKernelHost } from '../kernel/host';

/**
 * Aborted when the reader interrupts the running cell. The cell that takes it promises to look at
 * `signal.aborted` at least every 100 ms or so, with an `await` in between, and to end by itself.
 * Outside a notebook the signal is never aborted.
 */
export function interruptSignal(): AbortSignal {
  return findKernelHost()?.interruptSignal() ?? new AbortController().signal;
}
