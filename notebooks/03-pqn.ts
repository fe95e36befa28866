// The source of 03-pqn.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # 3 PQN: sixteen games at once
//
// A DQN learns Breakout, but slowly. This notebook builds the algorithm that learns it soonest on a
// laptop: PQN, *parallelised Q-network* ([Gallici et al., 2024](https://arxiv.org/abs/2407.04811)). It is
// still Q-learning. It plays sixteen games at once, and needs neither replay buffer nor target network.
// **The agent that you train here plays well after some minutes**: in training a mean of more than 40 points,
// where random play gets 1 or 2.
//
// **After this notebook you can**
//
// 1. compute a lambda-return by hand, and say what lambda trades;
// 2. say what layer normalization does, and why values do not run away with it;
// 3. say why a network may guess a histogram where a number is wanted;
// 4. write and read PQN as a whole: a rollout, its targets, its updates;
// 5. train an agent that plays, stop it, and go on.
//
// You need notebooks [1](01-q-learning.ipynb) and [2](02-breakout.ipynb): the Q-value, the TD target,
// epsilon-greedy acting, and the observation of four pictures. It takes 45 minutes, and the training goes
// on beside your reading.

// %% id="settings"
import { createConfig, describeConfig, showTable } from 'breakout-dqn';

const config = createConfig('fast', {}); // edits go between the braces
const seed = 1; // equal seeds give equal trainings on one machine

const taught =
  'numEnvs rolloutSteps gamma lambda atoms valueMin valueMax batchSize learningRate';
showTable(
  describeConfig({ config, preset: 'fast' })
    .filter(({ field }) => taught.split(' ').includes(field))
    .map(({ field, value, unit, meaning }) => ({ field, value, unit, meaning })),
);

// %% [markdown] id="why"
// ## 1 What a DQN pays for
//
// The replay buffer and the target network each solve a problem, and each has its price:
//
// | problem | in DQN | its price | in PQN |
// | --- | --- | --- | --- |
// | successive transitions are nearly equal | a batch drawn from the past | 0.7 GB of pictures, most of them played by an agent that no longer exists | a batch drawn from sixteen games that go on at once |
// | a network that sets its own goals runs away | goals from a copy that stands still | goals as old as the copy | layer normalization |
// | a reward is seen one step back per update | targets of several steps (ours: 3) | what an older agent did, perhaps by chance, stays in the target | the lambda-return, made of what the present agent did |
//
// What PQN does, again and again:
//
// 1. **Play** 32 steps in each of 16 games: a **rollout** of 512 transitions.
// 2. **Compute** a target for each of them.
// 3. **Learn** from them in 16 shuffled batches of 32, each transition once.
// 4. **Forget** them.
//
// The idea is the paper's; the numbers are ours, chosen for a laptop, and one part is from elsewhere:
//
// | | here | in the paper, for Atari |
// | --- | --- | --- |
// | games, steps of a rollout | 16, 32 | 128, 32 |
// | passes over a rollout, batches in each | 1, 16 | 2, 32 |
// | learning rate | 5e-4, falling | 2.5e-4, falling |
// | last $\epsilon$ | 0.01 | 0.001 |
// | network | half as wide | as in notebook 2's paper |
// | what it puts out | histograms (section 4) | values |

// %% id="make-env"
import { makeBreakout } from 'breakout-dqn';

/** One game, in which FIRE is pressed for the agent whenever a ball must be served. */
const makeGame = () => makeBreakout({ fireReset: true, fireAfterLifeLoss: true });

const probe = makeGame();
const observationShape = probe.observationSpace.shape; // [4, 84, 84]
const pixels = observationShape.reduce((a, b) => a * b); // 28,224 bytes
const actions = probe.actionSpace.n; // 4

// %% id="sixteen-games" tags=["hidden"]
import { Mt19937, type Picture, showPanels } from 'breakout-dqn';

/** Some of the games after as many random steps: what one batch may see. */
function picturesOf(games: number, steps: number): Picture[] {
  const random = new Mt19937(seed);
  return Array.from({ length: games }, (_, game) => {
    const env = makeGame();
    env.reset({ seed: game });
    for (let step = 0; step < steps; step++) {
      const { terminated } = env.step(Math.floor(random.nextDouble() * actions));
      if (terminated) env.reset({ seed: game });
    }
    return { data: env.render(), shape: [210, 160, 3] };
  });
}
await showPanels(
  picturesOf(8, 150).map((picture, i) => ({ picture, caption: `game ${i + 1}` })),
  { height: 105 },
);

// %% [markdown] id="sixteen-see"
// **What you should see.** Eight games at the same moment: other bricks, other balls, paddles at other
// places. A batch from all of them is about as varied as one from a long past, and it is fresh.
//
// ### Questions
//
// **a.** Why would 512 successive steps of *one* game not do?
// <details><summary>Answer</summary>
//
// They are 34 seconds of one game: the same bricks, mostly the same side of the field. The network would
// fit these and forget the rest.
// </details>
//
// **b.** A buffer of 100,000 transitions is filled at one transition per step. How old is the oldest one
// that a batch may hold, and how old is the oldest one in PQN?
// <details><summary>Answer</summary>
//
// 100,000 steps, against 512 (32 steps of each game).
// </details>
//
// **c.** What does PQN give up by forgetting?
// <details><summary>Answer</summary>
//
// With our settings it sees each transition once. The DQN of notebook 2 sees each one four times in the mean and
// needs fewer steps of the game. Here a step is so cheap that PQN is ahead by the clock. (The paper makes two
// passes, and needs about as many steps as a DQN.)
// </details>

