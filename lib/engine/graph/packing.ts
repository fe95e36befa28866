/** All variables of a network in one array: one op then reads, clips or updates all of them. */
import { checkArrays, lengthOf } from '../arrays';
import type { Graph, Output } from './graph';

/** Floats to which a start is rounded up: TensorFlow takes a slice that starts there without copying. */
const ALIGNMENT = 16;

export class Packing {
  /** Floats of the one array. */
  readonly total: number;
  private readonly shapes: readonly (readonly number[])[];
  private readonly lengths: readonly number[];
  private readonly offsets: readonly number[];

  constructor(shapes: readonly (readonly number[])[]) {
    this.shapes = shapes;
    this.lengths = shapes.map(lengthOf);
    let total = 0;
    this.offsets = this.lengths.map((length) => {
      const offset = total;
      total += ALIGNMENT * Math.ceil(length / ALIGNMENT);
      return offset;
    });
    this.total = total;
  }

  /** @throws TypeError, RangeError when the arrays are not the variables'. */
  pack(arrays: readonly Float32Array[], name: string): Float32Array {
    checkArrays({ name, arrays, lengths: this.lengths });
    const values = new Float32Array(this.total);
    arrays.forEach((array, i) => {
      values.set(array, this.offsets[i]);
    });
    return values;
  }

  /** @returns copies */
  unpack(values: Float32Array): Float32Array[] {
    const { lengths, offsets } = this;
    return lengths.map((length, i) => values.slice(offsets[i], offsets[i]! + length));
  }

  /** The variables in the one array, as ops. */
  views(graph: Graph, values: Output): Output[] {
    return this.shapes.map((shape, i) => {
      const [from, size] = [graph.ints([this.offsets[i]!]), graph.ints([this.lengths[i]!])];
      const slice = graph.add('Slice', [values, from, size]);
      return graph.add('Reshape', [slice, graph.ints(shape)]);
    });
  }

  /** The one array of tensors in the variables' order, as ops, with zeros between them. */
  join(graph: Graph, tensors: readonly Output[]): Output {
    const { lengths, offsets, total } = this;
    const parts = tensors.flatMap((tensor, i) => {
      const gap = (offsets[i + 1] ?? total) - offsets[i]! - lengths[i]!;
      const flat = graph.add('Reshape', [tensor, graph.ints([-1])]);
      return gap === 0 ? [flat] : [flat, graph.floats(Array(gap).fill(0))];
    });
    return graph.add('ConcatV2', [parts, graph.int(0)]);
  }
}
