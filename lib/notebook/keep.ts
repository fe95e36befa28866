/** What a cell holds on to for as long as it is not run again. */
interface Disposable {
  dispose(): unknown;
}

const kept = new Map<string, Disposable>();

/**
 * Returns the value and remembers it under a name; what was remembered there before is disposed.
 *
 * A cell that makes a network leaves its memory behind each time it is run: with
 * `const qNetwork = keep('q-network', createQNetwork(...))` it frees the one of the run before.
 */
export function keep<T extends Disposable>(name: string, value: T): T {
  const previous = kept.get(name);
  kept.set(name, value);
  if (previous !== undefined && previous !== value) previous.dispose();
  return value;
}
