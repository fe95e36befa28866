// The source of 02-breakout.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # 2 Deep Q-learning for Atari Breakout
//
// An agent that sees nothing but the screen learns to play Breakout: pictures go in, paddle
// moves come out, and nobody tells it the rules. This notebook builds that agent, the Deep
// Q-Network (DQN) of [Mnih et al., 2015](https://doi.org/10.1038/nature14236), piece by piece in
// TypeScript and TensorFlow.js, and trains it on the real Atari game. After some minutes of training
// it begins to play.
//
// **After this notebook you can**
//
// 1. say what the agent observes, and how 16 frames of the game become one observation;
// 2. write the Q-network, epsilon-greedy acting, the TD target and the gradient step;
// 3. show that a faster engine computes what your own step computes;
// 4. train, stop, go on, change a setting, and compare two curves;
// 5. say what it costs to learn to play, and why one run proves little.
//
// You need [notebook 1](01-q-learning.ipynb), whose functions come back here, or you know what a
// Q-value is. **How to use it:** wait until the status bar says *Idle*, then run the cells from top to
// bottom with Shift+Enter. Every cell can be edited and run again. It takes 45 minutes; five of them
// are a training beside which you can read on.

// %% [markdown] id="setup"
// ## 1 Set-up
//
// `tf` is TensorFlow.js with the native TensorFlow library behind it: the functions known from
// the browser at the speed known from Python. The Atari 2600 is emulated by this project itself.
// The game is the cartridge of 1978, 2,048 bytes of machine code.

// %% id="check-setup"
import { engineInfo, makeBreakout, tf } from 'breakout-dqn';

const { tensorflow, tfjs, device } = engineInfo();
console.log(`TensorFlow ${tensorflow} on ${device}, TensorFlow.js ${tfjs}`);
console.log(`Node ${process.versions.node}`);
makeBreakout(); // throws an error that says what to do if there is no cartridge
console.log('Breakout: cartridge found');

// %% [markdown] id="setup-see"
// **What you should see.** TensorFlow 2.21 on `CPU` (or `GPU`), Node 20 or newer, and a
// cartridge. If the cell fails, its last lines say what is missing; `npm run setup` in a
// terminal usually mends it. Then choose *Kernel > Restart Kernel*.

// %% [markdown] id="game"
// ## 2 The game
//
// An agent meets the game only through an **environment** with two functions, those that
// [Gymnasium](https://gymnasium.farama.org) has made the standard:
//
// - `reset({ seed })` starts an episode and returns the first observation;
// - `step(action)` plays one action and returns the next observation, the reward (the points
//   just scored: 1, 4 or 7 for a brick) and how the episode stands: `terminated` after the fifth
//   lost ball, `truncated` when a time limit cut it off.
//
// Without any preprocessing an observation is the picture that a television showed: 210 rows of
// 160 pixels, three bytes each.

// %% id="define-hold"
import { type Picture, showPanels } from 'breakout-dqn';

const seed = 1; // equal seeds give equal runs on one machine
const [NOOP, FIRE, RIGHT, LEFT] = [0, 1, 2, 3];
const game = makeBreakout({ preprocess: false }); // one emulator frame per step
const { shape } = game.observationSpace; // [210, 160, 3]

/** Holds an action for some emulator frames; returns the picture after the last one. */
function hold(action: number, frames: number): Picture {
  for (let i = 1; i < frames; i++) game.step(action);
  const { observation } = game.step(action);
  return { data: observation.slice(), shape }; // a copy: the next step reuses the array
}

// %% id="game-screen"
game.reset({ seed });
const opened = [
  { caption: 'before the game', picture: hold(NOOP, 1) },
  { caption: '1/2 s after FIRE', picture: hold(FIRE, 30) },
  { caption: '1/2 s later', picture: hold(NOOP, 30) },
];
await showPanels(opened, { rulers: true }); // in pixels of the picture

// %% [markdown] id="game-see"
// **What you should see.** The field before the game begins, then the ball on its way down, past
// the paddle's right. The digits on top are the score, the balls left and the number of players.
//
// ### Actions
//
// The console has a paddle and a button. Of the 18 actions of an Atari joystick only four make a
// difference: NOOP does nothing, FIRE serves the ball, RIGHT and LEFT turn the paddle as long as
// they are held. Below, the game starts anew for each action, which is then held for 32 emulator
// frames: as long as 8 agent steps.

// %% id="actions"
const held = game.actionSpace.meanings.map((name, action) => {
  game.reset({ seed });
  return { caption: name, picture: hold(action, 32) };
});
await showPanels(held, { rulers: true });

// %% [markdown] id="actions-try"
// **What you should see.** With RIGHT and LEFT the paddle stands at the walls. NOOP and FIRE
// leave it where it was, and only FIRE brings a ball into play. Above, one frame of NOOP came
// before FIRE; here there is none, so the ball may start elsewhere: its way depends on the frame
// in which it is served.
//
// **Try it.** Hold each action for 2 agent steps instead of 8. Predict first: how far does the
// paddle get in 2/15 s? (Criterion: your prediction is off by less than the paddle's width, 16
// pixels.)
//
// That this is the real game, byte for byte, is shown in the appendix.

// %% [markdown] id="preprocessing"
// ## 3 What the agent observes
//
// The picture has 100,800 bytes, most of which say nothing. Four stages make it small; they are
// those of the 2015 paper, in the order of Gymnasium's `AtariPreprocessing`:
//
// 1. **Skip.** Each action is held for 4 emulator frames, and only the last two are looked at.
// 2. **Gray.** The luminance $Y = 0.299\,R + 0.587\,G + 0.114\,B$ replaces three bytes by one.
// 3. **Maximum.** Each pixel takes the brighter value of the two frames. Many games of this
//    console draw some objects in every other frame only; does Breakout? (Exercise 1.)
// 4. **Resize** to 84 x 84: each new pixel is the mean of the area that it covers.

// %% id="define-to-gray"
/** Luminance, [210, 160, 3] -> [210, 160]. */
function toGray(rgb: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: rgb.length / 3 }, (_, i) => {
    const [r, g, b] = [rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!];
    return Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  });
}

// %% id="preprocessing-stages"
import { paletteToRgb } from 'breakout-dqn';

const env = makeBreakout(); // with all stages, and a stack of four pictures
env.reset({ seed });
const opening = [FIRE, RIGHT, RIGHT, RIGHT, LEFT, LEFT, LEFT, LEFT];
for (const action of opening) env.step(action);

const { frames, pooled, resized } = env.stages; // of the last step
const [third, fourth] = [paletteToRgb(frames[0]), paletteToRgb(frames[1])];
const [gray3, gray4] = [toGray(third), toGray(fourth)];
const maximum = gray3.map((value, i) => Math.max(value, gray4[i]!));
const isEqual = maximum.every((value, i) => value === pooled[0]![i]);
console.log(`Maximum by hand equal to the environment's: ${isEqual}`);

