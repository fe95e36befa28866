/** An agent at the paddle: what it sees in an observation, and what it does. */

import type { Overlay } from '../display/messages';
import type { TrainingConfig } from '../dqn/config/config';
import { type Support, supportOf } from '../dqn/equations/categorical';
import { argmax } from '../dqn/equations/policy';
import { type CompiledQValues, compileQValues } from '../dqn/learner/compile-q-values';
import type { tf } from '../engine/tensorflow';
import { Mt19937 } from '../random';
import { ACTIONS } from './actions';
import { gradientSaliency, occlusionSaliency } from './saliency';

/** A network, alone or as `loadAgent` returns it. */
export type Playable =
  | tf.LayersModel
  | { readonly network: tf.LayersModel; readonly info?: { readonly config: TrainingConfig } };

export interface PilotOptions {
  /** What the network was trained with; default the agent's own, and for a network alone none. */
  readonly config?: TrainingConfig;
  /** Probability of a random action, 0 to 1; default 0.05, as the agents here are evaluated. */
  readonly epsilon?: number;
  /** Decides the random actions; default 0. */
  readonly seed?: number;
  /** Whether `dispose` ends the network, too. Default false: it is the caller's. */
  readonly disposeNetwork?: boolean;
}

/** @throws RangeError when it is not a probability. */
export function checkEpsilon(epsilon: number): number {
  if (epsilon >= 0 && epsilon <= 1) return epsilon;
  throw new RangeError(`epsilon must be from 0 to 1, got ${epsilon}`);
}

/** @throws RangeError for a network whose outputs are not the values, or the histograms, of four actions. */
function checkOutputs(network: tf.LayersModel, support: Support | null): void {
  const [, outputs] = network.outputShape as number[];
  const expected = ACTIONS.length * (support?.atoms ?? 1);
  if (outputs === expected) return;
  const what =
    support === null
      ? `values of ${ACTIONS.length} actions. If it puts out histograms, give the config of its training, too: { config }`
      : `histograms of ${support.atoms} bins for ${ACTIONS.length} actions, as its config says`;
  throw new RangeError(`the network must have ${expected} outputs, got ${outputs}: ${what}`);
}

export class Pilot {
  /** Whether FIRE is to be pressed for it, as in its training; true for a network alone. */
  readonly pressFire: boolean;
  private readonly network: tf.LayersModel;
  private readonly support: Support | null;
  private readonly compiled: CompiledQValues;
  private readonly random: Mt19937;
  private readonly disposeNetwork: boolean;
  private probability: number;

  /**
   * The weights are those of now: the network may be trained on. It must live as long.
   * @throws RangeError for an epsilon that is no probability, or a network that does not fit the game or config.
   */
  constructor(playable: Playable, options: PilotOptions = {}) {
    const agent = 'network' in playable ? playable : { network: playable };
    const config = options.config ?? ('info' in agent ? agent.info?.config : undefined);
    this.network = agent.network;
    this.support = config ? supportOf(config) : null;
    checkOutputs(agent.network, this.support);
    this.pressFire = config?.pressFire ?? true;
    this.probability = checkEpsilon(options.epsilon ?? 0.05);
    this.disposeNetwork = options.disposeNetwork ?? false;
    this.random = new Mt19937(options.seed ?? 0);
    this.compiled = compileQValues(agent.network, { support: this.support });
  }

  get epsilon(): number {
    return this.probability;
  }

  set epsilon(value: number) {
    this.probability = checkEpsilon(value);
  }

  /** Q of each action. @param observation [4, 84, 84] uint8 */
  values(observation: Uint8Array): Float32Array {
    return this.compiled.qValues(observation);
  }

  /** Chooses as in training: at random with probability epsilon, else the best. */
  choose(q: Float32Array): { readonly action: number; readonly chosenBy: 'agent' | 'chance' } {
    if (this.random.nextDouble() >= this.probability) {
      return { action: argmax(q), chosenBy: 'agent' };
    }
    return { action: Math.floor(this.random.nextDouble() * q.length), chosenBy: 'chance' };
  }

  /** What its values depend on, [84 * 84] float32; null for no overlay. */
  saliency(method: Overlay, observation: Uint8Array): Float32Array | null {
    const { network, support, compiled } = this;
    if (method === 'gradient') return gradientSaliency({ network, support, observation });
    if (method === 'occlusion') return occlusionSaliency({ ...compiled, observation });
    return null;
  }

  dispose(): void {
    this.compiled.dispose();
    if (this.disposeNetwork) this.network.dispose();
  }
}
