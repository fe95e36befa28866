/** Adam as one TensorFlow op per weight, on variables that TensorFlow owns: a tenth of the composed one's time. */
import { checkAdam, checkGradientNorm, checkUpdates, DEFAULT_BETA_2 } from './adam-checks';
import { type Binding, handleOf, nodeBackend, type OpAttribute } from './binding';
import { ResourceVariable } from './resource-variable';
import { tf } from './tensorflow';

export interface AdamOptions {
  /** What it will train; the gradients it is given may be of some of these only. */
  readonly variables: readonly tf.Variable[];
  readonly learningRate: number;
  /** Decay of the mean of the gradients; 0.9 unless told. */
  readonly beta1?: number;
  /** Decay of the mean of their squares; 0.999 unless told. */
  readonly beta2?: number;
  /** Keeps the division finite; 1e-8 unless told. */
  readonly epsilon?: number;
  /**
   * Where epsilon is added. False: to the bias-corrected root, as Kingma and Ba's Algorithm 1, PyTorch
   * and tf.train.adam. True: to the uncorrected one ("epsilon hat" below their equation 5), as Keras.
   */
  readonly epsilonHat?: boolean;
  /** Each variable's gradient is scaled down to this norm by itself: Keras' `clipnorm`. */
  readonly clipNorm?: number | null;
  /** All gradients together are scaled down to this norm: Keras' `global_clipnorm`, PyTorch's `clip_grad_norm_`. */
  readonly globalClipNorm?: number | null;
}

/** All that Adam remembers: copies, in the order of its variables. */
export interface AdamState {
  /** Updates done. */
  readonly updates: number;
  readonly m: readonly Float32Array[];
  readonly v: readonly Float32Array[];
}

interface Slot {
  readonly variable: tf.Variable;
  readonly weight: ResourceVariable;
  readonly m: ResourceVariable;
  readonly v: ResourceVariable;
  /** The handle the tf.Variable was given: when it holds another one, somebody else assigned to it. */
  alias: number;
}

/**
 * Adam (Kingma and Ba 2015) with the interface of tf.train.adam: `minimize`, `applyGradients`.
 *
 * A variable and its optimizer share one buffer, so after an update every reader of the variable sees
 * the new values. A snapshot is `tf.mul(variable, 1)` or `dataSync`: `clone` shares the buffer, too.
 */
export class Adam extends tf.Optimizer {
  static readonly className = 'FusedAdam';
  /** May be changed between updates. */
  learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  private readonly epsilonHat: boolean;
  readonly clipNorm: number | null;
  readonly globalClipNorm: number | null;
  private readonly slots: Slot[];
  private readonly binding: Binding;
  private updates = 0;

  /** @throws RangeError when a number is out of range, or both kinds of clipping are asked for. */
  constructor(options: AdamOptions) {
    super();
    this.learningRate = options.learningRate;
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? DEFAULT_BETA_2;
    this.epsilon = options.epsilon ?? 1e-8;
    this.epsilonHat = options.epsilonHat ?? false;
    this.clipNorm = options.clipNorm ?? null;
    this.globalClipNorm = options.globalClipNorm ?? null;
    checkAdam(this);
    this.binding = nodeBackend().binding;
    this.slots = options.variables.map((variable) => this.createSlot(variable));
  }

  /**
   * One update.
   * @param gradients by the variables' names, as `tf.variableGrads` returns them
   * @throws RangeError when a gradient is not of one of the variables.
   * @throws NonFiniteGradientError when a gradient is NaN or infinite; nothing has changed then.
   */
  override applyGradients(
    gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[],
  ): void {
    const named = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    const pairs = named.map(([name, gradient]) => ({ slot: this.slotOf(name), gradient }));
    for (const { slot, gradient } of pairs) {
      if (slot.variable.shape.join() !== gradient.shape.join()) {
        throw new RangeError(
          `the gradient of "${slot.variable.name}" must have the shape [${slot.variable.shape}], got [${gradient.shape}]`,
        );
      }
    }
    checkAdam(this); // learningRate may have changed
    const scales = this.clippingScales(pairs.map(({ gradient }) => gradient));
    this.updates++;
    const scalars = this.createScalars();
    pairs.forEach(({ slot, gradient }, i) => {
      this.apply({ slot, gradient: handleOf(gradient), scale: scales[i]!, scalars });
    });
    for (const id of scalars) this.binding.deleteTensor(id);
  }

  state(): AdamState {
    return {
      updates: this.updates,
      m: this.slots.map((slot) => slot.m.values()),
      v: this.slots.map((slot) => slot.v.values()),
    };
  }

  /**
   * Takes over what `state` returned.
   * @throws RangeError when it is of other variables, or its updates are not a whole number of 0 or more.
   */
  restore(state: AdamState): void {
    checkUpdates(state.updates);
    const lengths = this.slots.map((slot) => slot.variable.size).join();
    for (const moments of [state.m, state.v]) {
      const got = moments.map((values) => values.length).join();
      if (got !== lengths) {
        throw new RangeError(`Adam's moments must have the lengths [${lengths}], got [${got}]`);
      }
    }
    this.updates = state.updates;
    this.slots.forEach((slot, i) => {
      slot.m.assignValues(state.m[i]!);
      slot.v.assignValues(state.v[i]!);
    });
  }

