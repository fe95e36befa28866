/** The cells of notebooks/01-q-learning.ts that other notebooks use. Made by npm run notebooks:build. */
import { Mt19937 } from '../index';
import { tf } from '../index';
import { observationTensor } from '../index';
import type { DqnConfig } from '../index';
import { argmax } from '../index';
import { createConfig } from '../index';
import { ReplayBuffer } from '../index';
import { Adam, copyWeights, trainableVariables } from '../index';
import type { Batch } from '../index';

export const SIZE = 7; // a picture has 7 x 7 pixels

export interface Ball {
  readonly x: number;
  readonly y: number;
  readonly dx: number; // -1, 0 or 1: where it goes while it falls
}

/** The ball one step later: a pixel lower, and turned back if it met a wall. */
export function fall({ x, y, dx }: Ball): Ball {
  const turned = x + dx < 0 || x + dx >= SIZE ? -dx : dx;
  return { x: x + turned, y: y + 1, dx: turned };
}

/** Bytes [7, 7] from 0 (dark) to 255 (bright): the paddle 128, the ball 255. */
export function draw(ball: Ball, paddle: number): Uint8Array {
  const picture = new Uint8Array(SIZE * SIZE);
  const bottom = (SIZE - 1) * SIZE;
  picture.fill(128, bottom + paddle, bottom + paddle + 3); // from its left pixel on
  picture[ball.y * SIZE + ball.x] = 255;
  return picture;
}

export const [STAY, LEFT, RIGHT] = [0, 1, 2];

export class Catch {
  private random = new Mt19937(0);
  private ball: Ball = { x: 0, y: 0, dx: 0 };
  private paddle = 0;
  private caught = 0;
  private pictures: Uint8Array[] = []; // the one before, and the present one

  reset({ seed }: { seed?: number } = {}) {
    if (seed !== undefined) this.random = new Mt19937(seed);
    this.paddle = this.random.nextUint32() % (SIZE - 2);
    this.caught = 0;
    this.serve();
    this.pictures = [this.render()]; // there is none before: the first one stands twice
    return { observation: this.observe() };
  }

  step(action: number) {
    const move = action === LEFT ? -1 : action === RIGHT ? 1 : 0;
    this.paddle = Math.min(SIZE - 3, Math.max(0, this.paddle + move));
    if (this.ball.y === SIZE - 1) this.serve();
    else this.ball = fall(this.ball);
    const { x, y } = this.ball;
    const isDown = y === SIZE - 1;
    const isCaught = isDown && x >= this.paddle && x <= this.paddle + 2;
    if (isCaught) this.caught++;
    const [terminated, truncated] = [isDown && !isCaught, this.caught === 10];
    const reward = isCaught ? 10 : 0;
    return { observation: this.observe(), reward, terminated, truncated };
  }

  render = (): Uint8Array => draw(this.ball, this.paddle);

  private observe(): Uint8Array {
    this.pictures = [this.pictures.at(-1)!, this.render()];
    return Uint8Array.of(...this.pictures[0]!, ...this.pictures[1]!); // [2, 7, 7]
  }

  private serve(): void {
    const draws = [this.random.nextUint32(), this.random.nextUint32()];
    this.ball = { x: draws[0]! % SIZE, y: 0, dx: (draws[1]! % 3) - 1 };
  }
}

export const env = new Catch();
export const observationShape = [2, SIZE, SIZE]; // two pictures
export const actionNames = ['STAY', 'LEFT', 'RIGHT'];
export const actions = actionNames.length;
export const seed = 1; // equal seeds give equal runs on one machine

export interface NetworkOptions {
  readonly observationShape: readonly number[]; // [stack, height, width]
  readonly actions: number;
  readonly inputDivisor: number;
  readonly seed: number;
}

export function createQNetwork(options: NetworkOptions): tf.Sequential {
  const { actions, inputDivisor, seed } = options;
  const [stack, height, width] = options.observationShape as [number, number, number];
  const initial = (layer: number) => ({
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed + layer }),
  });
  const { rescaling, flatten, dense } = tf.layers;
  return tf.sequential({
    layers: [
      // [batch, 7, 7, 2], bytes 0 ... 255 -> 0 ... 1
      rescaling({ scale: 1 / inputDivisor, inputShape: [height, width, stack] }),
      flatten(), // -> [batch, 98]
      dense({ units: 128, activation: 'relu', ...initial(0) }), // -> [batch, 128]
      dense({ units: actions, ...initial(1) }), // -> [batch, 3]
    ],
  });
}

/** Bytes [n, 2, 7, 7] -> float32 [n, 7, 7, 2]: TensorFlow wants channels last. */
export function toInput(observations: Uint8Array): tf.Tensor4D {
  const [stack, height, width] = observationShape as [number, number, number];
  const n = observations.length / (stack * height * width);
  return observationTensor({ observations, shape: [n, stack, height, width] });
}

/** The Q-values of n observations, [n * actions]. */
export function qValues(network: tf.LayersModel, observations: Uint8Array): Float32Array {
  const q = tf.tidy(() => network.apply(toInput(observations)) as tf.Tensor2D);
  const values = q.dataSync<'float32'>();
  q.dispose();
  return values;
}

