/** What a saved memory says about itself, and what a memory checks before it takes one over. */
import type { ReplayArrays, ReplayHead, ReplayState, SavedHead } from './replay';

export function headOf({ kind, counters, arrays }: ReplayState): SavedHead {
  return { kind, counters, bytes: bytesOf(arrays) };
}

/**
 * @param mine what the memory is now
 * @param sizes names of the counters that never change
 * @throws RangeError when the saved memory is of another kind or size, or its counters are not this kind's.
 */
export function checkHead({
  saved,
  mine,
  sizes,
}: {
  saved: ReplayHead;
  mine: ReplayHead;
  sizes: readonly string[];
}): void {
  if (saved.kind !== mine.kind) {
    throw new RangeError(
      `the memory must be a saved ${mine.kind}, got a ${saved.kind}: create one of the saved kind`,
    );
  }
  for (const name of sizes) {
    const [expected, got] = [saved.counters[name], mine.counters[name]];
    if (got !== expected) {
      throw new RangeError(
        `the memory's ${name} must be the saved ${expected}, got ${got}: create it with the options ` +
          'it was saved with',
      );
    }
  }
  const names = Object.keys(mine.counters);
  const areWhole = names.every((name) => Number.isSafeInteger(saved.counters[name]));
  if (!areWhole || Object.keys(saved.counters).length !== names.length) {
    throw new RangeError(
      `a ${mine.kind} must have the whole numbers ${names.join(', ')}, got ` +
        `${JSON.stringify(saved.counters)}: use another file`,
    );
  }
}

/** @throws RangeError when the saved arrays have other names or lengths than those to be filled. */
export function checkArrays({ saved, arrays }: { saved: SavedHead; arrays: ReplayArrays }): void {
  const expected = bytesOf(arrays);
  const names = Object.keys(expected);
  const isSame = names.every((name) => saved.bytes[name] === expected[name]);
  if (isSame && Object.keys(saved.bytes).length === names.length) return;
  throw new RangeError(
    `the saved arrays must have the bytes ${JSON.stringify(expected)}, got ` +
      `${JSON.stringify(saved.bytes)}: use another file`,
  );
}

/** Kinds in version 0.1.0, which had a class for each way of keeping pictures. */
const OLD_KINDS = new Map([
  ['ReplayBuffer', 'plain ReplayBuffer'],
  ['ReplayMemory', 'compressed ReplayBuffer'],
]);

/** A memory saved by version 0.1.0 in today's terms, which differ in the head only; any other as it is. */
export function fromVersion010(saved: SavedHead): SavedHead {
  const kind = OLD_KINDS.get(saved.kind);
  if (kind === undefined) return saved;
  // plain memories did not say how many slots they had used: those that are filled
  return { ...saved, kind, counters: { reach: saved.counters.filled!, ...saved.counters } };
}

function bytesOf(arrays: ReplayArrays): Record<string, number> {
  const entries = Object.entries(arrays).map(([name, { byteLength }]) => [name, byteLength]);
  return Object.fromEntries(entries);
}
