/** Reads a tf.Sequential as the list of layers that the native engine and the graph engine compile. */
import type { tf } from '../tensorflow';

/** An array of features is an image of one pixel. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export type LayerDescription =
  | {
      readonly kind: 'conv2d';
      readonly output: ImageShape;
      readonly relu: boolean;
      readonly bias: boolean;
      readonly kernelHeight: number;
      readonly kernelWidth: number;
      readonly strideHeight: number;
      readonly strideWidth: number;
    }
  | {
      readonly kind: 'dense';
      readonly output: ImageShape;
      readonly relu: boolean;
      readonly bias: boolean;
    }
  | {
      readonly kind: 'layerNormalization';
      readonly output: ImageShape;
      readonly relu: boolean;
      /** Whether it normalizes over the whole image; otherwise over the channels of each pixel. */
      readonly wholeImage: boolean;
      readonly epsilon: number;
    };

export interface NetworkDescription {
  /** Shape of one observation. */
  readonly input: ImageShape;
  /** Inputs are multiplied by this: the factor of a leading rescaling layer, or 1. */
  readonly scale: number;
  readonly layers: readonly LayerDescription[];
  /** Shapes of the trainable weights, in the order of `model.getWeights()`. */
  readonly variables: readonly (readonly number[])[];
}

export type Description =
  | { readonly supported: true; readonly network: NetworkDescription }
  /** `reason` is one sentence for the reader. */
  | { readonly supported: false; readonly reason: string };

type Config = Readonly<Record<string, unknown>>;

/** What is known while walking through the layers. */
interface Walk {
  readonly layers: LayerDescription[];
  /** True after a flatten, or from the start for features: dense layers need that. */
  flat: boolean;
  scale: number;
}

/** Adds a layer to the walk, or returns why the engine cannot run it: the predicate of a sentence. */
type Reader = (walk: Walk, config: Config, layer: tf.layers.Layer) => string | undefined;

/**
 * Describes a model, or says why the compiled engines cannot run it: they know conv2d (valid padding),
 * flatten, dense, layer normalization, relu, and a rescaling in front. Regularizers and constraints are
 * not part of the description: they do not change what a network puts out.
 */
export function describeModel(model: tf.LayersModel): Description {
  const refuse = (why: string): Description => {
    return { supported: false, reason: `The compiled engines cannot run this: ${why}.` };
  };
  const kind = model.getClassName();
  if (kind !== 'Sequential') return refuse(`it runs tf.sequential models only, not ${kind}`);
  const [, ...lengths] = model.inputs[0]!.shape as number[];
  if (lengths.some((length) => !length) || (lengths.length !== 1 && lengths.length !== 3)) {
    const got = lengths.map(String);
    return refuse(`inputs must be [height, width, channels] or [features], got [${got}]`);
  }
  const flat = lengths.length === 1;
  const walk: Walk = { layers: [], flat, scale: 1 };
  for (const layer of model.layers) {
    const why = addLayer(walk, layer);
    if (why !== undefined) return refuse(`the layer "${layer.name}" ${why}`);
  }
  if (walk.layers.length === 0) return refuse('the model has no layer with weights');
  const variables = model.trainableWeights.map((weight) => weight.shape as number[]);
  if (variables.length !== model.weights.length) {
    return refuse('the model has weights that are not trainable');
  }
  const [height, width, channels] = (flat ? [1, 1, ...lengths] : lengths) as [
    number,
    number,
    number,
  ];
  const { layers, scale } = walk;
  return {
    supported: true,
    network: { input: { height, width, channels }, scale, layers, variables },
  };
}

function addLayer(walk: Walk, layer: tf.layers.Layer): string | undefined {
  const kind = layer.getClassName();
  const read = READERS.get(kind);
  if (read === undefined) return `is of the kind ${kind}, which it does not know`;
  return read(walk, layer.getConfig(), layer);
}

/** The readers by the name of a layer's class. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['InputLayer', () => undefined],
  ['Rescaling', readRescaling],
  ['Flatten', readFlatten],
  ['Activation', readActivation],
  [
    'ReLU',
    (walk, { maxValue }) => ((maxValue ?? null) === null ? addRelu(walk) : 'cuts off large values'),
  ],
  ['Conv2D', readConv2d],
  ['Dense', readDense],
  ['LayerNormalization', readLayerNormalization],
]);

function readRescaling(walk: Walk, { scale, offset }: Config): string | undefined {
  if (walk.layers.length > 0 || walk.scale !== 1) return 'rescales after another layer';
  if (offset) return `rescales with the offset ${offset}, not 0`;
  walk.scale = scale as number;
  return undefined;
}

function readFlatten(walk: Walk, { dataFormat }: Config): string | undefined {
  if (dataFormat === 'channelsFirst') return 'flattens its channels first';
  walk.flat = true;
  return undefined;
}

function readActivation(walk: Walk, config: Config): string | undefined {
  return findWrongActivation(config) ?? (isRelu(config) ? addRelu(walk) : undefined);
}

function readConv2d(walk: Walk, config: Config, layer: tf.layers.Layer): string | undefined {
  if (config.padding !== 'valid') return `pads "${config.padding}", not "valid"`;
  if (config.dataFormat && config.dataFormat !== 'channelsLast') return 'has its channels first';
  if ([config.dilationRate].flat().some((rate) => (rate ?? 1) !== 1)) return 'is dilated';
  const [, height, width, channels] = layer.outputShape as [null, number, number, number];
  const [kernelHeight, kernelWidth] = config.kernelSize as [number, number];
  const [strideHeight, strideWidth] = config.strides as [number, number];
  walk.layers.push({
    kind: 'conv2d',
    output: { height, width, channels },
    relu: isRelu(config),
    bias: config.useBias as boolean,
    ...{ kernelHeight, kernelWidth, strideHeight, strideWidth },
  });
  return findWrongActivation(config);
}

function readDense(walk: Walk, config: Config): string | undefined {
  if (!walk.flat) return 'is dense but gets an image: put a flatten layer before it';
  walk.layers.push({
    kind: 'dense',
    output: { height: 1, width: 1, channels: config.units as number },
    relu: isRelu(config),
    bias: config.useBias as boolean,
  });
  return findWrongActivation(config);
}

function readLayerNormalization(walk: Walk, config: Config): string | undefined {
  const before = walk.layers.at(-1);
  if (before === undefined) return 'normalizes the observations themselves';
  if (!config.center || !config.scale) return 'normalizes without gamma or beta';
  const rank = walk.flat ? 2 : 4;
  const axes = [config.axis].flat().map((axis) => ((axis as number) + rank) % rank);
  axes.sort((a, b) => a - b);
  const last = axes.join() === `${rank - 1}`;
  const all = axes.join() === (walk.flat ? '1' : '1,2,3');
  if (!last && !all) return `normalizes over the axes [${axes}], not over the last one or all`;
  walk.layers.push({
    kind: 'layerNormalization',
    output: before.output,
    relu: false,
    wholeImage: all,
    epsilon: config.epsilon as number,
  });
  return undefined;
}

/** Makes a relu that is a layer of its own a part of the layer before it. */
function addRelu(walk: Walk): string | undefined {
  const before = walk.layers.pop();
  if (before === undefined) return 'is an activation of the observations themselves';
  walk.layers.push({ ...before, relu: true });
  return undefined;
}

function isRelu({ activation }: Config): boolean {
  return activation === 'relu';
}

function findWrongActivation({ activation }: Config): string | undefined {
  if (['relu', 'linear', undefined, null].includes(activation as string)) return undefined;
  return `has the activation "${activation}", not relu or linear`;
}
