/** Clipping and Adam as ops. */
import { type AdamSettings, completeAdam, DEFAULT_BETA_1, DEFAULT_BETA_2 } from '../adam-rule';
import type { Graph, Output } from './graph';

/** Numbers that Adam needs for each update. */
export const ADAM_SCALARS = 4;

/**
 * What ResourceApplyAdam needs to know.
 * @param update counts from 1
 * @throws RangeError when a setting is out of range.
 */
export function adamScalars(given: AdamSettings, update: number): number[] {
  const { learningRate, epsilon, epsilonHat } = completeAdam(given);
  const [power1, power2] = [DEFAULT_BETA_1 ** update, DEFAULT_BETA_2 ** update];
  // TensorFlow adds epsilon before bias correction; dividing by sqrt(1 - beta2^t) later undoes this factor
  return [learningRate, power1, power2, epsilonHat ? epsilon : epsilon * Math.sqrt(1 - power2)];
}

export interface AdamOptions {
  /** Handles of the variables. */
  readonly weights: Output;
  readonly m: Output;
  readonly v: Output;
  readonly gradient: Output;
  readonly loss: Output;
  /** What `adamScalars` returns, each by itself. */
  readonly scalars: readonly Output[];
  readonly globalClipNorm: number | null;
}

/**
 * An update that changes nothing where the loss or the gradient is not finite.
 *
 * Adam is not left out then: a step with other numbers leaves all bits as they are, and the host need not
 * wait for the norm to decide.
 * @returns the gradient's sum of squares, and the op that updates
 */
export function applyAdam(graph: Graph, options: AdamOptions): { squares: Output; update: Output } {
  const { weights, m, v, gradient, loss, globalClipNorm } = options;
  const squares = squaresOf(graph, gradient);
  const scale = globalClipNorm === null ? graph.float(1) : scaleTo(graph, squares, globalClipNorm);
  const areFinite = [loss, squares].map((x) => graph.add('IsFinite', [x]));
  const finite = graph.add('LogicalAnd', areFinite);
  const unless = (x: Output, otherwise: number) =>
    graph.add('SelectV2', [finite, x, graph.float(otherwise)]);
  const [rate, power1, power2, epsilon] = options.scalars as [Output, Output, Output, Output];
  const update = graph.add('ResourceApplyAdam', [
    ...[weights, m, v, power1, power2, unless(rate, 0)],
    ...[unless(graph.float(DEFAULT_BETA_1), 1), unless(graph.float(DEFAULT_BETA_2), 1), epsilon],
    graph.add('MulNoNan', [gradient, unless(scale, 0)]), // 0 times anything is 0
  ]);
  return { squares, update };
}

/** A gradient, scaled down to a norm. */
export function clipTo(graph: Graph, gradient: Output, limit: number): Output {
  return graph.add('Mul', [gradient, scaleTo(graph, squaresOf(graph, gradient), limit)]);
}

function squaresOf(graph: Graph, values: Output): Output {
  return graph.add('Mul', [graph.add('L2Loss', [values]), graph.float(2)]);
}

/** The factor, at most 1, that brings a norm down to a limit. */
function scaleTo(graph: Graph, squares: Output, limit: number): Output {
  const most = graph.float(limit);
  const norm = graph.add('Sqrt', [squares]);
  return graph.add('RealDiv', [most, graph.add('Maximum', [norm, most])]);
}
