/** The learner that runs as one TensorFlow graph: networks that the compiled engines know, on any device. */
import { gradientNorm } from '../../engine/adam-rule';
import { GraphNetwork, type StepOptions, type UpdateStep } from '../../engine/graph/network';
import { engineInfo } from '../../engine/tensorflow';
import { requireValues } from '../equations/categorical';
import { checkLoss } from '../equations/loss';
import { targetRule } from '../equations/td-targets';
import type { Batch, FitBatch } from '../replay/replay';
import { CompiledLearner, type CompiledLearnerOptions } from './compiled-learner';
import { distributionLoss, fitLoss, tdLossOf } from './graph-loss';
import type { EngineUse, UpdateResult } from './learner';

export interface GraphLearnerOptions extends CompiledLearnerOptions {
  /** Why the graph was chosen: the end of a sentence. */
  readonly because?: string;
}

/** One call and one wait for the device in an update: made for GPUs. */
export class GraphLearner extends CompiledLearner<GraphNetwork> {
  readonly engine: EngineUse;
  private readonly actions: number;
  /** By what they do and the size of their batches. */
  private readonly steps = new Map<string, UpdateStep>();

  /** @throws Error when the engine cannot run the network; Error, RangeError as `networkFor`. */
  constructor(options: GraphLearnerOptions) {
    const { config, actions, because } = options;
    const { clipNorm, globalClipNorm } = config;
    super(options, (network) => new GraphNetwork({ network, clipNorm, globalClipNorm }));
    this.actions = actions;
    const { tensorflow, device } = engineInfo();
    const reason = because === undefined ? '' : `, because ${because}`;
    this.engine = {
      name: 'graph',
      sentence: `A graph of TensorFlow ${tensorflow} does the updates, on the ${device}${reason}.`,
    };
  }

  update(batch: Batch): UpdateResult {
    const { gamma, terminalTarget, doubleDqn } = targetRule(this.config);
    const { support, config, actions } = this;
    const { size, observations, nextObservations, terminateds, steps, rewards } = batch;
    const discounts = Float32Array.from(rewards, (_, i) =>
      terminateds[i] ? 0 : gamma ** (steps?.[i] ?? 1),
    );
    const given = Float32Array.from(rewards, (reward, i) =>
      terminateds[i] ? (terminalTarget ?? reward) : reward,
    );
    const head = { kind: config.loss, doubleDqn, actions };
    const step = this.stepOf('update', {
      ...{ count: size, batches: 2, columns: 3 },
      lossOf: (inputs) =>
        support === null ? tdLossOf(inputs, head) : distributionLoss(inputs, { ...head, support }),
    });
    const columns = [Float32Array.from(batch.actions), given, discounts];
    return this.learn(step, { observations: [observations, nextObservations], columns });
  }

  fit({ size, observations, actions, targets }: FitBatch): UpdateResult {
    requireValues(this.support);
    const head = { kind: this.config.loss, actions: this.actions, doubleDqn: false };
    const step = this.stepOf('fit', {
      ...{ count: size, batches: 1, columns: 2 },
      lossOf: (inputs) => fitLoss(inputs, head),
    });
    return this.learn(step, {
      observations: [observations],
      columns: [Float32Array.from(actions), targets],
    });
  }

  private stepOf(name: string, options: StepOptions): UpdateStep {
    const key = `${name} ${options.count}`;
    const known = this.steps.get(key) ?? this.network.createStep(options);
    this.steps.set(key, known);
    return known;
  }

  private learn(step: UpdateStep, given: Parameters<UpdateStep>[0]): UpdateResult {
    const { loss, mean: meanQ, squares } = step(given, this.adam);
    checkLoss(loss);
    gradientNorm([squares]);
    this.moved();
    return { loss, meanQ };
  }
}
