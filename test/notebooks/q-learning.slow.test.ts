/** The notebook's claim: its own cells learn catch from random to nearly perfect, on three seeds. */
import { beforeAll, expect, it } from 'vitest';
import * as lib from '../../lib/index';
import { runCells } from './cells';
import { SILENT } from './silent';

interface Cells {
  readonly config: lib.DqnConfig;
  train(
    name: string,
    config: lib.DqnConfig,
    seed: number,
  ): Promise<{ qNetwork: lib.tf.LayersModel }>;
  score(network: lib.tf.LayersModel, epsilon?: number): number;
}

const IDS = [
  'define-ball',
  'define-catch',
  'catch-constants',
  'catch-pictures',
  'define-q-network',
  'define-q-values',
  'define-epsilon',
  'define-select-action',
  'config',
  'define-td-targets',
  'agent',
  'create-agent',
  'define-train-step',
  'training-view',
  'training-loop',
  'define-play',
];

let cells: Cells;
beforeAll(async () => {
  const names = ['config', 'train', 'score'];
  const modules = { 'breakout-dqn': { ...lib, ...SILENT } };
  const { keep, Mt19937, ReplayBuffer } = lib;
  const given = { keep, Mt19937, ReplayBuffer }; // what cells left out here import
  const options = { notebook: '01-q-learning', ids: IDS, given, names, modules };
  cells = (await runCells(options)) as never;
});

it.each([1, 2, 3])('learns catch with seed %i', { timeout: 600_000 }, async (seed) => {
  const begin = process.cpuUsage();
  const time = performance.now();
  const { qNetwork } = await cells.train('catch', cells.config, seed);
  const { user, system } = process.cpuUsage(begin);
  const [random, points] = [cells.score(qNetwork, 1), cells.score(qNetwork)];
  console.log(
    `seed ${seed}: random ${random.toFixed(1)}, trained ${points.toFixed(1)} of 100 points, ` +
      `${((performance.now() - time) / 1000).toFixed(0)} s, CPU ${((user + system) / 1e6).toFixed(0)} s`,
  );
  expect(random).toBeLessThan(15);
  expect(points).toBeGreaterThan(90);
});

it.each<[string, Partial<lib.DqnConfig>, number, number]>([
  ['replay', { bufferSize: 65, learningStarts: 64 }, 0, 60],
  ['exploration', { epsilonStart: 0, epsilonEnd: 0 }, 85, 100],
  ['target network', { targetUpdateInterval: 1 }, 85, 100],
])(
  'without %s it gets what the text says',
  { timeout: 3_600_000 },
  async (part, change, least, most) => {
    const points: number[] = [];
    for (const seed of [1, 2, 3]) {
      const { qNetwork } = await cells.train('less', { ...cells.config, ...change }, seed);
      points.push(cells.score(qNetwork));
    }
    console.log(`without ${part}: ${points.join(', ')} of 100 points`);
    const mean = points.reduce((a, b) => a + b) / points.length;
    expect(mean).toBeGreaterThanOrEqual(least);
    expect(mean).toBeLessThanOrEqual(most);
  },
);