// %% id="preprocessing-pictures"
await showPanels([
  { caption: '3rd frame', picture: { data: third, shape: [210, 160, 3] } },
  { caption: '4th frame', picture: { data: fourth, shape: [210, 160, 3] } },
  { caption: 'gray, maximum', picture: { data: maximum, shape: [210, 160] } },
  { caption: '84 x 84', picture: { data: resized[0]!, shape: [84, 84] } },
]);

// %% [markdown] id="preprocessing-see"
// **What you should see.** In the maximum the ball is a little longer than in either frame: it
// is drawn where it was and where it is. The picture of 84 x 84 is drawn in the same scale: it is small, and squeezed,
// as 210 rows become 84 and 160 columns, too. The ball in it is a smudge of a few gray
// pixels. That is all the agent gets: 7,056 bytes, 14 times fewer than before.

// %% [markdown] id="frame-stack"
// ### Frame stack
//
// One picture does not say where the ball is going. The observation $o$ is therefore made of the
// **last four** preprocessed pictures, oldest first: an array `[4, 84, 84]` of bytes. When an
// episode begins, its first picture is repeated.

// %% id="frame-stack-pictures"
import { unstack } from 'breakout-dqn';

const observationShape = env.observationSpace.shape; // [4, 84, 84]
const actions = env.actionSpace.n;
env.reset({ seed });
for (const action of opening) env.step(action); // as above
const observation = env.step(LEFT).observation.slice(); // the next step reuses it

const captions = ['3 steps ago', '2 steps ago', '1 step ago', 'now'];
const stack = unstack({ data: observation, shape: observationShape });
const panels = stack.map((picture, i) => ({ picture, caption: captions[i]! }));
await showPanels(panels, { height: 84 }); // in their true size beside the screen's

// %% [markdown] id="frame-stack-try"
// **What you should see.** The paddle on its way to the left, and the ball a little lower and
// further to the right in each picture. Four agent steps are 16 emulator frames, about a quarter
// of a second.
//
// **Try it.** Look at the last picture only: where will the ball be in the next one? How many of
// the four pictures do you need to tell?

// %% [markdown] id="frame-questions"
// ### Questions
//
// **a.** Why is the *last* picture not enough?
// <details><summary>Answer</summary>
//
// It shows where the ball is, not where it goes. With two pictures one knows the direction.
// </details>
//
// **b.** How many emulator frames pass between two decisions, and how long is that?
// <details><summary>Answer</summary>
//
// 4 frames of 1/60 s: 67 milliseconds. A person needs about 200 to react.
// </details>
//
// **c.** What can the agent not see, though it is in the picture of 210 x 160?
// <details><summary>Answer</summary>
//
// The colours: rows of bricks of different worth look nearly the same. And small digits of the score blur.
// </details>

// %% [markdown] id="q-network"
// ## 4 The Q-network
//
// The agent shall choose its actions such that the **return**, the discounted sum of the rewards
// to come, is large:
//
// $$G_t = r_t + \gamma\, r_{t+1} + \gamma^2\, r_{t+2} + \dots$$
//
// With $\gamma = 0.99$ a point that is 69 steps away (4.6 s of play) counts half.
// $Q(o, a; \theta)$ is the network's estimate of the return after observation $o$ and action $a$
// if the best actions follow; $\theta$ are its weights. Once the estimates are right, playing
// well is easy: take the action with the largest value.
//
// *Return* has two meanings: what $Q$ estimates is discounted and made of clipped rewards (section
// 6); what the curves show is the plain sum of a game's points.
//
// One pass values all actions, since the network has one output for each. Three convolutions
// find ball, paddle and bricks; a dense layer combines them. The paper's layers are twice as wide:
// half of it learns in minutes on a laptop what we want to see.

// %% id="define-q-network" tags=["core"] student=["createQNetwork"]
interface NetworkOptions {
  readonly observationShape: readonly number[]; // [stack, height, width]
  readonly actions: number;
  readonly inputDivisor?: number;
  readonly seed: number;
}

function createQNetwork(options: NetworkOptions): tf.Sequential {
  const { actions, inputDivisor = 255, seed } = options;
  const [stack, height, width] = options.observationShape as [number, number, number];
  const initial = (layer: number) => ({
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed + layer }),
  });
  const activation = 'relu';
  const { rescaling, conv2d, flatten, dense } = tf.layers;
  return tf.sequential({
    layers: [
      // [batch, 84, 84, 4], bytes 0 ... 255 -> 0 ... 1
      rescaling({ scale: 1 / inputDivisor, inputShape: [height, width, stack] }),
      // -> [batch, 20, 20, 16]
      conv2d({ filters: 16, kernelSize: 8, strides: 4, activation, ...initial(0) }),
      // -> [batch, 9, 9, 32]
      conv2d({ filters: 32, kernelSize: 4, strides: 2, activation, ...initial(1) }),
      // -> [batch, 7, 7, 32]
      conv2d({ filters: 32, kernelSize: 3, strides: 1, activation, ...initial(2) }),
      // -> [batch, 1568] -> [batch, 256] -> [batch, 4]
      flatten(),
      dense({ units: 256, activation, ...initial(3) }),
      dense({ units: actions, ...initial(4) }),
    ],
  });
}

// %% id="network-summary"
import { describeNetwork, keep, networkDiagram, showDiagram } from 'breakout-dqn';

const qNetwork = keep(
  'q-network', // running the cell again frees the network of the run before
  createQNetwork({ observationShape, actions, seed }),
);
const outputs = env.actionSpace.meanings;
await showDiagram(networkDiagram(qNetwork, { input: '4 pictures', outputs }));
console.log(describeNetwork(qNetwork));

// %% id="define-q-values"
import { observationTensor, showTable } from 'breakout-dqn';

/** Bytes [n, 4, 84, 84] -> float32 [n, 84, 84, 4]: TensorFlow wants channels last. */
function toInput(observations: Uint8Array): tf.Tensor4D {
  const [stack, height, width] = observationShape as [number, number, number];
  const n = observations.length / (stack * height * width);
  return observationTensor({ observations, shape: [n, stack, height, width] });
}

/** The Q-values of n observations, [n * actions]. */
function qValues(network: tf.LayersModel, observations: Uint8Array): Float32Array {
  const q = tf.tidy(() => network.apply(toInput(observations)) as tf.Tensor2D);
  const values = q.dataSync<'float32'>();
  q.dispose();
  return values;
}

// %% id="q-values"
const q = qValues(qNetwork, observation);
showTable(
  env.actionSpace.meanings.map((action, a) => ({ action, Q: q[a]!.toFixed(4) })),
);

// %% id="check-network" tags=["hidden"]
import { check } from 'breakout-dqn';

const white = new Uint8Array(observation.length).fill(255);
check('createQNetwork', [
  {
    when: 'weights',
    got: () => qNetwork.countParams(),
    expected: 424_276,
    because: '16, 32 and 32 filters, 256 units, one output for each of 4 actions.',
  },
  {
    when: 'a white observation',
    got: () => Math.max(...qValues(qNetwork, white).map(Math.abs)) < 10,
    expected: true,
    because: 'Bytes are divided by 255 first, so the first values are small.',
  },
]);

// %% [markdown] id="network-see"
// **What you should see.** 424,276 weights, 95 % of them between the last convolution and the
// dense layer. The values of the untrained network lie near zero and mean nothing yet.

