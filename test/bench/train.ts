/**
 * Agent steps per second of a training on Breakout: ours, CleanRL's in PyTorch, and Keras' example.
 *
 *     npm run bench -- train
 *
 * The same work in each step: act by the Nature network, four emulator frames, remember; every fourth step
 * an update on 32 transitions. Epsilon is held at 0.05, so that nearly every step asks the network. Each
 * keeps its own memory, wrappers and ways otherwise. Rounds are interleaved; the last line is JSON of medians.
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConfig } from '../../lib/dqn/config/presets';
import { DqnTraining } from '../../lib/dqn/training/dqn-training';
import { train } from '../../lib/dqn/training/train';
import { makeBreakout } from '../../lib/env/breakout';
import { median, Peer, printResult, runBench } from './peer';

const ROUNDS = 7;
/** Steps of a round: some seconds each. */
const STEPS = { ours: 800, torch: 320, keras: 80 };
/** Before the first round: fills the memory. */
const RANDOM_STEPS = 400;
/** OpenMP's threads spin for a while after their work; the next one must not feel it. */
const PAUSE_MS = 500;

/** CleanRL's settings; a life's end is the config's matter here, not a wrapper's. */
function createTraining(): DqnTraining {
  const config = createConfig('cleanrl', {
    randomSteps: RANDOM_STEPS,
    learningStarts: RANDOM_STEPS,
    epsilonStart: 0.05,
    epsilonEnd: 0.05,
    bufferSize: 20_000,
  });
  return new DqnTraining({
    env: makeBreakout({ fireReset: true, fireAfterLifeLoss: true }),
    config,
    seed: 1,
    replay: { compress: true },
  });
}

/** @returns agent steps per second */
async function measure({
  training,
  steps,
}: {
  training: DqnTraining;
  steps: number;
}): Promise<number> {
  const clock = () => performance.now();
  const end = training.agentStep + steps;
  const start = clock();
  for await (const event of train({ training, clock })) {
    if (event.type === 'step' && event.agentStep === end) break;
  }
  return (1000 * steps) / (clock() - start);
}

runBench(async () => {
  const training = createTraining();
  const [torch, keras] = ['torch_dqn.py', 'keras_dqn.py'].map((script) => new Peer(script)) as [
    Peer,
    Peer,
  ];
  const ask = async (peer: Peer, steps: number) =>
    (await peer.ask<{ stepsPerSecond: number }>(`steps ${steps}`)).stepsPerSecond;
  console.log(training.learner.engine.sentence);
  for (const peer of [torch, keras]) await ask(peer, 4); // they start and warm up together
  await measure({ training, steps: RANDOM_STEPS });

  const rounds: { ours: number; torch: number; keras: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const pause = () => sleep(PAUSE_MS);
    await pause();
    const ours = await measure({ training, steps: STEPS.ours });
    await pause();
    const speeds = { ours, torch: await ask(torch, STEPS.torch), keras: 0 };
    await pause();
    speeds.keras = await ask(keras, STEPS.keras);
    if (round === 0) continue; // warm-up
    rounds.push(speeds);
    console.log(
      `round ${round}: ours ${speeds.ours.toFixed(1)}, PyTorch ${speeds.torch.toFixed(1)}, ` +
        `Keras ${speeds.keras.toFixed(1)} agent steps per second; load ${loadavg()[0]!.toFixed(1)}`,
    );
  }
  for (const peer of [torch, keras]) peer.close();
  training.dispose();

  const of = (name: 'ours' | 'torch' | 'keras') => median(rounds.map((round) => round[name]));
  const ourStepsPerSecond = of('ours');
  const result = {
    ourStepsPerSecond,
    torchStepsPerSecond: of('torch'),
    kerasStepsPerSecond: of('keras'),
    vsTorch: ourStepsPerSecond / of('torch'),
    vsKeras: ourStepsPerSecond / of('keras'),
  };
  printResult(result);
});
