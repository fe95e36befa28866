/** A float32 variable that TensorFlow owns, so that its training ops can update it in place. */
import { type Binding, nodeBackend } from './binding';

/** TensorFlow's name for "anonymous": such a resource is shared with nobody and freed with its handle. */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

export class ResourceVariable {
  /** Handle of the resource, as ops of the kind ResourceApply... take it. */
  readonly handle: number;
  private readonly binding: Binding;
  private readonly shape: readonly number[];

  /** @param value handle of a tensor whose buffer is shared until one of both is written */
  constructor({ shape, value }: { shape: readonly number[]; value: number }) {
    this.binding = nodeBackend().binding;
    this.shape = shape;
    const { TF_ATTR_SHAPE, TF_ATTR_STRING } = this.binding;
    this.handle = this.binding.executeOp(
      'VarHandleOp',
      [
        this.floatType(),
        { name: 'shape', type: TF_ATTR_SHAPE, value: shape },
        { name: 'container', type: TF_ATTR_STRING, value: '' },
        { name: 'shared_name', type: TF_ATTR_STRING, value: ANONYMOUS },
      ],
      [],
      1,
    )[0]!.id;
    this.assign(value);
  }

  /** Takes the value of a tensor, by its handle; the handle stays the caller's. */
  assign(value: number): void {
    this.binding.executeOp('AssignVariableOp', [this.floatType()], [this.handle, value], 0);
  }

  /** Takes a copy of the values. */
  assignValues(values: Float32Array): void {
    // TensorFlow may use an array's own memory: what it will write to must not be the caller's
    const tensor = this.binding.createTensor(this.shape, this.binding.TF_FLOAT, values.slice());
    this.assign(tensor);
    this.binding.deleteTensor(tensor);
  }

  /** A new handle on the current buffer, the caller's to delete; nothing is copied. */
  read(): number {
    return this.binding.executeOp('ReadVariableOp', [this.floatType()], [this.handle], 1)[0]!.id;
  }

  /** The values, copied. */
  values(): Float32Array {
    const tensor = this.read();
    const values = this.binding.tensorDataSync(tensor) as Float32Array;
    this.binding.deleteTensor(tensor);
    return values;
  }

  dispose(): void {
    this.binding.deleteTensor(this.handle);
  }

  private floatType() {
    return { name: 'dtype', type: this.binding.TF_ATTR_TYPE, value: this.binding.TF_FLOAT };
  }
}
