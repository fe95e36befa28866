/** What was played by hand, as a replay memory takes it. */
import type { ReplayBuffer } from '../dqn/replay/replay-buffer';
import type { PlayedStep } from './game';

export interface RememberOptions {
  /** Whether rewards are kept by their sign, as the trainings here do. Default true. */
  readonly clipRewards?: boolean;
  /** Whether a lost ball terminates, as for the trainings here. Default true. */
  readonly lifeLossIsTerminal?: boolean;
}

/**
 * Adds agent steps of one game to a replay memory, as an episode of its own.
 * @returns how many.
 */
export function remember(
  steps: Iterable<PlayedStep>,
  buffer: Pick<ReplayBuffer, 'startEpisode' | 'add'>,
  options: RememberOptions = {},
): number {
  const { clipRewards = true, lifeLossIsTerminal = true } = options;
  let count = 0;
  for (const { observation, lifeLost, ...step } of steps) {
    if (count++ === 0) buffer.startEpisode(observation);
    const reward = clipRewards ? Math.sign(step.reward) : step.reward;
    const terminated = step.terminated || (lifeLossIsTerminal && lifeLost);
    buffer.add({ ...step, reward, terminated });
  }
  return count;
}
