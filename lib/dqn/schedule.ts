/** Epsilon over time: how often the agent explores. */
import type { DqnConfig } from './config';

export type EpsilonSchedule = Pick<
  DqnConfig,
  'epsilonStart' | 'epsilonEnd' | 'epsilonDecaySteps' | 'randomSteps'
>;

/**
 * The probability of a random action at an agent step (the first is 1): 1 before step `randomSteps`,
 * and otherwise the straight line from `epsilonStart`, begun at step 1, that stays at `epsilonEnd`.
 * Source: the loop of the Keras example, which lets epsilon fall during the random steps, too.
 */
export function epsilonAt(agentStep: number, schedule: EpsilonSchedule): number {
  const { epsilonStart, epsilonEnd, epsilonDecaySteps, randomSteps } = schedule;
  if (agentStep < randomSteps) return 1;
  const progress = Math.min((agentStep - 1) / epsilonDecaySteps, 1);
  return epsilonStart + (epsilonEnd - epsilonStart) * progress;
}
