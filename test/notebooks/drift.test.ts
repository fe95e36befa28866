/** The notebook defines the method in its cells, lib for long runs: both must stay the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Env, StepResult } from '../../lib/env/env';
import * as lib from '../../lib/index';
import { Mt19937 } from '../../lib/random';
import { ensureEngines } from '../helpers/native-engine';
import { runCells } from './cells';

interface Agent {
  readonly qNetwork: lib.tf.LayersModel;
  readonly targetNetwork: lib.tf.LayersModel;
  dispose(): void;
}

interface Cells {
  createQNetwork(options: lib.QNetworkOptions): lib.tf.Sequential;
  epsilonAt(agentStep: number, config: lib.DqnConfig): number;
  tdTargets(
    outcomes: { rewards: number[]; terminateds: number[]; nextQ: lib.tf.Tensor2D },
    gamma: number,
  ): lib.tf.Tensor1D;
  createAgent(config: lib.DqnConfig, seed: number): Agent;
  trainStep(agent: Agent, batch: lib.Batch, config: lib.DqnConfig): number;
  train(name: string, config: lib.DqnConfig, seed: number): Promise<unknown>;
  readonly runs: ReadonlyMap<string, { values: number[] }>;
}

const IDS = [
  'define-q-network',
  'define-epsilon',
  'define-q-values',
  'define-select-action',
  'define-td-targets',
  'create-agent',
  'define-train-step',
  'define-learners',
  'define-compiled',
  'choose-learner',
  'define-field',
  'training-view',
  'trained',
  'training-loop',
];
const NAMES = [
  'createQNetwork',
  'epsilonAt',
  'tdTargets',
  'createAgent',
  'trainStep',
  'train',
  'runs',
] as const;

const observationShape = [4, 84, 84] as const;
const PICTURE = 84 * 84;

/** Pictures of noise in Breakout's shape; episodes of a length and with rewards that its seed decides. */
class NoiseEnv implements Env {
  readonly observationSpace = {
    kind: 'box',
    shape: observationShape,
    dtype: 'uint8',
    low: 0,
    high: 255,
  } as const;
  readonly actionSpace = { kind: 'discrete', n: 4, meanings: ['A', 'B', 'C', 'D'] } as const;
  /** Of all episodes. */
  readonly actions: number[] = [];
  private readonly observation = new Uint8Array(4 * PICTURE);
  private random = new Mt19937(0);
  private steps = 0;

  reset({ seed = 0 } = {}) {
    this.random = new Mt19937(seed);
    this.steps = 5 + (this.random.nextUint32() % 10);
    const picture = this.picture();
    for (let i = 0; i < 4; i++) this.observation.set(picture, i * PICTURE);
    return { observation: this.observation, info: this.info() };
  }

  step(action: number): StepResult<Uint8Array> {
    this.actions.push(action);
    this.observation.copyWithin(0, PICTURE);
    this.observation.set(this.picture(), 3 * PICTURE);
    this.steps--;
    const reward = this.random.nextUint32() % 4 === action ? 4 : 0;
    const terminated = this.steps === 0;
    return {
      observation: this.observation,
      reward,
      terminated,
      truncated: false,
      info: this.info(),
    };
  }

  private picture(): Uint8Array {
    return Uint8Array.from({ length: PICTURE }, () => this.random.nextUint32() & 255);
  }

  private info() {
    return { lives: 5, episodeFrameNumber: 0, frameNumber: 0 };
  }
}

/** A display that shows nothing: no notebook runs here. */
class NoDisplay {
  update(): void {}
  async finish(): Promise<void> {}
}

const config = lib.createConfig('quick', {
  networkWidth: 0.5, // the cells' network
  lifeLossIsTerminal: true,
  totalSteps: 60,
  epsilonDecaySteps: 40,
  learningStarts: 16,
  batchSize: 8,
  bufferSize: 64,
  targetUpdateInterval: 20,
});
const env = new NoiseEnv();
const { tf, keep, ReplayBuffer } = lib; // imported by cells before these
let cells: Cells;

beforeAll(async () => {
  await ensureEngines();
  const displays = { LiveFigure: NoDisplay, LivePicture: NoDisplay, LiveProgress: NoDisplay };
  cells = (await runCells({
    notebook: '02-breakout',
    ids: IDS,
    names: NAMES,
    given: {
      makeBreakout: () => env, // the cells' game
      seed: 1,
      screen: () => null,
      observationShape,
      actions: 4,
      tf,
      keep,
      ReplayBuffer,
    },
    modules: { 'breakout-dqn': { ...lib, ...displays } },
  })) as unknown as Cells;
});