// %% [markdown] id="epsilon"
// ## 5 Acting: epsilon-greedy
//
// An agent that always takes the best-looking action never finds out whether another one is
// better. DQN explores in the simplest way there is: with probability $\epsilon$ it takes a
// random action, otherwise the one with the largest Q-value.
//
// At first the values mean nothing, so $\epsilon$ is 1; later the agent should mostly use what
// it has learned. At agent step $t = 1, 2, \dots$ and with a decay over $T$ steps counted
// from the first one,
//
// $$\epsilon_t = \epsilon_\text{start} + \min\!\left(\tfrac{t - 1}{T},\, 1\right)
//   (\epsilon_\text{end} - \epsilon_\text{start}).$$
//
// All settings stand in one object. `createConfig` begins with published ones, a **preset**, here those of
// CleanRL's DQN for Atari, and takes what differs. `describeConfig({ config, preset: 'cleanrl' })` lists all of
// them with their meaning and source.

// %% id="settings"
import { createConfig, type DqnConfig } from 'breakout-dqn';

const config = createConfig('cleanrl', {
  totalSteps: 120_000, // agent steps: some minutes
  epsilonEnd: 0.02,
  epsilonDecaySteps: 50_000,
  learningStarts: 5_000, // section 6
  bufferSize: 100_000,
  trainFrequency: 8, // section 11
  targetUpdateInterval: 2_000, // section 7
  learningRate: 2.5e-4, // section 8
  adamEpsilon: 1.5e-4,
  nSteps: 3, // section 7
  loss: 'huber',
});

// %% id="define-epsilon" student=["epsilonAt"]
/** Probability of a random action at agent step t = 1, 2, ... */
function epsilonAt(agentStep: number, config: DqnConfig): number {
  const { epsilonStart, epsilonEnd, epsilonDecaySteps, randomSteps } = config;
  if (agentStep < randomSteps) return 1;
  const progress = Math.min((agentStep - 1) / epsilonDecaySteps, 1); // (t - 1) / T
  return epsilonStart + progress * (epsilonEnd - epsilonStart);
}

// %% id="epsilon-curve"
import { epsilonCurve, showFigure } from 'breakout-dqn';

const hundredth = config.totalSteps / 100;
const agentSteps = Array.from({ length: 101 }, (_, i) => 1 + i * hundredth);
const values = agentSteps.map((agentStep) => epsilonAt(agentStep, config));
await showFigure(epsilonCurve({ name: 'epsilon', agentSteps, values }));

// %% id="define-select-action" student=["selectAction"]
import { argmax, Mt19937 } from 'breakout-dqn';

interface Policy {
  readonly values: (observation: Uint8Array) => Float32Array; // of the actions
  readonly epsilon: number;
  readonly random: Mt19937; // random.nextDouble() is a number from 0 to 1
}

/** What a network says of an observation, as a policy asks it. */
const valuesBy = (network: tf.LayersModel) => (observation: Uint8Array) =>
  qValues(network, observation);

function selectAction(
  observation: Uint8Array,
  { values, epsilon, random }: Policy,
): number {
  if (random.nextDouble() < epsilon) return Math.floor(random.nextDouble() * actions);
  return argmax(values(observation));
}

// %% id="count-actions"
const random = new Mt19937(seed);
const policy = { values: valuesBy(qNetwork), epsilon: 0.1, random };
const counts = env.actionSpace.meanings.map((action) => ({ action, taken: 0 }));
for (let i = 0; i < 1000; i++) counts[selectAction(observation, policy)]!.taken++;
showTable(counts);

// %% id="check-acting" tags=["hidden"]
/** Which part of 1,000 actions is the greedy one. */
function greedyShare(epsilon: number): number {
  const policy = { values: () => Float32Array.of(0, 3, 1, 2), epsilon, random };
  const taken = Array.from({ length: 1000 }, () => selectAction(observation, policy));
  return taken.filter((action) => action === 1).length / 1000;
}
check(
  'epsilonAt',
  [1, 25_001, 50_001, 120_000].map((step, i) => ({
    when: `step ${step}`,
    got: () => epsilonAt(step, { ...config, epsilonDecaySteps: 50_000 }),
    expected: [1, (1 + config.epsilonEnd) / 2, config.epsilonEnd, config.epsilonEnd][i],
    because: 'It falls on a line from 1 (step 1) to epsilonEnd and stays there.',
  })),
);
check('selectAction', [
  {
    when: 'epsilon = 0',
    got: () => greedyShare(0),
    expected: 1,
    because: 'Without exploration it is always the action with the largest value.',
  },
  {
    when: 'epsilon = 1',
    got: () => Math.abs(greedyShare(1) - 0.25) < 0.06,
    expected: true,
    because: 'All by chance: each action about equally often.',
  },
]);

// %% [markdown] id="epsilon-try"
// **What you should see.** A line that falls from 1 to 0.02 in the first two fifths and stays
// there. Of 1,000 actions
// with $\epsilon = 0.1$ about 925 are the same one (give or take 20): the greedy action, taken
// in 90 % of the cases by choice and in a quarter of the other 10 % by chance.
//
// **Try it.** With which $\epsilon$ does the agent take the greedy action half of the time?
// Predict, then edit `policy` and count. (Criterion: 500 of 1,000, give or take 40.)

// %% [markdown] id="replay-buffer"
// ## 6 The replay buffer
//
// One agent step yields one **transition** $(o, a, r, d, o')$: observation, action, reward,
// whether the game terminated ($d = 1$) or not ($d = 0$), and the next observation. Successive
// transitions are almost equal, and a network that is trained on them in their order forgets
// what it saw before. DQN therefore stores the transitions and trains on **batches drawn at
// random** from all of them.
//
// Observations overlap: $o'$ is $o$ moved on by one picture. The buffer keeps each picture once,
// as bytes, and puts the stacks together when a batch is drawn: 100,000 transitions take 0.7 GB
// instead of 5.6 GB. When it is full, the oldest transition makes room.
//
// What is stored is the *sign* of the reward, as in the paper: a brick counts 1, whether it
// scored 1, 4 or 7 points. So the errors keep their size throughout the game.

// %% id="fill-buffer"
import { ReplayBuffer } from 'breakout-dqn';

const { batchSize } = config;
const replayBuffer = new ReplayBuffer({ capacity: 1500, observationShape, batchSize });

replayBuffer.startEpisode(env.reset({ seed }).observation);
for (let agentStep = 1; agentStep <= 1000; agentStep++) {
  const action = Math.floor(random.nextDouble() * actions);
  const { observation: nextObservation, ...outcome } = env.step(action);
  const reward = Math.sign(outcome.reward); // 1, 4 and 7 points alike become 1
  replayBuffer.add({ ...outcome, action, reward, nextObservation });
  if (outcome.terminated || outcome.truncated) {
    replayBuffer.startEpisode(env.reset().observation);
  }
}
console.log(`${replayBuffer.length} transitions`);

// %% id="sample-batch"
const sum = (numbers: ArrayLike<number>) =>
  Array.from(numbers).reduce((a, b) => a + b, 0);

