/** A TensorFlow graph that is built op by op, and runs as one call. */
import { GRAPH_ENGINE, loadEngine } from '../compiled';
import {
  type Attribute,
  type ElementType,
  encodeAttribute,
  sessionConfig,
  type Values,
} from './proto';

/** An output of an op: 16 times the op's number, plus the output's. */
export type Output = number;

type Handle = object & { readonly brand: 'graph' };

/** Functions of addon.cc. They check no types. */
interface Addon {
  create(config: Uint8Array): Handle;
  add(
    graph: Handle,
    type: string,
    inputs: readonly Int32Array[],
    lists: Uint8Array,
    names: readonly string[],
    attributes: readonly Uint8Array[],
  ): number;
  run(
    graph: Handle,
    feeds: Int32Array,
    shapes: readonly BigInt64Array[],
    inputs: readonly Values[],
    fetches: Int32Array,
    outputs: readonly Values[],
    targets: Int32Array,
  ): void;
  close(graph: Handle): void;
}

/** What a run is given, gives back, and does. */
export interface Plan {
  readonly feeds?: readonly Output[];
  readonly fetches?: readonly Output[];
  /** Outputs of ops that run, too. */
  readonly targets?: readonly Output[];
}

/** A tensor to feed. */
export interface Fed {
  readonly values: Values;
  readonly shape: readonly number[];
}

/** Runs a plan. @param outputs each is filled with a fetch, and has its size */
export type Runner = (feeds: readonly Fed[], outputs?: readonly Values[]) => void;

export class Graph {
  private readonly addon = loadEngine<Addon>(GRAPH_ENGINE);
  private readonly handle = this.addon.create(sessionConfig());
  private isClosed = false;

  /**
   * Adds an op.
   * @param inputs an array is an input that takes a list
   * @returns its first output; the next ones follow it
   * @throws Error with TensorFlow's words when it refuses the op.
   */
  add(
    type: string,
    inputs: readonly (Output | readonly Output[])[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Output {
    const given = inputs.map((input) => Int32Array.from([input].flat()));
    const lists = Uint8Array.from(inputs, (input) => Number(Array.isArray(input)));
    const values = Object.values(attributes).map(encodeAttribute);
    const names = Object.keys(attributes);
    return 16 * this.addon.add(this.handle, type, given, lists, names, values);
  }

  /** A vector in parts of these sizes. */
  split(vector: Output, sizes: readonly number[]): Output[] {
    const inputs = [vector, this.ints(sizes), this.int(0)];
    const first = this.add('SplitV', inputs, { num_split: sizes.length });
    return sizes.map((_, i) => first + i);
  }

  placeholder(type: ElementType, shape: readonly number[]): Output {
    return this.add('Placeholder', [], { dtype: { type }, shape: { shape } });
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): Output {
    return this.constant('float', Float32Array.from(values), shape);
  }

  float(value: number): Output {
    return this.floats([value], []);
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): Output {
    return this.constant('int32', Int32Array.from(values), shape);
  }

  int(value: number): Output {
    return this.ints([value], []);
  }

  private constant(type: ElementType, tensor: Values, shape: readonly number[]): Output {
    return this.add('Const', [], { dtype: { type }, value: { tensor, shape } });
  }

  /** A part of the graph that runs often; the first run takes some tenths of a second. */
  plan({ feeds = [], fetches = [], targets = [] }: Plan): Runner {
    const [from, to, also] = [feeds, fetches, targets].map((list) => Int32Array.from(list)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    return (fed, outputs = []) => {
      const shapes = fed.map(({ shape }) => BigInt64Array.from(shape, BigInt));
      const inputs = fed.map(({ values }) => values);
      this.addon.run(this.handle, from, shapes, inputs, to, outputs, also);
    };
  }

  /** Ends the session and frees its memory; every later call throws. A second close does nothing. */
  close(): void {
    if (!this.isClosed) this.addon.close(this.handle);
    this.isClosed = true;
  }
}
