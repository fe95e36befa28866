/** What Adam is in both engines: settings, defaults, clipping, and what is refused before any weight spoils. */

/** Default decay of Adam's mean of gradients. */
export const DEFAULT_BETA_1 = 0.9;

/** Default decay of Adam's mean of squared gradients. */
export const DEFAULT_BETA_2 = 0.999;

export interface AdamSettings {
  readonly learningRate: number;
  /** Decay of the mean of the gradients; default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of their squares; default 0.999. */
  readonly beta2?: number;
  /** Keeps the division finite; default 1e-8. */
  readonly epsilon?: number;
  /**
   * Where epsilon is added. False, the default: to the bias-corrected root, as Kingma and Ba's
   * Algorithm 1, PyTorch and tf.train.adam. True: to the uncorrected one ("epsilon hat" below their
   * equation 5), as Keras.
   */
  readonly epsilonHat?: boolean;
  /** Each variable's gradient is scaled down to this norm by itself: Keras' `clipnorm`. */
  readonly clipNorm?: number | null;
  /** All gradients together are scaled down to this norm: Keras' `global_clipnorm`, PyTorch's `clip_grad_norm_`. */
  readonly globalClipNorm?: number | null;
}

/** All that Adam remembers: copies, in the order of its variables. */
export interface AdamState {
  /** Updates done. */
  readonly updates: number;
  readonly m: readonly Float32Array[];
  readonly v: readonly Float32Array[];
}

/** A gradient that is NaN or infinite; the weights are as they were. */
export class NonFiniteGradientError extends Error {}

/**
 * The settings with the defaults filled in.
 * @throws RangeError when a number would make weights NaN, or both kinds of clipping are asked for.
 */
export function completeAdam(given: AdamSettings): Required<AdamSettings> {
  const settings = {
    learningRate: given.learningRate,
    beta1: given.beta1 ?? DEFAULT_BETA_1,
    beta2: given.beta2 ?? DEFAULT_BETA_2,
    epsilon: given.epsilon ?? 1e-8,
    epsilonHat: given.epsilonHat ?? false,
    clipNorm: given.clipNorm ?? null,
    globalClipNorm: given.globalClipNorm ?? null,
  };
  const { clipNorm, globalClipNorm } = settings;
  if (clipNorm !== null && globalClipNorm !== null) {
    throw new RangeError(
      `expected clipNorm or globalClipNorm, got both (${clipNorm}, ${globalClipNorm}): leave one out`,
    );
  }
  const check = (
    names: readonly (keyof AdamSettings)[],
    allowed: string,
    holds: (value: number) => boolean,
  ) => {
    for (const name of names) {
      const value = settings[name];
      if (value === null && name !== 'learningRate') continue; // no clipping
      if (Number.isFinite(value) && holds(value as number)) continue;
      throw new RangeError(`${name} must be ${allowed}, got ${value}`);
    }
  };
  check(['learningRate'], 'a finite number of 0 or more', (value) => value >= 0);
  check(['beta1', 'beta2'], 'at least 0 and below 1', (value) => value >= 0 && value < 1);
  const positive: (keyof AdamSettings)[] = ['epsilon', 'clipNorm', 'globalClipNorm'];
  check(positive, 'a finite number above 0', (value) => value > 0);
  return settings;
}

/**
 * The factor of each gradient, at most 1, from the sums of squares of all. Keras computes
 * g * clip / max(norm, clip): the same.
 */
export function clippingScales({
  squares,
  clipNorm,
  globalClipNorm,
}: { readonly squares: ArrayLike<number> } & Pick<
  Required<AdamSettings>,
  'clipNorm' | 'globalClipNorm'
>): number[] {
  const norms = Array.from(squares, Math.sqrt);
  if (clipNorm !== null) return norms.map((norm) => clipNorm / Math.max(norm, clipNorm));
  if (globalClipNorm === null) return norms.map(() => 1);
  const norm = Math.hypot(...norms);
  return norms.map(() => globalClipNorm / Math.max(norm, globalClipNorm));
}

/**
 * The norm of all gradients together, from their sums of squares.
 * @throws NonFiniteGradientError when it is NaN or infinite.
 */
export function gradientNorm(squares: ArrayLike<number>): number {
  const norm = Math.sqrt(Array.from(squares).reduce((sum, square) => sum + square, 0));
  if (Number.isFinite(norm)) return norm;
  throw new NonFiniteGradientError(
    `the gradient must be finite, its norm is ${norm}: lower learningRate or clip the gradient`,
  );
}

/** @throws RangeError when a number of updates is not a whole one of 0 or more. */
export function checkUpdates(updates: number): void {
  if (Number.isSafeInteger(updates) && updates >= 0) return;
  throw new RangeError(`Adam's updates must be a whole number of 0 or more, got ${updates}`);
}
