/** The equations of learning as ops of a TensorFlow graph: what `equations/` computes with numbers. */
import type { Graph, Output } from '../../engine/graph/graph';
import type { Loss, LossInputs } from '../../engine/graph/network';
import type { TrainingConfig } from '../config/config';
import { atomsOf, type Support } from '../equations/categorical';

/** As `tdLoss`. @param columns of `inputs`: actions and targets */
export function fitLoss(inputs: LossInputs, { kind, actions }: Head): Loss {
  const { graph, outputs, columns } = inputs;
  const [chosen, targets] = columns as [Output, Output];
  return valueLoss(graph, { outputs, chosen, targets, kind, actions });
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
  const clipped = graph.add('Minimum', [
    graph.add('Maximum', [returns, graph.float(min)]),
    graph.float(max),
  ]);
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
  // Clipping may lose a NaN; it must end up in the target.
  const spoiled = times(graph, column(rewards), graph.float(0));
  const targets = graph.add('AddV2', [sumOver(graph, 1, weighted), spoiled]);
  const mask = oneHot(graph, graph.add('Cast', [chosen], { DstT: { type: 'int32' } }), actions);
  const logits = of(mask, perAction(outputs));
  const losses = graph.add('SoftmaxCrossEntropyWithLogits', [logits, targets]);
  const slope = shaped(graph, losses + 1, [-1, 1, atoms]); // its second output
  const all = times(graph, shaped(graph, mask, [-1, actions, 1]), slope);
  return {
    losses,
    slope: shaped(graph, all, [-1, actions * atoms]),
    values: sumOver(graph, 1, times(graph, probabilities(logits), z)),
  };
}

function valueLoss(
  graph: Graph,
  options: Pick<Head, 'kind' | 'actions'> & Record<'outputs' | 'chosen' | 'targets', Output>,
): Loss {
  const { outputs, chosen, targets, kind, actions } = options;
  const mask = oneHot(graph, graph.add('Cast', [chosen], { DstT: { type: 'int32' } }), actions);
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
