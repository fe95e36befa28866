/** A run's status as one line. */
import { formatProgress } from '../display/progress';
import type { RunStatus } from './record/status';

/**
 * '███░░░ 1,500 / 10,000 agent steps · 15% · 210 /s · 40 s left · mean return 1.2 · ...', with the state
 * in front unless it is running.
 * @param options columns: the width to fit the line into
 */
export function progressLine(
  status: RunStatus,
  options: { readonly columns?: number } = {},
): string {
  const { agentStep, totalSteps, stepsPerSecond, seconds, state } = status;
  const { meanReturn, epsilon, memoryBytes, saving = false } = status;
  if (totalSteps === 0) return `now ${state}`; // nothing else is known yet
  const progress = {
    done: agentStep,
    total: totalSteps,
    unit: 'agent steps',
    seconds,
    rate: stepsPerSecond,
    notes: {
      ...(saving ? { saving: 'a checkpoint' } : {}),
      ...(meanReturn === null ? {} : { 'mean return': meanReturn.toFixed(1) }),
      ε: epsilon.toFixed(3),
      memory: `${(memoryBytes / 1e9).toFixed(2)} GB`,
    },
  };
  return formatProgress(
    state === 'running' ? progress : { ...progress, headline: `now ${state}` },
    options,
  );
}
