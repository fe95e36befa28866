/** The equations of learning as ops of a TensorFlow graph: what `equations/` computes with numbers. */
import type { Graph, Output } from '../../engine/graph/graph';
import type { Loss, LossInputs } from '../../engine/graph/network';
import type { TrainingConfig } from '../config/config';
import { atomsOf, type Support } from '../equations/categorical';
import { HISTOGRAM_SIGMA } from '../equations/value-histogram';

/** As `tdLoss`. @param columns of `inputs`: actions and targets */
export function fitLoss(inputs: LossInputs, { kind, actions }: Head): Loss {
  const { graph, outputs, columns } = inputs;
  const [chosen, targets] = columns as [Output, Output];
  return valueLoss(graph, { outputs, chosen, targets, kind, actions });
}

/** As `valueHistograms` and `categoricalLoss`; columns as `fitLoss`. */
export function histogramLoss(
  inputs: LossInputs,
  head: Pick<Head, 'actions'> & { support: Support },
) {
  const { graph, outputs, columns } = inputs;
  const [chosen, given] = columns as [Output, Output];
  const { atoms, min, max } = head.support;
  const width = (max - min) / (atoms - 1);
  const edges = Array.from({ length: atoms + 1 }, (_, j) => min + (j - 0.5) * width);
  const clipped = clip(graph, given, head.support);
  const away = graph.add('Sub', [graph.floats(edges), shaped(graph, clipped, [-1, 1])]);
  const scale = graph.float(1 / (HISTOGRAM_SIGMA * width * Math.SQRT2));
  const below = graph.add('Erf', [times(graph, away, scale)]); // [n, atoms + 1]
  const part = (first: number) =>
    graph.add('Slice', [below, graph.ints([0, first]), graph.ints([-1, atoms])]);
  const areas = graph.add('Sub', [part(1), part(0)]);
  const sums = shaped(graph, sumOver(graph, 1, areas), [-1, 1]);
  const targets = graph.add('RealDiv', [areas, sums]);
  return crossEntropy(graph, { ...head, outputs, chosen, targets: spoil(graph, targets, given) });
}

/** What the heads of a network differ in. */
export interface Head {
  readonly kind: TrainingConfig['loss'];
  readonly doubleDqn: boolean;
  /** Number of actions. */
  readonly actions: number;
}

/**
 * As `tdTargets` and `tdLoss`.
 * @param inputs observations and next observations; columns: actions, rewards, and discounts, which are 0 at an end
 */
export function tdLossOf(inputs: LossInputs, head: Head): Loss {
  const { graph, outputs, outputsOf, columns } = inputs;
  const [chosen, rewards, discounts] = columns as [Output, Output, Output];
  const nextQ = outputsOf(1, 'target');
  const best = head.doubleDqn
    ? sumOver(graph, 1, times(graph, nextQ, bestOf(graph, outputsOf(1, 'online'), head.actions)))
    : graph.add('Max', [nextQ, graph.ints([1])]);
  const targets = graph.add('AddV2', [rewards, times(graph, discounts, best)]);
  return valueLoss(graph, { outputs, chosen, targets, ...head });
}

/**
 * As `targetDistributions` and `categoricalLoss`; inputs as `tdLossOf`.
 *
 * An atom k gets max(0, 1 - |b - k|) of the probability of a return at b, counted in atoms: the same shares.
 */
export function distributionLoss(inputs: LossInputs, head: Head & { support: Support }): Loss {
  const { graph, outputs, outputsOf, columns } = inputs;
  const { actions, support, doubleDqn } = head;
  const { atoms, min, max } = support;
  const [chosen, rewards, discounts] = columns as [Output, Output, Output];
  const z = graph.floats([...atomsOf(support)]);
  const column = (x: Output) => shaped(graph, x, [-1, 1]);
  const perAction = (x: Output) => shaped(graph, x, [-1, actions, atoms]);
  const probabilities = (x: Output) => graph.add('Softmax', [x]);
  const next = probabilities(perAction(outputsOf(1, 'target')));
  const choosing = doubleDqn ? probabilities(perAction(outputsOf(1, 'online'))) : next;
  const best = bestOf(graph, sumOver(graph, 2, times(graph, choosing, z)), actions);
  const of = (mask: Output, x: Output) =>
    sumOver(graph, 1, times(graph, shaped(graph, mask, [-1, actions, 1]), x)); // [n, atoms]
  const returns = graph.add('AddV2', [column(rewards), times(graph, column(discounts), z)]);
  const clipped = clip(graph, returns, support);
  const position = times(
    graph,
    graph.add('Sub', [clipped, graph.float(min)]),
    graph.float((atoms - 1) / (max - min)),
  );
  const indices = graph.floats(Array.from({ length: atoms }, (_, k) => k));
  const distance = graph.add('Abs', [
    graph.add('Sub', [shaped(graph, position, [-1, atoms, 1]), indices]),
  ]);
  const shares = graph.add('Relu', [graph.add('Sub', [graph.float(1), distance])]); // [n, atoms, atoms]
  const weighted = times(graph, shaped(graph, of(best, next), [-1, atoms, 1]), shares);
  const targets = spoil(graph, sumOver(graph, 1, weighted), rewards);
  return crossEntropy(graph, { actions, support, outputs, chosen, targets });
}

