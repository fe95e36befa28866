/** Runs trainings in tests, and looks at their events. */
import type { TrainEvent } from '../../lib/dqn/training/events';
import type { Training } from '../../lib/dqn/training/training';

/** Steps a training until it has done `to` agent steps. */
export function runTo({ training, to }: { training: Training; to: number }): TrainEvent[] {
  const events: TrainEvent[] = [];
  while (training.agentStep < to) events.push(...training.step());
  return events;
}

export function ofType<T extends TrainEvent['type']>(events: readonly TrainEvent[], type: T) {
  return events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
}
