/** Waiting for another thread, by a number in memory that both see. */

/**
 * Blocks this thread while the number is `value`. Being woken up is no proof that it has changed: the wake-up
 * may be one that was meant for an earlier wait and came late.
 * @param timeoutMs milliseconds, above 0
 * @returns false when the time was over and the number is still `value`.
 */
export function waitWhile(
  numbers: Int32Array,
  options: { readonly index: number; readonly value: number; readonly timeoutMs?: number },
): boolean {
  const { index, value, timeoutMs = Number.POSITIVE_INFINITY } = options;
  const end = performance.now() + timeoutMs;
  while (Atomics.load(numbers, index) === value) {
    const left = end - performance.now();
    if (left <= 0) return false;
    Atomics.wait(numbers, index, value, left);
  }
  return true;
}
