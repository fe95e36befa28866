/**
 * Values as histograms (HL-Gauss): a network that classifies returns learns sooner than one that fits them.
 * Source: Farebrother et al. 2024, Stop Regressing: Training Value Functions via Classification for Scalable
 * Deep RL, equations 3.4 and 3.5.
 */
import type { Support } from './categorical';

/** Standard deviation of a target's Gaussian, in distances of two atoms: theirs. */
export const HISTOGRAM_SIGMA = 0.75;

/**
 * Each target as the probabilities that a Gaussian around it gives to the bins around the atoms. Targets
 * beyond the support are moved to its nearer end. A target that is not a number makes a row that is none.
 * @param targets [batch]
 * @returns [batch * atoms] float32, the caller's; each row sums up to 1
 */
export function valueHistograms({
  targets,
  support: { atoms, min, max },
}: {
  targets: ArrayLike<number>;
  support: Support;
}): Float32Array {
  const histograms = new Float32Array(targets.length * atoms);
  const width = (max - min) / (atoms - 1);
  const scale = 1 / (HISTOGRAM_SIGMA * width * Math.SQRT2);
  const areas = new Float64Array(atoms);
  for (let i = 0; i < targets.length; i++) {
    const target = Math.max(min, Math.min(max, targets[i]!));
    let below = erf((min - width / 2 - target) * scale);
    let sum = 0;
    for (let j = 0; j < atoms; j++) {
      const upTo = erf((min + (j + 0.5) * width - target) * scale);
      areas[j] = upTo - below;
      sum += areas[j]!;
      below = upTo;
    }
    for (let j = 0; j < atoms; j++) histograms[i * atoms + j] = areas[j]! / sum;
  }
  return histograms;
}

/** The error function, off by at most 1.5e-7. Source: Abramowitz and Stegun 1964, 7.1.26. */
export function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const polynomial =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - polynomial * Math.exp(-x * x));
}
