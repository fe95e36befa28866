/** Gymnasium's FrameStackObservation: the last observations on a new first axis, oldest first. */

import type { Box, Discrete, ResetOptions, ResetResult, StepResult } from './env';
import { checkInteger, OptionError } from './errors';
import { fillBytes, type SavedState } from './saved-state';
import { createResult, type EnvLayer, type Mutable, type Pixels } from './wrapper';

/** The largest stack: 2 MB of pictures of 84 x 84. */
const MOST_PICTURES = 256;

/** Options of Gymnasium's FrameStackObservation, by its names in camel case. */
export interface FrameStackOptions {
  /** Observations in a stack. Default 4. */
  readonly stackSize?: number;
  /**
   * What fills the stack before the first observation: copies of it ('reset', the default), zeros, or a
   * given observation.
   */
  readonly paddingType?: 'reset' | 'zero' | Pixels;
}

/** Stacks observations; what it returns is its own memory, which the next step overwrites. */
export class FrameStackObservation<Observation extends Pixels> implements EnvLayer<Observation> {
  readonly observationSpace: Box;
  readonly actionSpace: Discrete;
  private readonly env: EnvLayer<Observation>;
  private readonly stackSize: number;
  /** What fills the stack before the first observation; null stands for copies of it. */
  private readonly padding: Pixels | null;
  private readonly stack: Observation;
  private readonly planeLength: number;
  private readonly result: Mutable<StepResult<Observation>>;

  /** @param stack memory for the stacked observations; default: new memory */
  constructor(env: EnvLayer<Observation>, options: FrameStackOptions = {}, stack?: Observation) {
    this.env = env;
    this.stackSize = checkInteger('stackSize', options.stackSize ?? 4, 1, MOST_PICTURES);
    const space = env.observationSpace;
    this.observationSpace = { ...space, shape: [this.stackSize, ...space.shape] };
    this.actionSpace = env.actionSpace;
    this.planeLength = space.shape.reduce((a, b) => a * b);
    const length = this.stackSize * this.planeLength;
    const own = space.dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
    this.padding = getPadding(options.paddingType ?? 'reset', space);
    this.stack = stack ?? (own as Observation);
    if (this.stack.length !== length || this.stack.constructor !== own.constructor) {
      throw new OptionError('stack', this.stack.length, `${length} elements of ${space.dtype}`);
    }
    this.result = createResult(this.stack);
  }

  reset(options?: ResetOptions): ResetResult<Observation> {
    const { observation, info } = this.env.reset(options);
    for (let i = 0; i < this.stackSize; i++) {
      const plane = i < this.stackSize - 1 ? (this.padding ?? observation) : observation;
      this.stack.set(plane, i * this.planeLength);
    }
    return { observation: this.stack, info };
  }

  step(action: number): StepResult<Observation> {
    const { observation, reward, terminated, truncated, info } = this.env.step(action);
    this.stack.copyWithin(0, this.planeLength);
    this.stack.set(observation, (this.stackSize - 1) * this.planeLength);
    const result = this.result;
    result.reward = reward;
    result.terminated = terminated;
    result.truncated = truncated;
    result.info = info;
    return result;
  }

  save(state: SavedState): void {
    this.env.save(state);
    state.setArray('stack', this.asBytes());
  }

  restore(state: SavedState): Observation {
    this.env.restore(state);
    fillBytes(this.asBytes(), state.getArray('stack', this.stack.byteLength));
    return this.stack;
  }

  private asBytes(): Uint8Array {
    return new Uint8Array(this.stack.buffer, this.stack.byteOffset, this.stack.byteLength);
  }
}

function getPadding(type: 'reset' | 'zero' | Pixels, space: Box): Pixels | null {
  if (type === 'reset') return null;
  const padding = new (space.dtype === 'uint8' ? Uint8Array : Float32Array)(
    space.shape.reduce((a, b) => a * b),
  );
  if (type === 'zero') return padding;
  const fits = (value: number) => value >= space.low && value <= space.high;
  const isOne = type instanceof padding.constructor && (type as Pixels).length === padding.length;
  if (!isOne || !(type as Pixels).every(fits)) {
    const elements = `${space.dtype} from ${space.low} to ${space.high}`;
    const expected = `'reset', 'zero' or an observation, ${padding.length} numbers of ${elements}`;
    throw new OptionError('paddingType', type, expected);
  }
  padding.set(type as Pixels);
  return padding;
}
