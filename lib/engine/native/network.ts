/** A Q-network, its target network and Adam, compiled for this machine's processor. */

import { checkThreads, defaultThreads } from '../../threads';
import {
  type AdamSettings,
  type AdamState,
  checkUpdates,
  clippingScales,
  completeAdam,
  gradientNorm,
} from '../adam-rule';
import { checkArrays, checkFloats, lengthOf } from '../arrays';
import { loadEngine, NATIVE_ENGINE } from '../compiled';
import { type Addon, type Handle, SETS } from './addon';
import type { NetworkDescription } from './describe';

export interface NativeNetworkOptions {
  /** The network as `describeModel` gives it. */
  readonly network: NetworkDescription;
  /**
   * How observations lie in memory: [n, height, width, channels] as TensorFlow.js has them, or
   * [n, channels, height, width] as environments give stacked pictures.
   */
  readonly layout?: 'channelsLast' | 'channelsFirst';
  /** 1 or more; default: the number of cores. It changes the speed and nothing else. */
  readonly threads?: number;
  /** Default: the fastest that the processor has. */
  readonly instructionSet?: 'avx512' | 'avx2' | 'baseline';
}

/** One run through the network. */
export interface ForwardPass {
  /** `n` observations one after the other, n >= 1. */
  readonly observations: Uint8Array | Float32Array;
  readonly weights: 'online' | 'target';
  /** Receives [n, outputs]. */
  readonly output: Float32Array;
  /** Keeps what `backward` needs; for online weights, and at most one pass of a call. */
  readonly keep?: boolean;
}

/**
 * Weights and buffers live in the addon; arrays that go in and out are copies.
 *
 * Order of a training step: `forward` with `keep`, the loss in TypeScript, `backward`, `update`.
 * Two runs of the same calls give the same bits, on any number of threads.
 */
export class NativeNetwork {
  readonly description: NetworkDescription;
  /** Floats or bytes of one observation. */
  readonly inputSize: number;
  /** Outputs per observation. */
  readonly outputSize: number;
  /** The number of threads at work: fewer than asked for where the system gives no more. */
  readonly threads: number;
  readonly instructionSet: string;
  private readonly addon: Addon;
  private handle: Handle | undefined;
  private readonly channelsFirst: boolean;
  private readonly squares: Float64Array;
  private kept = 0; // images of the kept pass
  private hasGradient = false;
  private updates = 0;

  /** @throws RangeError when an option is out of range, or the processor lacks the instruction set. */
  constructor({ network, layout, threads, instructionSet }: NativeNetworkOptions) {
    this.description = network;
    this.inputSize = sizeOf(network.input);
    this.outputSize = sizeOf(network.layers.at(-1)!.output);
    const wanted = threads ?? defaultThreads();
    checkThreads('threads', wanted);
    this.channelsFirst = layout === 'channelsFirst';
    this.addon = loadEngine<Addon>(NATIVE_ENGINE);
    this.instructionSet = instructionSet ?? this.addon.fastestInstructionSet();
    this.squares = new Float64Array(network.variables.length);
    this.handle = this.addon.create({
      input: network.input,
      layers: network.layers,
      scale: network.scale,
      threads: wanted,
      instructionSet: instructionSet ?? '',
    });
    if (!this.handle) {
      const fastest = this.addon.fastestInstructionSet();
      throw new RangeError(
        `this processor does not have "${instructionSet}": leave it out, or take "${fastest}"`,
      );
    }
    this.threads = this.addon.threads(this.handle);
  }

  /**
   * Outputs of all observations.
   * @returns [n, outputs] float32, the caller's
   * @throws TypeError, RangeError as `forward`.
   */
  predict({
    observations,
    weights = 'online',
  }: {
    observations: Uint8Array | Float32Array;
    weights?: 'online' | 'target';
  }): Float32Array {
    const output = new Float32Array(this.countOf(observations) * this.outputSize);
    this.forward([{ observations, weights, output }]);
    return output;
  }

  /**
   * Runs several passes at once: together they fill the threads better than one after the other.
   * @throws TypeError when observations or output are not of the right kind of array.
   * @throws RangeError when a length does not fit, or more than one pass is kept.
   */
  forward(passes: readonly ForwardPass[]): void {
    const checked = passes.map((pass) => {
      const { observations, weights, output, keep = false } = pass;
      const count = this.countOf(observations);
      setOf(weights);
      checkFloats({ name: 'output', values: output, length: count * this.outputSize });
      if (keep && weights !== 'online') {
        throw new RangeError('only a pass with the online weights can be kept, got "target"');
      }
      const { channelsFirst } = this;
      return { observations, channelsFirst, weights, output, count, keep };
    });
    const kept = checked.filter((pass) => pass.keep);
    if (kept.length > 1) throw new RangeError(`at most 1 pass can be kept, got ${kept.length}`);
    this.addon.forward(this.open(), checked);
    if (kept.length === 1) this.kept = kept[0]!.count;
  }

