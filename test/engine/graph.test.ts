/** Graphs of TensorFlow ops: numbers, several outputs, and what is refused. */
import { beforeAll, expect, test } from 'vitest';
import { Graph, type Output } from '../../lib/engine/graph/graph';
import { ensureEngines } from '../helpers/native-engine';

beforeAll(ensureEngines);

test('runs what is asked for, with what is fed', () => {
  const graph = new Graph();
  const x = graph.placeholder('float', [-1]);
  const [first, second] = graph.split(graph.add('Mul', [x, graph.float(2)]), [1, 2]) as [
    Output,
    Output,
  ];
  const joined = graph.add('ConcatV2', [[second, first], graph.int(0)]);
  const run = graph.plan({ feeds: [x], fetches: [joined, first] });
  for (const values of [Float32Array.of(1, 2, 3), Float32Array.of(-4, 0.5, 8)]) {
    const [all, one] = [new Float32Array(3), new Float32Array(1)];
    run([{ values, shape: [3] }], [all, one]);
    expect([...all]).toEqual([values[1]! * 2, values[2]! * 2, values[0]! * 2]);
    expect(one[0]).toBe(values[0]! * 2);
  }
  graph.close();
  graph.close();
});

test('what is wrong becomes an error, and the graph can go on', () => {
  const graph = new Graph();
  const x = graph.placeholder('float', [2]);
  const values = Float32Array.of(1, 2);
  const run = graph.plan({ feeds: [x], fetches: [graph.add('Neg', [x])] });
  const wrong: [() => unknown, RegExp][] = [
    [() => graph.add('NoSuchOp', []), /NoSuchOp/],
    [() => graph.add('MatMul', [x, graph.int(1)]), /MatMul|float/],
    [() => graph.add('Neg', [x], { T: { shape: [1] } }), /T/],
    [() => run([{ values, shape: [3] }], [values.slice()]), /a tensor of 12 bytes got 8/],
    [() => run([{ values, shape: [2] }], [new Float32Array(1)]), /another size/],
    [() => graph.plan({ fetches: [160_000] })([], [values]), /vector|range/],
  ];
  for (const [call, message] of wrong) expect(call).toThrow(message);
  const output = new Float32Array(2);
  run([{ values, shape: [2] }], [output]);
  expect([...output]).toEqual([-1, -2]);
  graph.close();
  expect(() => run([{ values, shape: [2] }], [output])).toThrow('the graph was closed');
});