// %% [markdown] id="lambda"
// ## 2 Looking further ahead
//
// The TD target looks one step ahead and asks the network about the rest:
// $y_t = r_t + \gamma \max_a Q(o_{t+1}, a)$. When a brick falls, only the step before learns of it. The
// step before that has to wait until the network has changed, and so on: from the paddle to the brick are
// some twenty steps.
//
// But in a rollout we *know* what came next. We could add up the rewards of all the steps that follow, and
// ask the network only at the end. That carries the news at once, but it also carries all the chance of
// those steps: a random move five steps later, a lost ball. The **lambda-return** takes a bit of each:
//
// $$G_t = r_t + \gamma \left(\lambda\, G_{t+1} + (1 - \lambda) \max_a Q(o_{t+1}, a)\right)$$
//
// With a part $\lambda$ it believes what really came, $G_{t+1}$, and with the rest what the network thinks.
// (With $\max$ inside, this is *Peng's Q($\lambda$)*, of 1994.) It is computed from the last step back. Two special
// cases:
//
// - When the ball was lost nothing follows: $G_t = r_t$. (As in notebook 2, a lost ball counts as an end.)
// - After the last step of the rollout there is no $G_{t+1}$ yet: the network's value stands for it.
//
// **Predict** $G$ of these four steps for $\gamma = 0.5$ and $\lambda = 0.5$, the last one first. Then with
// $\lambda = 0$ and $\lambda = 1$.
//
// | step | $r$ | lost? | $\max_a Q$ of what follows |
// | --: | --: | --- | --: |
// | 0 | 0 | no | 0.2 |
// | 1 | 0 | no | 0.4 |
// | 2 | 1 | no | 0.1 |
// | 3 | 0 | no | 0.5 |

// %% id="define-lambda-returns" student=["lambdaReturns"]
interface Played {
  readonly rewards: Float32Array; // r, [steps * games]: first step 0 of all games, ...
  readonly dones: Uint8Array; // 1 where a ball was lost
  readonly nextValues: Float32Array; // max over a of Q(o', a)
}
type Looking = Readonly<Record<'games' | 'gamma' | 'lambda', number>>;

/** The lambda-return of each row, from the last one back. */
function lambdaReturns(
  played: Played,
  { games, gamma, lambda }: Looking,
): Float32Array {
  const { rewards, dones, nextValues } = played;
  const returns = new Float32Array(rewards.length);
  for (let row = rewards.length - 1; row >= 0; row--) {
    const value = nextValues[row]!;
    const later = returns[row + games]; // the same game, one step later
    const rest = later === undefined ? value : lambda * later + (1 - lambda) * value;
    returns[row] = rewards[row]! + (dones[row] === 1 ? 0 : gamma * rest);
  }
  return returns;
}

// %% id="check-lambda-returns"
import { check } from 'breakout-dqn';

const fourSteps = {
  rewards: Float32Array.of(0, 0, 1, 0),
  dones: new Uint8Array(4),
  nextValues: Float32Array.of(0.2, 0.4, 0.1, 0.5),
};
const returnsFor = (lambda: number, played: Played = fourSteps, games = 1) =>
  lambdaReturns(played, { games, gamma: 0.5, lambda });
const g2 = 1 + 0.5 * (0.5 * 0.25 + 0.5 * 0.1); // 1.0875
const g1 = 0.5 * (0.5 * g2 + 0.5 * 0.4); // 0.3719
check('lambdaReturns', [
  {
    when: 'lambda = 0.5',
    got: () => returnsFor(0.5),
    expected: [0.5 * (0.5 * g1 + 0.5 * 0.2), g1, g2, 0.25],
    because: 'From the last step back: r + gamma (lambda G + (1 - lambda) max Q).',
  },
  {
    when: 'lambda = 0',
    got: () => returnsFor(0),
    expected: [0.1, 0.2, 1.05, 0.25],
    because: 'Then it is the TD target of one step, r + gamma max Q.',
  },
]);

// %% id="check-lambda-returns-more"
check('lambdaReturns', [
  {
    when: 'lambda = 1',
    got: () => returnsFor(1),
    expected: [0.28125, 0.5625, 1.125, 0.25],
    because:
      'Then it is the discounted sum of rewards; the network counts at the end only.',
  },
  {
    when: 'a ball is lost at step 1',
    got: () => returnsFor(0.5, { ...fourSteps, dones: Uint8Array.of(0, 1, 0, 0) }),
    expected: [0.05, 0, g2, 0.25],
    because: 'Nothing of the next ball counts: G is the reward alone there.',
  },
  {
    when: 'two games of two steps',
    got: () => returnsFor(1, fourSteps, 2),
    expected: [0.525, 0.125, 1.05, 0.25],
    because: 'The same game one step later is `games` rows further on.',
  },
]);

