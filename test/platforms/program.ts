/**
 * What every processor must compute alike: Q-values and one update of the native engine, and a recording
 * replayed. Prints one line of JSON. It needs no package, so that one bundle of it runs anywhere.
 */
import { join } from 'node:path';
import { checkFixture } from '../../lib/conformance/check';
import { FIXTURES, readFixture } from '../../lib/conformance/fixture';
import { NativeNetwork } from '../../lib/engine/native/network';
import { Mt19937 } from '../../lib/random';

export interface Computed {
  readonly instructionSet: string;
  /** [2, 4] Q-values of two observations. */
  readonly qValues: readonly number[];
  readonly gradientNorm: number;
  /** The same after one update by Adam. */
  readonly qValuesAfter: readonly number[];
  readonly mismatches: number;
}

const FIXTURE = 'gym-v0-1k.bin.gz';
const pixel = (channels: number) => ({ height: 1, width: 1, channels });

/** The layers of the preset fast in small: a convolution, layer normalization, dense layers. */
const NETWORK: ConstructorParameters<typeof NativeNetwork>[0]['network'] = {
  input: { height: 20, width: 20, channels: 4 },
  scale: 1 / 255,
  layers: [
    {
      ...{ kind: 'conv2d', output: { height: 4, width: 4, channels: 16 }, relu: false, bias: true },
      ...{ kernelHeight: 8, kernelWidth: 8, strideHeight: 4, strideWidth: 4 },
    },
    {
      ...{ kind: 'layerNormalization', output: { height: 4, width: 4, channels: 16 }, relu: true },
      ...{ wholeImage: true, epsilon: 1e-5 },
    },
    { kind: 'dense', output: pixel(32), relu: true, bias: true },
    { kind: 'dense', output: pixel(4), relu: false, bias: true },
  ],
  variables: [[8, 8, 4, 16], [16], [4, 4, 16], [4, 4, 16], [256, 32], [32], [32, 4], [4]],
};

export function compute(): Computed {
  const random = new Mt19937(1);
  const network = new NativeNetwork({ network: NETWORK, threads: 1 });
  const weights = NETWORK.variables.map((shape) => {
    const length = shape.reduce((product, side) => product * side, 1);
    return Float32Array.from({ length }, () => 0.2 * (random.nextDouble() - 0.5));
  });
  weights[2]!.fill(1); // of the layer normalization
  network.setWeights(weights);
  const observations = Uint8Array.from({ length: 2 * network.inputSize }, () =>
    Math.floor(256 * random.nextDouble()),
  );
  const output = new Float32Array(2 * network.outputSize);
  network.forward([{ observations, weights: 'online', output, keep: true }]);
  const gradientNorm = network.backward(output);
  network.update({ learningRate: 1e-3 });
  const qValuesAfter = [...network.predict({ observations })];
  const { instructionSet } = network;
  network.dispose();
  const { mismatches } = checkFixture(readFixture(join(FIXTURES, FIXTURE)));
  return { instructionSet, qValues: [...output], gradientNorm, qValuesAfter, mismatches };
}

if (process.argv.includes('--print')) console.log(JSON.stringify(compute()));