/** Numbers beyond the support become its nearer end. */
function clip(graph: Graph, values: Output, { min, max }: Support): Output {
  const raised = graph.add('Maximum', [values, graph.float(min)]);
  return graph.add('Minimum', [raised, graph.float(max)]);
}

/** Rows become NaN where their number is none: clipping may have lost it. */
function spoil(graph: Graph, rows: Output, numbers: Output): Output {
  const zeros = times(graph, shaped(graph, numbers, [-1, 1]), graph.float(0));
  return graph.add('AddV2', [rows, zeros]);
}

interface CrossEntropyOptions
  extends Pick<Head, 'actions'>,
    Record<'outputs' | 'chosen' | 'targets', Output> {
  readonly support: Support;
}

/** As `categoricalLoss`. */
function crossEntropy(graph: Graph, options: CrossEntropyOptions): Loss {
  const { outputs, chosen, targets, actions, support } = options;
  const { atoms } = support;
  const mask = shaped(graph, maskOf(graph, chosen, actions), [-1, actions, 1]);
  const perAction = shaped(graph, outputs, [-1, actions, atoms]);
  const logits = sumOver(graph, 1, times(graph, mask, perAction)); // [n, atoms]
  const losses = graph.add('SoftmaxCrossEntropyWithLogits', [logits, targets]);
  const slope = shaped(graph, losses + 1, [-1, 1, atoms]); // its second output
  const z = graph.floats([...atomsOf(support)]);
  return {
    losses,
    slope: shaped(graph, times(graph, mask, slope), [-1, actions * atoms]),
    values: sumOver(graph, 1, times(graph, graph.add('Softmax', [logits]), z)),
  };
}

function valueLoss(
  graph: Graph,
  options: Pick<Head, 'kind' | 'actions'> & Record<'outputs' | 'chosen' | 'targets', Output>,
): Loss {
  const { outputs, chosen, targets, kind, actions } = options;
  const mask = maskOf(graph, chosen, actions);
  const values = sumOver(graph, 1, times(graph, outputs, mask));
  const delta = graph.add('Sub', [values, targets]);
  const { losses, slope } = kind === 'mse' ? squared(graph, delta) : huber(graph, delta);
  return { losses, values, slope: times(graph, mask, shaped(graph, slope, [-1, 1])) };
}

type Curve = Pick<Loss, 'losses' | 'slope'>;

function squared(graph: Graph, delta: Output): Curve {
  return {
    losses: graph.add('Square', [delta]),
    slope: times(graph, delta, graph.float(2)),
  };
}

/** With c the error cut off at 1 and -1: c (delta - c / 2), and its slope c. */
function huber(graph: Graph, delta: Output): Curve {
  const one = graph.float(1);
  const slope = graph.add('Maximum', [graph.add('Minimum', [delta, one]), graph.float(-1)]);
  const rest = graph.add('Sub', [delta, times(graph, slope, graph.float(0.5))]);
  return { losses: times(graph, slope, rest), slope };
}

/** [n, actions], 1 for the first of the largest. */
function bestOf(graph: Graph, values: Output, actions: number): Output {
  const best = graph.add('ArgMax', [values, graph.int(1)], { output_type: { type: 'int32' } });
  return oneHot(graph, best, actions);
}

/** [n, actions], 1 for the action that was taken. @param chosen float32, as all columns are */
function maskOf(graph: Graph, chosen: Output, actions: number): Output {
  return oneHot(graph, graph.add('Cast', [chosen], { DstT: { type: 'int32' } }), actions);
}

function oneHot(graph: Graph, indices: Output, depth: number): Output {
  return graph.add('OneHot', [indices, graph.int(depth), graph.float(1), graph.float(0)]);
}

function times(graph: Graph, a: Output, b: Output): Output {
  return graph.add('Mul', [a, b]);
}

function sumOver(graph: Graph, axis: number, x: Output): Output {
  return graph.add('Sum', [x, graph.ints([axis])]);
}

function shaped(graph: Graph, x: Output, shape: readonly number[]): Output {
  return graph.add('Reshape', [x, graph.ints(shape)]);
}
