/** A Q-network, its target network and Adam as one TensorFlow graph: a whole update is one run. */
import { type AdamSettings, type AdamState, checkUpdates } from '../adam-rule';
import { lengthOf } from '../arrays';
import type { NetworkDescription } from '../native/describe';
import { ADAM_SCALARS, adamScalars, applyAdam, clipTo } from './adam';
import { Graph, type Output, type Runner } from './graph';
import { forward, inputOf, outputSizeOf, type Pass } from './layers';
import { Packing } from './packing';

export interface GraphNetworkOptions extends Pick<AdamSettings, 'clipNorm' | 'globalClipNorm'> {
  /** From `describeModel`. */
  readonly network: NetworkDescription;
}

/** What a loss is made of, as ops. */
export interface LossInputs {
  readonly graph: Graph;
  /** [n, outputs] of the trained network for the first of the observations. */
  readonly outputs: Output;
  /** [n, outputs] for others of the observations. */
  readonly outputsOf: (index: number, weights: WeightSet) => Output;
  /** [n] float32 each. */
  readonly columns: readonly Output[];
}

/** A loss as ops. */
export interface Loss {
  /** Of each observation, [n]; their mean is minimized. */
  readonly losses: Output;
  /** Of the loss of each observation by its outputs, [n, outputs]. */
  readonly slope: Output;
  /** [n]; their mean is reported. */
  readonly values: Output;
}

export interface StepOptions {
  /** n, the observations in a batch. */
  readonly count: number;
  /** Batches of observations that a step takes; "kept": one, of rows that `keep` has put on the device. */
  readonly batches: number | 'kept';
  /** Numbers that it takes for each observation. */
  readonly columns: number;
  readonly lossOf: (inputs: LossInputs) => Loss;
}

export interface StepResult {
  readonly loss: number;
  /** Mean of the loss's `values`. */
  readonly mean: number;
  /** Sum of the squares of the clipped gradient: not finite where that is not. */
  readonly squares: number;
}

/** One update. What is not finite in its result has changed nothing. */
export type UpdateStep = (
  given: {
    /** [n, channels, height, width] uint8 each, or the numbers of kept rows, [n] int32. */
    readonly observations: readonly Uint8Array[] | readonly [Int32Array];
    /** [n] float32 each. */
    readonly columns: readonly Float32Array[];
  },
  adam: AdamSettings,
) => StepResult;

export type WeightSet = 'online' | 'target';

const SETS = ['online', 'target', 'm', 'v'] as const;
type Name = (typeof SETS)[number];

/**
 * The methods are those of `NativeNetwork`, but for the update. Weights and moments stay on the device.
 * Two equal runs give equal bits on a CPU; on a GPU, TensorFlow adds in changing order.
 */
export class GraphNetwork {
  readonly outputSize: number;
  private readonly description: NetworkDescription;
  private readonly clipping: Pick<Required<AdamSettings>, 'clipNorm' | 'globalClipNorm'>;
  private readonly graph = new Graph();
  private readonly packing: Packing;
  private readonly handles: Readonly<Record<Name, Output>>;
  private readonly weights: Readonly<Record<WeightSet, readonly Output[]>>;
  private readonly reads: Readonly<Record<Name, Runner>>;
  private readonly writes: Readonly<Record<Name, Runner>>;
  private readonly predictions: Readonly<Record<WeightSet, Runner>>;
  private readonly sync: Runner;
  /** The handle of the observations that are kept. */
  private store: Output | undefined;
  private updates = 0;