// %% [markdown] id="lambda-see"
// **What you should see.** With $\lambda = 0$ only step 2, whose reward it was, knows of the brick; the others
// believe the network. With $\lambda = 1$ step 0 has heard of the brick.
//
// The next cell shows how much of a single reward arrives how many steps earlier, while the network still
// says 0 everywhere: $(\gamma \lambda)^k$. **Predict:** how many steps back is half of it left with
// $\lambda = 0.65$?

// %% id="lambda-reach"
import { lineFigure, showFigure } from 'breakout-dqn';

const stepsBack = Array.from({ length: 25 }, (_, k) => k);
const reach = [0, 0.65, 0.9, 1].map((lambda) => ({
  name: `lambda ${lambda}`,
  x: stepsBack,
  y: stepsBack.map((k) => (config.gamma * lambda) ** k),
}));
await showFigure(
  lineFigure(reach, {
    title: 'What arrives of a reward of 1',
    xTitle: 'steps before it',
    yTitle: 'share of G',
  }),
);

// %% [markdown] id="lambda-questions"
// **What you should see.** With 0.65, half is left after a step and a half, a tenth after five, and nearly
// nothing after the twenty steps from paddle to brick. So this $\lambda$ helps about as much as the three-step
// targets of notebook 2, and the rest of the way the news still travels from update to update.
//
// ### Questions
//
// **a.** Why not $\lambda = 1$?
// <details><summary>Answer</summary>
//
// Then the target is what really happened up to the end of the rollout, with all its chance: a random
// action that lost the ball lowers the value of twenty good steps before. On average such targets are right for
// the agent as it plays, chance moves included (question c), but each single one is far off, and learning from
// noise is slow.
// </details>
//
// **b.** In which kind of game would a larger $\lambda$ be better?
// <details><summary>Answer</summary>
//
// In one with little chance in it, where a reward comes long after what earned it.
// </details>
//
// **c.** An exploring action lost the ball. Does the state before it now look bad, though a greedy agent
// would have kept the ball?
// <details><summary>Answer</summary>
//
// Yes, by a part: lambda-returns learn a little of what the exploring agent gets, where the TD target
// learns only of the greedy one. With $\epsilon = 0.01$ that hardly matters.
// </details>

// %% [markdown] id="norm"
// ## 3 Keeping values from running away
//
// Without a target network each update moves the goals, too. If an update that raises $Q(o, a)$ raises
// $Q(o', a')$ even more, the goal is further away than before, and the values grow without end. The paper
// proves, for very wide networks, that **layer normalization** together with a pull of the weights towards 0
// prevents it, and finds that on Atari the normalization alone is mostly enough. It comes after each layer and before its relu: from the
// numbers $x_1, \dots, x_n$ that a layer puts out for one observation it takes the mean $m$, divides by the
// standard deviation $s$, and lets the network choose a new scale $g_i$ and place $b_i$ for each:
//
// $$y_i = g_i\,\frac{x_i - m}{s} + b_i$$
//
// However large the weights before it are, what comes out has the same size. So the network can raise its values
// chiefly through $g$, $b$ and its last layer, slowly. (This is not *batch* normalization: here each observation is
// normalized by itself, so acting and learning see the same network.)

// %% id="define-network" tags=["core"]
import { type QNetworkOptions, tf } from 'breakout-dqn';

/** The network of notebook 2 (with `width` 0.5) and layer normalization. */
function createPqnNetwork(options: QNetworkOptions): tf.Sequential {
  const { actions, atoms = 1, width: factor = 1, inputDivisor = 255, seed } = options;
  const [stack, height, width] = options.observationShape as [number, number, number];
  const initial = (layer: number) => ({
    kernelInitializer: tf.initializers.heNormal({ seed: seed + layer }),
  });
  const { rescaling, conv2d, flatten, dense, layerNormalization, reLU } = tf.layers;
  const norm = (axis: number[]) => [
    layerNormalization({ axis, epsilon: 1e-5 }),
    reLU(),
  ];
  const [few, many, units] = [32 * factor, 64 * factor, 512 * factor];
  return tf.sequential({
    layers: [
      rescaling({ scale: 1 / inputDivisor, inputShape: [height, width, stack] }),
      conv2d({ filters: few, kernelSize: 8, strides: 4, ...initial(0) }),
      ...norm([1, 2, 3]), // rows, columns and channels of one observation together
      conv2d({ filters: many, kernelSize: 4, strides: 2, ...initial(1) }),
      ...norm([1, 2, 3]),
      conv2d({ filters: many, kernelSize: 3, strides: 1, ...initial(2) }),
      ...norm([1, 2, 3]),
      flatten(),
      dense({ units, ...initial(3) }),
      ...norm([1]),
      dense({ units: actions * atoms, ...initial(4) }), // atoms: see section 4
    ],
  });
}

// %% id="network-louder"
import { createQNetwork, keep, observationTensor } from 'breakout-dqn';

const options = { observationShape, actions, width: config.networkWidth, seed };
const networks = {
  'without normalization': keep('plain', createQNetwork(options)),
  'with it': keep('normed', createPqnNetwork(options)),
};
const someObservation = probe.reset({ seed }).observation;
const largest = (network: tf.LayersModel, factor: number): string =>
  tf.tidy(() => {
    const shape = [1, 4, 84, 84] as const;
    const input = observationTensor({ observations: someObservation, shape });
    const q = network.apply(tf.mul(input, factor)) as tf.Tensor;
    return tf.max(tf.abs(q)).arraySync().toString().slice(0, 5);
  });
