/** The warm-up of Adam's step size that makes it rectified Adam. */
import { DEFAULT_BETA_2 } from '../../engine/adam-rule';

const LONGEST = 2 / (1 - DEFAULT_BETA_2) - 1;

/**
 * What rectified Adam (RAdam) multiplies Adam's step size with: it rises towards 1 while the average of
 * squared gradients comes to rest on more of them. 0 for the first five updates, which have too few:
 * RAdam makes these with the momentum alone, here they are left out.
 * Source: Liu et al. 2020, On the Variance of the Adaptive Learning Rate and Beyond, algorithm 2, with
 * PyTorch's limit of 5 in place of the paper's 4.
 * @param update from 1
 * @returns 0 ... 1
 */
export function rectification(update: number): number {
  const decay = DEFAULT_BETA_2 ** update;
  const length = LONGEST - (2 * update * decay) / (1 - decay);
  if (length <= 5) return 0;
  const numerator = (length - 4) * (length - 2) * LONGEST;
  return Math.sqrt(numerator / ((LONGEST - 4) * (LONGEST - 2) * length));
}
