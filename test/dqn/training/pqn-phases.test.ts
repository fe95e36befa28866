/** Two phases of PQN give the actions, targets, losses and weights that PyTorch computed. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { PqnConfig } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';
import type { LearnerOptions } from '../../../lib/dqn/learner/learner';
import { NativeLearner } from '../../../lib/dqn/learner/native-learner';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import { PqnTraining } from '../../../lib/dqn/training/pqn-training';
import { tf } from '../../../lib/engine/tensorflow';
import { writeWeights } from '../../../lib/engine/weights';
import type { Env, ResetResult, StepResult } from '../../../lib/env/env';
import { ensureEngines } from '../../helpers/native-engine';
import { CatchEnv } from '../../helpers/toy-env';
import { ofType, runTo } from '../../helpers/training';

/** Written by pqn-phases.py, which says what each field is. */
interface Recorded {
  readonly seed: number;
  readonly config: Partial<PqnConfig>;
  readonly shape: readonly [number, number, number];
  readonly frames: readonly (readonly (readonly number[])[])[];
  readonly rewards: readonly (readonly (readonly number[])[])[];
  /** 0 goes on, 1 terminated, 2 truncated. */
  readonly ends: readonly (readonly number[])[];
  readonly initial: readonly (readonly number[])[];
  readonly phases: readonly Readonly<Record<'actions' | 'losses' | 'targets', number[]>>[] &
    readonly { readonly weights: readonly (readonly number[])[] }[];
}

const path = new URL('pqn-phases.json', import.meta.url);
const recorded: Recorded = JSON.parse(readFileSync(path, 'utf8'));
beforeAll(ensureEngines);

/** Plays a game of the recording: the actions decide nothing but the rewards. */
class Film implements Env {
  readonly observationSpace = { ...new CatchEnv().observationSpace, shape: recorded.shape };
  readonly actionSpace = new CatchEnv().actionSpace;
  private readonly game: number;
  private at = 0;

  constructor(game: number) {
    this.game = game;
  }

  reset(): ResetResult<Uint8Array> {
    return { observation: this.frame(), info: this.info() };
  }

  step(action: number): StepResult<Uint8Array> {
    const reward = recorded.rewards[this.at]![this.game]![action]!;
    const end = recorded.ends[this.at]![this.game]!;
    this.at++;
    const observation = end === 0 ? this.frame() : this.frame().map((byte) => 255 - byte);
    const ends = { terminated: end === 1, truncated: end === 2 };
    return { observation, reward, ...ends, info: this.info() };
  }

  private frame(): Uint8Array {
    return Uint8Array.from(recorded.frames[this.at]![this.game]!);
  }

  private info() {
    return { lives: 1, episodeFrameNumber: this.at, frameNumber: this.at };
  }
}

function createNetwork(): tf.LayersModel {
  const [stack, height, width] = recorded.shape;
  const network = tf.sequential({
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [height, width, stack] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 6 }),
      tf.layers.layerNormalization({ axis: -1, epsilon: 1e-5 }),
      tf.layers.reLU(),
      tf.layers.dense({ units: 3 }),
    ],
  });
  writeWeights({ network, weights: recorded.initial.map((w) => Float32Array.from(w)) });
  return network;
}

function expectClose(ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  expect(ours.length).toBe(theirs.length);
  for (let i = 0; i < ours.length; i++) expect(ours[i]).toBeCloseTo(theirs[i]!, 4);
}

test.each([
  ['TensorFlow', TensorFlowLearner],
  ['the native engine', NativeLearner],
] as const)("two phases of play and learning with %s are PyTorch's", (_, SomeLearner) => {
  let game = 0;
  const training = new PqnTraining({
    createEnv: () => new Film(game++),
    config: createConfig('fast', { ...recorded.config, atoms: null }),
    seed: recorded.seed,
    createLearner: (options: LearnerOptions) => new SomeLearner({ ...options, createNetwork }),
  });
  const { learner } = training;
  for (const { actions, losses, targets, weights } of recorded.phases) {
    const learned: number[] = [];
    const fit = learner.fit.bind(learner);
    learner.fit = (batch) => {
      learned.push(...batch.targets);
      return fit(batch);
    };
    const events = runTo({ training, to: training.agentStep + actions.length });
    learner.fit = fit;
    const steps = ofType(events, 'step');
    expect(steps.map(({ action }) => action)).toEqual(actions);
    const all = [...targets, ...targets].sort((a, b) => a - b);
    expectClose(
      learned.sort((a, b) => a - b),
      all,
    );
    const updates = ofType(events, 'update');
    expectClose(
      updates.map(({ loss }) => loss),
      losses,
    );
    learner.state().weights.forEach((values, i) => {
      expectClose(values, weights[i]!);
    });
  }
  training.dispose();
});