showTable(
  [1, 10, 100].map((factor) => ({
    'input times': factor,
    'without normalization': largest(networks['without normalization'], factor),
    'with it': largest(networks['with it'], factor),
  })),
);

// %% [markdown] id="norm-see"
// **What you should see.** The largest of the four values of one observation whose pixels were multiplied.
// Without normalization it grows tenfold with them; with it, it stays. The same holds when not the pixels
// but the weights of a layer grow.
//
// ### Questions
//
// **a.** A layer puts out 1, 3, 5 and 7. What is left after normalization with $g = 1$ and $b = 0$?
// <details><summary>Answer</summary>
//
// The mean is 4, the standard deviation $\sqrt{5} = 2.24$: -1.34, -0.45, 0.45, 1.34.
// </details>
//
// **b.** All weights of the first layer are doubled. What happens to the Q-values?
// <details><summary>Answer</summary>
//
// Nothing: mean and standard deviation double, too, and cancel (the biases aside).
// </details>
//
// **c.** Why does each observation get a mean of its own, and not the batch?
// <details><summary>Answer</summary>
//
// The value of an observation must not depend on what else is in the batch: the agent acts on single
// observations.
// </details>

// %% [markdown] id="histogram"
// ## 4 A histogram in place of a number
//
// So far a network was fitted to numbers: its output should be $G$. In several experiments of deep reinforcement
// learning another loss worked better, that of networks which tell classes apart: cat or dog, with a probability
// for each. So the number is written in that form. For each action the network puts out 51 numbers, one for
// each bin between -1 and 10. *Softmax* makes probabilities $p_j$ of them: each is $e$ to the power of its number,
// divided by the sum of all. And the value is their mean,
//
// $$Q(o, a) = \sum_j p_j\, z_j, \qquad z_j \text{ the middle of bin } j.$$
//
// The target $G$ becomes a histogram, too. Not with all in one bin: that would tell the network nothing about
// the bins beside it. A bell curve around $G$, with a standard deviation of three quarters of a bin, is laid over
// the bins, and each gets the area above it. The loss is the **cross-entropy** $-\sum_j m_j \log p_j$ of that
// histogram $m$ and the network's $p$.
//
// This is *HL-Gauss* ([Farebrother et al., 2024](https://arxiv.org/abs/2403.03950)). Why it helps is still
// being studied. Mind what the bins are: a way to write *one number*, the target. They are not the chances of the
// different returns that a game may have; a method that learns those is C51
// ([Bellemare et al., 2017](https://arxiv.org/abs/1707.06887)).

// %% id="show-histogram"
import { valueHistograms } from 'breakout-dqn';

const support = { atoms: config.atoms!, min: config.valueMin, max: config.valueMax };
const width = (support.max - support.min) / (support.atoms - 1); // of a bin: 0.22
const middles = Array.from(
  { length: support.atoms },
  (_, j) => support.min + j * width,
);
const bells = [0, 2.5, 2.6].map((target) => ({
  name: `G = ${target}`,
  x: middles,
  y: Array.from(valueHistograms({ targets: [target], support })),
}));
await showFigure(
  lineFigure(bells, {
    title: 'Three returns as histograms',
    xTitle: 'middle of the bin',
    yTitle: 'probability',
  }),
);

// %% id="define-mean-of" student=["meanOf"]
/** The value that a network's outputs for one action stand for. */
function meanOf(outputs: readonly number[], z: readonly number[]): number {
  const exponentials = outputs.map((output) => Math.exp(output));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.reduce((mean, e, j) => mean + (e / sum) * z[j]!, 0);
}

// %% id="check-mean-of"
check('meanOf', [
  {
    when: 'all outputs equal',
    got: () => meanOf([7, 7, 7], [-1, 0, 4]),
    expected: 1,
    because: 'Each bin has a third: (-1 + 0 + 4) / 3.',
  },
  {
    when: 'outputs log 1 and log 3',
    got: () => meanOf([0, Math.log(3)], [0, 8]),
    expected: 6,
    because: 'Softmax gives 1/4 and 3/4.',
  },
]);

// %% [markdown] id="histogram-see"
// **What you should see.** Bells of the same width. 2.5 and 2.6 lie in the same bin, and
// yet their histograms differ: nothing of the number is lost.
//
// ### Questions
//
// **a.** The largest bin stands for 10. What does the network say of an observation whose return is 15?
// <details><summary>Answer</summary>
//
// 10: it cannot say more. The range must hold all returns that occur; here rewards are 1 for a brick, and
// with $\gamma = 0.99$ an agent of 40 points stays below 5. (A better one does not: the one of notebook 7 expects more
// than 11 in its best moments. For long trainings raise `valueMax`.)
// </details>
//
// **b.** Why not one bin for each action, with a width of 11?
// <details><summary>Answer</summary>
//
// All returns would be the same class.
// </details>
//
// **c.** For one observation half of the targets are 0 and half are 4. What histogram does the network learn, and
// what is its value?
// <details><summary>Answer</summary>
//
// The mean of the targets' histograms: two bumps, around 0 and 4. Its value is 2, as that of a network that was
// fitted to the numbers.
// </details>

