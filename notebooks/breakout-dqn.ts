// The source of breakout-dqn.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # Deep Q-Learning for Atari Breakout
//
// An agent that sees nothing but the screen learns to play Breakout: pictures go in, paddle
// moves come out, and nobody tells it the rules. This notebook builds that agent, the Deep
// Q-Network (DQN) of [Mnih et al., 2015](https://doi.org/10.1038/nature14236), piece by piece in
// TypeScript and TensorFlow.js, and trains it on the real Atari game.
//
// **After this notebook you can**
//
// 1. say what the agent observes, and how 16 frames of the game become one observation;
// 2. write the Q-network, epsilon-greedy acting, the TD target and the gradient step;
// 3. explain what the replay buffer and the target network are for;
// 4. train, stop, change a setting, train again, and compare the two curves;
// 5. say what it costs to learn to play, and why a short run proves little.
//
// **How to use it.** Wait until the status bar says *Idle*. Then run the cells from top to
// bottom with Shift+Enter, or all at once with *Run > Run All Cells* (two to four minutes on two
// CPU cores). Every cell can be edited and run again. The square button in the toolbar
// interrupts a training: the loop ends after its current step, and what it has learned stays.
//
// You should know how a convolutional network is trained by gradient descent. Reinforcement
// learning is explained here.

// %% [markdown] id="setup"
// ## 1 Set-up check
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

// %% [markdown] id="settings-text"
// ## 2 Settings
//
// All numbers are set here. The preset `quick` goes through the whole method in about a minute
// of training. **It does not learn to play**; that takes thousands of times more steps (section
// 13).
//
// To try something, write it between the braces, for example `{ learningRate: 1e-3 }`, and run
// this cell and those that use it again. A misspelt name or an impossible value is answered with
// what was expected.
//
// Two units of time must not be confused. An **emulator frame** is one picture of the console,
// 1/60 s. An **agent step** is one decision of the agent, held for 4 emulator frames. All
// intervals below are in agent steps.
//
// The cells of this notebook compute in TensorFlow.js and keep to the plain method. The fields in
// `ofTheLibraryOnly` and `engine` are left out of the table: only the library's own loop follows
// them, for which section 13 takes them from `longRun`. `train` in section 11 refuses a config that
// changes one.

// %% id="settings"
import {
  createConfig,
  describeConfig,
  type StartOptions,
  showTable,
} from 'breakout-dqn';

const config = createConfig('quick', {}); // edits go between the braces
const seed = 1; // equal seeds give equal runs on one machine
// for section 13: { name: 'long', preset: 'nature', doubleDqn: true }, for example
const longRun = null as StartOptions | null;
if (longRun !== null) console.log(`Section 13 will start or show ${longRun.name}.`);

// %% id="library-only"
import type { DqnConfig } from 'breakout-dqn';

const ofTheLibraryOnly: readonly (keyof DqnConfig)[] = [
  'method',
  'nSteps',
  'learningRateEnd',
  'pressFire',
  'repeatActionProbability',
  'networkWidth',
  'layerNorm',
  'optimizer',
  'initializer',
  'doubleDqn',
  'terminalTarget',
  'atoms',
  'valueMin',
  'valueMax',
  'lifeLossIsTerminal',
  'maxEpisodeSteps',
  'solvedReturn',
  'solvedEpisodes',
];

// %% id="settings-table"
const rows = describeConfig({ config, preset: 'quick' })
  .filter(
    ({ field }) =>
      field !== 'engine' && !ofTheLibraryOnly.includes(field as keyof DqnConfig),
  )
  .map(({ field, value, unit, meaning }) => ({ field, value, unit, meaning }));
showTable(rows);

// %% [markdown] id="game"
// ## 3 The game
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
await showPanels([
  { caption: 'before the game', picture: hold(NOOP, 1) },
  { caption: '1/2 s after FIRE', picture: hold(FIRE, 30) },
  { caption: '1/2 s later', picture: hold(NOOP, 30) },
]);

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
await showPanels(held);

// %% [markdown] id="actions-try"
// **What you should see.** With RIGHT and LEFT the paddle stands at the walls. NOOP and FIRE
// leave it where it was, and only FIRE brings a ball into play. Above, one frame of NOOP came
// before FIRE; here there is none, so the ball may start elsewhere: its way depends on the frame
// in which it is served.
//
// **Try it.** Hold each action for 2 agent steps instead of 8. Predict first: how far does the
// paddle get in 2/15 s? (Criterion: your prediction is off by less than the paddle's width, 16
// pixels.)

