/**
 * The categorical head: for each action a distribution over returns in place of their mean. DQN learns the
 * whole distribution with it (C51), PQN values as histograms (value-histogram.ts).
 * Source: Bellemare, Dabney and Munos 2017, A Distributional Perspective on Reinforcement Learning.
 */

import type { DqnConfig, TrainingConfig } from '../config/config';
import type { TdLoss } from './loss';
import { argmax } from './policy';

/** The returns that get a probability: z_j = min + j (max - min) / (atoms - 1). */
export interface Support {
  readonly atoms: number;
  readonly min: number;
  readonly max: number;
}

/** The support that a config describes; null when the network's outputs are the values themselves. */
export function supportOf(config: TrainingConfig): Support | null {
  if (config.atoms === null) return null;
  return { atoms: config.atoms, min: config.valueMin, max: config.valueMax };
}

/** The returns z_j themselves. @returns [atoms] */
export function atomsOf({ atoms, min, max }: Support): Float64Array {
  return Float64Array.from({ length: atoms }, (_, j) => min + (j * (max - min)) / (atoms - 1));
}

/**
 * p_j = exp(o_j) / sum over k of exp(o_k)
 * @param outputs [rows * atoms] of a network, a row for each action of each observation
 * @returns [rows * atoms] float32; each row sums up to 1
 */
export function softmax({
  outputs,
  atoms,
}: {
  outputs: Float32Array;
  atoms: number;
}): Float32Array {
  const probabilities = new Float32Array(outputs.length);
  for (let start = 0; start < outputs.length; start += atoms) {
    const row = outputs.subarray(start, start + atoms);
    const logSum = logSumExp(row);
    for (let j = 0; j < atoms; j++) probabilities[start + j] = Math.exp(row[j]! - logSum);
  }
  return probabilities;
}

/**
 * Q = sum over j of p_j z_j
 * @param probabilities [rows * atoms]
 * @returns [rows] float32
 */
export function expectedValues({
  probabilities,
  support,
}: {
  probabilities: Float32Array;
  support: Support;
}): Float32Array {
  const z = atomsOf(support);
  return Float32Array.from({ length: probabilities.length / z.length }, (_, row) => {
    let value = 0;
    for (let j = 0; j < z.length; j++) value += probabilities[row * z.length + j]! * z[j]!;
    return value;
  });
}

/** The values of all actions from a network's outputs: without a support, the outputs themselves. */
export function valuesFrom({
  outputs,
  support,
}: {
  outputs: Float32Array;
  support: Support | null;
}): Float32Array {
  if (support === null) return outputs;
  return expectedValues({ probabilities: softmax({ outputs, atoms: support.atoms }), support });
}

/**
 * A distribution over any returns as one over the support: each return is clipped to min ... max, and
 * its probability is shared by the two atoms around it, the nearer one getting more.
 * @param returns [n]
 * @param probabilities [n]
 * @param into [atoms], to which it is added
 */
export function projectReturns({
  returns,
  probabilities,
  support: { atoms, min, max },
  into,
}: {
  returns: ArrayLike<number>;
  probabilities: ArrayLike<number>;
  support: Support;
  into: Float32Array;
}): void {
  for (let j = 0; j < returns.length; j++) {
    const clipped = Math.max(min, Math.min(max, returns[j]!));
    const b = ((clipped - min) / (max - min)) * (atoms - 1);
    // The paper's l = floor(b), u = ceil(b) with the shares u - b and b - l lose the probability of a
    // return right on an atom, where l = u; here that atom gets all of it.
    const lower = Math.floor(b) || 0; // NaN, too, must end up in the target: its share is NaN
    const share = b - lower;
    into[lower]! += probabilities[j]! * (1 - share);
    if (share > 0) into[lower + 1]! += probabilities[j]! * share;
  }
}

export interface TargetDistributionOptions extends Pick<DqnConfig, 'gamma' | 'terminalTarget'> {
  /** [batch] */
  readonly rewards: ArrayLike<number>;
  /** [batch], 1 where the episode ended by itself; an episode that was cut off has 0. */
  readonly terminateds: ArrayLike<number>;
  /** [batch], agent steps from observation to next observation; default: 1 each. */
  readonly steps?: ArrayLike<number>;
  /** [batch * actions * atoms] of the target network on the next observations. */
  readonly nextProbabilities: Float32Array;
  /** Those of the network that chooses the next action, for double DQN; default `nextProbabilities`. */
  readonly choosingProbabilities?: Float32Array;
  readonly support: Support;
}

/**
 * The distribution towards which Z(s, a) is moved (Bellemare et al. 2017, algorithm 1): that of
 *
 * r                           at the end of an episode, or `terminalTarget` in its place,
 * r + gamma^n Z(s', a')       otherwise, with a' = argmax over a of the mean of Z(s', a),
 *
 * projected onto the support; n steps lead from s to s', and r is the discounted sum on the way.
 * @returns [batch * atoms] float32
 */
export function targetDistributions(options: TargetDistributionOptions): Float32Array {
  const { rewards, terminateds, steps, gamma, terminalTarget, support } = options;
  const { nextProbabilities, choosingProbabilities = nextProbabilities } = options;
  const { atoms } = support;
  const z = atomsOf(support);
  const actions = nextProbabilities.length / atoms / rewards.length;
  const choosingQ = expectedValues({ probabilities: choosingProbabilities, support });
  const targets = new Float32Array(rewards.length * atoms);
  for (let i = 0; i < rewards.length; i++) {
    const reward = rewards[i]!;
    const into = targets.subarray(i * atoms, (i + 1) * atoms);
    if (terminateds[i]) {
      projectReturns({ returns: [terminalTarget ?? reward], probabilities: [1], support, into });
      continue;
    }
    const discount = gamma ** (steps?.[i] ?? 1);
    const best = argmax(choosingQ.subarray(i * actions, (i + 1) * actions));
    const start = (i * actions + best) * atoms;
    const probabilities = nextProbabilities.subarray(start, start + atoms);
    projectReturns({
      returns: z.map((value) => reward + discount * value),
      probabilities,
      support,
      into,
    });
  }
  return targets;
}

/**
 * The cross-entropy of the target distribution m and the network's p = softmax(o) for the action taken,
 * and its gradient, as means over the batch:
 *
 * - sum over j of m_j log p_j                                    slope by o_j: p_j - m_j.
 */
export function categoricalLoss({
  outputs,
  actions,
  targets,
  support,
}: {
  /** [batch * actions * atoms] of the trained network. */
  readonly outputs: Float32Array;
  /** [batch] */
  readonly actions: ArrayLike<number>;
  /** [batch * atoms], m: each row sums up to 1. */
  readonly targets: Float32Array;
  readonly support: Support;
}): TdLoss {
  const z = atomsOf(support);
  const batch = actions.length;
  const perObservation = outputs.length / batch;
  const gradient = new Float32Array(outputs.length);
  let total = 0;
  let totalQ = 0;
  for (let i = 0; i < batch; i++) {
    const start = i * perObservation + actions[i]! * z.length;
    const row = outputs.subarray(start, start + z.length);
    const logSum = logSumExp(row);
    for (let j = 0; j < z.length; j++) {
      const logProbability = row[j]! - logSum;
      const probability = Math.exp(logProbability);
      const target = targets[i * z.length + j]!;
      total -= target * logProbability;
      totalQ += probability * z[j]!;
      gradient[start + j] = (probability - target) / batch;
    }
  }
  return { loss: total / batch, meanQ: totalQ / batch, gradient };
}

/** log of the sum of exp(x), without exp of anything large. */
function logSumExp(row: Float32Array): number {
  const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
