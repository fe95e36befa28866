/** What changes on a straight line while a training goes on: epsilon and the learning rate. */
import type { TrainingConfig } from './config';

export type EpsilonSchedule = Pick<
  TrainingConfig,
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

/** Adam's step size after so many agent steps: from `learningRate` at 0 to `learningRateEnd` at `totalSteps`. */
export function learningRateAt(
  agentStep: number,
  config: Pick<TrainingConfig, 'learningRate' | 'learningRateEnd' | 'totalSteps'>,
): number {
  const { learningRate, learningRateEnd, totalSteps } = config;
  if (learningRateEnd === null) return learningRate;
  return learningRate + (learningRateEnd - learningRate) * Math.min(agentStep / totalSteps, 1);
}