// %% [markdown] id="proof"
// ### Is this the real game?
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

// %% [markdown] id="preprocessing"
// ## 4 What the agent observes
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
// is drawn where it was and where it is. In the picture of 84 x 84 it is a smudge of a few gray
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
await showPanels(panels, { height: 168 });

// %% [markdown] id="frame-stack-try"
// **What you should see.** The paddle on its way to the left, and the ball a little lower and
// further to the right in each picture. Four agent steps are 16 emulator frames, about a quarter
// of a second.
//
// **Try it.** Look at the last picture only: where will the ball be in the next one? How many of
// the four pictures do you need to tell?

// %% [markdown] id="q-network"
// ## 5 The Q-network
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
// 7); what the curves show is the plain sum of a game's points.
//
// One pass values all actions, since the network has one output for each. Three convolutions
// find ball, paddle and bricks; a dense layer combines them.

// %% id="define-q-network" tags=["core"]
interface NetworkOptions {
  readonly observationShape: readonly number[]; // [stack, height, width]
  readonly actions: number;
  readonly inputDivisor: number;
  readonly seed: number;
}

function createQNetwork(options: NetworkOptions): tf.Sequential {
  const { actions, inputDivisor, seed } = options;
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
      // -> [batch, 20, 20, 32]
      conv2d({ filters: 32, kernelSize: 8, strides: 4, activation, ...initial(0) }),
      // -> [batch, 9, 9, 64]
      conv2d({ filters: 64, kernelSize: 4, strides: 2, activation, ...initial(1) }),
      // -> [batch, 7, 7, 64]
      conv2d({ filters: 64, kernelSize: 3, strides: 1, activation, ...initial(2) }),
      // -> [batch, 3136] -> [batch, 512] -> [batch, 4]
      flatten(),
      dense({ units: 512, activation, ...initial(3) }),
      dense({ units: actions, ...initial(4) }),
    ],
  });
}

// %% id="network-summary"
import { describeNetwork, keep } from 'breakout-dqn';

const { inputDivisor } = config;
const qNetwork = keep(
  'q-network', // running the cell again frees the network of the run before
  createQNetwork({ observationShape, actions, inputDivisor, seed }),
);
console.log(describeNetwork(qNetwork));

// %% id="define-q-values"
import { observationTensor } from 'breakout-dqn';

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

// %% [markdown] id="network-see"
// **What you should see.** 1,686,180 weights, 95 % of them between the last convolution and the
// dense layer. The values of the untrained network lie within 0.1 of zero and mean nothing yet.

// %% [markdown] id="epsilon"
// ## 6 Acting: epsilon-greedy
//
// An agent that always takes the best-looking action never finds out whether another one is
// better. DQN explores in the simplest way there is: with probability $\epsilon$ it takes a
// random action, otherwise the one with the largest Q-value.
//
// At first the values mean nothing, so $\epsilon$ is 1; later the agent should mostly use what
// it has learned. In the steps before number `randomSteps` (none in `quick`) all actions are
// random. After them, at agent step $t = 1, 2, \dots$ and with a decay over $T$ steps counted
// from the first one,
//
// $$\epsilon_t = \epsilon_\text{start} + \min\!\left(\tfrac{t - 1}{T},\, 1\right)
//   (\epsilon_\text{end} - \epsilon_\text{start}).$$

// %% id="define-epsilon"
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

// %% id="define-select-action"
import { argmax, Mt19937 } from 'breakout-dqn';

interface Policy {
  readonly network: tf.LayersModel;
  readonly epsilon: number;
  readonly random: Mt19937;
}

function selectAction(
  observation: Uint8Array,
  { network, epsilon, random }: Policy,
): number {
  if (random.nextDouble() < epsilon) return Math.floor(random.nextDouble() * actions);
  return argmax(qValues(network, observation));
}

// %% id="count-actions"
const random = new Mt19937(seed);
const policy = { network: qNetwork, epsilon: 0.1, random };
const counts = env.actionSpace.meanings.map((action) => ({ action, taken: 0 }));
for (let i = 0; i < 1000; i++) counts[selectAction(observation, policy)]!.taken++;
showTable(counts);

