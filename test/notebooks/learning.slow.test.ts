/** The claims of the notebooks on Breakout: what a reader's own cells have learned when their training ends. */
import { expect, it } from 'vitest';
import * as lib from '../../lib/index';
import { ensureEngines } from '../helpers/native-engine';
import { runCells } from './cells';
import { SILENT } from './silent';

interface Cells<Config> {
  readonly config: Config;
  readonly runs: ReadonlyMap<string, { readonly values: readonly number[] }>;
  train(name: string, config: Config, seed: number): Promise<{ readonly agentSteps: number }>;
}

const { keep, makeBreakout, Mt19937, ReplayBuffer, tf } = lib;
const observationShape = [4, 84, 84];

/** What the cells of either notebook declare, and what those left out import or declare before. */
async function cellsOf<Config>(notebook: string, ids: readonly string[]): Promise<Cells<Config>> {
  await ensureEngines();
  const given =
    notebook === '02-breakout'
      ? {
          ...{ keep, makeBreakout, Mt19937, ReplayBuffer, tf, observationShape },
          ...{ actions: 4, seed: 1, screen: () => null },
        }
      : { keep, Mt19937, tf };
  const modules = { 'breakout-dqn': { ...lib, ...SILENT } };
  const names = ['config', 'train', 'runs'];
  return (await runCells({ notebook, ids, given, names, modules })) as never;
}

const meanOfLast = (values: readonly number[], count: number) =>
  values.slice(-count).reduce((a, b) => a + b, 0) / count;

/** Minutes are told, not tested: they are the machine's. */
async function trained<Config>(cells: Cells<Config>, seed: number, count: number) {
  const begin = performance.now();
  const { agentSteps } = await cells.train(`seed ${seed}`, cells.config, seed);
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
  const mean = meanOfLast(cells.runs.get(`seed ${seed}`)!.values, count);
  console.log(`seed ${seed}: ${agentSteps} steps, ${minutes} minutes, mean ${mean.toFixed(1)}`);
  return mean;
}

it.each([11, 12, 13])(
  'DQN in the cells of 02-breakout plays with seed %i',
  {
    timeout: 3_600_000,
  },
  async (seed) => {
    const cells = await cellsOf<lib.DqnConfig>('02-breakout', [
      ...['define-q-network', 'define-q-values', 'settings', 'define-epsilon'],
      ...['define-select-action', 'define-td-targets', 'create-agent', 'define-train-step'],
      ...['define-learners', 'define-compiled', 'choose-learner', 'define-field'],
      ...['training-view', 'trained'],
      'training-loop',
    ]);
    expect(await trained(cells, seed, 50)).toBeGreaterThanOrEqual(5);
  },
);

it.each([11, 12, 13])(
  'PQN in the cells of 03-pqn exceeds 40 with seed %i',
  {
    timeout: 3_600_000,
  },
  async (seed) => {
    const cells = await cellsOf<lib.PqnConfig>('03-pqn', [
      ...['settings', 'make-env', 'define-lambda-returns', 'define-network', 'define-agent'],
      ...['create-agent', 'define-step', 'define-rollout', 'define-batch', 'define-learn'],
      ...['training-view', 'training-loop'],
    ]);
    expect(await trained(cells, seed, 100)).toBeGreaterThan(40);
  },
);
