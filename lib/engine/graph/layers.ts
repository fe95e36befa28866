/** A network as ops: forward from its input to its outputs, and back to the gradients of its weights. */
import type { LayerDescription, NetworkDescription } from '../native/describe';
import type { Graph, Output } from './graph';

/** From the slope of the loss by an output, those by the layer's input and by its weights. */
type Backward = (slope: Output) => { readonly input: Output; readonly weights: readonly Output[] };

interface Step {
  readonly output: Output;
  readonly backward: Backward;
}

/** Outputs of a network and the way back. */
export interface Pass {
  /** [n, outputs] */
  readonly output: Output;
  /** @returns the gradients of all weights, in their order, from the slope [n, outputs] */
  readonly backward: (slope: Output) => Output[];
}

/** [n, channels, height, width] uint8 -> [n, height, width, channels] float32, scaled. */
export function inputOf(graph: Graph, observations: Output, scale: number): Output {
  const turned = graph.add('Transpose', [observations, graph.ints([0, 2, 3, 1])]);
  const floats = graph.add('Cast', [turned], { DstT: { type: 'float' } });
  return scale === 1 ? floats : graph.add('Mul', [floats, graph.float(scale)]);
}

/** @param options `weights` are as in the description's `variables` */
export function forward(
  graph: Graph,
  options: { network: NetworkDescription; input: Output; weights: readonly Output[] },
): Pass {
  const { network, weights } = options;
  const steps: Step[] = [];
  let at = 0;
  let isFlat = false; // [n, features], not [n, height, width, channels]
  const input = () => steps.at(-1)?.output ?? options.input;
  for (const layer of network.layers) {
    if (layer.kind === 'dense' && !isFlat) {
      steps.push(reshape(graph, input(), [-1, network.variables[at]![0]!]));
    }
    if (layer.kind !== 'layerNormalization') isFlat = layer.kind === 'dense';
    const own = weights.slice(at, at + countOf(layer));
    const shape = network.variables[at]!;
    steps.push(...stepsOf(graph, { layer, input: input(), weights: own, shape, isFlat }));
    at += own.length;
  }
  if (!isFlat) steps.push(reshape(graph, input(), [-1, outputSizeOf(network)]));
  const backward = (slope: Output) => {
    const gradients: Output[] = [];
    let towards = slope;
    for (const step of [...steps].reverse()) {
      const back = step.backward(towards);
      gradients.unshift(...back.weights);
      towards = back.input;
    }
    return gradients;
  };
  return { output: input(), backward };
}

/** Outputs for one observation. */
export function outputSizeOf({ layers }: NetworkDescription): number {
  const { height, width, channels } = layers.at(-1)!.output;
  return height * width * channels;
}

/** Weights of a layer. */
function countOf(layer: LayerDescription): number {
  return layer.kind === 'layerNormalization' || layer.bias ? 2 : 1;
}

interface LayerOptions<Layer = LayerDescription> {
  readonly layer: Layer;
  readonly input: Output;
  readonly weights: readonly Output[];
  /** Of the first of the weights. */
  readonly shape: readonly number[];
  /** The input is [n, features]. */
  readonly isFlat: boolean;
}

type Kind<Name> = Extract<LayerDescription, { kind: Name }>;

function stepsOf(graph: Graph, options: LayerOptions): Step[] {
  const { layer, weights } = options;
  const steps: Step[] = [];
  if (layer.kind === 'conv2d') steps.push(convolve(graph, { ...options, layer }));
  if (layer.kind === 'dense') steps.push(multiply(graph, options));
  if (layer.kind === 'layerNormalization') steps.push(...normalize(graph, { ...options, layer }));
  else if (layer.bias) steps.push(addBias(graph, steps[0]!.output, weights[1]!));
  if (layer.relu) steps.push(cutOff(graph, steps.at(-1)!.output));
  return steps;
}

