/** Check cells: they run a reader's function on cases and say what is wrong. */

/** One call and what it must give. */
export interface Case {
  /** The call in words: 'a ball that is caught'. */
  readonly when: string;
  /** Numbers, texts, lists of them, or a tensor. */
  readonly got: () => unknown;
  readonly expected: unknown;
  /** Why it must be so: the sentence that a wrong answer is met with. */
  readonly because: string;
}

/** Numbers may differ by so much, or by this part of them. */
const TOLERANCE = 1e-4;

/**
 * Runs the cases in their order and says that all are right.
 * @throws Error at the first wrong one, with what was expected, what came and why.
 */
export function check(name: string, cases: readonly Case[]): void {
  for (const { when, got, expected, because } of cases) {
    const [result, wanted] = [plain(got()), plain(expected)];
    if (isClose(result, wanted)) continue;
    throw new Error(
      `${name}, ${when}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(result)}. ${because}`,
    );
  }
  console.log(`${name}: right in ${cases.length} of ${cases.length} cases`);
}

/** Tensors and typed arrays as lists; the tensor is freed. */
function plain(value: unknown): unknown {
  const tensor = value as { arraySync?(): unknown; dispose?(): void } | null | undefined;
  if (typeof tensor?.arraySync === 'function') {
    const list = tensor.arraySync();
    tensor.dispose?.();
    return plain(list);
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function isClose(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, i) => isClose(value, b[i]));
  return a === b;
}
