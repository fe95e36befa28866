/** Runs a training as a stream of events and keeps the process responsive. */
import { setImmediate } from 'node:timers/promises';
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
  const marks = [{ time: clock(), agentStep: training.agentStep }];
  return () => {
    const { agentStep, config } = training;
    const now = { time: clock(), agentStep };
    while (marks.length > 1 && now.time - marks[0]!.time > SPEED_MS) marks.shift();
    const { time, agentStep: before } = marks[0]!;
    const elapsed = now.time - time;
    marks.push(now);
    const stepsPerSecond = elapsed > 0 ? ((agentStep - before) / elapsed) * 1000 : 0;
    const left = config.totalSteps - agentStep;
    const secondsLeft = left > 0 ? left / stepsPerSecond : 0;
    return {
      type: 'progress',
      agentStep,
      totalSteps: config.totalSteps,
      stepsPerSecond,
      secondsLeft,
    };
  };
}
