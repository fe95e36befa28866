/** Runs a training as a stream of events and keeps the process responsive. */
import { setImmediate } from 'node:timers/promises';
import { Speedometer } from '../../statistics';
import { type EvaluateOptions, evaluate } from './evaluate';
import type { ProgressEvent, TrainEvent } from './events';
import type { Training } from './training';

/** Longest time without a turn of the event loop, unless one step takes longer. */
const BREATH_MS = 50;
/** Time over which the speed is measured. */
const SPEED_MS = 10_000;

export interface TrainOptions {
  readonly training: Training;
  /** Milliseconds since any fixed moment, e.g. `() => performance.now()`. */
  readonly clock: () => number;
  /** Ends the stream after the current step; the training can go on later. */
  readonly signal?: AbortSignal;
  /** Evaluates after every `every` agent steps, in an environment of its own. */
  readonly evaluation?: Omit<EvaluateOptions, 'qValues' | 'signal'> & { readonly every: number };
}

/**
 * Steps a training until it is finished or aborted, and yields its events.
 *
 * The training advances only when the next event is requested. So it can be inspected and saved
 * between two events.
 * @throws Error when the loss is not finite.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  const { training, clock, signal, evaluation } = options;
  const measure = createSpeedometer(options);
  let breath = clock();
  while (!training.finished && !signal?.aborted) {
    const before = training.agentStep;
    yield* training.step();
    const { agentStep } = training;
    const every = evaluation?.every ?? Number.POSITIVE_INFINITY;
    if (evaluation !== undefined && Math.floor(agentStep / every) > Math.floor(before / every)) {
      const qValues = (observation: Uint8Array) => training.learner.qValues(observation);
      const result = await evaluate({ ...evaluation, qValues, ...(signal && { signal }) });
      yield { type: 'evaluation', agentStep, evaluation: result };
    }
    if (clock() - breath >= BREATH_MS) {
      yield measure();
      await setImmediate(); // lets messages, timers and the interrupt run
      breath = clock();
    }
  }
  yield measure();
}

function createSpeedometer({ training, clock }: TrainOptions): () => ProgressEvent {
  const mark = () => ({ at: clock(), count: training.agentStep });
  const speedometer = new Speedometer(mark(), SPEED_MS);
  return () => {
    const { agentStep, config } = training;
    const { totalSteps } = config;
    const stepsPerSecond = 1000 * speedometer.measure(mark());
    const left = totalSteps - agentStep;
    const secondsLeft = left > 0 ? left / stepsPerSecond : 0;
    return { type: 'progress', agentStep, totalSteps, stepsPerSecond, secondsLeft };
  };
}