/** Probability of a random action at agent step t = 1, 2, ... */
export function epsilonAt(agentStep: number, config: DqnConfig): number {
  const { epsilonStart, epsilonEnd, epsilonDecaySteps, randomSteps } = config;
  if (agentStep < randomSteps) return 1; // 0 here: only other notebooks use it
  const progress = Math.min((agentStep - 1) / epsilonDecaySteps, 1);
  return epsilonStart + progress * (epsilonEnd - epsilonStart);
}

export interface Policy {
  readonly values: (observation: Uint8Array) => Float32Array; // of the actions
  readonly epsilon: number;
  readonly random: Mt19937; // random.nextDouble() is a number from 0 to 1
}

/** What a network says of an observation, as a policy asks it. */
export const valuesBy = (network: tf.LayersModel) => (observation: Uint8Array) =>
  qValues(network, observation);

export function selectAction(
  observation: Uint8Array,
  { values, epsilon, random }: Policy,
): number {
  if (random.nextDouble() < epsilon) return Math.floor(random.nextDouble() * actions);
  return argmax(values(observation));
}

export const config = createConfig('quick', {
  epsilonStart: 1,
  epsilonEnd: 0.02,
  epsilonDecaySteps: 1500,
  totalSteps: 5000, // length of the training
  learningStarts: 200, // steps before the first update
  bufferSize: 5000, // steps that are remembered
  batchSize: 64, // remembered steps in one update
  trainFrequency: 2, // steps from one update to the next
  targetUpdateInterval: 200, // steps from one copy to the next
  learningRate: 3e-3,
  gamma: 0.95,
  clipNorm: null, // gradients as they are
});

export interface Outcomes {
  readonly rewards: ArrayLike<number>; // r, [batch]
  readonly terminateds: ArrayLike<number>; // d, [batch]
  readonly nextQ: tf.Tensor2D; // Q(o', .; theta-), [batch, actions]
}

/** y = r + gamma (1 - d) max over a' of Q(o', a'; theta-), [batch]. */
export function tdTargets(outcomes: Outcomes, gamma: number): tf.Tensor1D {
  const r = tf.tensor1d(Array.from(outcomes.rewards));
  const d = tf.tensor1d(Array.from(outcomes.terminateds));
  const best = tf.max(outcomes.nextQ, 1); // [batch, actions] -> [batch]
  return tf.add(r, tf.mul(gamma, tf.mul(tf.sub(1, d), best)));
}

export interface Agent {
  readonly qNetwork: tf.LayersModel; // theta: learns
  readonly targetNetwork: tf.LayersModel; // theta-: stays behind
  readonly optimizer: tf.Optimizer;
  readonly replayBuffer: ReplayBuffer;
  agentSteps: number; // played so far
  dispose(): void;
}

export function createAgent(config: DqnConfig, seed: number): Agent {
  const { inputDivisor, learningRate, batchSize, bufferSize: capacity } = config;
  const options = { observationShape, actions, inputDivisor, seed };
  const [qNetwork, targetNetwork] = [createQNetwork(options), createQNetwork(options)];
  copyWeights({ from: qNetwork, to: targetNetwork });
  const variables = trainableVariables(qNetwork);
  const optimizer = new Adam({ variables, learningRate });
  const replayBuffer = new ReplayBuffer({ capacity, observationShape, batchSize });
  const dispose = () => {
    for (const part of [optimizer, qNetwork, targetNetwork]) part.dispose();
  };
  return { qNetwork, targetNetwork, optimizer, replayBuffer, agentSteps: 0, dispose };
}

/** One gradient step on a batch; returns the loss as it was before. */
export function trainStep(agent: Agent, batch: Batch, config: DqnConfig): number {
  const { qNetwork, targetNetwork, optimizer } = agent;
  const { huberLoss, meanSquaredError } = tf.losses;
  const lossOf = config.loss === 'huber' ? huberLoss : meanSquaredError;
  const loss = tf.tidy(() => {
    const nextQ = targetNetwork.apply(toInput(batch.nextObservations)) as tf.Tensor2D;
    const discount = config.gamma ** config.nSteps;
    const y = tdTargets({ ...batch, nextQ }, discount); // [batch], a constant
    const input = toInput(batch.observations); // [batch, 7, 7, 2]
    const taken = tf.oneHot(tf.tensor1d(batch.actions, 'int32'), actions);
    const meanLoss = (): tf.Scalar => {
      const q = qNetwork.apply(input) as tf.Tensor2D; // [batch, actions]
      const qTaken = tf.sum(tf.mul(q, taken), 1); // [batch]
      return lossOf(y, qTaken);
    };
    const variables = trainableVariables(qNetwork);
    return optimizer.minimize(meanLoss, true, variables)!.dataSync()[0]!;
  });
  if (!Number.isFinite(loss))
    throw new Error(`the loss is ${loss}: lower learningRate`);
  return loss;
}