let batch = replayBuffer.sample(random);
while (sum(batch.rewards) < 2) batch = replayBuffer.sample(random); // some to show
const { size } = batch;
const stacks = `[${[size, ...observationShape].join(', ')}] bytes`;
showTable([
  { array: 'observations', shape: stacks, content: 'o' },
  { array: 'actions', shape: `[${size}]`, content: batch.actions.join(' ') },
  { array: 'rewards', shape: `[${size}]`, content: batch.rewards.join(' ') },
  { array: 'terminateds', shape: `[${size}]`, content: batch.terminateds.join(' ') },
  { array: 'nextObservations', shape: stacks, content: "o'" },
]);

// %% [markdown] id="buffer-see"
// **What you should see.** Two arrays with a stack of four pictures per transition, and three
// with one number per transition. Hardly any of them has a reward: with random actions a brick
// falls once in more than 100 steps, and most of what the agent learns from is waiting. (The
// loop draws until there are two.)

// %% [markdown] id="td-target"
// ## 7 The TD target
//
// What should $Q(o, a)$ be? The transition tells: the reward that came, plus what the rest of
// the game is worth from $o'$ on, and that the network can estimate. This is the **TD target**
// (TD for temporal difference)
//
// $$y = r + \gamma\,(1 - d)\,\max_{a'} Q(o', a'; \theta^-).$$
//
// - When the game has terminated there is no rest: $1 - d = 0$ and $y = r$. A *truncated*
//   episode was merely cut off; its rest counts.
// - $\theta^-$ are the weights of the **target network**, a copy of $\theta$ that stays fixed
//   for many steps. With one network on both sides, each update would move its own goal.
//
// One step is a short look ahead. From the paddle to the brick the ball takes some twenty, and news of the
// reward travels back one step each time that the target network is renewed. So the buffer can hand out longer
// transitions: with `nSteps` 3 its $r$ is the discounted sum of the next three rewards, $o'$ is what came after
// them, and $\gamma^3$ takes the place of $\gamma$. The training below does that.
//
// It has a price. Q-learning is *off-policy*: with one step, $\max$ asks for the best action, whatever the agent
// did. With three, the second and third action are those that an older agent took, perhaps by chance, and their
// rewards are in the target. It is a little wrong, and learns sooner all the same
// ([Hessel et al., 2018](https://arxiv.org/abs/1710.02298)).
//
// Below, the equation is worked for four transitions by hand and by the function.

// %% id="define-td-targets" student=["tdTargets"]
interface Outcomes {
  readonly rewards: ArrayLike<number>; // r, [batch]
  readonly terminateds: ArrayLike<number>; // d, [batch]
  readonly nextQ: tf.Tensor2D; // Q(o', .; theta-), [batch, actions]
}

/** y = r + gamma (1 - d) max over a' of Q(o', a'; theta-), [batch]. */
function tdTargets(outcomes: Outcomes, gamma: number): tf.Tensor1D {
  const r = tf.tensor1d(Array.from(outcomes.rewards));
  const d = tf.tensor1d(Array.from(outcomes.terminateds));
  const best = tf.max(outcomes.nextQ, 1); // [batch, actions] -> [batch]
  return tf.add(r, tf.mul(gamma, tf.mul(tf.sub(1, d), best)));
}

// %% id="td-target-by-hand"
const gamma = 0.99;
const [rewards, terminateds] = [
  [0, 1, 0, 1],
  [0, 0, 1, 1],
];
const nextQ = [
  [0.1, 0.2, 0.5, 0.3],
  [0.4, 0.1, 0.2, 0.0],
  [0.9, 0.3, 0.1, 0.2],
  [0.1, 0.1, 0.8, 0.6],
];
const byHand = [0 + gamma * 0.5, 1 + gamma * 0.4, 0, 1];

// %% id="td-target-compared"
const computed = tf.tidy(() =>
  tdTargets({ rewards, terminateds, nextQ: tf.tensor2d(nextQ) }, gamma).dataSync(),
);
showTable(
  nextQ.map((q, i) => ({
    r: rewards[i]!,
    d: terminateds[i]!,
    "max Q(o', a')": Math.max(...q),
    'y by hand': byHand[i]!.toFixed(3),
    'y by tdTargets': computed[i]!.toFixed(3),
  })),
);

// %% id="check-td-targets" tags=["hidden"]
check('tdTargets', [
  {
    when: 'the four transitions',
    got: () => Array.from(computed),
    expected: byHand,
    because: 'y = r + gamma (1 - d) max Q.',
  },
]);

// %% [markdown] id="td-target-see"
// **What you should see.** Equal numbers in the last two columns. Where $d = 1$ the target is
// the reward alone, whatever the network says.
//
// **Try it.** Set `gamma` to 0. What are the targets now, and what would an agent learn that is
// trained with them?

// %% [markdown] id="train-step"
// ## 8 One gradient step
//
// The **TD error** $\delta = y - Q(o, a; \theta)$ is how far an estimate is off. The loss is the
// mean of its Huber loss over the batch,
//
// $$L(\theta) = \frac{1}{|B|} \sum_{(o, a, r, d, o') \in B} h(\delta), \qquad
//   h(\delta) = \begin{cases} \tfrac12\, \delta^2 & |\delta| \le 1 \\
//   |\delta| - \tfrac12 & |\delta| > 1. \end{cases}$$
//
// Near zero it is the squared error. Beyond 1 its slope stays 1, so that one surprising
// transition cannot throw the network off. Only the value of the action that was **taken**
// enters: the transition says nothing about the others. The target $y$ is a constant; no
// gradient flows through it.
//
// An agent is the two networks and the optimizer (Adam) that changes the first one.

// %% id="agent"
interface Agent {
  readonly qNetwork: tf.LayersModel; // theta: learns
  readonly targetNetwork: tf.LayersModel; // theta-: stays behind
  readonly optimizer: tf.Optimizer;
  dispose(): void;
}

// %% id="create-agent"
import { Adam, copyWeights, trainableVariables } from 'breakout-dqn';

function createAgent(config: DqnConfig, seed: number): Agent {
  const { inputDivisor } = config;
  const options = { observationShape, actions, inputDivisor, seed };
  const [qNetwork, targetNetwork] = [createQNetwork(options), createQNetwork(options)];
  copyWeights({ from: qNetwork, to: targetNetwork });
  const optimizer = new Adam({
    variables: trainableVariables(qNetwork),
    learningRate: config.learningRate,
    epsilon: config.adamEpsilon,
    epsilonHat: config.adamEpsilonHat,
    clipNorm: config.clipNorm,
    globalClipNorm: config.globalClipNorm,
  });
  const dispose = () => {
    for (const part of [optimizer, qNetwork, targetNetwork]) part.dispose();
  };
  return { qNetwork, targetNetwork, optimizer, dispose };
}

// %% id="define-train-step" tags=["core"] student=["meanLoss"]
import type { Batch } from 'breakout-dqn';

