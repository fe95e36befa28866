/**
 * Is it a real agent? The same weights here and in PyTorch on Gymnasium's own Breakout (real ALE).
 *
 *     npm run bench -- agent NETWORK [EPISODES]
 *
 * NETWORK is a folder with model.json, weights.bin and weights.safetensors, as in a checkpoint. Q-values
 * are compared on observations of play here, returns over whole games at epsilon 0.05 with up to 30 no-ops.
 * The last line is JSON.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compileQValues } from '../../lib/dqn/learner/compile-q-values';
import { evaluate } from '../../lib/dqn/training/evaluate';
import { tf } from '../../lib/engine/tensorflow';
import { makeBreakout } from '../../lib/env/breakout';
import { Peer, runBench } from './peer';

const EPSILON = 0.05;
/** Observations whose values are compared: every so many steps of the first game. */
const EVERY = 5;
const SEED = 1;

/** Mean and standard error of the mean. */
function summary(returns: readonly number[]): { mean: number; error: number } {
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const squares = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (returns.length - 1) / returns.length) };
}

runBench(async () => {
  const [folder, count = '100'] = process.argv.slice(2);
  const episodes = Number(count);
  if (folder === undefined || !Number.isInteger(episodes) || episodes < 2) {
    throw new Error('expected NETWORK [EPISODES], at least 2: npm run bench -- agent NETWORK 100');
  }
  const path = resolve(process.env.INIT_CWD ?? '', folder);
  const network = await tf.loadLayersModel(`file://${join(path, 'model.json')}`);
  const { qValues } = compileQValues(network);
  const peer = new Peer('torch_play.py', { args: [join(path, 'weights.safetensors')] });

  const env = makeBreakout();
  const seen: Uint8Array[] = [];
  const values: number[][] = [];
  let step = 0;
  const { returns } = await evaluate({
    env,
    episodes,
    epsilon: EPSILON,
    seed: SEED,
    qValues: (observation) => {
      const q = qValues(observation);
      if (step++ % EVERY === 0 && seen.length < 1000) {
        seen.push(observation.slice());
        values.push([...q]);
      }
      return q;
    },
  });

  const temporary = mkdtempSync(join(tmpdir(), 'agent-'));
  const file = join(temporary, 'observations.bin');
  writeFileSync(file, Buffer.concat(seen));
  const { q } = await peer.ask<{ q: number[][] }>(`q ${file}`);
  rmSync(temporary, { recursive: true });
  const difference = values
    .flatMap((row, i) => row.map((value, j) => Math.abs(value - q[i]![j]!)))
    .reduce((most, value) => Math.max(most, value), 0);
  console.log(
    `${seen.length} observations: largest difference of a Q-value ${difference.toExponential(1)}`,
  );

  const theirs = (await peer.ask<{ returns: number[] }>(`play ${episodes} ${EPSILON}`)).returns;
  peer.close();
  const [ours, torch] = [summary(returns), summary(theirs)];
  for (const [name, { mean, error }] of Object.entries({ ours, 'PyTorch on ALE': torch })) {
    console.log(`${name}: ${mean.toFixed(1)} +- ${error.toFixed(1)} over ${episodes} games`);
  }
  console.log(
    JSON.stringify({
      largestDifference: difference,
      ourMean: ours.mean,
      ourError: ours.error,
      torchMean: torch.mean,
      torchError: torch.error,
      episodes,
      epsilon: EPSILON,
    }),
  );
});
