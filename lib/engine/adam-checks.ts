/** What Adam is in both engines: a default, and what is refused before an update, so that no weights spoil. */

/** How slowly Adam's average of squared gradients forgets, unless told. */
export const DEFAULT_BETA_2 = 0.999;

/** A gradient that is NaN or infinite; the weights are as they were. */
export class NonFiniteGradientError extends Error {}

/** @throws NonFiniteGradientError when the norm of all gradients together is NaN or infinite. */
export function checkGradientNorm(norm: number): void {
  if (Number.isFinite(norm)) return;
  throw new NonFiniteGradientError(
    `the gradient must be finite, its norm is ${norm}: lower learningRate or clip the gradient`,
  );
}

export interface AdamNumbers {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly clipNorm?: number | null;
  readonly globalClipNorm?: number | null;
}

/** @throws RangeError when a number would make weights NaN, or both kinds of clipping are asked for. */
export function checkAdam(numbers: AdamNumbers): void {
  const { clipNorm = null, globalClipNorm = null } = numbers;
  if (clipNorm !== null && globalClipNorm !== null) {
    throw new RangeError(
      `expected clipNorm or globalClipNorm, got both (${clipNorm}, ${globalClipNorm}): leave one out`,
    );
  }
  const check = (name: keyof AdamNumbers, allowed: string, holds: (value: number) => boolean) => {
    const value = numbers[name] ?? null;
    if (value === null && name.endsWith('lipNorm')) return;
    if (typeof value === 'number' && Number.isFinite(value) && holds(value)) return;
    throw new RangeError(`${name} must be ${allowed}, got ${numbers[name]}`);
  };
  check('learningRate', 'a finite number of 0 or more', (value) => value >= 0);
  for (const name of ['beta1', 'beta2'] as const) {
    check(name, 'at least 0 and below 1', (value) => value >= 0 && value < 1);
  }
  for (const name of ['epsilon', 'clipNorm', 'globalClipNorm'] as const) {
    check(name, 'a finite number above 0', (value) => value > 0);
  }
}

/** @throws RangeError when a number of updates is not a whole one of 0 or more. */
export function checkUpdates(updates: number): void {
  if (Number.isSafeInteger(updates) && updates >= 0) return;
  throw new RangeError(`Adam's updates must be a whole number of 0 or more, got ${updates}`);
}
