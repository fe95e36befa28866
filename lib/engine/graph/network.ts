/** A Q-network, its target network and Adam as one TensorFlow graph: a whole update is one run. */
import {
  type AdamSettings,
  type AdamState,
  checkUpdates,
  completeAdam,
  DEFAULT_BETA_1,
  DEFAULT_BETA_2,
} from '../adam-rule';
import { checkArrays, lengthOf } from '../arrays';
import type { NetworkDescription } from '../native/describe';
import { Graph, type Output, type Runner } from './graph';
import { forward, inputOf, outputSizeOf } from './layers';

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

/** Where a set of weights lies in one array: one op then reads, one clips and one updates all of them. */
interface Layout {
  readonly lengths: readonly number[];
  readonly offsets: readonly number[];
  readonly total: number;
}

/** Floats to which a start is rounded up: TensorFlow takes a slice that starts there without copying. */
const ALIGNMENT = 16;

/**
 * The methods are those of `NativeNetwork`, but for the update. Weights and moments stay on the device.
 * Two equal runs give equal bits on a CPU; on a GPU, TensorFlow adds in changing order.
 */
export class GraphNetwork {
  readonly outputSize: number;
  private readonly description: NetworkDescription;
  private readonly clipping: Pick<Required<AdamSettings>, 'clipNorm' | 'globalClipNorm'>;
  private readonly graph = new Graph();
  private readonly layout: Layout;
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
    this.layout = layOut(network.variables.map(lengthOf));
    const { graph } = this;
    const shape = [this.layout.total];
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
    this.weights = { online: this.viewsOf(values.online), target: this.viewsOf(values.target) };
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
    const { graph, description } = this;
    const repeat = <T>(times: number, make: () => T) => Array.from({ length: times }, make);
    const shape = batches === 'kept' ? [count] : this.shapeOf(count);
    const type = batches === 'kept' ? 'int32' : 'uint8';
    const feeds = repeat(batches === 'kept' ? 1 : batches, () => graph.placeholder(type, shape));
    const pictures = batches === 'kept' ? [this.keptRows(feeds[0]!)] : feeds;
    // Columns, then the numbers of Adam: one small array goes to the device, not one for each.
    const sizes = [...repeat(columns, () => count), 1, 1, 1, 1];
    const length = columns * count + 4;
    const numbers = graph.placeholder('float', [length]);
    const split = graph.add('SplitV', [numbers, graph.ints(sizes), graph.int(0)], {
      num_split: sizes.length,
    });
    const parts = sizes.map((_, i) => split + i);
    const inputs = pictures.map((picture) => inputOf(graph, picture, description.scale));
    const { output, backward } = this.pass(inputs[0]!, 'online');
    const { losses, slope, values } = lossOf({
      graph,
      outputs: output,
      outputsOf: (index, set) => this.pass(inputs[index]!, set).output,
      columns: parts.slice(0, columns),
    });
    const mean = (x: Output) => graph.add('Mean', [x, graph.ints([0])]);
    const loss = mean(losses);
    const gradients = backward(graph.add('Mul', [slope, graph.float(1 / count)]));
    const scalars = parts
      .slice(columns)
      .map((part) => graph.add('Reshape', [part, graph.ints([])]));
    const { squares, update } = this.descend({ gradients, loss, scalars });
    const result = graph.add('Pack', [[loss, mean(values), squares]]);
    const run = graph.plan({ feeds: [...feeds, numbers], fetches: [result], targets: [update] });
    const fed = new Float32Array(length);
    return ({ observations, columns: given }, adam) => {
      given.forEach((column, i) => {
        fed.set(column, i * count);
      });
      fed.set(this.scalarsOf(adam), columns * count);
      const bytes = observations.map((values) => ({ values, shape }));
      const got = new Float32Array(3);
      run([...bytes, { values: fed, shape: [length] }], [got]);
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

  /** Clips, and updates the weights where the loss and the gradient are finite. */
  private descend(options: {
    gradients: readonly Output[];
    loss: Output;
    scalars: readonly Output[];
  }): { squares: Output; update: Output } {
    const { graph, handles } = this;
    const { globalClipNorm } = this.clipping;
    const gradient = this.join(options.gradients.map((each) => this.clip(each)));
    const squares = this.squaresOf(gradient);
    const scale = globalClipNorm === null ? graph.float(1) : this.scaleTo(squares, globalClipNorm);
    const areFinite = [options.loss, squares].map((x) => graph.add('IsFinite', [x]));
    const finite = graph.add('LogicalAnd', areFinite);
    const unless = (x: Output, otherwise: number) =>
      graph.add('SelectV2', [finite, x, graph.float(otherwise)]);
    const [rate, power1, power2, epsilon] = options.scalars as [Output, Output, Output, Output];
    const { beta1, beta2 } = DECAYS;
    // Adam is not left out: a step with these numbers leaves all bits as they are, and the host need not wait.
    const [step, keep1, keep2] = [
      unless(rate, 0),
      unless(graph.float(beta1), 1),
      unless(graph.float(beta2), 1),
    ];
    const given = graph.add('MulNoNan', [gradient, unless(scale, 0)]); // 0 times anything is 0
    const update = graph.add('ResourceApplyAdam', [
      ...[handles.online, handles.m, handles.v, power1, power2],
      ...[step, keep1, keep2, epsilon, given],
    ]);
    return { squares, update };
  }

  /** A gradient, scaled down to `clipNorm` by itself. */
  private clip(gradient: Output): Output {
    const { clipNorm } = this.clipping;
    if (clipNorm === null) return gradient;
    const scale = this.scaleTo(this.squaresOf(gradient), clipNorm);
    return this.graph.add('Mul', [gradient, scale]);
  }

  private squaresOf(values: Output): Output {
    return this.graph.add('Mul', [this.graph.add('L2Loss', [values]), this.graph.float(2)]);
  }

  /** The factor, at most 1, that brings a norm down to a limit. */
  private scaleTo(squares: Output, limit: number): Output {
    const { graph } = this;
    const most = graph.float(limit);
    const norm = graph.add('Sqrt', [squares]);
    return graph.add('RealDiv', [most, graph.add('Maximum', [norm, most])]);
  }

  /** What ResourceApplyAdam needs to know of the next update. */
  private scalarsOf(given: AdamSettings): number[] {
    const { learningRate, epsilon, epsilonHat } = completeAdam(given);
    const update = this.updates + 1;
    const [power1, power2] = [DECAYS.beta1 ** update, DECAYS.beta2 ** update];
    // TensorFlow adds epsilon before bias correction; dividing by sqrt(1 - beta2^t) later undoes this factor
    return [learningRate, power1, power2, epsilonHat ? epsilon : epsilon * Math.sqrt(1 - power2)];
  }

  private keptRows(rows: Output): Output {
    if (this.store === undefined) throw new Error('no rows are kept: call createStore() first');
    return this.graph.add('ResourceGather', [this.store, rows], { dtype: { type: 'uint8' } });
  }

  private pass(input: Output, set: WeightSet) {
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

  /** The variables in an array of all. */
  private viewsOf(values: Output): Output[] {
    const { graph, layout, description } = this;
    return description.variables.map((shape, i) => {
      const [from, size] = [layout.offsets[i]!, layout.lengths[i]!];
      const slice = graph.add('Slice', [values, graph.ints([from]), graph.ints([size])]);
      return graph.add('Reshape', [slice, graph.ints(shape)]);
    });
  }

  /** One array of all variables' gradients, with zeros between them. */
  private join(gradients: readonly Output[]): Output {
    const { graph, layout } = this;
    const parts = gradients.flatMap((gradient, i) => {
      const end = layout.offsets[i]! + layout.lengths[i]!;
      const gap = (layout.offsets[i + 1] ?? layout.total) - end;
      const flat = graph.add('Reshape', [gradient, graph.ints([-1])]);
      return gap === 0 ? [flat] : [flat, graph.floats(Array(gap).fill(0))];
    });
    return graph.add('ConcatV2', [parts, graph.int(0)]);
  }

  private get(name: Name): Float32Array[] {
    const { lengths, offsets, total } = this.layout;
    const all = new Float32Array(total);
    this.reads[name]([], [all]);
    return lengths.map((length, i) => all.slice(offsets[i], offsets[i]! + length));
  }

  private set(name: Name, arrays: readonly Float32Array[], what: string): void {
    const { lengths, offsets, total } = this.layout;
    checkArrays({ name: what, arrays, lengths });
    const values = new Float32Array(total);
    arrays.forEach((array, i) => {
      values.set(array, offsets[i]);
    });
    this.writes[name]([{ values, shape: [total] }]);
  }
}

const DECAYS = { beta1: DEFAULT_BETA_1, beta2: DEFAULT_BETA_2 };

function layOut(lengths: readonly number[]): Layout {
  let total = 0;
  const offsets = lengths.map((length) => {
    const offset = total;
    total += ALIGNMENT * Math.ceil(length / ALIGNMENT);
    return offset;
  });
  return { lengths, offsets, total };
}