// %% [markdown] id="agent-text"
// ## 5 The agent
//
// The agent is a network with its optimizer, and sixteen games with their current observations. For speed
// the network learns in the compiled engine: `createLearner` takes the network of the cell above and
// compiles it for this processor. Its `qValues` does what `meanOf` does. Its `fit` does what you would write in
// TensorFlow.js: targets as histograms, the mean cross-entropy of the batch, its gradient, one step of Adam.
// (Notebook 2 shows one update both ways.)

// %% id="define-agent"
import { type Breakout, createLearner, type Learner, seedSequence } from 'breakout-dqn';

interface Agent {
  readonly learner: Learner; // network and optimizer
  readonly games: readonly Breakout[];
  readonly observations: Uint8Array; // the current ones, [games, 4, 84, 84]
  readonly lives: Int32Array;
  readonly points: Float64Array; // of the games in progress
  readonly random: Readonly<Record<'exploring' | 'sampling' | 'episodes', Mt19937>>;
  agentSteps: number;
  updates: number;
  dispose(): void;
}

/** Starts game i anew. */
function restart(
  { games, observations, lives, points, random }: Agent,
  i: number,
): void {
  const { observation, info } = games[i]!.reset({ seed: random.episodes.nextUint32() });
  observations.set(observation, i * pixels);
  lives[i] = info.lives;
  points[i] = 0;
}

// %% id="create-agent"
import type { PqnConfig } from 'breakout-dqn';

function createAgent(config: PqnConfig, seed: number): Agent {
  const { numEnvs } = config;
  const streams = seedSequence(seed, 4) as [number, number, number, number];
  const [exploring, sampling, episodes] = streams.map((s) => new Mt19937(s));
  const learner = createLearner({
    ...{ config, observationShape, actions, seed: streams[3] },
    createNetwork: createPqnNetwork,
  });
  const agent: Agent = {
    learner,
    games: Array.from({ length: numEnvs }, makeGame),
    observations: new Uint8Array(numEnvs * pixels),
    lives: new Int32Array(numEnvs),
    points: new Float64Array(numEnvs),
    random: { exploring: exploring!, sampling: sampling!, episodes: episodes! },
    agentSteps: 0,
    updates: 0,
    dispose: () => learner.dispose(),
  };
  agent.games.forEach((_, i) => void restart(agent, i));
  return agent;
}

// %% id="agent-engine"
const first = keep('first', createAgent(config, seed));
console.log(first.learner.engine.sentence);

// %% [markdown] id="rollout-text"
// ## 6 A rollout
//
// In each of 32 steps the network values the sixteen observations in *one* pass, which costs far less than
// sixteen passes. Each game then takes an action, epsilon-greedily. Row `step * games + game` of the arrays
// holds what happened.
//
// The values of the next observations, which the targets need, are those that the next step computes
// anyway. Only after the last step the network is asked once more.
//
// `stepGame` is one action of one game: with probability $\epsilon$ a random one, else that with the largest of
// the four values `q`. It counts the agent step, and keeps the new observation, the balls left and the points.
//
// (A game that lasts half an hour is cut off and joined to the next one here. It is too rare to matter; the
// library's PQN lets its last observation count.)

// %% id="define-step" student=["stepGame"]
import { argmax, epsilonAt } from 'breakout-dqn';

interface Step {
  readonly action: number;
  readonly reward: number; // -1, 0 or 1
  readonly done: boolean; // a ball was lost
  readonly isOver: boolean; // it was the last one
}

/** One step of game i, whose four actions have the values q. */
function stepGame(agent: Agent, i: number, q: Float32Array, config: PqnConfig): Step {
  const { games, observations, lives, points, random } = agent;
  agent.agentSteps++;
  const isRandom = random.exploring.nextDouble() < epsilonAt(agent.agentSteps, config);
  const action = isRandom
    ? Math.floor(random.exploring.nextDouble() * actions)
    : argmax(q);
  const { observation, reward, terminated, truncated, info } = games[i]!.step(action);
  const done = terminated || info.lives < lives[i]!; // a lost ball counts as an end
  observations.set(observation, i * pixels);
  lives[i] = info.lives;
  points[i]! += reward;
  return { action, reward: Math.sign(reward), done, isOver: terminated || truncated };
}

// %% id="check-step" tags=["hidden"]
const acting = keep('acting', createAgent({ ...config, numEnvs: 2 }, seed));
const [quiet, wild] = [
  { ...config, epsilonStart: 0, epsilonEnd: 0 },
  { ...config, epsilonStart: 1, epsilonEnd: 1 },
];
const preferring = (action: number) =>
  Float32Array.from({ length: actions }, (_, a) => (a === action ? 1 : 0));
const chosenBy = (config: PqnConfig) =>
  Array.from({ length: 40 }, () => stepGame(acting, 0, preferring(2), config).action);
const startOf = (i: number) =>
  acting.observations.subarray(i * pixels, (i + 1) * pixels).join();
