/** A part of the benchmark gpu, in a process of its own: `gpu-part.ts device|agree|update|steps|auto|repeat ...`. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { ConfigEdits, TrainingConfig } from '../../lib/dqn/config/config';
import { createConfig } from '../../lib/dqn/config/presets';
import { createLearner } from '../../lib/dqn/learner/create-learner';
import type { Learner } from '../../lib/dqn/learner/learner';
import { DqnTraining } from '../../lib/dqn/training/dqn-training';
import { PqnTraining } from '../../lib/dqn/training/pqn-training';
import type { Training } from '../../lib/dqn/training/training';
import { engineInfo, tf } from '../../lib/engine/tensorflow';
import { makeBreakout } from '../../lib/env/breakout';
import { batchOf } from '../helpers/training';
import { median } from './peer';

type Engine = 'graph' | 'native' | 'tensorflow';

const SHAPE = { observationShape: [4, 84, 84], actions: 4, seed: 1 };
const say = (row: object) => console.log(JSON.stringify(row));

/** The networks that are measured, by name. */
const NETWORKS: Readonly<Record<string, (edits: ConfigEdits) => TrainingConfig>> = {
  nature: (edits) => createConfig('cleanrl', edits),
  double: (edits) => createConfig('dqn', edits),
  categorical: (edits) => createConfig('dqn', { ...edits, atoms: 51 }),
  keras: (edits) => createConfig('keras', edits),
  fast: (edits) => createConfig('fast', edits),
  wide: (edits) => createConfig('fast', { ...edits, networkWidth: 1 }),
};

function learnerOf(network: string, edits: ConfigEdits): Learner {
  return createLearner({ ...SHAPE, config: NETWORKS[network]!(edits) });
}

const pictures = (seed: number, size: number) =>
  batchOf({ seed, size, stack: 4, side: 84, actions: 4 });

function step(learner: Learner, network: string, batch: ReturnType<typeof batchOf>) {
  return ['fast', 'wide'].includes(network) ? learner.fit(batch) : learner.update(batch);
}

/** What computes, and that it computes. */
function device(): void {
  const product = tf.matMul([[1, 2]], [[3], [4]]).dataSync();
  const [cpu] = cpus();
  const cores = availableParallelism();
  say({
    part: 'device',
    ...engineInfo(),
    product: product[0],
    cpu: cpu?.model,
    cores,
    load: loadavg()[0],
  });
  const learner = learnerOf('nature', { engine: 'graph' });
  const start = performance.now();
  const { loss } = learner.update(pictures(1, 32));
  const firstMs = Math.round(performance.now() - start);
  say({ part: 'device', engine: learner.engine.sentence, loss, firstMs });
}

/** The largest difference after one update from a common state, and after 20. */
function agree(): void {
  const apart = (a: readonly Float32Array[], b: readonly Float32Array[]) =>
    Math.max(
      ...a.map((values, i) =>
        values.reduce((most, x, j) => Math.max(most, Math.abs(x - b[i]![j]!)), 0),
      ),
    );
  for (const network of Object.keys(NETWORKS)) {
    const engines = ['native', 'graph', 'tensorflow'] as const;
    const learners = engines.map((engine) => learnerOf(network, { engine }));
    for (const seed of [1, 2, 3]) step(learners[0]!, network, pictures(seed, 32));
    for (const learner of learners) learner.restore(learners[0]!.state());
    const results = learners.map((learner) => step(learner, network, pictures(4, 32)));
    const [native, graph, tensorflow] = learners.map((learner) => learner.state());
    say({
      ...{ part: 'agree', network, losses: results.map(({ loss }) => loss) },
      graphFromNative: apart(graph!.weights, native!.weights),
      momentsFromNative: apart(graph!.optimizer.m, native!.optimizer.m),
      tensorflowFromNative: apart(tensorflow!.weights, native!.weights),
    });
    const spoiled = pictures(5, 32);
    spoiled.rewards.fill(Number.NaN);
    spoiled.targets.fill(Number.NaN);
    let refused = '';
    try {
      step(learners[1]!, network, spoiled);
    } catch (error) {
      refused = String(error).slice(0, 50);
    }
    const unchanged = apart(learners[1]!.state().weights, graph!.weights);
    say({ part: 'agree', network, refused, unchanged });
    for (const learner of learners) learner.dispose();
  }
}