  /** @throws Error when the engine is not compiled. */
  constructor({ network, clipNorm = null, globalClipNorm = null }: GraphNetworkOptions) {
    this.description = network;
    this.clipping = { clipNorm, globalClipNorm };
    this.outputSize = outputSizeOf(network);
    this.packing = new Packing(network.variables);
    const { graph, packing } = this;
    const shape = [packing.total];
    const each = <T>(make: (name: Name) => T) =>
      Object.fromEntries(SETS.map((name) => [name, make(name)])) as Record<Name, T>;
    this.handles = each((name) =>
      graph.add('VarHandleOp', [], {
        dtype: { type: 'float' },
        shape: { shape },
        shared_name: name,
      }),
    );
    const values = each((name) => this.read(name));
    this.reads = each((name) => graph.plan({ fetches: [values[name]] }));
    this.writes = each((name) => {
      const value = graph.placeholder('float', shape);
      return graph.plan({ feeds: [value], targets: [this.assign(name, value)] });
    });
    this.sync = graph.plan({ targets: [this.assign('target', values.online)] });
    this.weights = {
      online: packing.views(graph, values.online),
      target: packing.views(graph, values.target),
    };
    const predict = (set: WeightSet) => {
      const observations = graph.placeholder('uint8', this.shapeOf(-1));
      const { output } = this.pass(inputOf(graph, observations, network.scale), set);
      return graph.plan({ feeds: [observations], fetches: [output] });
    };
    this.predictions = { online: predict('online'), target: predict('target') };
    for (const name of SETS) this.writes[name]([{ values: new Float32Array(shape[0]!), shape }]);
  }

  /**
   * Outputs of all observations.
   * @param options `observations` [n, channels, height, width] uint8
   * @returns [n, outputs] float32, the caller's
   */
  predict({
    observations,
    weights = 'online',
  }: {
    observations: Uint8Array;
    weights?: WeightSet;
  }): Float32Array {
    const count = observations.length / lengthOf(this.shapeOf(1));
    const output = new Float32Array(count * this.outputSize);
    this.predictions[weights]([{ values: observations, shape: this.shapeOf(count) }], [output]);
    return output;
  }

  /**
   * Makes room for observations on the device.
   * @returns what predicts as `predict`, and keeps the observations as the rows from `first` on
   */
  createStore(
    rows: number,
  ): (options: { observations: Uint8Array; first: number }) => Float32Array {
    const { graph, description } = this;
    const shape = this.shapeOf(rows);
    const store = graph.add('VarHandleOp', [], {
      dtype: { type: 'uint8' },
      shape: { shape },
      shared_name: 'kept',
    });
    const content = graph.placeholder('uint8', shape);
    const fill = graph.plan({
      feeds: [content],
      targets: [graph.add('AssignVariableOp', [store, content])],
    });
    fill([{ values: new Uint8Array(lengthOf(shape)), shape }]);
    this.store = store;
    const indices = graph.placeholder('int32', [-1]);
    const observations = graph.placeholder('uint8', this.shapeOf(-1));
    const keep = graph.add('ResourceScatterUpdate', [store, indices, observations]);
    const { output } = this.pass(inputOf(graph, observations, description.scale), 'online');
    const run = graph.plan({ feeds: [indices, observations], fetches: [output], targets: [keep] });
    return ({ observations: values, first }) => {
      const count = values.length / lengthOf(this.shapeOf(1));
      const outputs = new Float32Array(count * this.outputSize);
      const numbers = Int32Array.from({ length: count }, (_, i) => first + i);
      run(
        [
          { values: numbers, shape: [count] },
          { values, shape: this.shapeOf(count) },
        ],
        [outputs],
      );
      return outputs;
    };
  }

  /** Adds a training step to the graph, for batches of one size. */
  createStep({ count, batches, columns, lossOf }: StepOptions): UpdateStep {
    const { graph } = this;
    const { feeds, shape, inputs } = this.observationsOf({ count, batches });
    // Columns, then the numbers of Adam: one small array goes to the device, not one for each.
    const sizes = [...Array(columns).fill(count), ...Array(ADAM_SCALARS).fill(1)];
    const length = lengthOf([columns, count]) + ADAM_SCALARS;
    const numbers = graph.placeholder('float', [length]);
    const parts = graph.split(numbers, sizes);
    const { output, backward } = this.pass(inputs[0]!, 'online');
    const { losses, slope, values } = lossOf({
      graph,
      outputs: output,
      outputsOf: (index, set) => this.pass(inputs[index]!, set).output,
      columns: parts.slice(0, columns),
    });
    const mean = (x: Output) => graph.add('Mean', [x, graph.ints([0])]);
    const loss = mean(losses);
    const scalars = parts.slice(columns).map((x) => graph.add('Reshape', [x, graph.ints([])]));
    const gradients = backward(graph.add('Mul', [slope, graph.float(1 / count)]));
    const { squares, update } = this.descend({ gradients, loss, scalars });
    const result = graph.add('Pack', [[loss, mean(values), squares]]);
    const run = graph.plan({ feeds: [...feeds, numbers], fetches: [result], targets: [update] });
    return ({ observations, columns: given }, adam) => {
      const fed = new Float32Array(length);
      given.forEach((column, i) => {
        fed.set(column, i * count);
      });
      fed.set(adamScalars(adam, this.updates + 1), columns * count);
      const pictures = observations.map((of) => ({ values: of, shape }));
      const got = new Float32Array(3);
      run([...pictures, { values: fed, shape: [length] }], [got]);
      const step = { loss: got[0]!, mean: got[1]!, squares: got[2]! };
      if (Number.isFinite(step.loss) && Number.isFinite(step.squares)) this.updates++;
      return step;
    };
  }