const starts = [0, 1].map(startOf);
check('stepGame', [
  {
    when: 'epsilon = 0',
    got: () => [...new Set(chosenBy(quiet))],
    expected: [2],
    because: 'Without exploration it takes the action with the largest value.',
  },
  {
    when: 'epsilon = 1',
    got: () => new Set(chosenBy(wild)).size,
    expected: actions,
    because: 'All by chance: in 40 steps each action comes up.',
  },
  {
    when: 'steps counted',
    got: () => acting.agentSteps,
    expected: 80,
    because: 'Each step of a game is one agent step.',
  },
  {
    when: 'the observation kept',
    got: () => [0, 1].map((i) => startOf(i) !== starts[i]),
    expected: [true, false],
    because: 'The new observation must lie in the part of its game, here game 0.',
  },
]);

// %% id="define-rollout" tags=["core"]
interface Rollout extends Played {
  readonly observations: Uint8Array; // [steps, games, 4, 84, 84]
  readonly actions: Int32Array; // [steps, games]
}

/** Plays some steps of all games; `onGame` gets the points of each finished game. */
function playRollout(
  agent: Agent,
  config: PqnConfig,
  onGame: (points: number) => void,
): Rollout {
  const games = config.numEnvs;
  const rows = games * config.rolloutSteps;
  const observations = new Uint8Array(rows * pixels);
  const taken = new Int32Array(rows);
  const [rewards, nextValues] = [new Float32Array(rows), new Float32Array(rows)];
  const dones = new Uint8Array(rows);
  const best = (q: Float32Array, i: number) =>
    q.subarray(i * actions, (i + 1) * actions);
  for (let row = 0; row < rows; row += games) {
    const q = agent.learner.qValues(agent.observations); // [games, actions]
    observations.set(agent.observations, row * pixels);
    for (let i = 0; i < games; i++) {
      if (row > 0) nextValues[row - games + i] = Math.max(...best(q, i));
      const { action, reward, done, isOver } = stepGame(agent, i, best(q, i), config);
      taken[row + i] = action;
      rewards[row + i] = reward;
      dones[row + i] = done ? 1 : 0;
      if (!isOver) continue;
      onGame(agent.points[i]!);
      restart(agent, i);
    }
  }
  const q = agent.learner.qValues(agent.observations);
  for (let i = 0; i < games; i++)
    nextValues[rows - games + i] = Math.max(...best(q, i));
  return { observations, actions: taken, rewards, dones, nextValues };
}

// %% id="rollout-once"
const rollout = playRollout(first, config, () => {});
const count = (values: ArrayLike<number>) => Array.from(values).filter(Boolean).length;
console.log(`${rollout.rewards.length} transitions of ${config.numEnvs} games`);
console.log(`${count(rollout.rewards)} bricks, ${count(rollout.dones)} lost balls`);

// %% [markdown] id="rollout-see"
// **What you should see.** 512 transitions, few bricks or none, and about one lost ball in each game: all games
// have just begun, and the agent still acts by chance.

// %% [markdown] id="learn-text"
// ## 7 Learning from it
//
// The rows are shuffled and cut into 16 batches. Each is fitted once. One detail: Adam's step size comes
// from averages of past gradients. At the start there are no past gradients, so the first steps are made
// smaller (*rectified* Adam, RAdam). The step size also falls slowly, on a line to 0 at `totalSteps`.

// %% id="define-batch"
/** The numbers 0 ... n - 1 in random order. */
function shuffled(n: number, random: Mt19937): Int32Array {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const j = Math.floor(random.nextDouble() * (i + 1));
    order[i] = order[j]!;
    order[j] = i;
  }
  return order;
}

/** The rows of a rollout as a batch. */
function pick(rollout: Rollout, targets: Float32Array, rows: Int32Array) {
  const observations = new Uint8Array(rows.length * pixels);
  rows.forEach((row, i) => {
    const start = row * pixels;
    observations.set(rollout.observations.subarray(start, start + pixels), i * pixels);
  });
  const at = (values: ArrayLike<number>) => Array.from(rows, (row) => values[row]!);
  const taken = Int32Array.from(at(rollout.actions));
  const wanted = Float32Array.from(at(targets));
  return { size: rows.length, rows, observations, actions: taken, targets: wanted };
}

// %% id="define-learn" student=["learn"]
import { learningRateAt, rectification } from 'breakout-dqn';

/** Fits each transition of a rollout once; returns the mean loss. */
function learn(agent: Agent, rollout: Rollout, config: PqnConfig): number {
  const { gamma, lambda, numEnvs: games, batchSize } = config;
  const targets = lambdaReturns(rollout, { games, gamma, lambda });
  const order = shuffled(targets.length, agent.random.sampling);
  let sum = 0;
  for (let begin = 0; begin < order.length; begin += batchSize) {
    const batch = pick(rollout, targets, order.subarray(begin, begin + batchSize));
    agent.updates++;
    const stepSize = learningRateAt(agent.agentSteps, config);
    agent.learner.learningRate = stepSize * rectification(agent.updates);
    sum += agent.learner.fit(batch).loss * batchSize;
  }
  return sum / order.length;
}