function randomBatch(size: number): lib.Batch {
  const random = new Mt19937(5);
  const bytes = () => Uint8Array.from({ length: size * 4 * PICTURE }, () => random.nextUint32());
  return {
    size,
    observations: bytes(),
    actions: Int32Array.from({ length: size }, () => random.nextUint32() % 4),
    rewards: Float32Array.from({ length: size }, () => random.nextUint32() % 2),
    nextObservations: bytes(),
    terminateds: Uint8Array.from({ length: size }, (_, i) => (i % 5 === 0 ? 1 : 0)),
  };
}

function weights(network: lib.tf.LayersModel): number[][] {
  return network.getWeights().map((weight) => Array.from(weight.dataSync()));
}

describe('the notebook and lib', () => {
  it('build the same network', () => {
    const options = { observationShape, actions: 4, inputDivisor: 255, seed: 11 };
    const halved = { ...options, width: 0.5 };
    const [ours, theirs] = [cells.createQNetwork(options), lib.createQNetwork(halved)];
    expect(lib.describeNetwork(ours).replace(/_\w+/g, '')).toBe(
      lib.describeNetwork(theirs).replace(/_\w+/g, ''),
    );
    expect(weights(ours)).toEqual(weights(theirs));
    ours.dispose();
    theirs.dispose();
  });

  it('lower epsilon alike', () => {
    const edited = { ...config, randomSteps: 7 };
    for (const agentStep of [1, 2, 6, 7, 20, 40, 41, 42, 1000]) {
      expect(cells.epsilonAt(agentStep, edited)).toBe(lib.epsilonAt(agentStep, edited));
    }
  });

  it('set the same TD targets', () => {
    const random = new Mt19937(3);
    const rewards = Array.from({ length: 16 }, () => random.nextUint32() % 3);
    const terminateds = rewards.map((_, i) => i % 2);
    const nextQ = Float32Array.from({ length: 64 }, () => random.nextDouble() * 4 - 2);
    const options = { rewards, terminateds, nextQ, gamma: 0.9, terminalTarget: null };
    const targets = tf.tidy(() => {
      const q = tf.tensor2d(nextQ, [16, 4]);
      return Array.from(cells.tdTargets({ rewards, terminateds, nextQ: q }, 0.9).dataSync());
    });
    lib.tdTargets(options).forEach((target, i) => {
      expect(targets[i]).toBeCloseTo(target, 6);
    });
  });

  it.each(['huber', 'mse'] as const)('make the same gradient steps on the %s loss', (loss) => {
    const batch = randomBatch(8);
    const edited = { ...config, loss, clipNorm: 0.5 };
    const agent = cells.createAgent(edited, 2);
    const learner = new lib.TensorFlowLearner({
      config: edited,
      observationShape,
      actions: 4,
      seed: 2,
    });
    for (let update = 0; update < 5; update++) {
      const { loss } = learner.update(batch);
      expect(cells.trainStep(agent, batch, edited)).toBeCloseTo(loss, 6);
      if (update !== 2) continue;
      lib.copyWeights({ from: agent.qNetwork, to: agent.targetNetwork });
      learner.syncTarget();
    }
    weights(agent.qNetwork).forEach((values, i) => {
      const theirs = weights(learner.qNetwork)[i]!;
      const farthest = values.reduce((most, v, j) => Math.max(most, Math.abs(v - theirs[j]!)), 0);
      expect(farthest).toBeLessThan(1e-6);
    });
    agent.dispose();
    learner.dispose();
  });

  it.each<[object, string]>([
    [{ learningrate: 1e-3 }, 'learningrate: expected a known field, the nearest is learningRate'],
    [{ gamma: 5 }, 'gamma must be 0 to 1'], // by the replay buffer, which is made first
    [{ trainFrequency: 0 }, 'trainFrequency: expected'],
  ])('train refuses a wrong config: %j', async (change, message) => {
    await expect(cells.train('wrong', { ...config, ...change }, 9)).rejects.toThrow(message);
  });

  it('train alike: the same actions, the same returns', async () => {
    await cells.train('drift', config, 9);
    const other = new NoiseEnv();
    const training = new lib.DqnTraining({ env: other, config, seed: 9 });
    const returns: number[] = [];
    for await (const event of lib.train({ training, clock: () => performance.now() })) {
      if (event.type === 'episode') returns.push(event.return);
    }
    expect(env.actions).toHaveLength(config.totalSteps);
    expect(env.actions).toEqual(other.actions);
    expect(returns.length).toBeGreaterThan(3);
    expect(cells.runs.get('drift')!.values).toEqual(returns);
    training.dispose();
  });
});

afterAll(() => keep('agent drift', { dispose: () => {} }));
