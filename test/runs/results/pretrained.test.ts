/** The trained agent of the project plays the returns again that its evaluation reports. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileQValues } from '../../../lib/dqn/learner/compile-q-values';
import { evaluate } from '../../../lib/dqn/training/evaluate';
import { tf } from '../../../lib/engine/tensorflow';
import { makeBreakout } from '../../../lib/env/breakout';
import { loadAgent, PRETRAINED } from '../../../lib/runs/results/agent';
import { loadEvaluations } from '../../../lib/runs/results/evaluations';
import { ensureEngines } from '../../helpers/native-engine';

/** Games that are played again here. */
const GAMES = 3;

test('the agent that comes with the project is whole, small and plays as reported', async () => {
  await ensureEngines();
  const files = readdirSync(PRETRAINED).map((file) => statSync(join(PRETRAINED, file)).size);
  expect(files.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(8e6);

  const { network, info, course } = await loadAgent();
  const last = course.rows.at(-1)!;
  expect(last.agentStep).toBeLessThanOrEqual(info.agentStep);
  expect(last.seconds).toBeGreaterThan(0);

  const { pretrained } = await loadEvaluations();
  const { returns, mean, episodes, epsilon, engine: reported } = pretrained!;
  expect(returns).toHaveLength(episodes);
  expect(returns.reduce((sum, value) => sum + value, 0) / episodes).toBeCloseTo(mean, 9);
  expect([episodes, epsilon]).toEqual([100, 0.05]);
  expect(mean).toBeGreaterThanOrEqual(300);
  expect(pretrained!.weights).toBe(info.files['weights.bin']!.sha256);

  const { qValues, engine, dispose } = compileQValues(network);
  const games = { env: makeBreakout(), qValues, episodes: GAMES, epsilon, seed: 0 };
  const again = await evaluate(games);
  if (engine === reported) expect(again.returns).toEqual(returns.slice(0, GAMES));
  // elsewhere rounding makes other games of it: at least not those of an agent that cannot play
  else expect(again.meanReturn).toBeGreaterThan(mean - (3 * pretrained!.std!) / Math.sqrt(GAMES));
  dispose();
  network.dispose();
  expect(tf.memory().numTensors).toBe(0);
}, 300_000);