/** One gradient step on a batch; returns the loss as it was before. */
function trainStep(agent: Agent, batch: Batch, config: DqnConfig): number {
  const { qNetwork, targetNetwork, optimizer } = agent;
  const { huberLoss, meanSquaredError } = tf.losses;
  const lossOf = config.loss === 'huber' ? huberLoss : meanSquaredError;
  const loss = tf.tidy(() => {
    const nextQ = targetNetwork.apply(toInput(batch.nextObservations)) as tf.Tensor2D;
    const discount = config.gamma ** config.nSteps;
    const y = tdTargets({ ...batch, nextQ }, discount); // [batch], a constant
    const input = toInput(batch.observations); // [batch, 84, 84, 4]
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

// %% id="train-step-once"
import { lossCurve } from 'breakout-dqn';

const updates = Array.from({ length: 100 }, (_, i) => i + 1);
const trial = keep('trial', createAgent(config, seed));
trainStep(trial, batch, config); // the first step makes the optimizer's tensors
const tensors = tf.memory().numTensors;
const losses = updates.map(() => trainStep(trial, batch, config));
console.log(`tensors: ${tensors} before, ${tf.memory().numTensors} after`);

const correct = { name: 'trainStep', agentSteps: updates, values: losses };
await showFigure(lossCurve(correct, { xTitle: 'updates on one batch' }));

// %% id="check-train-step" tags=["hidden"]
const fresh = keep('fresh', createAgent(config, seed));
const goals = tf.tidy(() => {
  const next = fresh.targetNetwork.apply(toInput(batch.nextObservations));
  const all = { ...batch, nextQ: next as tf.Tensor2D };
  return tdTargets(all, config.gamma ** config.nSteps).arraySync();
});
const guesses = qValues(fresh.qNetwork, batch.observations);
const errors = goals.map((y, i) => y - guesses[actions * i + batch.actions[i]!]!);
const each = errors.map((e) => (Math.abs(e) <= 1 ? e ** 2 / 2 : Math.abs(e) - 0.5));
check('meanLoss', [
  {
    when: 'the first loss',
    got: () => trainStep(fresh, batch, { ...config, loss: 'huber' }),
    expected: sum(each) / size,
    because:
      'It is the mean of h(y - Q(o, a)), with the Q of the action that was taken.',
  },
]);

// %% [markdown] id="train-step-see"
// **What you should see.** The loss on *one* batch falls, here to about half within a hundred small
// steps. This shows that the step works, not that an agent learns: any network can memorise 32
// transitions. The number of tensors stays the same, so nothing leaks.
//
// **Try it.** Set `loss: 'mse'` in section 5. Which of the two losses starts higher, and why?
// (Criterion: the ratio is close to 2, because the Huber loss of a small error is *half* its
// square.)

// %% [markdown] id="engine-text"
// ## 9 A faster engine for the same step
//
// An update takes TensorFlow.js some 50 milliseconds here. Most of that is not arithmetic: dozens of small
// operations are started one by one. The project brings a **compiled engine** along: it takes the network that
// your cell builds, compiles it for this processor, and makes the same update: the same passes, the same loss,
// the same gradient, the same Adam.
//
// *The same* can be tested. Two learners begin with equal weights and get one batch each. Then their weights are
// compared.

// %% id="define-learners"
import { createLearner, type Learner } from 'breakout-dqn';

/** What the training loop needs of a learner. */
type Learning = Pick<Learner, 'qNetwork' | 'qValues' | 'syncTarget' | 'dispose'> & {
  update(batch: Batch): { loss: number };
};

/** Learns by the cells above. */
function learnInCells(config: DqnConfig, seed: number): Learning {
  const agent = createAgent(config, seed);
  const { qNetwork, targetNetwork, dispose } = agent;
  return {
    qNetwork,
    dispose,
    qValues: (observations) => qValues(qNetwork, observations),
    update: (batch) => ({ loss: trainStep(agent, batch, config) }),
    syncTarget: () => copyWeights({ from: qNetwork, to: targetNetwork }),
  };
}

// %% id="define-compiled"
/** Learns the same in the compiled engine. */
const learnCompiled = (config: DqnConfig, seed: number): Learning =>
  createLearner({
    config,
    observationShape,
    actions,
    seed,
    createNetwork: createQNetwork,
  });

// %% id="compare-engines"
const oneStep = { ...config, nSteps: 1 }; // as the transitions in the batch
const both = [learnInCells(oneStep, seed), learnCompiled(oneStep, seed)] as const;
const weightsOf = (network: tf.LayersModel) =>
  network.getWeights().flatMap((w) => Array.from(w.dataSync<'float32'>()));
const start = weightsOf(both[0].qNetwork);
const timings = both.map((learner) => {
  const { loss } = learner.update(batch);
  const after = weightsOf(learner.qNetwork);
  const begin = performance.now();
  for (let i = 0; i < 20; i++) learner.update(batch);
  return { loss, after, ms: (performance.now() - begin) / 20 };
});
for (const learner of both) learner.dispose();
const [inCells, compiled] = timings as [(typeof timings)[0], (typeof timings)[0]];
const farthest = (from: number[], to: number[]) =>
  from.reduce((most, w, i) => Math.max(most, Math.abs(w - to[i]!)), 0);
showTable([
  { learner: 'cells', loss: inCells.loss, 'ms per update': inCells.ms.toFixed(1) },
  { learner: 'compiled', loss: compiled.loss, 'ms per update': compiled.ms.toFixed(1) },
]);
const moved = farthest(start, inCells.after);
const apart = farthest(compiled.after, inCells.after);
console.log(`largest change of a weight: ${moved.toExponential(1)}`);
console.log(`largest difference: ${apart.toExponential(1)}`);
if (apart > moved / 100) throw new Error('the updates are not the same');

// %% [markdown] id="engines-see"
// **What you should see.** The same loss to six digits, and weights whose difference is far smaller than their
// change: what is left is rounding. The compiled engine takes a fifth of the time or less.
//
// From here on the compiled engine does the updates. To train by your own `trainStep`, write `learnInCells` in
// the cell below: the loop stays the same, and takes several times as long.

// %% id="choose-learner"
const createLearning = learnCompiled; // or learnInCells

// %% [markdown] id="before-training"
// ## 10 Before training
//
// To have something to compare with, watch the untrained network play with $\epsilon = 0.05$.

// %% id="define-play" tags=["hidden"]
import { showGif } from 'breakout-dqn';

/** What a player at home would see. */
const screen = (of = env): Picture => ({ data: of.render(), shape });

/** Plays and shows at most so many agent steps, those from `begin` on. */
async function play(values: Policy['values'], steps: number, begin = 0): Promise<void> {
  const policy = { values, epsilon: 0.05, random: new Mt19937(seed) };
  const pictures: Picture[] = [];
  let { observation } = env.reset({ seed });
  let points = 0;
  let taken = 0;
  for (let over = false; !over && taken < begin + steps; taken++) {
    const outcome = env.step(selectAction(observation, policy));
    observation = outcome.observation;
    points += outcome.reward;
    over = outcome.terminated || outcome.truncated;
    if (taken >= begin || over) pictures.push(screen());
  }
  await showGif(pictures, { maxBytes: 300_000 });
  console.log(`points: ${points} in ${taken} agent steps`);
}

// %% id="play-before"
await play(valuesBy(qNetwork), 300);

// %% [markdown] id="before-see"
// **What you should see.** A paddle that drifts to one wall or stands still: the untrained
// network prefers the same action whatever it sees. Points, if any, are luck.

// %% [markdown] id="training"
// ## 11 The training loop
//
// Now the parts are put together. In every agent step $t$ the agent
//
// 1. acts epsilon-greedily and stores the transition;
// 2. every `trainFrequency` steps, once `learningStarts` steps are done, draws a batch and makes
//    a gradient step;
// 3. every `targetUpdateInterval` steps copies $\theta$ to $\theta^-$.
//
// The last cell below is the algorithm. It can be stopped and goes on where it was: what it needs for
// that is kept in `Trained`.
//
// One thing is new there. *For learning*, each lost ball counts as an end ($d = 1$), though the game goes on:
// then a mistake shows in the very next target. It changes the task a little. Mnih et al. did so;
// [Machado et al., 2018](https://arxiv.org/abs/1709.06009) advise against it. The scores count all five balls.

// %% id="define-field"
import { setImmediate } from 'node:timers/promises';
import { checkConfig, interruptSignal } from 'breakout-dqn';

/** The game for training: FIRE is pressed whenever a ball must be served. */
const field = makeBreakout({ fireReset: true, fireAfterLifeLoss: true });

/** Starts a game with a seed of its own. */
function startGame(replayBuffer: ReplayBuffer, seeds = new Mt19937(seed)) {
  const first = field.reset({ seed: seeds.nextUint32() });
  replayBuffer.startEpisode(first.observation);
  return first;
}

// %% id="training-view" tags=["hidden"]
import { LiveFigure, LivePicture, LiveProgress, learningCurve } from 'breakout-dqn';

interface Curve {
  readonly name: string;
  readonly agentSteps: number[]; // at the end of each game
  readonly values: number[]; // its points
}
const runs = new Map<string, Curve>();

/** A new curve, or the one of a training that goes on. */
function curveOf(name: string, agentSteps: number): Curve {
  const old = agentSteps > 0 ? runs.get(name) : undefined;
  const curve = old ?? { name, agentSteps: [], values: [] };
  runs.set(name, curve);
  return curve;
}

/** The mean of the last 50 games, or of all while there are fewer. */
function meanOf50({ values }: Curve): number {
  const last = values.slice(-50);
  return last.reduce((a, b) => a + b, 0) / last.length;
}

function createView(name: string, { totalSteps }: DqnConfig) {
  const progress = new LiveProgress({ total: totalSteps, unit: 'steps' });
  const [curves, picture] = [new LiveFigure({ periodMs: 2000 }), new LivePicture()];
  return {
    update(agentStep: number, notes: Record<string, string>): void {
      const mean = meanOf50(runs.get(name)!).toFixed(1);
      progress.update(agentStep, { mean, ...notes });
      curves.update(() => learningCurve([...runs.values()], { window: 50 }));
      picture.update(() => screen(field));
    },
    finish: () => Promise.all([progress, curves, picture].map((live) => live.finish())),
  };
}

// %% id="trained"
import { seedSequence } from 'breakout-dqn';

interface Trained {
  readonly learning: Learning;
  readonly replayBuffer: ReplayBuffer;
  agentSteps: number; // played so far
  dispose(): void;
}

function createTrained(config: DqnConfig, seed: number): Trained {
  const { batchSize, bufferSize: capacity, nSteps, gamma } = config;
  const learning = createLearning(config, seedSequence(seed, 4)[3]!);
  const sizes = { capacity, observationShape, batchSize };
  const replayBuffer = new ReplayBuffer({ ...sizes, nSteps, gamma });
  const dispose = () => learning.dispose();
  return { learning, replayBuffer, agentSteps: 0, dispose };
}

// %% id="training-loop" tags=["core"]
async function train(
  name: string,
  config: DqnConfig,
  seed: number,
  agent: Trained = keep(`agent ${name}`, createTrained(config, seed)),
): Promise<Trained> {
  checkConfig({ ...config }); // names what is wrong
  const { learning, replayBuffer } = agent;
  const values = (observation: Uint8Array) => learning.qValues(observation);
  const seeds = seedSequence(seed + agent.agentSteps, 3); // independent of each other
  const [exploring, sampling, episodes] = seeds.map((s) => new Mt19937(s));
  const [curve, view] = [curveOf(name, agent.agentSteps), createView(name, config)];
  const interrupt = interruptSignal();
  let [points, loss] = [0, 0];
  let { observation, info } = startGame(replayBuffer, episodes);
  while (agent.agentSteps < config.totalSteps && !interrupt.aborted) {
    const t = ++agent.agentSteps;
    const epsilon = epsilonAt(t, config);
    const action = selectAction(observation, { values, epsilon, random: exploring });
    const { reward, terminated, truncated, ...next } = field.step(action);
    const isLost = terminated || next.info.lives < info.lives; // a ball
    const remembered = {
      action,
      reward: Math.sign(reward),
      terminated: isLost,
      truncated,
    };
    replayBuffer.add({ ...remembered, nextObservation: next.observation });
    points += reward;
    if (t >= config.learningStarts && t % config.trainFrequency === 0)
      loss = learning.update(replayBuffer.sample(sampling)).loss;
    if (t % config.targetUpdateInterval === 0) learning.syncTarget();
    const isOver = terminated || truncated;
    if (isOver) {
      curve.agentSteps.push(t);
      curve.values.push(points);
      points = 0;
    } // a step's result is the next step's start
    ({ observation, info } = isOver ? startGame(replayBuffer, episodes) : next);
    view.update(t, { ε: epsilon.toFixed(2), loss: loss.toExponential(1) });
    if (t % 20 === 0) await setImmediate(); // lets displays and interrupt through
  }
  await view.finish();
  return agent;
}

// %% [markdown] id="training-run-text"
// The next cell trains: 120,000 steps, three to six minutes on two cores. The line is the mean of the last 50
// games (five balls each, all points counted); beside it the agent plays. **Interrupt** whenever you like: what it has learned stays, and
// `const more = await train('dqn', config, seed, agent);` in a cell below goes on where it was.
//
// **Predict:** random play gets 1 to 2 points. What will the mean be at the end?

// %% id="train"
const isShort = process.env.BREAKOUT_PROFILE === 'quick'; // set by `npm run notebooks`
const settings = isShort
  ? { ...config, totalSteps: 1500, learningStarts: 1000 }
  : config;
const agent = await train('dqn', settings, seed);

const { values: returns } = runs.get('dqn')!;
console.log(
  `mean of the last 50 of ${returns.length} games: ${meanOf50(runs.get('dqn')!)}`,
);

// %% [markdown] id="training-see"
// **What you should see.** For the first half next to nothing: $\epsilon$ is still high, and the buffer fills with
// lost balls. Then the line leaves the 1 to 2 points of chance, and at the end the mean of 50 games is between 5
// and 12. The loss says little: it rises with the values. Single games jump between 0 and 30; that is why the
// line is a mean.

// %% [markdown] id="compare-text"
// ### Train again with another setting
//
// A training is compared with one that differs in a **single** setting. Edit `change`, give it a name and run
// the cell: its curve joins those that are there. It takes as long as the first one; interrupt it when you have
// seen enough. **Predict:** what will happen to the curve when the goal no longer stands still?

// %% id="train-again"
const change: Partial<DqnConfig> = { targetUpdateInterval: 8 };
if (!isShort) {
  await train('target renewed at each update', { ...config, ...change }, seed);
}

// %% [markdown] id="compare-try"
// **What you should see.** Two curves with their names; in the stored run the mean at the end is 10.7 with a goal that
// stands still and 5.8 with one that moves. Is it the setting? One training each does not tell: two *seeds* of the
// same settings may differ as much. [Notebook 4](04-experiments.ipynb) is about that.
//
// **Try it.** Train with `config` and `seed + 1` under the name `another seed`. (Criterion: you can say which of
// the other curves is closer to the first one, and what that tells about the setting.)

// %% [markdown] id="after"
// ## 12 After training
//
// The same game as in section 10, the same $\epsilon$, now with the trained network.

// %% id="play-after"
await play(valuesBy(agent.learning.qNetwork), 300);

// %% [markdown] id="evaluation-text"
// ### Evaluation
//
// The curve above mixes what the agent knows with many random actions. An **evaluation** plays
// games, here at most 67 s of each, with a small fixed $\epsilon$ and without learning, and
// reports the mean return with its standard error. To tell skill from luck, random actions are
// evaluated in the same way.

// %% id="evaluate"
import { evaluate } from 'breakout-dqn';

const games = {
  env: field,
  episodes: isShort ? 2 : 10,
  maxEpisodeSteps: 1000, // 67 s of play
  seed: 1000,
  qValues: (o: Uint8Array) => agent.learning.qValues(o),
};
const results = {
  'trained agent, epsilon 0.05': await evaluate({ ...games, epsilon: 0.05 }),
  'random actions': await evaluate({ ...games, epsilon: 1 }),
};

// %% id="evaluation-table"
showTable(
  Object.entries(results).map(([player, { meanReturn, standardError, returns }]) => ({
    player,
    'mean return': meanReturn.toFixed(1),
    'standard error': standardError.toFixed(1),
    returns: returns.join(' '),
  })),
);

// %% [markdown] id="evaluation-see"
// **What you should see.** The trained agent is far above chance, by several standard errors. In the literature
// random play scores 1.7, a human tester 31.8 and DQN 401.2 ([Mnih et al.,
// 2015](https://doi.org/10.1038/nature14236), extended data table 2; whole games of up to five minutes).
//
// ## 13 What learning to play takes
//
// DQN got its 401 points from 50 million steps of this kind, with a network of twice the width and an update
// every 4 steps: days on your processor, even with the compiled engine.
//
// **Your agent gets far in half an hour.** With these settings and a buffer twice as large, which is the preset
// `dqn`, the mean of 100 games passed 40, more than the human tester's, on each of three seeds, after 648,000,
// 601,000 and 717,000 steps. Go on with yours:
// `const more = await train('dqn', { ...config, totalSteps: 700_000 }, seed, agent);`.
//
// Two ways lead on from here. [Notebook 3](03-pqn.ipynb) builds an algorithm without buffer and target network, from
// parts that you know. And a longer training goes on as a *run*, a process of its own that nothing kills:
// [notebook 4](04-experiments.ipynb).
//
// The project brings an agent along that was trained for longer. It is a network like yours:

// %% id="play-trained"
import { compileQValues, loadAgent } from 'breakout-dqn';

const champion = await loadAgent();
const { qValues: championValues } = keep('champion', compileQValues(champion.network));
await play(championValues, 300, 2100);
const { info: about } = champion;
console.log(`${about.agentStep.toLocaleString('en')} agent steps of training`);

// %% [markdown] id="play-trained-see"
// **What you should see.** Twenty seconds, from two minutes and 20 seconds on. The wall has holes by now: the ball
// goes through, and behind the wall it earns points without the paddle. Nobody told the agent so. Why it acts as it
// does is the subject of [notebook 7](07-inside-the-agent.ipynb).

// %% [markdown] id="summary"
// ## Summary
//
// - The **observation** is a stack of four gray pictures of 84 x 84, made from 16 frames of the
//   game.
// - The **Q-network** estimates the return of each action. The agent takes the best one and,
//   with probability epsilon, a random one.
// - The **replay buffer** breaks up the order of experience; the **target network** keeps the
//   goal still.
// - The **TD target** $y = r + \gamma\,(1 - d) \max_{a'} Q(o', a'; \theta^-)$ lets the network
//   learn from its own predictions, anchored by the rewards.
// - A **faster engine** is trusted because it was compared with what we wrote ourselves.
// - Minutes of training bring the first points. Playing well takes millions of steps, and a result is
//   a mean over games *and* seeds.
//
// Next: [3 PQN](03-pqn.ipynb). Words: [glossary](glossary.md).

// %% [markdown] id="exercise-maximum"
// ## Exercises
//
// Each has a criterion by which you can tell that you have solved it.
//
// ### Exercise 1: is the maximum needed? (10 minutes)
//
// Look at single emulator frames while the ball is in flight. Is there one in which it is not drawn?
// *Criterion:* a pair of successive frames, one with and one without the ball, or a count over 1,000 frames that
// finds none.

// %% id="solve-maximum" tags=["solution"]
/** Whether something is drawn between the bricks and the paddle: rows 93 ... 188. */
function showsBall(picture: Uint8Array): boolean {
  for (let y = 93; y < 189; y++) {
    const row = picture.subarray(3 * (160 * y + 8), 3 * (160 * y + 152));
    if (row.some((byte) => byte > 0)) return true;
  }
  return false;
}

game.reset({ seed });
let inFlight = '';
for (let i = 0; i < 1000; i++) {
  const { observation, terminated } = game.step(FIRE);
  inFlight += showsBall(observation) ? 'o' : '.';
  if (terminated) game.reset();
}
const gaps = inFlight.match(/(?<=o)\.{1,3}(?=o)/g) ?? [];
console.log(
  `${inFlight.split('o').length - 1} frames with a ball, ${gaps.length} gaps in flight`,
);
if (gaps.length > 0) throw new Error('there are gaps');
// None. Other games of this console draw objects in every other frame.

// %% [markdown] id="exercise-memory"
// ### Exercise 2: what does the buffer cost? (5 minutes)
//
// Compute the bytes that the pictures of a transition take as (a) two stacks of bytes, (b) two stacks of 4-byte
// floats, (c) one new picture. *Criterion:* the ratios are 8 : 32 : 1.

// %% id="solve-memory" tags=["solution"]
const onePicture = 84 * 84;
const ways = { a: 2 * 4 * onePicture, b: 2 * 4 * onePicture * 4, c: onePicture };
showTable(
  Object.entries(ways).map(([way, each]) => ({
    way,
    'bytes per transition': each,
    'GB per 1,000,000': each / 1000,
    'ratio to c': each / ways.c,
  })),
);

// %% [markdown] id="exercise-double"
// ### Exercise 3: double DQN (15 minutes)
//
// The maximum over noisy estimates is too large on average. In double DQN the Q-network chooses the next action
// and the target network values it: $y = r + \gamma\,(1 - d)\, Q(o', \arg\max_{a'} Q(o', a'; \theta); \theta^-)$.
// Write `doubleTdTargets`. *Criterion:* with two different networks and a batch of 32, no double target is above
// the plain one, and at least one is below it.

// %% id="solve-double" tags=["core", "solution"]
/** y = r + gamma (1 - d) Q(o', argmax over a' of Q(o', a'; theta); theta-). */
function doubleTdTargets(
  { rewards, terminateds }: Pick<Outcomes, 'rewards' | 'terminateds'>,
  { chosenBy, valuedBy }: { chosenBy: tf.Tensor2D; valuedBy: tf.Tensor2D },
  gamma: number,
): tf.Tensor1D {
  const best = tf.oneHot(tf.argMax(chosenBy, 1), valuedBy.shape[1]); // [batch, actions]
  const value = tf.sum(tf.mul(valuedBy, best), 1); // [batch]
  const r = tf.tensor1d(Array.from(rewards));
  const d = tf.tensor1d(Array.from(terminateds));
  return tf.add(r, tf.mul(gamma, tf.mul(tf.sub(1, d), value)));
}

const another = keep('another', createQNetwork({ observationShape, actions, seed: 2 }));
const [plainY, doubleY] = tf.tidy(() => {
  const input = toInput(batch.nextObservations);
  const [chosenBy, valuedBy] = [qNetwork, another].map((n) => n.apply(input)) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const ours = doubleTdTargets(batch, { chosenBy, valuedBy }, gamma).arraySync();
  const plain = tdTargets({ ...batch, nextQ: valuedBy }, gamma).arraySync();
  return [plain, ours] as [number[], number[]];
});
const lower = plainY.filter((y, i) => doubleY[i]! < y - 1e-6).length;
console.log(`${lower} of ${batchSize} double targets are below the plain ones`);
if (plainY.some((y, i) => doubleY[i]! > y + 1e-6) || lower === 0)
  throw new Error('a double target may only be lower');

// %% [markdown] id="exercise-slope"
// ### Exercise 4: the slope of the loss (10 minutes)
//
// What is the derivative of the Huber loss with respect to $\delta$ at 0.5 and at 3, and that of $\delta^2 / 2$?
// Predict, then compute them with `tf.grad`. *Criterion:* 0.5 and 1 for the first, 0.5 and 3 for the second.

// %% id="solve-slope" tags=["solution"]
const huber = (delta: tf.Tensor) => tf.losses.huberLoss(tf.zerosLike(delta), delta);
const half = (delta: tf.Tensor) => tf.mul(0.5, tf.sum(tf.square(delta)));
const slopeOf = (loss: (delta: tf.Tensor) => tf.Tensor, at: number) => {
  const slope = tf.tidy(() =>
    tf
      .grad(loss)(tf.tensor1d([at]))
      .dataSync(),
  );
  return slope[0]!;
};
const slopes = [0.5, 3].map((delta) => ({
  delta,
  huber: slopeOf(huber, delta),
  'half the square': slopeOf(half, delta),
}));
showTable(slopes);
if (slopes[1]!.huber !== 1 || slopes[1]!['half the square'] !== 3)
  throw new Error('expected 1 and 3 at 3');

// %% [markdown] id="appendix"
// ## Appendix: is this the real game?
//
// Researchers play Breakout in the Arcade Learning Environment (ALE). If the emulator of this
// project differed from it, results could not be compared. So ALE was recorded: 43 files, most
// of them games with each action and reward and a checksum of each picture. The first cell
// plays the actions of one game again and compares the checksums of all pictures. The second
// shows one picture from ALE, ours, and where they differ, also for the picture 4 frames later.

// %% id="replay-recording"
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createAle, FIXTURES, readFixture } from 'breakout-dqn';

const recording = readFixture(join(FIXTURES, 'raw-random-10k.bin.gz'));
const [recordedActions, flags] = [recording.array('action'), recording.array('flags')];
const checksums = recording.array('screenCrc');
const [chosen, pictureBytes] = [7, 210 * 160]; // every 500th picture is there in full
const frame = recording.array('snapFrame')[chosen]!;

const ale = createAle(recording.get('settings'));
const ours: Uint8Array[] = []; // the chosen picture and a later one
let differing = 0;
recordedActions.forEach((action, i) => {
  if ((flags[i]! & 4) !== 0) ale.resetGame(); // the episode before has ended
  ale.act(action);
  if (crc32(ale.getScreen()) !== checksums[i]) differing++;
  if (i === frame || i === frame + 4) ours.push(ale.getScreen().slice());
});
console.log(`${checksums.length} pictures replayed, ${differing} differ from ALE's`);

// %% id="compare-pictures"
import { PALETTE_RGB } from 'breakout-dqn';

const recorded = recording.array('snapScreen') as Uint8Array; // palette indices
const theirs = recorded.slice(chosen * pictureBytes, (chosen + 1) * pictureBytes);
const plane = { shape: [210, 160] };
const inColour = (data: Uint8Array) => ({ data, palette: PALETTE_RGB, ...plane });
/** White where a picture differs from ALE's. */
const difference = (data: Uint8Array): Picture => ({
  data: data.map((value, i) => (value === theirs[i] ? 0 : 255)),
  ...plane,
});
await showPanels([
  { caption: 'ALE', picture: inColour(theirs) },
  { caption: 'ours', picture: inColour(ours[0]!) },
  { caption: 'difference', picture: difference(ours[0]!) },
  { caption: '4 frames later', picture: difference(ours[1]!) },
]);

// %% [markdown] id="proof-see"
// **What you should see.** 10,000 pictures, none of which differs, and a black third picture.
// The fourth shows what a difference looks like: the ball or the paddle has moved. In a terminal
// `npm run conformance` compares all files, half a million frames, including the console's
// memory.

// %% [markdown] id="further"
// ## Further reading
//
// - V. Mnih et al., *Human-level control through deep reinforcement learning*, Nature 518, 2015:
//   [doi.org/10.1038/nature14236](https://doi.org/10.1038/nature14236). The method of this
//   notebook.
// - H. van Hasselt, A. Guez, D. Silver, *Deep reinforcement learning with double Q-learning*,
//   2016: [arXiv:1509.06461](https://arxiv.org/abs/1509.06461). Exercise 3.
// - M. Hessel et al., *Rainbow*, 2018: [arXiv:1710.02298](https://arxiv.org/abs/1710.02298).
//   What was added later, and what each addition is worth.
// - M. Gallici et al., *Simplifying Deep Temporal Difference Learning*, 2024:
//   [arXiv:2407.04811](https://arxiv.org/abs/2407.04811). Notebook 3.
// - M. Machado et al., *Revisiting the Arcade Learning Environment*, 2018:
//   [arXiv:1709.06009](https://arxiv.org/abs/1709.06009). How results should be reported.
// - The example that this notebook re-creates: [Keras: Deep Q-Learning for Atari
//   Breakout](https://keras.io/examples/rl/deep_q_network_breakout/).