function reshape(graph: Graph, input: Output, shape: readonly number[]): Step {
  return {
    output: graph.add('Reshape', [input, graph.ints(shape)]),
    backward: (slope) => {
      const back = graph.add('Reshape', [slope, graph.add('Shape', [input])]);
      return { input: back, weights: [] };
    },
  };
}

function convolve(
  graph: Graph,
  { layer, input, weights: [weights], shape }: LayerOptions<Kind<'conv2d'>>,
): Step {
  const strides = { ints: [1, layer.strideHeight, layer.strideWidth, 1] };
  const attributes = { strides, padding: 'VALID' };
  return {
    output: graph.add('Conv2D', [input, weights!], attributes),
    backward: (slope) => ({
      input: graph.add(
        'Conv2DBackpropInput',
        [graph.add('Shape', [input]), weights!, slope],
        attributes,
      ),
      weights: [graph.add('Conv2DBackpropFilter', [input, graph.ints(shape), slope], attributes)],
    }),
  };
}

function multiply(graph: Graph, { input, weights: [weights] }: LayerOptions): Step {
  return {
    output: graph.add('MatMul', [input, weights!]),
    backward: (slope) => ({
      input: graph.add('MatMul', [slope, weights!], { transpose_b: true }),
      weights: [graph.add('MatMul', [input, slope], { transpose_a: true })],
    }),
  };
}

function addBias(graph: Graph, input: Output, bias: Output): Step {
  return {
    output: graph.add('BiasAdd', [input, bias]),
    backward: (slope) => ({ input: slope, weights: [graph.add('BiasAddGrad', [slope])] }),
  };
}

function cutOff(graph: Graph, input: Output): Step {
  const output = graph.add('Relu', [input]);
  return {
    output,
    backward: (slope) => ({ input: graph.add('ReluGrad', [slope, output]), weights: [] }),
  };
}

/** Layer normalization, on rows of the features that are normalized together. */
function normalize(graph: Graph, options: LayerOptions<Kind<'layerNormalization'>>): Step[] {
  const { layer, input, isFlat } = options;
  const { height, width, channels } = layer.output;
  const features = layer.wholeImage ? height * width * channels : channels;
  if (isFlat) return [normalizeRows(graph, options)];
  const rows = reshape(graph, input, [-1, features]);
  const normalized = normalizeRows(graph, { ...options, input: rows.output });
  return [rows, normalized, reshape(graph, normalized.output, [-1, height, width, channels])];
}

/**
 * y = gamma * x^ + beta, with x^ = (x - mean) / s. Back, with g = dy * gamma:
 * dx = (g - mean(g) - x^ * mean(g * x^)) / s.
 */
function normalizeRows(
  graph: Graph,
  { layer, input, weights }: LayerOptions<Kind<'layerNormalization'>>,
): Step {
  const [gamma, beta] = weights.map((values) =>
    graph.add('Reshape', [values, graph.ints([-1])]),
  ) as [Output, Output];
  const binary = (type: string) => (a: Output, b: Output) => graph.add(type, [a, b]);
  const [plus, minus, times] = [binary('AddV2'), binary('Sub'), binary('Mul')];
  const mean = (x: Output) => graph.add('Mean', [x, graph.ints([1])], { keep_dims: true });
  const sum = (x: Output) => graph.add('Sum', [x, graph.ints([0])]);
  const centered = minus(input, mean(input));
  const variance = mean(graph.add('Square', [centered]));
  const inverse = graph.add('Rsqrt', [plus(variance, graph.float(layer.epsilon))]);
  const normalized = times(centered, inverse);
  return {
    output: plus(times(normalized, gamma), beta),
    backward: (slope) => {
      const g = times(slope, gamma);
      const along = times(normalized, mean(times(g, normalized)));
      return {
        input: times(minus(minus(g, mean(g)), along), inverse),
        weights: [sum(times(slope, normalized)), sum(slope)],
      };
    },
  };
}
