/** Adds up the events of a run's training into the rows of its metrics, one for each episode. */
import type { TrainEvent } from '../../dqn/training/events';
import type { MetricsRow } from '../record/metrics';

/** The sums since the last row, as a checkpoint holds them. */
export type MeterState = Readonly<
  Record<'lossSum' | 'meanQSum' | 'updates' | 'trainedSeconds', number>
>;

export class Meter {
  /** Seconds of training so far, without pauses and the time between processes. */
  trainedSeconds = 0;
  stepsPerSecond = 0;
  private lossSum = 0;
  private meanQSum = 0;
  private updates = 0;

  /** @param state what an earlier meter's `state` returned; default nothing summed */
  constructor(state?: Readonly<Record<string, number>>) {
    this.lossSum = state?.lossSum ?? 0;
    this.meanQSum = state?.meanQSum ?? 0;
    this.updates = state?.updates ?? 0;
    this.trainedSeconds = state?.trainedSeconds ?? 0;
  }

  state(): MeterState {
    const { lossSum, meanQSum, updates, trainedSeconds } = this;
    return { lossSum, meanQSum, updates, trainedSeconds };
  }

  /** @returns a row when the event ends an episode */
  take(event: TrainEvent, memoryBytes: () => number): MetricsRow | undefined {
    if (event.type === 'progress') this.stepsPerSecond = event.stepsPerSecond;
    if (event.type === 'update') {
      this.lossSum += event.loss;
      this.meanQSum += event.meanQ;
      this.updates++;
    }
    if (event.type !== 'episode') return undefined;
    const { updates } = this;
    const row: MetricsRow = {
      agentStep: event.agentStep,
      episode: event.episode,
      return: event.return,
      length: event.length,
      loss: updates > 0 ? this.lossSum / updates : null,
      meanQ: updates > 0 ? this.meanQSum / updates : null,
      epsilon: event.epsilon,
      stepsPerSecond: round(this.stepsPerSecond),
      memoryBytes: memoryBytes(),
      seconds: round(this.trainedSeconds),
    };
    this.lossSum = this.meanQSum = this.updates = 0;
    return row;
  }
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
