/** TD targets: the values towards which those of the actions taken are moved. */
import type { DqnConfig, TrainingConfig } from '../config/config';
import { argmax } from './policy';

export interface TdTargetOptions {
  /** [batch] */
  readonly rewards: ArrayLike<number>;
  /** [batch], 1 where the episode ended by itself; an episode that was cut off has 0. */
  readonly terminateds: ArrayLike<number>;
  /** [batch], agent steps from observation to next observation; default: 1 each. */
  readonly steps?: ArrayLike<number>;
  /** [batch * actions] of the target network on the next observations. */
  readonly nextQ: ArrayLike<number>;
  /** [batch * actions] that choose the next action: the network's for double DQN; default `nextQ`. */
  readonly choosingQ?: ArrayLike<number>;
  readonly gamma: number;
  /** The target at the end in place of the last reward; null: the last reward. */
  readonly terminalTarget: number | null;
}

/**
 * y = r                                       at the end of an episode,
 * y = r + gamma * Q_target(s', a')            otherwise, with a' = argmax over a of Q(s', a),
 *
 * and gamma^n where the next observation is n steps later and r is the discounted sum on the way.
 * Q is Q_target (Mnih et al. 2015) or, for double DQN, the trained network (van Hasselt et al. 2016).
 * Each operation rounds to float32, so TensorFlow's ops give the same bits.
 * @returns [batch] float32
 */
export function tdTargets(options: TdTargetOptions): Float32Array {
  const { rewards, terminateds, steps, nextQ, choosingQ = nextQ, gamma, terminalTarget } = options;
  const actions = nextQ.length / rewards.length;
  return Float32Array.from(rewards, (reward, i) => {
    if (terminateds[i]) return terminalTarget ?? reward;
    const best = argmax(choosingQ, i * actions, (i + 1) * actions);
    return reward + Math.fround(Math.fround(gamma ** (steps?.[i] ?? 1)) * nextQ[best]!);
  });
}

/** What a config says about TD targets. */
export type TargetRule = Pick<DqnConfig, 'gamma' | 'terminalTarget' | 'doubleDqn'>;

/** @throws Error for a method that has no TD targets: it fits values that are given. */
export function targetRule(config: TrainingConfig): TargetRule {
  if (config.method === 'dqn') return config;
  throw new Error(`update() is for the method dqn, this is ${config.method}: call fit()`);
}
