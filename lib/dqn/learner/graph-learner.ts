/** The learner that runs as one TensorFlow graph: networks that the compiled engines know, on any device. */
import { gradientNorm } from '../../engine/adam-rule';
import { GraphNetwork, type StepOptions, type UpdateStep } from '../../engine/graph/network';
import { deviceText, type EngineInfo, engineInfo } from '../../engine/tensorflow';
import { valuesFrom } from '../equations/categorical';
import { checkLoss } from '../equations/loss';
import { targetRule } from '../equations/td-targets';
import type { Batch, FitBatch } from '../replay/replay';
import { CompiledLearner, type CompiledLearnerOptions } from './compiled-learner';
import { distributionLoss, fitLoss, histogramLoss, tdLossOf } from './graph-loss';
import type { EngineUse, LearnerState, ObservationStore, UpdateResult } from './learner';

export interface GraphLearnerOptions extends CompiledLearnerOptions {
  /** Why the graph was chosen: the end of a sentence. */
  readonly because?: string;
  /** What TensorFlow computes on; default: what is found here. */
  readonly info?: EngineInfo;
}

/** One call and one wait for the device in an update: made for GPUs. */
export class GraphLearner extends CompiledLearner<GraphNetwork> {
  readonly engine: EngineUse;
  readonly store?: ObservationStore;
  private readonly actions: number;
  /** The rows of a rollout that the store has. */
  private isKept = new Uint8Array(0);
  /** By what they do and the size of their batches. */
  private readonly steps = new Map<string, UpdateStep>();

  /** @throws Error when the engine cannot run the network; Error, RangeError as `networkFor`. */
  constructor(options: GraphLearnerOptions) {
    const { config, actions, because } = options;
    const { clipNorm, globalClipNorm } = config;
    super(options, (network) => new GraphNetwork({ network, clipNorm, globalClipNorm }));
    this.actions = actions;
    if (config.method === 'pqn')
      this.store = this.createStore(config.numEnvs * config.rolloutSteps);
    const { info = engineInfo() } = options;
    const reason = because === undefined ? '' : `, because ${because}`;
    this.engine = {
      name: 'graph',
      sentence: `A graph of TensorFlow ${info.tensorflow} does the updates, on the ${deviceText(info)}${reason}.`,
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

  fit(batch: FitBatch): UpdateResult {
    const { support } = this;
    const { size, rows, actions, targets } = batch;
    const isKept = rows?.every((row) => this.isKept[row]) ?? false;
    const head = { kind: this.config.loss, actions: this.actions, doubleDqn: false };
    const step = this.stepOf(isKept ? 'fit kept' : 'fit', {
      ...{ count: size, batches: isKept ? 'kept' : 1, columns: 2 },
      lossOf: (inputs) =>
        support === null ? fitLoss(inputs, head) : histogramLoss(inputs, { ...head, support }),
    });
    const columns = [Float32Array.from(actions), targets];
    return this.learn(step, { observations: isKept ? [rows!] : [batch.observations], columns });
  }

  override restore(state: LearnerState): void {
    super.restore(state);
    this.isKept.fill(0); // a rollout is restored, too, and not through the store
  }

  private createStore(rows: number): ObservationStore {
    this.isKept = new Uint8Array(rows);
    const keep = this.network.createStore(rows);
    const { support, actions } = this;
    return {
      qValues: (options) => {
        const qValues = valuesFrom({ outputs: keep(options), support });
        this.isKept.fill(1, options.first, options.first + qValues.length / actions);
        return qValues;
      },
    };
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
