/**
 * One DQN update of the Nature network, batch 32: ours, PyTorch, TensorFlow.js, and the limit of the processor.
 *
 *     npm run bench -- step
 *
 * All do the same work: the target network on 32 next observations, the network forward and backward on 32
 * observations, uint8 in, Adam. The floor is the time of as many multiply-adds in large matrix products, by
 * the fastest of the peers' libraries. Rounds are interleaved; the last line is JSON of medians.
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConfig } from '../../lib/dqn/config/presets';
import { NativeLearner } from '../../lib/dqn/learner/native-learner';
import { createQNetwork } from '../../lib/dqn/learner/q-network';
import { trainStep } from '../../lib/dqn/learner/train-step';
import { describeModel, type NetworkDescription } from '../../lib/engine/native/describe';
import { tf } from '../../lib/engine/tensorflow';
import { Mt19937 } from '../../lib/random';
import { median, medianMs, Peer, printResult, runBench } from './peer';

const ROUNDS = 7;
const UPDATES = 15;
const BATCH = 32;
const ACTIONS = 4;
const SIZE = 4 * 84 * 84;
const SHAPE = { observationShape: [4, 84, 84], actions: ACTIONS, seed: 1 };
/** OpenMP's threads spin for a while after their work; the next one must not feel it. */
const PAUSE_MS = 500;

interface Times {
  readonly ourMs: number;
  readonly torchMs: number;
  readonly tfjsMs: number;
  readonly floorMs: number;
}

const random = new Mt19937(1);
const bytes = () => Uint8Array.from({ length: BATCH * SIZE }, () => random.nextDouble() * 256);
const batch = {
  size: BATCH,
  observations: bytes(),
  nextObservations: bytes(),
  actions: Int32Array.from({ length: BATCH }, () => random.nextDouble() * ACTIONS),
  rewards: Float32Array.from({ length: BATCH }, () => random.nextDouble()),
  terminateds: new Uint8Array(BATCH),
};

/** Multiply-adds of one update, times two: two forward passes, all weights' gradients, all inputs' but the first. */
function flopsOf({ input, layers }: NetworkDescription): number {
  let from = input;
  const products = layers.map((layer) => {
    const { output } = layer;
    const [height, width] =
      layer.kind === 'conv2d' ? [layer.kernelHeight, layer.kernelWidth] : [from.height, from.width];
    const count = output.height * output.width * output.channels * height * width * from.channels;
    from = output;
    return count;
  });
  const all = products.reduce((sum, count) => sum + count, 0);
  return 2 * BATCH * (4 * all - products[0]!);
}

runBench(async () => {
  const create = () => createQNetwork(SHAPE);
  const [qNetwork, targetNetwork] = [create(), create()];
  const description = describeModel(qNetwork);
  if (!description.supported) throw new Error(description.reason);
  const config = createConfig('cleanrl', { learningRate: 1e-4 });
  const learner = new NativeLearner({ ...SHAPE, config });
  const flops = flopsOf(description.network);
  const optimizer = tf.train.adam(1e-4);
  const torch = new Peer('torch_step.py');

  console.log(`${(flops / 1e9).toFixed(2)} GFLOP per update. ${learner.engine.sentence}`);
  const rounds: Times[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const pause = () => sleep(PAUSE_MS);
    const ourMs = medianMs(UPDATES, () => learner.update(batch));
    await pause();
    const torchMs = (await torch.ask<{ ms: number }>(`step ${UPDATES}`)).ms;
    await pause();
    const tfjsMs = medianMs(UPDATES, () =>
      trainStep({ qNetwork, targetNetwork, optimizer, batch, config }),
    );
    await pause();
    const floorMs = flops / (await torch.ask<{ gflops: number }>('floor')).gflops / 1e6;
    await pause();
    if (round < 0) continue; // warm-up
    rounds.push({ ourMs, torchMs, tfjsMs, floorMs });
    const times = [ourMs, torchMs, tfjsMs, floorMs].map((ms) => ms.toFixed(1));
    console.log(
      `round ${round + 1}: ours ${times[0]}, PyTorch ${times[1]}, TensorFlow.js ${times[2]}, ` +
        `floor ${times[3]} ms; load ${loadavg()[0]!.toFixed(1)}`,
    );
  }
  torch.close();
  learner.dispose();

  const of = (name: keyof Times) => median(rounds.map((round) => round[name]));
  const ourMs = of('ourMs');
  const result = {
    ...{ ourMs, torchMs: of('torchMs'), tfjsMs: of('tfjsMs'), floorMs: of('floorMs') },
    vsTorch: of('torchMs') / ourMs,
    vsFloor: ourMs / of('floorMs'),
  };
  printResult(result);
});