// %% [markdown] id="epsilon-try"
// **What you should see.** A line that falls from 1 to 0.1 and stays there. Of 1,000 actions
// with $\epsilon = 0.1$ about 925 are the same one (give or take 20): the greedy action, taken
// in 90 % of the cases by choice and in a quarter of the other 10 % by chance.
//
// **Try it.** With which $\epsilon$ does the agent take the greedy action half of the time?
// Predict, then edit `policy` and count. (Criterion: 500 of 1,000, give or take 40.)

// %% [markdown] id="replay-buffer"
// ## 7 The replay buffer
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
// ## 8 The TD target
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
// Below, the equation is worked for four transitions by hand and by the function.

// %% id="define-td-targets"
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

// %% [markdown] id="td-target-see"
// **What you should see.** Equal numbers in the last two columns. Where $d = 1$ the target is
// the reward alone, whatever the network says.
//
// **Try it.** Set `gamma` to 0. What are the targets now, and what would an agent learn that is
// trained with them?

// %% [markdown] id="train-step"
// ## 9 One gradient step
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

// %% id="define-train-step" tags=["core"]
import type { Batch } from 'breakout-dqn';

/** One gradient step on a batch; returns the loss as it was before. */
function trainStep(agent: Agent, batch: Batch, config: DqnConfig): number {
  const { qNetwork, targetNetwork, optimizer } = agent;
  const { huberLoss, meanSquaredError } = tf.losses;
  const lossOf = config.loss === 'huber' ? huberLoss : meanSquaredError;
  const loss = tf.tidy(() => {
    const nextQ = targetNetwork.apply(toInput(batch.nextObservations)) as tf.Tensor2D;
    const y = tdTargets({ ...batch, nextQ }, config.gamma); // [batch], a constant
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

// %% [markdown] id="train-step-see"
// **What you should see.** The loss on *one* batch falls to less than a tenth within a hundred
// steps. This shows that the step works, not that an agent learns: any network can memorise 32
// transitions. The number of tensors stays the same, so nothing leaks.
//
// **Try it.** Set `loss: 'mse'` in section 2. Which of the two losses starts higher, and why?
// (Criterion: the ratio is close to 2, because the Huber loss of a small error is *half* its
// square.)

// %% [markdown] id="before-training"
// ## 10 Before training
//
// To have something to compare with, watch the untrained network play with $\epsilon = 0.05$.

// %% id="define-play"
import { showGif } from 'breakout-dqn';

/** What a player at home would see. */
const screen = (): Picture => ({ data: env.render(), shape });

/** Plays and shows at most so many agent steps, those from `begin` on. */
async function play(network: tf.LayersModel, steps: number, begin = 0): Promise<void> {
  const policy = { network, epsilon: 0.05, random: new Mt19937(seed) };
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
await play(qNetwork, 300);

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
// The last cell below is the algorithm. Those before it keep the curves, prepare the displays with
// the speed, and refuse settings that these cells do not know.

// %% id="runs"
interface Curve {
  readonly name: string;
  readonly agentSteps: number[]; // at the end of each episode
  readonly values: number[]; // the return of each episode
  stepsPerSecond?: number; // while it learned
}
const runs = new Map<string, Curve>();

// %% id="training-view"
import { LiveFigure, LivePicture, LiveProgress, learningCurve } from 'breakout-dqn';

function createView(curve: Curve, { totalSteps, learningStarts }: DqnConfig) {
  const progress = new LiveProgress({ total: totalSteps, unit: 'steps' });
  const curves = new LiveFigure();
  const picture = new LivePicture();
  let since = { agentStep: 0, time: performance.now() }; // when it began to learn
  return {
    update(agentStep: number, notes: Record<string, string>): void {
      progress.update(agentStep, notes);
      curves.update(() => learningCurve([...runs.values()], { window: 10 }));
      picture.update(screen);
      const time = performance.now();
      if (agentStep <= learningStarts) since = { agentStep, time };
      else
        curve.stepsPerSecond =
          (1000 * (agentStep - since.agentStep)) / (time - since.time);
    },
    finish: () => Promise.all([progress, curves, picture].map((live) => live.finish())),
  };
}

// %% id="check-method"
import { checkConfig } from 'breakout-dqn';

/** Refuses wrong settings, and those that the loop below would ignore. */
function checkMethod(config: DqnConfig): void {
  checkConfig({ ...config }); // also for what was changed since
  const quick = createConfig('quick');
  const ignored = ofTheLibraryOnly.filter((field) => config[field] !== quick[field]);
  if (/native|graph/.test(config.engine)) ignored.push('engine');
  if (ignored.length === 0) return;
  throw new RangeError(
    `train does not know ${ignored.join(', ')}: leave it, or put it in longRun`,
  );
}

// %% id="training-loop" tags=["core"]
import { setImmediate } from 'node:timers/promises';
import { interruptSignal, seedSequence } from 'breakout-dqn';

async function train(name: string, config: DqnConfig, seed: number): Promise<Agent> {
  checkMethod(config);
  const seeds = seedSequence(seed, 4); // streams that do not disturb each other
  const [exploring, sampling, episodes] = seeds.map((s) => new Mt19937(s));
  const agent = keep(`agent ${name}`, createAgent(config, seeds[3]!));
  const { qNetwork: network, targetNetwork } = agent;
  const { batchSize, bufferSize: capacity } = config;
  const replayBuffer = new ReplayBuffer({ capacity, observationShape, batchSize });
  const curve: Curve = { name, agentSteps: [], values: [] };
  runs.set(name, curve);
  const [view, interrupt] = [createView(curve, config), interruptSignal()];

  let { observation } = env.reset({ seed: episodes.nextUint32() });
  replayBuffer.startEpisode(observation);
  let [episodeReturn, loss] = [0, 0];
  for (let t = 1; t <= config.totalSteps && !interrupt.aborted; t++) {
    const epsilon = epsilonAt(t, config);
    const action = selectAction(observation, { network, epsilon, random: exploring });
    const { observation: nextObservation, ...outcome } = env.step(action);
    const reward = config.clipRewards ? Math.sign(outcome.reward) : outcome.reward;
    replayBuffer.add({ ...outcome, action, reward, nextObservation });
    observation = nextObservation; // a step's result is the next step's start
    episodeReturn += outcome.reward;

    if (t >= config.learningStarts && t % config.trainFrequency === 0) {
      loss = trainStep(agent, replayBuffer.sample(sampling), config);
    }
    if (t % config.targetUpdateInterval === 0)
      copyWeights({ from: network, to: targetNetwork });
    if (outcome.terminated || outcome.truncated) {
      curve.agentSteps.push(t);
      curve.values.push(episodeReturn);
      episodeReturn = 0;
      observation = env.reset({ seed: episodes.nextUint32() }).observation;
      replayBuffer.startEpisode(observation);
    }
    view.update(t, { ε: epsilon.toFixed(2), loss: loss.toExponential(1) });
    await setImmediate(); // lets the displays and the interrupt button through
  }
  await view.finish();
  return agent;
}

// %% [markdown] id="training-run-text"
// The next cell trains. The points are the returns of the finished games (five balls each, all
// points counted), the line is the mean of the last ten. Below it is the game as it is being
// played. **Interrupt** whenever you like.

// %% id="train"
const agent = await train('quick', config, seed);

const { values: returns, stepsPerSecond } = runs.get('quick')!;
console.log(`returns: ${returns.join(' ')}`);

// %% [markdown] id="training-see"
// **What you should see.** Half a minute to two minutes of training and about 15 games. The loss
// is a small, finite number. Most returns lie between 0 and 3, with a lucky game now and then.
// If the line seems to rise, beware: random play scores 1 to 2 points, and ten of its games
// differ as much. A few thousand steps change nothing about that.

// %% [markdown] id="compare-text"
// ### Train again with another setting
//
// A run is compared with one that differs in a **single** setting. Edit `change`, give the run a
// name and run the cell: its curve joins those that are there. A name that was used before
// replaces its curve. Running the cell that declares `runs` clears them all.

// %% id="train-again"
const change: Partial<DqnConfig> = { learningRate: 1e-3 }; // one setting
void (await train('learning rate 1e-3', { ...config, ...change }, seed));

// %% [markdown] id="compare-try"
// **What you should see.** Two curves with their names. Do not read much into the difference:
// two *seeds* of the same settings differ as much. That is why results are reported over several
// seeds.
//
// **Try it.** Train with `config` and `seed + 1` under the name `another seed`. (Criterion: you
// can say which of the two other curves is closer to the first one, and what that tells about
// the learning rate.)

// %% [markdown] id="after"
// ## 12 After training
//
// The same game, the same $\epsilon$ as in section 10, now with the trained network.

// %% id="play-after"
await play(agent.qNetwork, 300);

// %% [markdown] id="evaluation-text"
// ### Evaluation
//
// The curve above mixes what the agent knows with many random actions. An **evaluation** plays
// games, here at most 33 s of each, with a small fixed $\epsilon$ and without learning, and
// reports the mean return with its standard error. To tell skill from luck, random actions are
// evaluated in the same way.

// %% id="evaluate"
import { evaluate } from 'breakout-dqn';

const games = {
  env,
  episodes: 10,
  maxEpisodeSteps: 500, // 33 s of play
  seed: 1000,
  qValues: (o: Uint8Array) => qValues(agent.qNetwork, o),
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
// **What you should see.** Two means between 0 and 4 that differ by less than the sum of their
// standard errors or little more: after the quick training the agent plays no better than
// chance. In the literature random play scores 1.7, a human tester 31.8 and DQN 401.2 ([Mnih et
// al., 2015](https://doi.org/10.1038/nature14236), extended data table 2).

// %% [markdown] id="full-training"
// ## 13 What learning to play takes
//
// What the quick run lacks is experience. Published agents play for millions of steps; the table
// computes from the speed of the run above how long that takes with the cells of this notebook.
// Three presets take over published settings: `nature` those of the 2015 paper, with Adam in place
// of RMSProp; `cleanrl` those of CleanRL's `dqn_atari.py`. Agents with the originals are reported
// to learn. `keras` is the [example](https://keras.io/examples/rl/deep_q_network_breakout/) that
// this notebook re-creates; it is not known to have learned for anyone, and
// [why-the-original-fails.ipynb](why-the-original-fails.ipynb) looks for the reasons.
//
// Two more are this project's own. `dqn` keeps to the method above, with double DQN and targets
// that add up three rewards before they ask the target network. `fast` needs neither replay memory
// nor target network: **PQN** ([Gallici et al., 2024](https://arxiv.org/abs/2407.04811)) plays 16
// games at once, 32 steps of each, learns from these 512 transitions once, and forgets them. Its
// targets look further ahead, along what was really played:
//
// $$G_t = r_t + \gamma \left(\lambda\, G_{t+1} + (1 - \lambda) \max_a Q(o_{t+1}, a; \theta)\right)$$
//
// With $\lambda = 0$ this is the TD target of section 8, with the network in place of the target
// network. Layer normalization in each layer keeps the values from running away. With it the mean
// return of 100 games passed 40, the example's criterion, after 7 minutes with one seed and 10 with
// another, on two CPU cores.

// %% id="full-training-cost"
import { formatDuration, PRESETS } from 'breakout-dqn';

/** '3 h 07 min' or '12 days'. */
function timeFor(steps: number): string {
  if (stepsPerSecond === undefined) return 'unknown: the run above did not learn yet';
  const seconds = steps / stepsPerSecond;
  const days = seconds / 86_400;
  return days < 2 ? formatDuration(seconds) : `${Math.round(days)} days`;
}
showTable(
  (['dqn', 'cleanrl', 'nature', 'keras'] as const).map((preset) => {
    const { totalSteps, trainFrequency, bufferSize } = createConfig(preset);
    return {
      preset,
      'agent steps': totalSteps.toLocaleString('en'),
      updates: (totalSteps / trainFrequency).toLocaleString('en'),
      'pictures, GB': ((bufferSize * 84 * 84) / 1e9).toFixed(1),
      'compressed, GB': ((bufferSize * 100) / 1e9).toFixed(2), // about 100 bytes each
      'time in these cells': timeFor(totalSteps),
      expectation: PRESETS[preset].expectation,
    };
  }),
);

// %% [markdown] id="engine-text"
// A long run learns in the fastest engine of this machine: on a CPU that is a compiled one, where
// it could be built, otherwise TensorFlow. Both do the same update but for rounding.

// %% id="engines"
import { createLearner } from 'breakout-dqn';

const timings = (['auto', 'tensorflow'] as const).map((engine) => {
  const edited = { ...config, engine };
  const learner = createLearner({ config: edited, observationShape, actions, seed });
  learner.update(batch); // the first one makes the optimizer's memory
  const begin = performance.now();
  for (let i = 0; i < 20; i++) learner.update(batch);
  const milliseconds = (performance.now() - begin) / 20;
  learner.dispose();
  const { name, sentence } = learner.engine;
  return { engine, is: name, 'ms per update': milliseconds.toFixed(1), sentence };
});
showTable(timings);

// %% [markdown] id="full-training-text"
// To train with one of the presets, set `longRun` in section 2: a name, a preset and, if you like,
// any of its values, also those that `train` in section 11 does not know. Run that cell and the
// next one. It starts a **run**: a process of its own that goes on when you close the notebook or
// restart its kernel, and keeps curve and checkpoints in the folder `runs/NAME`. The panel shows
// curve and play; its buttons pause, resume and stop the run. The replay memory is compressed, so
// that a million pictures fit.
//
// **To come back**, run the cell again: it finds the run, or continues to show it where it ended.
// Other values need another name. In a terminal `npm run train -- --preset nature --name long`
// starts such a run, `npm run train -- --resume long` goes on with it, and
// `npm run evaluate -- long` plays 100 games with its newest checkpoint.

// %% id="train-long"
import { attach, listRuns, showRun, startRun } from 'breakout-dqn';

async function showLongRun(options: StartOptions): Promise<void> {
  const { name } = options;
  const isThere = (await listRuns()).some((run) => run.name === name);
  if (isThere)
    console.log(`${name} is there: shown with the values that it began with`);
  const run = isThere ? await attach(name) : await startRun({ seed, ...options });
  await showRun(run);
}

const isLong = process.env.BREAKOUT_PROFILE !== 'quick'; // set by `npm run notebooks`
if (longRun !== null && isLong) await showLongRun(longRun);

// %% [markdown] id="control-run-text"
// While a run goes on, the notebook stays free. Any cell, of any notebook, can find the run by its
// name, look at it and **change it under way**. The next cell pauses it, changes its learning rate
// if you name one, goes on, shows its next ten seconds of play, and draws its curve beside those of
// other runs. What was changed and when is kept in `runs/NAME/config.json`.

// %% id="control-run"
import { compareRuns } from 'breakout-dqn';

const newLearningRate = null as number | null; // for example 5e-5
const otherRuns: string[] = []; // names of runs to compare with
if (longRun !== null && isLong) {
  const run = await attach(longRun.name);
  if ((await run.status()).state === 'running') {
    await run.pause(); // between two steps
    if (newLearningRate !== null) await run.set({ learningRate: newLearningRate });
    await run.resume();
    await showGif(await run.gif({ steps: 150 }));
  }
  await showFigure(await compareRuns([longRun.name, ...otherRuns]));
}

// %% [markdown] id="trained"
// ## 14 An agent that has learned
//
// The project brings an agent along that was trained with the preset `fast`, on two CPU cores, for
// longer than the preset asks. The next cell loads it, verifies its weights, and says which command
// trained it and what was changed under way.

// %% id="load-trained"
import { loadAgent, loadEvaluations } from 'breakout-dqn';

const trained = await loadAgent();
const trainedNetwork = keep('trained', trained.network);
const { rows: course, command } = trained.course;
console.log(command);
for (const { agentStep, values } of trained.course.changes) {
  console.log(`changed after step ${agentStep}: ${JSON.stringify(values)}`);
}
const { agentStep: trainedSteps } = trained.info;
const hours = formatDuration(course.at(-1)!.seconds);
console.log(`${trainedSteps.toLocaleString('en')} agent steps in ${hours}`);

// %% id="trained-curve"
import { lineFigure } from 'breakout-dqn';

const ofTraining = {
  name: 'mean of 100 games',
  x: course.map((row) => row.agentStep),
  y: course.map((row) => row.meanReturn),
};
await showFigure(
  lineFigure([ofTraining], {
    title: 'The training of the agent that comes with the project',
    xTitle: 'agent steps',
    yTitle: 'return (points)',
  }),
);

// %% [markdown] id="trained-curve-see"
// **What you should see.** A rise that takes its time: a return of 40 after about a million agent steps,
// several hundred at the end. The dip after three million is no accident of learning: there
// $\epsilon$ was raised from 0.01 to 0.05, that of the evaluation, and a twentieth of all actions
// has been random since.

// %% [markdown] id="play-trained-text"
// Half a minute from the middle of a game that begins like that of section 10. Watch what it does with a hole in the
// wall: behind the bricks the ball earns points without the paddle.

// %% id="play-trained"
await play(trainedNetwork, 450, 1000);

// %% [markdown] id="trained-score-text"
// `npm run evaluate -- pretrained` plays 100 whole games with it, in the classic way: $\epsilon = 0.05$,
// up to 30 no-ops at the start, all five lives. `--protocol machado` adds what makes the game less
// predictable: with probability 0.25 the console repeats the last action in place of the new one
// (*sticky actions*; Machado et al., 2018). What the two commands told:

// %% id="trained-score"
const told = await loadEvaluations();
showTable(
  [told.pretrained!, told['pretrained-machado']!].map((result) => ({
    command: result.command,
    mean: result.mean.toFixed(1),
    'standard deviation': result.std!.toFixed(1),
    median: result.median,
    best: result.best,
    games: result.episodes,
  })),
);

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
// - Minutes of training show that the parts work. Learning to play takes millions of steps, and
//   a result is a mean over games *and* seeds.

// %% [markdown] id="exercises"
// ## Exercises
//
// Each has a criterion by which you can tell that you have solved it. The answers are in
// [solutions.ipynb](solutions.ipynb).
//
// **1 Is the maximum needed?** (10 minutes) Look at single emulator frames while the ball is in
// flight. Is there one in which it is not drawn? *Criterion:* a pair of successive frames, one
// with and one without the ball, or a count over 1,000 frames that finds none.
//
// **2 What does the buffer cost?** (5 minutes) Compute the bytes that the pictures of a
// transition take as (a) two stacks of bytes, (b) two stacks of 4-byte floats, (c) one new
// picture. *Criterion:* the ratios are 8 : 32 : 1.
//
// **3 Double DQN** (15 minutes) The maximum over noisy estimates is too large on average. In
// double DQN the Q-network chooses the next action and the target network values it:
// $y = r + \gamma\,(1 - d)\, Q(o', \arg\max_{a'} Q(o', a'; \theta); \theta^-)$. Write
// `doubleTdTargets`. *Criterion:* with two different networks and a batch of 32, no double
// target is above the plain one, and at least one is below it.
//
// **4 The slope of the loss** (10 minutes) What is the derivative of the Huber loss with respect
// to $\delta$ at 0.5 and at 3, and that of $\delta^2 / 2$? Predict, then compute them with
// `tf.grad`. *Criterion:* 0.5 and 1 for the first, 0.5 and 3 for the second.
//
// **5 Diagnose** (20 minutes) The function below runs, its loss falls, and an agent trained with
// it never learns to play. Find the mistake by an experiment rather than by reading: which
// property has every correct gradient step? *Criterion:* a test that `trainStep` passes and
// `buggedTrainStep` fails, and the line to change.

// %% id="bugged-train-step"
/** Like trainStep, with a mistake. */
function buggedTrainStep(agent: Agent, batch: Batch, config: DqnConfig): number {
  const { qNetwork, targetNetwork, optimizer } = agent;
  return tf.tidy(() => {
    const nextQ = targetNetwork.apply(toInput(batch.nextObservations)) as tf.Tensor2D;
    const y = tdTargets({ ...batch, nextQ }, config.gamma);
    const input = toInput(batch.observations);
    const meanLoss = (): tf.Scalar => {
      const q = qNetwork.apply(input) as tf.Tensor2D;
      return tf.losses.huberLoss(y, tf.max(q, 1));
    };
    const variables = trainableVariables(qNetwork);
    return optimizer.minimize(meanLoss, true, variables)!.dataSync()[0]!;
  });
}

// %% id="bugged-loss"
const bugged = keep('bugged', createAgent(config, seed));
buggedTrainStep(bugged, batch, config); // the first step is left out, as above
const itsLosses = updates.map(() => buggedTrainStep(bugged, batch, config));
const wrong = { name: 'buggedTrainStep', agentSteps: updates, values: itsLosses };
await showFigure(lossCurve([correct, wrong], { xTitle: 'updates on one batch' }));

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
//   [arXiv:2407.04811](https://arxiv.org/abs/2407.04811). The preset `fast`.
// - M. Machado et al., *Revisiting the Arcade Learning Environment*, 2018:
//   [arXiv:1709.06009](https://arxiv.org/abs/1709.06009). How results should be reported.
// - The example that this notebook re-creates: [Keras: Deep Q-Learning for Atari
//   Breakout](https://keras.io/examples/rl/deep_q_network_breakout/).
