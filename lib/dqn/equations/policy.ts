/** How an action is chosen from the values of all actions. */
import type { Mt19937 } from '../../random';

/** Index of the largest value from `start` up to `end`, which is left out; the first one of equals. */
export function argmax(values: ArrayLike<number>, start = 0, end = values.length): number {
  let best = start;
  for (let i = start + 1; i < end; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

export interface SelectActionOptions {
  /** Values of all actions; asked only when the action is not random. */
  readonly qValues: () => ArrayLike<number>;
  readonly actions: number;
  /** Probability of a random action. */
  readonly epsilon: number;
  readonly random: Mt19937;
}

/** Epsilon-greedy: one number is drawn to decide, and a second one for a random action. */
export function selectAction({ qValues, actions, epsilon, random }: SelectActionOptions): number {
  if (random.nextDouble() < epsilon) return Math.floor(random.nextDouble() * actions);
  return argmax(qValues());
}
