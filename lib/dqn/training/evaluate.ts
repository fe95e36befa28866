/** Plays whole episodes with a fixed policy and reports their returns. */
import { setImmediate } from 'node:timers/promises';
import type { Env } from '../../env/env';
import { Mt19937 } from '../../random';
import { mean, standardDeviation } from '../../statistics';
import { selectAction } from '../equations/policy';

export interface EvaluateOptions<Picture = unknown> {
  /**
   * Use another environment than a training that goes on: the evaluation resets it and would lose the
   * training's episode. The environment itself does the no-ops at the start.
   */
  readonly env: Env;
  /** Values of all actions for an observation [stack, height, width] uint8. */
  readonly qValues: (observation: Uint8Array) => ArrayLike<number>;
  readonly episodes: number;
  /** Probability of a random action; published scores use 0.05 or 0.01, never 0. */
  readonly epsilon: number;
  /** A whole number: fixes the episodes and the random actions. */
  readonly seed: number;
  /** Agent steps after which an episode is cut off; default 27,000, half an hour of play. */
  readonly maxEpisodeSteps?: number;
  /** Ends the evaluation after the current step; the unfinished episode is not counted. */
  readonly signal?: AbortSignal;
  /** Returns a copy of the current picture; called after the reset and each step of the first episode. */
  readonly picture?: () => Picture;
  /** Called after each episode with its return. */
  readonly onEpisode?: (episodeReturn: number) => void;
}

/** The returns are sums of the environment's rewards, not clipped. */
export interface Evaluation<Picture = unknown> {
  readonly returns: readonly number[];
  /** Agent steps of each episode. */
  readonly lengths: readonly number[];
  /** NaN when no episode was finished. */
  readonly meanReturn: number;
  /** The sample's standard deviation of the returns; NaN for fewer than two episodes. */
  readonly standardDeviation: number;
  /** The mean's standard error; NaN for fewer than two episodes. */
  readonly standardError: number;
  readonly medianReturn: number;
  /** The results of `picture`. */
  readonly pictures: readonly Picture[];
}

/** Plays episodes epsilon-greedily; the event loop runs after each step. */
export async function evaluate<Picture = unknown>(
  options: EvaluateOptions<Picture>,
): Promise<Evaluation<Picture>> {
  const { env, episodes, epsilon, qValues, signal, picture, maxEpisodeSteps = 27_000 } = options;
  const random = new Mt19937(options.seed);
  const returns: number[] = [];
  const lengths: number[] = [];
  const pictures: Picture[] = [];
  for (let episode = 0; episode < episodes; episode++) {
    let { observation } = env.reset({ seed: random.nextUint32() });
    let total = 0;
    let length = 0;
    let over = false;
    if (picture && episode === 0) pictures.push(picture());
    while (!over && length < maxEpisodeSteps) {
      if (signal?.aborted) return summarise({ returns, lengths, pictures });
      const current = observation;
      const action = selectAction({
        qValues: () => qValues(current),
        actions: env.actionSpace.n,
        epsilon,
        random,
      });
      const result = env.step(action);
      observation = result.observation;
      over = result.terminated || result.truncated;
      total += result.reward;
      length++;
      if (picture && episode === 0) pictures.push(picture());
      await setImmediate();
    }
    returns.push(total);
    lengths.push(length);
    options.onEpisode?.(total);
  }
  return summarise({ returns, lengths, pictures });
}

function summarise<Picture>(
  played: Pick<Evaluation<Picture>, 'returns' | 'lengths' | 'pictures'>,
): Evaluation<Picture> {
  const { returns } = played;
  const n = returns.length;
  const deviation = standardDeviation(returns);
  const sorted = [...returns].sort((a, b) => a - b);
  const middle = (n - 1) / 2;
  return {
    ...played,
    meanReturn: mean(returns),
    standardDeviation: deviation,
    standardError: deviation / Math.sqrt(n),
    medianReturn:
      n > 0 ? (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2 : Number.NaN,
  };
}