// %% id="check-learn"
const lossesOnOne = Array.from({ length: 30 }, () => learn(first, rollout, config));
check('learn', [
  {
    when: 'one rollout, 30 times',
    got: () => lossesOnOne.at(-1)! < lossesOnOne[0]! / 2,
    expected: true,
    because: 'The loss on the same transitions must fall to less than a half.',
  },
  {
    when: 'updates',
    got: () => first.updates,
    expected: (30 * config.numEnvs * config.rolloutSteps) / config.batchSize,
    because: 'Each transition is fitted once: 512 in batches of 32 are 16 updates.',
  },
]);

// %% [markdown] id="training"
// ## 8 The training loop
//
// All of PQN is now two lines: play, learn. What is around them keeps the curve, shows the game, and stops
// when the mean of the last 100 games exceeds 40.

// %% id="training-view" tags=["hidden"]
import { LiveFigure, LivePicture, LiveProgress, learningCurve } from 'breakout-dqn';

interface Curve {
  readonly name: string;
  readonly agentSteps: number[]; // at the end of each game
  readonly values: number[]; // its points
}
const runs = new Map<string, Curve>();

/** A new curve, or the one of a training that goes on. */
function curveOf(name: string, { agentSteps }: Agent): Curve {
  const old = agentSteps > 0 ? runs.get(name) : undefined;
  const curve = old ?? { name, agentSteps: [], values: [] };
  runs.set(name, curve);
  return curve;
}

/** The mean of the last 100 games; undefined before there are so many. */
function meanOf100({ values }: Curve): number | undefined {
  if (values.length < 100) return undefined;
  return values.slice(-100).reduce((a, b) => a + b) / 100;
}

function createView(agent: Agent, { totalSteps }: PqnConfig) {
  const progress = new LiveProgress({ total: totalSteps, unit: 'steps' });
  const curves = new LiveFigure({ periodMs: 2000 });
  const picture = new LivePicture({ periodMs: 200 });
  return {
    update(curve: Curve, notes: Record<string, string>): void {
      const mean = meanOf100(curve)?.toFixed(1) ?? 'too few games';
      progress.update(agent.agentSteps, { mean, ...notes });
      curves.update(() => learningCurve([...runs.values()], { window: 100 }));
      picture.update(() => ({ data: agent.games[0]!.render(), shape: [210, 160, 3] }));
    },
    finish: () => Promise.all([progress, curves, picture].map((live) => live.finish())),
  };
}

// %% id="training-loop" tags=["core"]
import { setImmediate } from 'node:timers/promises';
import { interruptSignal } from 'breakout-dqn';

async function train(
  name: string,
  config: PqnConfig,
  seed: number,
  agent: Agent = keep(`agent ${name}`, createAgent(config, seed)),
): Promise<Agent> {
  const { totalSteps, solvedReturn } = config;
  const [curve, view] = [curveOf(name, agent), createView(agent, config)];
  const interrupt = interruptSignal();
  const begin = performance.now();
  const isSolved = () =>
    (meanOf100(curve) ?? 0) > (solvedReturn ?? Number.POSITIVE_INFINITY);
  while (agent.agentSteps < totalSteps && !isSolved() && !interrupt.aborted) {
    const rollout = playRollout(agent, config, (points) => {
      curve.agentSteps.push(agent.agentSteps);
      curve.values.push(points);
    });
    const loss = learn(agent, rollout, config);
    view.update(curve, { loss: loss.toExponential(1) });
    await setImmediate(); // lets the displays and the interrupt button through
  }
  await view.finish();
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
  console.log(
    `${agent.agentSteps} steps, ${minutes} minutes, mean ${meanOf100(curve)}`,
  );
  return agent;
}

// %% [markdown] id="train-text"
// Start it, and read on while it trains: it takes between seven and twenty minutes until the mean passes
// 40, depending on the machine and the seed. The picture shows the first of the sixteen games.
// **Interrupt** it whenever you like (the square button):
// `const more = await train('pqn', config, seed, agent);` in a cell below goes on where it was.
//
// **Predict:** the line begins at 1 to 2. When will it pass 10: after a fifth of the time, or after half?

// %% id="train"
const isShort = process.env.BREAKOUT_PROFILE === 'quick'; // set by `npm run notebooks`
const whole = isShort ? { ...config, totalSteps: 8_192 } : config;
const agent = await train('pqn', whole, seed);

// %% [markdown] id="train-see"
// **What you should see.** For the first 100,000 steps next to nothing. Then the paddle begins to meet the
// ball, and the mean is near 10 at a third of the time. Late games bring 15 to 50 points, and a few, in which the
// ball got behind the wall, 150 to 270: these few make even the mean of 100 games go up and down (in the stored run
// 36, 24 and 40 in its last quarter).
//
// ## 9 After training
//
// The values of the four actions stand beside the picture, the best one in blue.

// %% id="play-after"
import { showPlay } from 'breakout-dqn';

await showPlay(agent.learner.qNetwork, { config, seed: 7, from: 100 });

// %% id="evaluate-after"
import { evaluate } from 'breakout-dqn';

const qValues = (o: Uint8Array) => agent.learner.qValues(o);
const scores = async (epsilon: number) => {
  const episodes = isShort ? 2 : 20;
  const result = await evaluate({
    env: makeGame(),
    qValues,
    episodes,
    epsilon,
    seed: 1000,
  });
  const { meanReturn, standardError, returns } = result;
  return {
    epsilon,
    'mean of the games': meanReturn.toFixed(1),
    'standard error': standardError.toFixed(1),
    best: Math.max(...returns),
  };
};
showTable([await scores(0.01), await scores(0.05), await scores(1)]);

