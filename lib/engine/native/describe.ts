/** Reads a tf.Sequential as the list of layers that the native engine compiles. */
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
      /** Over the whole image; otherwise over the channels of each pixel. */
      readonly wholeImage: boolean;
      readonly epsilon: number;
    };

export interface NetworkDescription {
  /** Of one observation. */
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
  shape: ImageShape;
  /** After a flatten, or from the start for features: dense layers need it. */
  flat: boolean;
  scale: number;
}

class Unsupported extends Error {}

/**
 * Describes a model, or says why the native engine cannot run it: it knows conv2d (valid padding),
 * flatten, dense, layer normalization, relu, and a rescaling in front.
 */
export function describeModel(model: tf.LayersModel): Description {
  try {
    return { supported: true, network: describe(model) };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    return { supported: false, reason: `The native engine cannot run this: ${error.message}.` };
  }
}

function describe(model: tf.LayersModel): NetworkDescription {
  if (model.getClassName() !== 'Sequential') {
    throw new Unsupported(`it runs tf.sequential models only, not ${model.getClassName()}`);
  }
  const input = inputShape(model);
  const flat = model.inputs[0]!.shape.length === 2;
  const walk: Walk = { layers: [], shape: input, flat, scale: 1 };
  for (const layer of model.layers) addLayer(walk, layer);
  if (walk.layers.length === 0) throw new Unsupported('the model has no layer with weights');
  const variables = model.trainableWeights.map((weight) => weight.shape as number[]);
  if (variables.length !== model.weights.length) {
    throw new Unsupported('the model has weights that are not trainable');
  }
  return { input, scale: walk.scale, layers: walk.layers, variables };
}

function inputShape(model: tf.LayersModel): ImageShape {
  const [, ...shape] = model.inputs[0]!.shape as number[];
  if (shape.some((length) => !length) || (shape.length !== 1 && shape.length !== 3)) {
    throw new Unsupported(
      `inputs must be [height, width, channels] or [features], got [${shape.map(String)}]`,
    );
  }
  return shape.length === 1
    ? { height: 1, width: 1, channels: shape[0]! }
    : { height: shape[0]!, width: shape[1]!, channels: shape[2]! };
}

function addLayer(walk: Walk, layer: tf.layers.Layer): void {
  const kind = layer.getClassName();
  const config = layer.getConfig() as Config;
  const refuse = (why: string): never => {
    throw new Unsupported(`the layer "${layer.name}" ${why}`);
  };
  switch (kind) {
    case 'InputLayer':
      return;
    case 'Rescaling':
      if (walk.layers.length > 0 || walk.scale !== 1) refuse('rescales after another layer');
      if (config.offset) refuse(`rescales with the offset ${config.offset}, not 0`);
      walk.scale = config.scale as number;
      return;
    case 'Flatten':
      if (config.dataFormat === 'channelsFirst') refuse('flattens its channels first');
      walk.flat = true;
      return;
    case 'Activation':
    case 'ReLU':
      if (kind === 'ReLU' && (config.maxValue ?? null) !== null) refuse('cuts off large values');
      if (kind === 'ReLU' || isRelu(config, refuse)) addRelu(walk, refuse);
      return;
    case 'Conv2D':
      requirePlain(config, refuse);
      walk.layers.push(conv2d(config, layer, refuse));
      break;
    case 'Dense':
      requirePlain(config, refuse);
      if (!walk.flat) refuse('is dense but gets an image: put a flatten layer before it');
      walk.layers.push({
        kind: 'dense',
        output: { height: 1, width: 1, channels: config.units as number },
        relu: isRelu(config, refuse),
        bias: config.useBias as boolean,
      });
      break;
    case 'LayerNormalization':
      requirePlain(config, refuse);
      if (walk.layers.length === 0) refuse('normalizes the observations themselves');
      walk.layers.push(layerNormalization(config, walk, refuse));
      break;
    default:
      refuse(`is of the kind ${kind}, which it does not know`);
  }
  walk.shape = walk.layers.at(-1)!.output;
}

type Refuse = (why: string) => never;

function conv2d(config: Config, layer: tf.layers.Layer, refuse: Refuse): LayerDescription {
  if (config.padding !== 'valid') refuse(`pads "${config.padding}", not "valid"`);
  if (config.dataFormat && config.dataFormat !== 'channelsLast') refuse('has its channels first');
  if ([config.dilationRate].flat().some((rate) => (rate ?? 1) !== 1)) refuse('is dilated');
  const [, height, width, channels] = layer.outputShape as number[];
  const [kernelHeight, kernelWidth] = config.kernelSize as [number, number];
  const [strideHeight, strideWidth] = config.strides as [number, number];
  return {
    kind: 'conv2d',
    output: { height: height!, width: width!, channels: channels! },
    relu: isRelu(config, refuse),
    bias: config.useBias as boolean,
    ...{ kernelHeight, kernelWidth, strideHeight, strideWidth },
  };
}

function layerNormalization(config: Config, walk: Walk, refuse: Refuse): LayerDescription {
  if (!config.center || !config.scale) refuse('normalizes without gamma or beta');
  const rank = walk.flat ? 2 : 4;
  const axes = [config.axis].flat().map((axis) => ((axis as number) + rank) % rank);
  axes.sort((a, b) => a - b);
  const last = axes.join() === `${rank - 1}`;
  const all = axes.join() === (walk.flat ? '1' : '1,2,3');
  if (!last && !all) refuse(`normalizes over the axes [${axes}], not over the last one or all`);
  return {
    kind: 'layerNormalization',
    output: walk.shape,
    relu: false,
    wholeImage: all,
    epsilon: config.epsilon as number,
  };
}

/** Makes the relu of a layer of its own part of the layer before it. */
function addRelu(walk: Walk, refuse: Refuse): void {
  const before = walk.layers.pop() ?? refuse('is an activation of the observations themselves');
  walk.layers.push({ ...before, relu: true });
}

function isRelu(config: Config, refuse: Refuse): boolean {
  const activation = config.activation ?? 'linear';
  if (activation !== 'relu' && activation !== 'linear') {
    refuse(`has the activation "${activation}", not relu or linear`);
  }
  return activation === 'relu';
}

/** What would add terms to the loss or change weights after an update. */
function requirePlain(config: Config, refuse: Refuse): void {
  for (const [name, value] of Object.entries(config)) {
    if (/(Regularizer|Constraint)$/.test(name) && value) refuse(`has a ${name}`);
  }
}