/** Milliseconds of updates and of Q-values; the engines take turns. */
function update(engines: readonly Engine[]): void {
  const cases = [
    ...(['nature', 'fast'] as const).map((network) => ({ network, batchSize: 32 })),
    ...(['nature', 'fast'] as const).map((network) => ({ network, batchSize: 256 })),
    { network: 'wide', batchSize: 1024 },
  ];
  for (const { network, batchSize } of cases) {
    if (batchSize > 256 && !engines.includes('graph')) continue;
    const numEnvs = Math.max(16, batchSize / 8);
    const edits = network === 'nature' ? { batchSize } : { batchSize, numEnvs };
    const learners = engines.map((engine) => learnerOf(network, { ...edits, engine }));
    const batch = pictures(1, batchSize);
    const few = batch.observations.subarray(0, 28_224 * Math.min(batchSize, 128));
    const rows = Int32Array.from({ length: batchSize }, (_, i) => i);
    for (const { store } of learners)
      store?.qValues({ first: 0, observations: batch.observations });
    const works = learners.map((learner) => ({
      update: () => step(learner, network, batch), // its pictures go to the device each time
      kept: () => learner.store && learner.fit({ ...batch, rows }), // they are there
      q1: () => learner.qValues(batch.observations.subarray(0, 28_224)),
      qMany: () => learner.qValues(few),
    }));
    const rounds = batchSize > 32 ? 8 : 20;
    const names = ['update', 'kept', 'q1', 'qMany'] as const;
    const times = works.map(
      () => ({ update: [], kept: [], q1: [], qMany: [] }) as Record<string, number[]>,
    );
    for (let round = -3; round < rounds; round++) {
      for (const [i, work] of works.entries()) {
        for (const name of names) {
          const start = performance.now();
          work[name]();
          if (round >= 0) times[i]![name]!.push(performance.now() - start);
        }
      }
    }
    for (const [i, engine] of engines.entries()) {
      const ms = names.map((name) => [name, Number(median(times[i]![name]!).toFixed(3))]);
      const best = Number(Math.min(...times[i]!.update!).toFixed(3));
      say({ part: 'update', network, batch: batchSize, engine, ...Object.fromEntries(ms), best });
      learners[i]!.dispose();
    }
  }
}

/** Settings whose agent steps a second are measured. */
const TRAININGS: Readonly<Record<string, () => Training>> = {
  ...Object.fromEntries(
    (['graph', 'native', 'tensorflow'] as const).flatMap((engine) => [
      [`cleanrl ${engine}`, () => dqn(engine)],
      [`fast ${engine}`, () => pqn({ engine })],
      [`wide ${engine}`, () => pqn({ engine, networkWidth: 1, numEnvs: 128, batchSize: 1024 })],
    ]),
  ),
};

const createEnv = () => makeBreakout({ fireReset: true, fireAfterLifeLoss: true });

function dqn(engine: Engine): Training {
  const soon = { randomSteps: 200, learningStarts: 200, epsilonStart: 0.05, epsilonEnd: 0.05 };
  const config = createConfig('cleanrl', { ...soon, engine, bufferSize: 20_000 });
  return new DqnTraining({ env: createEnv(), config, seed: 1 });
}

function pqn(edits: Parameters<typeof createConfig<'fast'>>[1]): Training {
  const config = createConfig('fast', { epsilonStart: 0.05, epsilonEnd: 0.05, ...edits });
  return new PqnTraining({ createEnv, config, seed: 1 });
}

function steps(presets: readonly string[]): void {
  for (const engine of ['graph', 'native', 'tensorflow']) {
    for (const preset of presets) {
      if (preset === 'wide' && engine === 'tensorflow') continue;
      const training = TRAININGS[`${preset} ${engine}`]!();
      while (training.updates < 3) training.step();
      const [from, start] = [training.agentStep, performance.now()];
      while (performance.now() - start < 7000) training.step();
      const speed = (1000 * (training.agentStep - from)) / (performance.now() - start);
      say({ part: 'steps', preset, engine, stepsPerSecond: Math.round(speed), load: loadavg()[0] });
      training.dispose();
    }
  }
}

/** What "auto" takes, why, and how long it thinks. */
function auto(): void {
  for (const network of ['nature', 'fast', 'wide']) {
    const start = performance.now();
    const edits = network === 'wide' ? { numEnvs: 128, batchSize: 1024 } : {};
    const learner = learnerOf(network, edits);
    say({
      part: 'auto',
      network,
      sentence: learner.engine.sentence,
      ms: Math.round(performance.now() - start),
    });
    learner.dispose();
  }
}

/** Whether two equal runs of the graph give equal bits, and memory stays flat. */
function repeat(): void {
  const runs = [1, 2].map(() => {
    const learner = learnerOf('fast', { engine: 'graph' });
    for (let seed = 1; seed <= 20; seed++) learner.fit(pictures(seed, 32));
    const { weights } = learner.state();
    learner.dispose();
    return weights;
  });
  const equal = runs[0]!.every((values, i) =>
    values.every((x, j) => Object.is(x, runs[1]![i]![j])),
  );
  const learner = learnerOf('fast', { engine: 'graph' });
  const batch = pictures(1, 32);
  for (let i = 0; i < 50; i++) learner.fit(batch);
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 400; i++) learner.fit(batch);
  say({ part: 'repeat', equal, grownMB: Math.round((process.memoryUsage().rss - before) / 1e6) });
}

const [name = '', ...args] = process.argv.slice(2);
const parts: Readonly<Record<string, () => void>> = {
  ...{ device, agree, auto, repeat },
  update: () => update(args as Engine[]),
  steps: () => steps(args),
};
parts[name]!();
