/** Lambda-returns: what many steps of play say about the value of each of them. */

/** How a step ended: the game goes on, it is over, or it was cut off. */
export const GOES_ON = 0;
export const TERMINATED = 1;
export const TRUNCATED = 2;

export interface LambdaReturnOptions {
  /** [steps, numEnvs]: all games' first step, then all games' second one, ... */
  readonly rewards: Float32Array;
  /** [steps, numEnvs], GOES_ON, TERMINATED or TRUNCATED. */
  readonly ends: Uint8Array;
  /** [steps, numEnvs], max over a of Q(s', a) for the observation s' that the step led to. */
  readonly nextValues: Float32Array;
  readonly numEnvs: number;
  readonly gamma: number;
  readonly lambda: number;
}

/**
 * The lambda-return of each step, from the last one back (Daley and Amato 2019, equation 6):
 *
 * G = r                                                     where the game ended,
 * G = r + gamma * max_a Q(s', a)                            where it was cut off, and at the last step,
 * G = r + gamma * (lambda G' + (1 - lambda) max_a Q(s', a)) otherwise, G' being the next step's.
 *
 * With lambda 0 that is the TD target of DQN. There is no correction for actions that were not greedy.
 * @returns [steps, numEnvs], the caller's
 */
export function lambdaReturns(options: LambdaReturnOptions): Float32Array {
  const { rewards, ends, nextValues, numEnvs, gamma, lambda } = options;
  const returns = new Float32Array(rewards.length);
  for (let i = rewards.length - 1; i >= 0; i--) {
    const next = i + numEnvs;
    const goesOn = ends[i] === GOES_ON && next < returns.length;
    const value = goesOn ? lambda * returns[next]! + (1 - lambda) * nextValues[i]! : nextValues[i]!;
    returns[i] = rewards[i]! + (ends[i] === TERMINATED ? 0 : gamma * value);
  }
  return returns;
}