// %% [markdown] id="evaluate-see"
// **What you should see.** Means of 20 games are rough: now and then the ball gets behind the wall, and such a game
// brings hundreds of points, so that a few games decide the mean. In the stored run: 105 ± 32 at 0.01, 71 ± 24 at
// 0.05, 1.3 at random. That the agent plays far above chance is sure. That it plays worse at 0.05 one would expect, as
// one action in twenty is random; but a difference of 34 ± 39 does not show it. A score means little without its
// $\epsilon$ and the number of games.
//
// ## 10 The same as a run
//
// A training in a cell ends with the notebook. The preset `fast` of the library is this algorithm, to the
// bit, as a process of its own that goes on when you close the browser and keeps checkpoints. Name one, run
// the cell, and come back whenever you like; running it again shows it.

// %% id="train-long"
import { attach, listRuns, showRun, startRun } from 'breakout-dqn';

const longRun = { name: '', preset: 'fast', solvedReturn: null }; // a name starts it
if (longRun.name !== '') {
  const isThere = (await listRuns()).some((run) => run.name === longRun.name);
  await showRun(isThere ? await attach(longRun.name) : await startRun(longRun));
}

// %% [markdown] id="summary"
// ## Summary
//
// - **Many games at once** make a batch varied and fresh: no replay buffer.
// - The **lambda-return** believes what came with a part $\lambda$ and the network with the rest. With
//   $\lambda = 0.65$ news of a reward travels some three steps in one update.
// - **Layer normalization** keeps values from running away: no target network.
// - A **histogram** per action in place of a number turns regression into classification. In our trials on two seeds the
//   same mean was there after a half to three quarters of the steps (see the README): a look, no claim.
// - With our settings PQN uses each transition once, and needs more steps than the DQN of notebook 2, but many more
//   of them fit into a minute.
//
// Next: [4 Experiments](04-experiments.ipynb): what a setting is worth, and how many seeds it takes to
// know. Words: [glossary](glossary.md).

// %% [markdown] id="exercise-norm"
// ## Exercises
//
// ### Exercise 1: normalize by hand (10 minutes)
//
// Write `normalize(values)`: mean 0, standard deviation 1, as the formula of section 3 has it with $g = 1$,
// $b = 0$. *Criterion:* `normalize([1, 3, 5, 7])` is -1.342, -0.447, 0.447, 1.342, and equal to TensorFlow's
// layer.

// %% id="solve-norm" tags=["solution"]
function normalize(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const square = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return values.map((x) => (x - mean) / Math.sqrt(square + 1e-5));
}
const layer = tf.layers.layerNormalization({ axis: [1], epsilon: 1e-5 });
const byLayer = tf.tidy(() => {
  const [row] = (layer.apply(tf.tensor2d([[1, 3, 5, 7]])) as tf.Tensor2D).arraySync();
  return row!;
});
check('normalize', [
  {
    when: '1, 3, 5, 7',
    got: () => normalize([1, 3, 5, 7]),
    expected: byLayer,
    because: 'Subtract the mean, divide by the standard deviation.',
  },
]);

// %% [markdown] id="exercise-lambda"
// ### Exercise 2: how far does one rollout see? (10 minutes)
//
// Make a rollout of one game and 32 steps with a single reward of 1 in the last step and values of 0
// everywhere. What is $G$ of the first step for $\lambda = 0.65$ and $\gamma = 0.99$? Compute it by hand,
// then let `lambdaReturns` do it. *Criterion:* both agree to 1 %. What does it mean for a brick that falls
// 32 steps after the paddle met the ball?

// %% id="solve-lambda" tags=["solution"]
const long = 32;
const onlyAtTheEnd = {
  rewards: Float32Array.from({ length: long }, (_, i) => (i === long - 1 ? 1 : 0)),
  dones: new Uint8Array(long),
  nextValues: new Float32Array(long),
};
const far = lambdaReturns(onlyAtTheEnd, { games: 1, gamma: 0.99, lambda: 0.65 })[0]!;
const byHand = (0.99 * 0.65) ** (long - 1);
console.log(`${far.toExponential(3)}, by hand ${byHand.toExponential(3)}`);
if (Math.abs(far / byHand - 1) > 0.01) throw new Error('they differ by more than 1 %');
// One millionth arrives: over so many steps the network's own values carry the news.

// %% [markdown] id="exercise-change"
// ### Exercise 3: take a part away (10 minutes, and 15 of training)
//
// Train for 300,000 steps as a base, `await train('base', { ...config, totalSteps: 300_000 }, seed)`, and then with
// one change: `await train('lambda 0', { ...config, lambda: 0, totalSteps: 300_000 }, seed)`. (`totalSteps` also sets
// how fast the step size falls, so the curve above is no fair neighbour.) Predict first. A second change is
// `epsilonEnd: 0.1`; its training games are played worse on purpose, so compare by `evaluate` at one $\epsilon$.
// *Criterion:* you name for each change its mean beside that of the base, and the trainings that would be needed to
// claim that one setting is worse. (The next notebook has the answer: how many seeds, and which interval.)
