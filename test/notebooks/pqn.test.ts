/** The cells of the PQN notebook compute what the preset `fast` computes in the library: to the bit. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PqnTraining } from '../../lib/dqn/training/pqn-training';
import * as lib from '../../lib/index';
import { runCells } from './cells';

interface Agent {
  readonly learner: lib.Learner;
  readonly agentSteps: number;
  readonly updates: number;
  dispose(): void;
}

interface Cells {
  createAgent(config: lib.PqnConfig, seed: number): Agent;
  playRollout(agent: Agent, config: lib.PqnConfig, onGame: (points: number) => void): unknown;
  learn(agent: Agent, rollout: unknown, config: lib.PqnConfig): number;
}

const IDS = [
  'make-env',
  'define-lambda-returns',
  'define-network',
  'define-agent',
  'create-agent',
  'define-step',
  'define-rollout',
  'define-batch',
  'define-learn',
];
const NAMES = ['createAgent', 'playRollout', 'learn'] as const;
const ROLLOUTS = 6;

let cells: Cells;
let agent: Agent;
let training: PqnTraining;

beforeAll(async () => {
  const given = { seed: 5, Mt19937: lib.Mt19937 };
  const modules = { 'breakout-dqn': lib };
  const run = await runCells({ notebook: '03-pqn', ids: IDS, names: NAMES, given, modules });
  cells = run as unknown as Cells;
});
afterAll(() => {
  agent?.dispose();
  training?.dispose();
});

it('plays and learns as the library does, to the bit, with games that end on the way', () => {
  const config = lib.createConfig('fast', { epsilonDecaySteps: 1000 });
  agent = cells.createAgent(config, 5);
  const createEnv = () => lib.makeBreakout({ fireReset: true, fireAfterLifeLoss: true });
  training = new PqnTraining({ createEnv, config, seed: 5 });
  const ended: number[] = [];
  const expected: number[] = [];
  for (let rollout = 0; rollout < ROLLOUTS; rollout++) {
    cells.learn(
      agent,
      cells.playRollout(agent, config, (points) => void ended.push(points)),
      config,
    );
    for (let step = 0; step < config.rolloutSteps; step++) {
      for (const event of training.step()) {
        if (event.type === 'episode') expected.push(event.return);
      }
    }
  }
  expect(agent).toMatchObject({ agentSteps: training.agentStep, updates: training.updates });
  expect(expected.length).toBeGreaterThan(4);
  expect(ended).toEqual(expected);
  expect(agent.learner.state()).toEqual(training.learner.state());
});