  /** The target network takes over the online weights. */
  syncTarget(): void {
    this.sync([]);
  }

  /** Copies in the order and layout of `model.getWeights()`. */
  getWeights(set: WeightSet = 'online'): Float32Array[] {
    return this.get(set);
  }

  /** Copies the values in. @throws RangeError when their number or a length does not fit. */
  setWeights(weights: readonly Float32Array[], set: WeightSet = 'online'): void {
    this.set(set, weights, 'weights');
  }

  /** All that Adam remembers, as copies. */
  optimizerState(): AdamState {
    return { updates: this.updates, m: this.get('m'), v: this.get('v') };
  }

  /**
   * Takes over what `optimizerState` returned.
   * @throws RangeError when it is of other weights, or its updates are not a whole number of 0 or more.
   */
  restoreOptimizer({ updates, m, v }: AdamState): void {
    checkUpdates(updates);
    this.set('m', m, 'first moments');
    this.set('v', v, 'second moments');
    this.updates = updates;
  }

  /** Frees the memory; every later call throws. */
  dispose(): void {
    this.graph.close();
  }

  /** What is fed for the observations of a step, its shape, and the networks' inputs made of it. */
  private observationsOf({ count, batches }: Pick<StepOptions, 'count' | 'batches'>) {
    const { graph, description } = this;
    const inputFrom = (pictures: Output) => inputOf(graph, pictures, description.scale);
    if (batches === 'kept') {
      const rows = graph.placeholder('int32', [count]);
      return { feeds: [rows], shape: [count], inputs: [inputFrom(this.keptRows(rows))] };
    }
    const shape = this.shapeOf(count);
    const feeds = Array.from({ length: batches }, () => graph.placeholder('uint8', shape));
    return { feeds, shape, inputs: feeds.map(inputFrom) };
  }

  /** Clips, and updates the weights where the loss and the gradient are finite. */
  private descend(given: Record<'gradients' | 'scalars', readonly Output[]> & { loss: Output }) {
    const { graph, packing, handles } = this;
    const { clipNorm, globalClipNorm } = this.clipping;
    const gradients =
      clipNorm === null
        ? given.gradients
        : given.gradients.map((gradient) => clipTo(graph, gradient, clipNorm));
    const gradient = packing.join(graph, gradients);
    const { online: weights, m, v } = handles;
    return applyAdam(graph, { ...given, weights, m, v, gradient, globalClipNorm });
  }

  private keptRows(rows: Output): Output {
    if (this.store === undefined) throw new Error('no rows are kept: call createStore() first');
    return this.graph.add('ResourceGather', [this.store, rows], { dtype: { type: 'uint8' } });
  }

  private pass(input: Output, set: WeightSet): Pass {
    const { graph, description: network } = this;
    return forward(graph, { network, input, weights: this.weights[set] });
  }

  private shapeOf(count: number): number[] {
    const { channels, height, width } = this.description.input;
    return [count, channels, height, width];
  }

  private read(name: Name): Output {
    return this.graph.add('ReadVariableOp', [this.handles[name]], { dtype: { type: 'float' } });
  }

  private assign(name: Name, value: Output): Output {
    return this.graph.add('AssignVariableOp', [this.handles[name], value]);
  }

  private get(name: Name): Float32Array[] {
    const values = new Float32Array(this.packing.total);
    this.reads[name]([], [values]);
    return this.packing.unpack(values);
  }

  private set(name: Name, arrays: readonly Float32Array[], what: string): void {
    const values = this.packing.pack(arrays, what);
    this.writes[name]([{ values, shape: [values.length] }]);
  }
}
