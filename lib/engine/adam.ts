/** Adam as one TensorFlow op per weight, on variables that TensorFlow owns: a tenth of the composed one's time. */
import {
  type AdamSettings,
  type AdamState,
  checkUpdates,
  clippingScales,
  completeAdam,
  gradientNorm,
} from './adam-rule';
import { type Binding, handleOf, nodeBackend, type OpAttribute } from './binding';
import { ResourceVariable } from './resource-variable';
import { tf } from './tensorflow';

export interface AdamOptions extends AdamSettings {
  /** What it will train; the gradients that it gets may be of some of these only. */
  readonly variables: readonly tf.Variable[];
}

interface Slot {
  readonly variable: tf.Variable;
  readonly weight: ResourceVariable;
  readonly m: ResourceVariable;
  readonly v: ResourceVariable;
  /** The handle that Adam gave to the tf.Variable: when it holds another one, somebody else assigned to it. */
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
  /** Adam's step size, which may be changed between updates. */
  learningRate: number;
  private readonly settings: Required<AdamSettings>;
  private readonly slots: Slot[];
  private readonly binding: Binding;
  private updates = 0;

  /** @throws RangeError when a number is out of range, or both kinds of clipping are asked for. */
  constructor({ variables, ...settings }: AdamOptions) {
    super();
    this.settings = completeAdam(settings);
    this.learningRate = settings.learningRate;
    this.binding = nodeBackend().binding;
    this.slots = variables.map((variable) => this.createSlot(variable));
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
    const settings = completeAdam({ ...this.settings, learningRate: this.learningRate });
    const squares = this.sumsOfSquares(pairs.map(({ gradient }) => gradient));
    gradientNorm(squares); // refuses what is not finite
    const scales = clippingScales({ ...settings, squares });
    this.updates++;
    const scalars = this.createScalars(settings);
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
    const { beta1, beta2, epsilon } = this.settings;
    return { learningRate: this.learningRate, beta1, beta2, epsilon };
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

  /** The sums are computed on the device and read together: each single read would wait for a GPU. */
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

  /** The six scalars that ResourceApplyAdam takes between the moments and the gradient, in its order. */
  private createScalars(settings: Required<AdamSettings>): number[] {
    const { learningRate, beta1, beta2, epsilon, epsilonHat } = settings;
    const [power1, power2] = [beta1 ** this.updates, beta2 ** this.updates];
    // TensorFlow adds epsilon before bias correction; dividing by sqrt(1 - beta2^t) later undoes this factor
    const added = epsilonHat ? epsilon : epsilon * Math.sqrt(1 - power2);
    const values = [power1, power2, learningRate, beta1, beta2, added];
    return values.map((value) => this.createScalar(value));
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