  /** Frees the moments; the variables stay usable. */
  override dispose(): void {
    for (const { weight, m, v } of this.slots)
      for (const resource of [weight, m, v]) resource.dispose();
    this.slots.length = 0;
  }

  override getConfig(): { learningRate: number; beta1: number; beta2: number; epsilon: number } {
    const { learningRate, beta1, beta2, epsilon } = this;
    return { learningRate, beta1, beta2, epsilon };
  }

  private createSlot(variable: tf.Variable): Slot {
    const alias = handleOf(variable);
    const zeros = this.binding.createTensor(
      variable.shape,
      this.binding.TF_FLOAT,
      new Float32Array(variable.size),
    );
    const { shape } = variable;
    const slot = {
      variable,
      weight: new ResourceVariable({ shape, value: alias }),
      m: new ResourceVariable({ shape, value: zeros }),
      v: new ResourceVariable({ shape, value: zeros }), // shared until the first update writes
      alias,
    };
    this.binding.deleteTensor(zeros);
    return slot;
  }

  private slotOf(name: string): Slot {
    const slot = this.slots.find(({ variable }) => variable.name === name);
    if (slot !== undefined) return slot;
    const known = this.slots.map(({ variable }) => variable.name).join(', ') || 'none';
    throw new RangeError(
      `a gradient must be of one of the optimizer's variables (${known}), got "${name}"`,
    );
  }

  /** Factor of each gradient, at most 1. Keras computes g * clip / max(norm, clip): the same. */
  private clippingScales(gradients: readonly tf.Tensor[]): number[] {
    const { clipNorm, globalClipNorm } = this;
    const squares = this.sumsOfSquares(gradients);
    const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    checkGradientNorm(norm);
    if (clipNorm !== null) {
      return squares.map((square) => clipNorm / Math.max(Math.sqrt(square), clipNorm));
    }
    if (globalClipNorm === null) return gradients.map(() => 1);
    return gradients.map(() => globalClipNorm / Math.max(norm, globalClipNorm));
  }

  /** Computed on the device and read at once: a GPU would have to be waited for at each one. */
  private sumsOfSquares(gradients: readonly tf.Tensor[]): number[] {
    const { binding } = this;
    if (gradients.length === 0) return [];
    const run = (name: string, attributes: OpAttribute[], inputs: number[]) =>
      binding.executeOp(name, attributes, inputs, 1)[0]!.id;
    const halves = gradients.map((gradient) =>
      run('L2Loss', [this.floatType()], [handleOf(gradient)]),
    );
    const count = { name: 'N', type: binding.TF_ATTR_INT, value: halves.length };
    const axis = { name: 'axis', type: binding.TF_ATTR_INT, value: 0 };
    const all = run('Pack', [count, this.floatType(), axis], halves);
    const values = binding.tensorDataSync(all) as Float32Array;
    for (const id of [...halves, all]) binding.deleteTensor(id);
    return Array.from(values, (half) => 2 * half);
  }

  /** The six scalars ResourceApplyAdam takes between the moments and the gradient, in its order. */
  private createScalars(): number[] {
    const beta1Power = this.beta1 ** this.updates;
    const beta2Power = this.beta2 ** this.updates;
    // TensorFlow adds epsilon before bias correction; dividing by sqrt(1 - beta2^t) later undoes this factor
    const epsilon = this.epsilonHat ? this.epsilon : this.epsilon * Math.sqrt(1 - beta2Power);
    return [beta1Power, beta2Power, this.learningRate, this.beta1, this.beta2, epsilon].map(
      (value) => this.createScalar(value),
    );
  }

  private apply({
    slot,
    gradient,
    scale,
    scalars,
  }: {
    slot: Slot;
    gradient: number;
    scale: number;
    scalars: readonly number[];
  }): void {
    const { binding } = this;
    const { variable, weight, m, v } = slot;
    const current = handleOf(variable);
    if (current !== slot.alias) weight.assign(current);
    const scaled = scale === 1 ? gradient : this.multiply(gradient, scale);
    // With no other handle on the weight's buffer the op writes in place, otherwise to a copy. The copy
    // keeps a target network that shares the buffer as it was.
    const entry = nodeBackend().tensorMap.get(variable.dataId);
    binding.deleteTensor(entry.id);
    try {
      binding.executeOp(
        'ResourceApplyAdam',
        [
          this.floatType(),
          { name: 'use_locking', type: binding.TF_ATTR_BOOL, value: false },
          { name: 'use_nesterov', type: binding.TF_ATTR_BOOL, value: false },
        ],
        [weight.handle, m.handle, v.handle, ...scalars, scaled],
        0,
      );
    } finally {
      entry.id = slot.alias = weight.read();
      if (scaled !== gradient) binding.deleteTensor(scaled);
    }
  }

  private multiply(tensor: number, factor: number): number {
    const scalar = this.createScalar(factor);
    const product = this.binding.executeOp('Mul', [this.floatType()], [tensor, scalar], 1)[0]!.id;
    this.binding.deleteTensor(scalar);
    return product;
  }

  private createScalar(value: number): number {
    return this.binding.createTensor([], this.binding.TF_FLOAT, Float32Array.of(value));
  }

  private floatType() {
    return { name: 'T', type: this.binding.TF_ATTR_TYPE, value: this.binding.TF_FLOAT };
  }
}
