/** The learner that runs in the native engine: networks it can compile, on the CPU. */
import { NativeNetwork } from '../../engine/native/network';
import { categoricalLoss, softmax, targetDistributions } from '../equations/categorical';
import { checkLoss, type TdLoss, tdLoss } from '../equations/loss';
import { targetRule, tdTargets } from '../equations/td-targets';
import { valueHistograms } from '../equations/value-histogram';
import type { Batch, FitBatch } from '../replay/replay';
import { CompiledLearner, type CompiledLearnerOptions } from './compiled-learner';
import type { EngineUse, UpdateResult } from './learner';

export interface NativeLearnerOptions extends CompiledLearnerOptions {
  /** Default: the number of cores. It changes the speed and nothing else. */
  readonly threads?: number;
  /** Why it was chosen: the end of a sentence. */
  readonly because?: string;
}

type Outputs = Readonly<Record<'q' | 'nextQ' | 'choosingQ', Float32Array>>;

/** Several times faster than `TensorFlowLearner` on a CPU. */
export class NativeLearner extends CompiledLearner<NativeNetwork> {
  readonly engine: EngineUse;

  /** @throws Error when the engine cannot compile the network; Error, RangeError as `networkFor`. */
  constructor(options: NativeLearnerOptions) {
    const { threads } = options;
    const given = threads === undefined ? {} : { threads };
    super(options, (network) => {
      return new NativeNetwork({ network, layout: 'channelsFirst', ...given });
    });
    this.engine = { name: 'native', sentence: describeEngine(this.network, options.because) };
  }

  update(batch: Batch): UpdateResult {
    const { network } = this;
    const rule = targetRule(this.config);
    const { observations, nextObservations } = batch;
    const output = () => new Float32Array(batch.size * network.outputSize);
    const [q, nextQ] = [output(), output()];
    const choosingQ = rule.doubleDqn ? output() : nextQ;
    network.forward([
      { observations, weights: 'online', output: q, keep: true },
      { observations: nextObservations, weights: 'target', output: nextQ },
      ...(rule.doubleDqn
        ? [{ observations: nextObservations, weights: 'online', output: choosingQ } as const]
        : []),
    ]);
    return this.learn(this.lossOf({ batch, q, nextQ, choosingQ }));
  }

  fit({ size, observations, actions, targets }: FitBatch): UpdateResult {
    const { network, config, support } = this;
    const q = new Float32Array(size * network.outputSize);
    network.forward([{ observations, weights: 'online', output: q, keep: true }]);
    if (support === null) return this.learn(tdLoss({ q, actions, targets, loss: config.loss }));
    const histograms = valueHistograms({ targets, support });
    return this.learn(categoricalLoss({ outputs: q, actions, targets: histograms, support }));
  }

  /** The loss from what the networks put out for a batch: values, or with a support distributions. */
  private lossOf({ batch, q, nextQ, choosingQ }: Outputs & { batch: Batch }): TdLoss {
    const { config, support } = this;
    const given = { ...batch, ...targetRule(config) };
    const { actions } = batch;
    if (support === null) {
      const targets = tdTargets({ ...given, nextQ, choosingQ });
      return tdLoss({ q, actions, targets, loss: config.loss });
    }
    const { atoms } = support;
    const nextProbabilities = softmax({ outputs: nextQ, atoms });
    const choosingProbabilities =
      choosingQ === nextQ ? nextProbabilities : softmax({ outputs: choosingQ, atoms });
    const next = { nextProbabilities, choosingProbabilities };
    const targets = targetDistributions({ ...given, ...next, support });
    return categoricalLoss({ outputs: q, actions, targets, support });
  }

  /** The second half of a gradient step, after a pass that was kept. */
  private learn({ loss, meanQ, gradient }: TdLoss): UpdateResult {
    checkLoss(loss);
    this.network.backward(gradient);
    this.moved();
    this.network.update(this.adam);
    return { loss, meanQ };
  }
}

function describeEngine({ threads, instructionSet }: NativeNetwork, because?: string): string {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  const reason = because === undefined ? '' : `, because ${because}`;
  return `The native engine does the updates, on ${count} with ${instructionSet} instructions${reason}.`;
}
