/** The compiled addon, typed; network.ts is the only caller of its functions. */
import type { ImageShape, LayerDescription } from './describe';

/** A network inside the addon. */
export type Handle = object & { readonly brand: 'native network' };

/** Positions of the vectors of parameters, as in network.h. */
export const SETS = { online: 0, target: 1, gradient: 2, firstMoment: 3, secondMoment: 4 } as const;

export interface AddonPass {
  readonly weights: 'online' | 'target';
  readonly observations: Uint8Array | Float32Array;
  readonly channelsFirst: boolean;
  readonly count: number;
  readonly output: Float32Array;
  readonly keep: boolean;
}

/** Functions of addon.cc. They check nothing: sizes and types must be right. */
export interface Addon {
  /** @returns undefined when this processor lacks the instruction set. */
  create(options: {
    readonly input: ImageShape;
    readonly layers: readonly LayerDescription[];
    readonly scale: number;
    readonly threads: number;
    /** The instruction set's name; empty: the fastest. */
    readonly instructionSet: string;
  }): Handle | undefined;
  destroy(network: Handle): void;
  /** The number of threads at work: fewer than asked for where the system gives no more. */
  threads(network: Handle): number;
  forward(network: Handle, passes: readonly AddonPass[]): void;
  backward(network: Handle, outputGradient: Float32Array, squares: Float64Array): void;
  update(
    network: Handle,
    step: {
      readonly stepSize: number;
      readonly secondCorrection: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    },
    scales: Float32Array,
  ): void;
  sync(network: Handle): void;
  read(network: Handle, set: number, variable: number, to: Float32Array): void;
  write(network: Handle, set: number, variable: number, from: Float32Array): void;
  fastestInstructionSet(): string;
}