  /**
   * Gradients of all weights, from the loss's gradient with respect to the kept pass's output.
   * @param outputGradient [n, outputs]
   * @returns the norm of all gradients together
   * @throws NonFiniteGradientError when it is NaN or infinite; `update` then refuses.
   */
  backward(outputGradient: Float32Array): number {
    if (this.kept === 0) throw new Error('backward() before forward() with keep: nothing is kept');
    const length = this.kept * this.outputSize;
    checkFloats({ name: 'outputGradient', values: outputGradient, length });
    this.hasGradient = false;
    this.addon.backward(this.open(), outputGradient, this.squares);
    const norm = gradientNorm(this.squares);
    this.hasGradient = true;
    return norm;
  }

  /**
   * One update of the online weights by Adam (Kingma and Ba 2015, Algorithm 1), with the gradients of the
   * last `backward`.
   * @throws RangeError when a number is out of range, or both kinds of clipping are asked for.
   */
  update(given: AdamSettings): void {
    const settings = completeAdam(given);
    if (!this.hasGradient) throw new Error('update() before backward(): there is no gradient');
    const { learningRate, beta1, beta2, epsilon, epsilonHat } = settings;
    this.updates++;
    const secondCorrection = 1 / Math.sqrt(1 - beta2 ** this.updates);
    this.addon.update(
      this.open(),
      {
        stepSize: learningRate / (1 - beta1 ** this.updates),
        secondCorrection,
        beta1,
        beta2,
        epsilon: epsilonHat ? epsilon * secondCorrection : epsilon,
      },
      Float32Array.from(clippingScales({ ...settings, squares: this.squares })),
    );
    this.hasGradient = false;
  }

  /** The target network takes over the online weights. */
  syncTarget(): void {
    this.addon.sync(this.open());
  }

  /** Copies in the order and layout of `model.getWeights()`. */
  getWeights(set: 'online' | 'target' = 'online'): Float32Array[] {
    return this.read(setOf(set));
  }

  /** Copies the values in. @throws RangeError when their number or a length does not fit. */
  setWeights(weights: readonly Float32Array[], set: 'online' | 'target' = 'online'): void {
    this.write({ set: setOf(set), values: weights, name: 'weights' });
  }

  /** Gradients of the last `backward`, before clipping, as `getWeights`. */
  getGradients(): Float32Array[] {
    return this.read(SETS.gradient);
  }

  /** All that Adam remembers, as copies. */
  optimizerState(): AdamState {
    const { firstMoment, secondMoment } = SETS;
    return { updates: this.updates, m: this.read(firstMoment), v: this.read(secondMoment) };
  }

  /**
   * Takes over what `optimizerState` returned.
   * @throws RangeError when it is of other weights, or its updates are not a whole number of 0 or more.
   */
  restoreOptimizer({ updates, m, v }: AdamState): void {
    checkUpdates(updates);
    this.write({ set: SETS.firstMoment, values: m, name: 'first moments' });
    this.write({ set: SETS.secondMoment, values: v, name: 'second moments' });
    this.updates = updates;
  }

  /** Ends the threads and frees the memory; every later call throws. */
  dispose(): void {
    if (this.handle) this.addon.destroy(this.handle);
    this.handle = undefined;
  }

  private open(): Handle {
    if (!this.handle) throw new Error('the network was disposed: create another one');
    return this.handle;
  }

  private countOf(observations: Uint8Array | Float32Array): number {
    if (!(observations instanceof Uint8Array) && !(observations instanceof Float32Array)) {
      const got = (observations as object)?.constructor?.name ?? typeof observations;
      throw new TypeError(`observations must be a Uint8Array or a Float32Array, got ${got}`);
    }
    const count = observations.length / this.inputSize;
    if (count < 1 || !Number.isInteger(count)) {
      const { height, width, channels } = this.description.input;
      throw new RangeError(
        `observations must hold one or more of ${height} x ${width} x ${channels} = ${this.inputSize} ` +
          `values, got ${observations.length}`,
      );
    }
    return count;
  }

  private read(set: number): Float32Array[] {
    const network = this.open();
    return this.description.variables.map((shape, i) => {
      const values = new Float32Array(lengthOf(shape));
      this.addon.read(network, set, i, values);
      return values;
    });
  }

  private write(args: { set: number; values: readonly Float32Array[]; name: string }): void {
    const network = this.open();
    const { set, values, name } = args;
    checkArrays({ name, arrays: values, lengths: this.description.variables.map(lengthOf) });
    values.forEach((array, i) => {
      this.addon.write(network, set, i, array);
    });
  }
}

/** Where weights lie in the addon, which would take any unknown name for "online". */
function setOf(weights: 'online' | 'target'): number {
  if (weights === 'online' || weights === 'target') return SETS[weights];
  throw new RangeError(`weights must be "online" or "target", got ${JSON.stringify(weights)}`);
}

function sizeOf({ height, width, channels }: NetworkDescription['input']): number {
  return height * width * channels;
}
