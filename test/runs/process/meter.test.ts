/** A row of the metrics has means worked out by hand, also across a checkpoint. */
import { expect, test } from 'vitest';
import type { TrainEvent } from '../../../lib/dqn/training/events';
import { Meter } from '../../../lib/runs/process/meter';

const update = (loss: number, meanQ: number) =>
  ({ type: 'update', loss, meanQ }) as unknown as TrainEvent;
const episode = {
  ...{ type: 'episode', agentStep: 90, episode: 2, return: 3, length: 40, epsilon: 0.5 },
} as unknown as TrainEvent;

test('a row has the means over the updates since the row before, also across a checkpoint', () => {
  const first = new Meter();
  const rowOf = (meter: Meter) => meter.take(episode, () => 7e8);
  expect(rowOf(first)).toMatchObject({ loss: null, meanQ: null });
  first.take(update(1, 10), () => 0);
  first.trainedSeconds = 12.34;

  const second = new Meter(first.state());
  expect(second.take(update(4, 20), () => 0)).toBeUndefined();
  second.take({ type: 'progress', stepsPerSecond: 99.96 } as TrainEvent, () => 0);
  expect(rowOf(second)).toEqual({
    ...{ agentStep: 90, episode: 2, return: 3, length: 40, epsilon: 0.5 },
    ...{ loss: 2.5, meanQ: 15, stepsPerSecond: 100, memoryBytes: 7e8, seconds: 12.3 },
  });
  expect(rowOf(second)).toMatchObject({ loss: null, meanQ: null, seconds: 12.3 });
});
