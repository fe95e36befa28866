// The source of 01-q-learning.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # 1 Q-learning, small
//
// A program learns a game that nobody explains to it. Here both the game and the program are so
// small that you can read every line, and the learning takes less than a minute. The next
// notebook does the same with Atari Breakout: same functions, same names, larger pictures.
//
// **After this notebook you can**
//
// 1. draw the loop of agent and environment, and say what a reward, a return and a value are;
// 2. work one step of Q-learning by hand;
// 3. write the five functions that make a Deep Q-Network (DQN), and train it;
// 4. say what replay, exploration and the target network are for, because you took them away.
//
// **Time:** 45 minutes. **You need:** to be able to read a program, and to know that a neural
// network has weights which gradient descent changes such that an error becomes smaller.
//
// **How to use it.** Wait until the status bar says *Idle*, then run cell after cell with
// Shift+Enter. Where a text says **Predict**, answer before you run the next cell: that is where
// the learning is. Cells that only help are folded; click on their bar to see them.

// %% [markdown] id="loop"
// ## 1 The loop
//
// The one who learns is the **agent**. All else is its **environment**: here, a game. They take
// turns, over and over:
//
// - the agent sees something of the present state of the game, the **observation**, and chooses an
//   **action**;
// - the environment answers with the next observation, with a **reward**, which is a number (the
//   points just won, most often 0), and with whether the game is over.
//
// One round of this loop is a **step**. One game, from start to end, is an **episode**.

// %% id="loop-picture" tags=["hidden"]
import { loopDiagram, showDiagram } from 'breakout-dqn';

await showDiagram(loopDiagram());

// %% [markdown] id="loop-see"
// Nobody tells the agent which action would have been right. It only gets points, often long
// after the action that earned them. That is what makes *reinforcement learning* hard.
//
// ### Questions
//
// **a.** You teach a dog to sit. What is the agent, what are observation, action and reward?
// <details><summary>Answer</summary>
//
// The dog is the agent. It observes your voice and hand, it acts by sitting or not, and the
// reward is the biscuit. You are a part of its environment.
// </details>
//
// **b.** In chess the only reward is 1 for a win, at the end. Which of the 40 moves earned it?
// <details><summary>Answer</summary>
//
// Nobody says. This is the *credit assignment problem*. Section 2 has an answer for a corridor, section 7
// the same one for pictures.
// </details>
//
// **c.** Is a large reward now always better than a small one?
// <details><summary>Answer</summary>
//
// No. It may cost more later: what counts is the sum of all that follows.
// </details>

// %% [markdown] id="corridor"
// ## 2 A corridor
//
// Six rooms in a row. The agent starts in room 0. It can go BACK or ON. Only the step into room
// 5, the exit, has a reward, 1; then the episode is over.

// %% id="define-walk"
const [BACK, ON] = [0, 1];
const EXIT = 5;

/** One step in the corridor. */
function walk(room: number, action: number) {
  const next = Math.max(0, action === ON ? room + 1 : room - 1);
  const terminated = next === EXIT;
  return { next, reward: terminated ? 1 : 0, terminated };
}
console.log('from room 4, ON:  ', walk(4, ON));
console.log('from room 0, BACK:', walk(0, BACK));

// %% [markdown] id="return"
// ### What is a room worth?
//
// A reward that comes later is less sure and should count less. We multiply it by $\gamma$ (gamma, the
// **discount**), here 0.9, once for each step that comes *before* the step that brings it. Room 4 takes the
// reward at once: 1. Room 0 takes it after four other steps: $0.9^4 = 0.66$.
//
// The sum of all rewards to come, discounted like this, is the **return**:
//
// $$G = r_1 + \gamma\, r_2 + \gamma^2 r_3 + \dots$$
//
// The return that the best way from a room on brings, on average, is the **value** of this room.

// %% id="return-picture" tags=["hidden"]
import { rewardDiagram } from 'breakout-dqn';

await showDiagram(rewardDiagram({ steps: 5, gamma: 0.9 }));

// %% [markdown] id="q-table"
// ### Learning the values
//
// The agent does not know this picture. It has to find the values by walking. It keeps a table
// $Q$ with one number for each room *and action*: what it believes it will get if it takes that
// action there, and the best ones after it. At first all are 0.
//
// After a step from room $s$ by action $a$, with reward $r$, into room $s'$, it knows a little
// more. A better guess than the old number is
//
// $$y = r + \gamma \max_{a'} Q(s', a'),$$
//
// the reward that really came, plus the best that its table promises from the next room on. When
// the episode is over nothing follows, so $y = r$. The old number moves some part $\alpha$ of the
// way towards this **target**:
//
// $$Q(s, a) \leftarrow Q(s, a) + \alpha\,(y - Q(s, a)).$$
//
// That is **Q-learning**, all of it. `updateQ` does one such step. (In TypeScript the `!` behind `Q[room]` says:
// I know that this entry exists.)

// %% id="define-update-q" student=["updateQ"]
interface Walked {
  readonly room: number; // s
  readonly action: number; // a
  readonly reward: number; // r
  readonly next: number; // s'
  readonly terminated: boolean; // is the episode over?
}

/** Moves Q[room][action] by the part alpha of the way towards its target y. */
function updateQ(
  Q: number[][],
  step: Walked,
  { alpha, gamma }: { alpha: number; gamma: number },
): void {
  const { room, action, reward, next, terminated } = step;
  const rest = terminated ? 0 : Math.max(...Q[next]!);
  const y = reward + gamma * rest;
  Q[room]![action]! += alpha * (y - Q[room]![action]!);
}

// %% id="check-update-q" tags=["hidden"]
import { check } from 'breakout-dqn';

/** Q after one step in a table of two rooms: [[1, 2], [3, 4]]. */
function after(step: Partial<Walked>, alpha = 0.5): number[][] {
  const Q = [
    [1, 2],
    [3, 4],
  ];
  const all = { room: 0, action: 1, reward: 0, next: 1, terminated: false, ...step };
  updateQ(Q, all, { alpha, gamma: 0.5 });
  return Q;
}
check('updateQ', [
  {
    when: 'with alpha = 1',
    got: () => after({ reward: 5 }, 1)[0]![1],
    expected: 7,
    because:
      'The number becomes y = r + gamma * (the largest number of the next room).',
  },
  {
    when: 'with alpha = 0.5',
    got: () => after({ reward: 5 })[0]![1],
    expected: 4.5,
    because: 'The number moves half of the way from 2 to 7.',
  },
  {
    when: 'when the episode is over',
    got: () => after({ reward: 5, terminated: true }, 1)[0]![1],
    expected: 5,
    because: 'Nothing follows: y is the reward alone.',
  },
  {
    when: 'for all other numbers',
    got: () => [after({})[0]![0], ...after({})[1]!],
    expected: [1, 3, 4],
    because: 'Only the number of the room and action that were taken may change.',
  },
]);

// %% [markdown] id="straight-predict"
// ### Values travel back
//
// The agent walks straight to the exit, again and again, and learns with $\alpha = 1$.
//
// **Predict:** after the first walk, which rooms have a number above 0? After how many walks does
// room 0 have one?

// %% id="walk-straight"
import { showTable } from 'breakout-dqn';

const table = Array.from({ length: EXIT + 1 }, () => [0, 0]); // [room][action]
const found = [1, 2, 3, 4, 5, 6].map((episode) => {
  for (let room = 0; room < EXIT; room++) {
    const step = { room, action: ON, ...walk(room, ON) };
    updateQ(table, step, { alpha: 1, gamma: 0.9 });
  }
  const numbers = table.slice(0, EXIT).map((q, room) => {
    return [`room ${room}`, q[ON]!.toFixed(2)];
  });
  return { 'after walk': episode, ...Object.fromEntries(numbers) };
});
showTable(found);

// %% [markdown] id="straight-see"
// **What you should see.** After the first walk only room 4 knows. With each walk one more room
// learns from the room behind it: the reward flows back, one room a walk. After five walks all
// numbers are those of the picture above, and the sixth changes nothing.
//
// ### It need not walk well to learn well
//
// Now the agent has no idea where the exit is: it chooses by chance, always. Each row of the
// picture is the table after one more episode. That the policy that *acts* (chance) may be another one than
// the policy that is *learned* (the best) is called **off-policy** learning: $\max$ asks what the best action
// would bring, whatever the agent does next. Section 6 makes use of it.

// %% id="walk-by-chance"
import { Mt19937, showFigure } from 'breakout-dqn'; // Mt19937: random numbers

const coin = new Mt19937(7);
const byChance = Array.from({ length: EXIT + 1 }, () => [0, 0]);
const history = Array.from({ length: 30 }, () => {
  for (let room = 0; room !== EXIT; ) {
    const action = coin.nextDouble() < 0.5 ? BACK : ON;
    const result = walk(room, action);
    updateQ(byChance, { room, action, ...result }, { alpha: 0.5, gamma: 0.9 });
    room = result.next;
  }
  return byChance.slice(0, EXIT).map((q) => Math.max(...q));
});
await showFigure({
  data: [{ type: 'heatmap', z: history, colorscale: 'Viridis' }],
  layout: {
    title: { text: 'The best number of each room' },
    xaxis: { title: { text: 'room' }, dtick: 1 },
    yaxis: { title: { text: 'episode' } },
  },
});

// %% id="walk-by-chance-table"
showTable(
  byChance.slice(0, EXIT).map(([back, on], room) => {
    const best = on! > back! ? 'ON' : 'BACK';
    return { room, BACK: back!.toFixed(2), ON: on!.toFixed(2), best };
  }),
);

// %% [markdown] id="corridor-see"
// **What you should see.** Colour that grows from the right to the left, and at the end ON is
// better than BACK in each room: who goes BACK has to come again, so it costs two steps, and $0.9^2$
// of the value is left. (In room 0 BACK leads into the wall and costs one.) The agent has never walked
// well, and still knows the best way.
//
// ### Questions
//
// **a.** What would the numbers be with $\gamma = 0$?
// <details><summary>Answer</summary>
//
// 1 in room 4 for ON, 0 everywhere else: the agent sees no further than the next reward.
// </details>
//
// **b.** Room 3, BACK ends at about 0.73. Why not less?
// <details><summary>Answer</summary>
//
// BACK leads into room 2. From there the *best* way takes three steps to the exit:
// $0.9 \times 0.9^2 = 0.73$. The table values the action, then the best actions after it.
// </details>
//
// **c.** The target $y$ is made of the table itself. Why does this not go round in circles?
// <details><summary>Answer</summary>
//
// Each target holds a true piece, the reward $r$, and the end of the episode is true, too. From
// there the truth spreads.
// </details>
//
// ### It must try what does not look best
//
// The next agent always takes the action that looks best to it, from the start. **Predict:** after
// how many steps does it find the exit? (Of two equal numbers it takes the first, BACK.)

// %% id="walk-greedily"
const greedyTable = Array.from({ length: EXIT + 1 }, () => [0, 0]);
let [place, steps] = [0, 0];
while (place !== EXIT && steps < 10_000) {
  const [back, on] = greedyTable[place]!;
  const action = on! > back! ? ON : BACK;
  const result = walk(place, action);
  updateQ(greedyTable, { room: place, action, ...result }, { alpha: 0.5, gamma: 0.9 });
  place = result.next;
  steps++;
}
console.log(`after ${steps} steps it stands in room ${place}`);

// %% [markdown] id="greedy-see"
// **What you should see.** It never finds it. It has seen no reward, so nothing looks better than
// BACK, so it sees no reward. An agent must **explore**: now and then do what does not look best. (Numbers
// that begin at 1 and not at 0 would have helped as well: each try disappoints, so it tries something else.
// That is called *optimism*.)

// %% [markdown] id="catch"
// ## 3 Catch
//
// A real game, but a small one. A ball falls, straight or slantwise, and bounces off the walls. A
// paddle of three pixels can STAY or move one pixel LEFT or RIGHT. A caught ball gives 10 points
// and the next one falls. A lost ball ends the game. After ten caught balls the game is cut off:
// 100 points is all one can get.
//
// The two ends have names that will matter: a lost ball **terminates** the game, since nothing can
// follow. The cut after ten balls **truncates** it: it could have gone on. Section 7 treats them differently.

// %% id="define-ball" tags=["shared"]
const SIZE = 7; // a picture has 7 x 7 pixels

interface Ball {
  readonly x: number;
  readonly y: number;
  readonly dx: number; // -1, 0 or 1: where it goes while it falls
}

/** The ball one step later: a pixel lower, and turned back if it met a wall. */
function fall({ x, y, dx }: Ball): Ball {
  const turned = x + dx < 0 || x + dx >= SIZE ? -dx : dx;
  return { x: x + turned, y: y + 1, dx: turned };
}

/** Bytes [7, 7] from 0 (dark) to 255 (bright): the paddle 128, the ball 255. */
function draw(ball: Ball, paddle: number): Uint8Array {
  const picture = new Uint8Array(SIZE * SIZE);
  const bottom = (SIZE - 1) * SIZE;
  picture.fill(128, bottom + paddle, bottom + paddle + 3); // from its left pixel on
  picture[ball.y * SIZE + ball.x] = 255;
  return picture;
}

// %% id="define-catch" tags=["core", "shared"]
const [STAY, LEFT, RIGHT] = [0, 1, 2];

class Catch {
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

// %% id="catch-constants" tags=["shared"]
const env = new Catch();
const observationShape = [2, SIZE, SIZE]; // two pictures
const actionNames = ['STAY', 'LEFT', 'RIGHT'];
const actions = actionNames.length;
const seed = 1; // equal seeds give equal runs on one machine

// %% id="catch-pictures"
import { type Picture, showPanels } from 'breakout-dqn';

/** The game as one sees it. */
const screen = (): Picture => ({ data: env.render(), shape: [SIZE, SIZE] });

env.reset({ seed });
const opening = [{ caption: 'start', picture: screen() }];
for (const action of [RIGHT, RIGHT, LEFT, STAY, STAY]) {
  env.step(action);
  opening.push({ caption: actionNames[action]!, picture: screen() });
}
await showPanels(opening, { height: 112 });

// %% [markdown] id="catch-two"
// **Predict:** look at the first picture only. Where will the ball be in the second one?
//
// One picture cannot tell: the ball may fall straight or to either side. Two can, from the second step of a
// ball on. So what the agent observes, $o$, is **the picture before and the present one**. One step later both move on
// by one picture; what was new is now old. This next observation is called $o'$ ("o prime").

// %% id="catch-transition" tags=["hidden"]
import { transitionDiagram } from 'breakout-dqn';

await showDiagram(
  await transitionDiagram(opening.slice(0, 3).map(({ picture }) => picture)),
);

// %% [markdown] id="network"
// ## 4 From a table to a network
//
// A table for catch would need a row for each possible observation: about 1,500. That would still
// go. A table for Breakout would need more rows than there are atoms in the world, and no game
// would ever meet the same row twice.
//
// So in place of the table we take a **network**: pictures go in, and out come the three numbers
// $Q(o, a)$, one for each action. It has weights, $\theta$ (theta), and pictures that look alike
// get similar numbers. What it learns from one ball helps with the next.
//
// The network for catch has one hidden layer of 128 units. Its input are bytes from 0 to 255,
// which are divided by 255 first: networks learn badly from large numbers.

// %% id="define-q-network" tags=["core", "shared"]
import { tf } from 'breakout-dqn'; // TensorFlow.js

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

// %% id="network-picture"
import { keep, networkDiagram } from 'breakout-dqn';

const qNetwork = keep(
  'q-network', // running the cell again frees the network of the run before
  createQNetwork({ observationShape, actions, inputDivisor: 255, seed }),
);
const outputs = actionNames.map((name) => `Q(${name})`);
await showDiagram(networkDiagram(qNetwork, { input: '2 pictures\n7 x 7', outputs }));

// %% id="define-q-values" tags=["shared"]
import { observationTensor } from 'breakout-dqn';

/** Bytes [n, 2, 7, 7] -> float32 [n, 7, 7, 2]: TensorFlow wants channels last. */
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
const first = env.reset({ seed }).observation;
const untrained = qValues(qNetwork, first);
showTable(actionNames.map((action, a) => ({ action, Q: untrained[a]!.toFixed(3) })));

// %% [markdown] id="network-see"
// **What you should see.** Three numbers near 0 that mean nothing yet. (`tf.tidy` frees the
// memory of all tensors that were made inside of it, except the one that is returned.)
//
// ### Questions
//
// **a.** Why does one pass of the network give three numbers and not one?
// <details><summary>Answer</summary>
//
// One for each action. The agent must compare them, and one pass is cheaper than three.
// </details>
//
// **b.** What can a network do that a table cannot?
// <details><summary>Answer</summary>
//
// Answer for an observation that it has never seen, from what it learned about similar ones.
// </details>
//
// **c.** What does it cost?
// <details><summary>Answer</summary>
//
// In a table a step changes one number. In a network each step changes the values of *all*
// observations a little, also of those that were right already.
// </details>

// %% [markdown] id="epsilon"
// ## 5 Acting
//
// In the corridor the agent walked by chance for ever. In catch it would seldom see a third ball.
// It should explore much at first and use what it knows later: with probability $\epsilon$
// (epsilon) it takes a random action, else the **greedy** one, which has the largest Q-value.
//
// $\epsilon$ falls on a straight line from `epsilonStart` at step 1 to `epsilonEnd`, which it
// reaches after `epsilonDecaySteps` steps; then it stays there.

// %% id="define-epsilon" tags=["shared"] student=["epsilonAt"]
import type { DqnConfig } from 'breakout-dqn';

/** Probability of a random action at agent step t = 1, 2, ... */
function epsilonAt(agentStep: number, config: DqnConfig): number {
  const { epsilonStart, epsilonEnd, epsilonDecaySteps, randomSteps } = config;
  if (agentStep < randomSteps) return 1; // 0 here: only other notebooks use it
  const progress = Math.min((agentStep - 1) / epsilonDecaySteps, 1);
  return epsilonStart + progress * (epsilonEnd - epsilonStart);
}

// %% id="define-select-action" tags=["shared"] student=["selectAction"]
import { argmax } from 'breakout-dqn'; // the place of the largest number

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

// %% [markdown] id="settings"
// All numbers of the training stand in one config. You know the first three; each of the others
// is named when it is needed. `createConfig` begins with a **preset** of the library, here `quick`, which has a
// value for everything, also for what we do not change: `loss` (Huber), `nSteps` (1), `clipRewards` (yes).

// %% id="config" tags=["shared"]
import { createConfig } from 'breakout-dqn';

const config = createConfig('quick', {
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

// %% id="check-acting" tags=["hidden"]
/** How often each action is chosen in 1,000 tries, as parts of all. */
function shares(epsilon: number): number[] {
  const random = new Mt19937(seed);
  const counts = [0, 0, 0];
  for (let i = 0; i < 1000; i++)
    counts[selectAction(first, { values: valuesBy(qNetwork), epsilon, random })]!++;
  return counts.map((count) => count / 1000);
}
const greedy = argmax(untrained);
check('epsilonAt', [
  ...[1, 751, 1501, 5000].map((step, i) => ({
    when: `step ${step}`,
    got: () => epsilonAt(step, config),
    expected: [1, 0.51, 0.02, 0.02][i],
    because: 'It falls on a line from 1 (step 1) to 0.02 (step 1,501) and stays there.',
  })),
]);
check('selectAction', [
  {
    when: 'epsilon = 0',
    got: () => shares(0)[greedy],
    expected: 1,
    because: 'Without exploration it is always the action with the largest Q-value.',
  },
  {
    when: 'epsilon = 1',
    got: () => shares(1).every((share) => Math.abs(share - 1 / 3) < 0.05),
    expected: true,
    because: 'All by chance: each action about equally often.',
  },
  {
    when: 'epsilon = 0.3',
    got: () => Math.abs(shares(0.3)[greedy]! - 0.8) < 0.05,
    expected: true,
    because: 'Greedy in 7 of 10 cases by choice, in a third of the other 3 by chance.',
  },
]);

// %% [markdown] id="replay"
// ## 6 Remembering
//
// After each step the agent has one more piece of experience, a **transition** $(o, a, r, d, o')$:
// observation, action, reward, whether the game terminated ($d = 1$) or not ($d = 0$), and the
// next observation. In the corridor each was used once, at once, and forgotten. A network cannot
// do that. Successive transitions are nearly equal: it would see six pictures of the same ball,
// then six of the next, and for each it would forget the last.
//
// So the agent keeps its transitions in a **replay buffer** and learns from a **batch** that is
// drawn from it at random. What it keeps of the reward is only its sign: 1 for a caught ball, not
// 10. Then rewards have the same size in every game, and the same settings fit many of them. The price: a
// reward of 7 counts as much as a reward of 1.
//
// Old transitions were made by a worse policy, with more chance. That they may be used at all is what you saw in
// the corridor: Q-learning learns off-policy.

// %% id="fill-buffer"
import { ReplayBuffer } from 'breakout-dqn';

const random = new Mt19937(seed);
const replayBuffer = new ReplayBuffer({
  capacity: 1000,
  observationShape,
  batchSize: 8,
});
replayBuffer.startEpisode(env.reset({ seed }).observation);
for (let t = 1; t <= 500; t++) {
  const action = Math.floor(random.nextDouble() * actions);
  const { observation: nextObservation, ...outcome } = env.step(action);
  const reward = Math.sign(outcome.reward); // 10 points become 1
  replayBuffer.add({ ...outcome, action, reward, nextObservation });
  if (outcome.terminated || outcome.truncated)
    replayBuffer.startEpisode(env.reset().observation);
}

// %% id="sample-batch"
let batch = replayBuffer.sample(random);
const hasBoth = () => batch.rewards.includes(1) && batch.terminateds.includes(1);
while (!hasBoth()) batch = replayBuffer.sample(random); // some to show
showTable([
  {
    array: 'observations',
    shape: '[8, 2, 7, 7]',
    content: 'o: bytes of 8 x 2 pictures',
  },
  { array: 'actions', shape: '[8]', content: batch.actions.join(' ') },
  { array: 'rewards', shape: '[8]', content: batch.rewards.join(' ') },
  { array: 'terminateds', shape: '[8]', content: batch.terminateds.join(' ') },
  { array: 'nextObservations', shape: '[8, 2, 7, 7]', content: "o': as observations" },
]);

// %% [markdown] id="td-target"
// ## 7 The target
//
// The rule of the corridor stays. The value of the action that was taken, $Q(o, a)$, shall move
// towards
//
// $$y = r + \gamma\,(1 - d)\,\max_{a'} Q(o', a').$$
//
// $(1 - d)$ is the case "the game is over" as a number. ($d$ is 1 for a lost ball. The cut after ten balls is
// *not* $d = 1$: only the lesson stopped there, so the value of what would follow still counts.) $y$ is called
// the **TD target** (TD for
// *temporal difference*: the difference between what we believe now and one step later).
//
// One thing is new. In the table, a step changed one number. Here an update that raises
// $Q(o, a)$ also raises $Q(o', a')$, which looks similar. Then $y$ is higher, too, and the network
// chases its own tail. So $y$ is asked from a **target network**: a copy of the Q-network that
// stands still and is renewed from time to time. Its weights are called $\theta^-$.

// %% id="two-networks-picture" tags=["hidden"]
import { twoNetworksDiagram } from 'breakout-dqn';

await showDiagram(twoNetworksDiagram({ every: 'every 200 steps' }));

// %% [markdown] id="td-target-predict"
// **Predict** the targets of these three transitions with $\gamma = 0.5$, then run the cells:
//
// | $r$ | $d$ | $Q(o', \cdot)$ |
// | --: | --: | --- |
// | 0 | 0 | 0.2, 0.6, 0.4 |
// | 1 | 0 | 0.2, 0.6, 0.4 |
// | 0 | 1 | 0.2, 0.6, 0.4 |

// %% id="define-td-targets" tags=["shared"] student=["tdTargets"]
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

// %% id="check-td-targets"
const nextQ = [0.2, 0.6, 0.4];
const targetOf = (reward: number, terminated: number) =>
  tf.tidy(() => {
    const outcome = { rewards: [reward], terminateds: [terminated] };
    return tdTargets({ ...outcome, nextQ: tf.tensor2d([nextQ]) }, 0.5).arraySync();
  });
const goesOn = 'y = r + gamma * max Q when the game goes on.';
const over = 'When the game is over nothing follows: y = r.';
check('tdTargets', [
  { when: 'r = 0, d = 0', got: () => targetOf(0, 0), expected: [0.3], because: goesOn },
  { when: 'r = 1, d = 0', got: () => targetOf(1, 0), expected: [1.3], because: goesOn },
  { when: 'r = 0, d = 1', got: () => targetOf(0, 1), expected: [0], because: over },
]);

// %% [markdown] id="train-step"
// ## 8 One update
//
// An **agent** is the Q-network, its still copy, the **optimizer** (Adam, a kind of gradient
// descent), and what it remembers.

// %% id="agent" tags=["shared"]
interface Agent {
  readonly qNetwork: tf.LayersModel; // theta: learns
  readonly targetNetwork: tf.LayersModel; // theta-: stays behind
  readonly optimizer: tf.Optimizer;
  readonly replayBuffer: ReplayBuffer;
  agentSteps: number; // played so far
  dispose(): void;
}

// %% id="create-agent" tags=["shared"]
import { Adam, copyWeights, trainableVariables } from 'breakout-dqn';

function createAgent(config: DqnConfig, seed: number): Agent {
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

// %% [markdown] id="loss"
// The **TD error** $\delta = y - Q(o, a; \theta)$ says how far an estimate is off. The **loss** is
// the mean of $h(\delta)$ over the batch, where $h$ is the Huber loss: the square $\delta^2 / 2$
// near 0, and a straight line beyond 1, so that one large error cannot spoil all.
//
// The optimizer changes $\theta$ such that the loss falls. Mind what may change: $y$ is computed
// *outside* of `meanLoss`, so it is a constant, and no gradient flows into it. (`nSteps` is 1 here; the next
// notebook says what else it may be.)
//
// `meanLoss` is the heart: the Q-values of the batch, of which only those of the actions that
// were **taken** are kept (`taken` has a 1 at their places, else 0), against $y$.

// %% id="define-train-step" tags=["core", "shared"] student=["meanLoss"]
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

// %% id="check-train-step"
const trial = keep('trial', createAgent(config, seed));
const target = tf.tidy(() => {
  const next = trial.targetNetwork.apply(toInput(batch.nextObservations));
  return tdTargets({ ...batch, nextQ: next as tf.Tensor2D }, config.gamma).arraySync();
});
const q = qValues(trial.qNetwork, batch.observations);
const errors = target.map((y, i) => y - q[3 * i + batch.actions[i]!]!);
const byHand = errors.map((e) => (Math.abs(e) <= 1 ? e ** 2 / 2 : Math.abs(e) - 0.5));
const losses = Array.from({ length: 100 }, () => trainStep(trial, batch, config));
check('trainStep', [
  {
    when: 'the first loss',
    got: () => losses[0],
    expected: byHand.reduce((a, b) => a + b) / byHand.length,
    because:
      'It is the mean of h(y - Q(o, a)), with the Q of the action that was taken.',
  },
  {
    when: 'after 100 updates on one batch',
    got: () => losses[99]! < losses[0]! / 10,
    expected: true,
    because: 'The loss must fall below a tenth: does the gradient reach the Q-network?',
  },
]);

// %% [markdown] id="td-questions"
// ### Questions
//
// **a.** A batch has the transition with $r = 0$, $d = 0$ and $\max Q(o', a') = 2$. The network
// says $Q(o, a) = 1.9$, and $\gamma = 0.95$. In which direction does the update push it?
// <details><summary>Answer</summary>
//
// Nowhere: $y = 0.95 \times 2 = 1.9$. The belief fits the next one.
// </details>
//
// **b.** Why must only the value of the action that was taken enter the loss?
// <details><summary>Answer</summary>
//
// The transition says nothing about what the others would have brought.
// </details>
//
// **c.** On this one batch the loss fell below a tenth. Has the agent learned to play?
// <details><summary>Answer</summary>
//
// No. It has learned eight transitions by heart. A small loss shows that the step works, and no
// more. Only playing shows playing.
// </details>

// %% [markdown] id="training"
// ## 9 The training loop
//
// Now the parts are put together. In each step $t$ the agent
//
// 1. acts, mostly by chance at first, and remembers the transition;
// 2. every `trainFrequency` steps draws a batch and makes an update;
// 3. every `targetUpdateInterval` steps copies $\theta$ to $\theta^-$.

// %% id="training-view" tags=["hidden"]
import { LiveFigure, LivePicture, LiveProgress, learningCurve } from 'breakout-dqn';

interface Curve {
  readonly name: string;
  readonly agentSteps: number[]; // at the end of each episode
  readonly values: number[]; // the points of each episode
}
const runs = new Map<string, Curve>();

/** A new curve, or the one of a training that goes on. */
function curveOf(name: string, { agentSteps }: Agent): Curve {
  const old = agentSteps > 0 ? runs.get(name) : undefined;
  const curve = old ?? { name, agentSteps: [], values: [] };
  runs.set(name, curve);
  return curve;
}

function createView({ totalSteps }: DqnConfig) {
  const slow = { periodMs: 1000 };
  const progress = new LiveProgress({ total: totalSteps, unit: 'steps' });
  const [curves, picture] = [
    new LiveFigure(slow),
    new LivePicture({ scale: 20, ...slow }),
  ];
  return {
    update(agentStep: number, notes: Record<string, string>): void {
      progress.update(agentStep, notes);
      curves.update(() =>
        learningCurve([...runs.values()], { window: 20, yTitle: 'points of a game' }),
      );
      picture.update(screen);
    },
    finish: () => Promise.all([progress, curves, picture].map((live) => live.finish())),
  };
}

// %% id="training-loop" tags=["core"]
import { setImmediate } from 'node:timers/promises';
import { interruptSignal, seedSequence } from 'breakout-dqn';

async function train(
  name: string,
  config: DqnConfig,
  seed: number,
  agent: Agent = keep(`agent ${name}`, createAgent(config, seed)),
): Promise<Agent> {
  const seeds = seedSequence(seed + agent.agentSteps, 3); // independent of each other
  const [exploring, sampling, episodes] = seeds.map((s) => new Mt19937(s));
  const { qNetwork, targetNetwork, replayBuffer } = agent;
  const values = valuesBy(qNetwork);
  const [curve, view] = [curveOf(name, agent), createView(config)];
  const interrupt = interruptSignal();
  let { observation } = env.reset({ seed: episodes.nextUint32() });
  replayBuffer.startEpisode(observation);
  let [episodeReturn, loss] = [0, 0];
  while (agent.agentSteps < config.totalSteps && !interrupt.aborted) {
    const t = ++agent.agentSteps;
    const epsilon = epsilonAt(t, config);
    const action = selectAction(observation, { values, epsilon, random: exploring });
    const { observation: nextObservation, ...outcome } = env.step(action);
    const reward = config.clipRewards ? Math.sign(outcome.reward) : outcome.reward;
    replayBuffer.add({ ...outcome, action, reward, nextObservation });
    observation = nextObservation; // a step's result is the next step's start
    episodeReturn += outcome.reward;

    if (t >= config.learningStarts && t % config.trainFrequency === 0)
      loss = trainStep(agent, replayBuffer.sample(sampling), config);
    if (t % config.targetUpdateInterval === 0)
      copyWeights({ from: qNetwork, to: targetNetwork });
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

// %% id="define-play" tags=["hidden"]
import { showGif } from 'breakout-dqn';

/** Plays and shows some steps, with a random action in 20. */
async function play(network: tf.LayersModel, steps: number): Promise<void> {
  const policy = {
    values: valuesBy(network),
    epsilon: 0.05,
    random: new Mt19937(seed),
  };
  const pictures: Picture[] = [];
  let { observation } = env.reset({ seed });
  for (let i = 0; i < steps; i++) {
    pictures.push(screen());
    const outcome = env.step(selectAction(observation, policy));
    observation = outcome.observation;
    if (!outcome.terminated && !outcome.truncated) continue;
    pictures.push(screen());
    observation = env.reset().observation;
  }
  await showGif(pictures, { scale: 20, delayMs: 150, maxBytes: 300_000 });
}

/** The mean points of 100 games. */
function score(network: tf.LayersModel, epsilon = 0): number {
  const policy = { values: valuesBy(network), epsilon, random: new Mt19937(seed) };
  let points = 0;
  for (let game = 0; game < 100; game++) {
    let { observation } = env.reset({ seed: 1000 + game });
    for (let over = false; !over; ) {
      const outcome = env.step(selectAction(observation, policy));
      observation = outcome.observation;
      points += outcome.reward;
      over = outcome.terminated || outcome.truncated;
    }
  }
  return points / 100;
}

// %% [markdown] id="before"
// First, what it can do before: random actions, then the untrained network.
//
// **Predict:** the paddle covers 3 of 7 columns. How many points does random play get?

// %% id="play-before"
console.log(`random play: ${score(qNetwork, 1).toFixed(1)} points a game`);
console.log(`untrained:   ${score(qNetwork).toFixed(1)} points a game`);
await play(qNetwork, 40);

// %% [markdown] id="train-text"
// **What you should see.** Random play catches a ball with a chance of about 3 in 7, and then
// perhaps one more: 7 points or so. The untrained network does the same few moves over and over.
//
// Now train: 5,000 steps, half a minute, longer if the machine is busy. Each point of the curve is
// a game, the line is the mean of the last 20. **Predict:** at which step will the line pass 50?

// %% id="train"
const agent = await train('catch', config, seed);
console.log(`after training: ${score(agent.qNetwork).toFixed(1)} of 100 points a game`);

// %% id="play-after"
await play(agent.qNetwork, 70);

// %% [markdown] id="train-see"
// **What you should see.** A line that stays at the bottom while $\epsilon$ falls, rises between
// steps 1,000 and 3,000, and ends near the top. What is missing there are the random actions. With
// none, the mean of 100 games is above 90, most often 100: nearly perfect.
//
// **If you interrupted it** (the square button in the toolbar), go on where it was with
// `const more = await train('catch', config, seed, agent);`.

// %% [markdown] id="values"
// ### What does it see coming?
//
// One game with the values of the three actions at each step. **Predict:** what happens to the
// values when a ball is caught?

// %% id="values-curve"
import { lineFigure } from 'breakout-dqn';

const seen: number[][] = [];
let now = env.reset({ seed }).observation;
for (let step = 0; step < 42; step++) {
  seen.push([...qValues(agent.qNetwork, now)]);
  const outcome = env.step(argmax(seen.at(-1)!));
  if (outcome.terminated) break;
  now = outcome.observation;
}
const x = seen.map((_, step) => step);
const lines = actionNames.map((name, a) => ({ name, x, y: seen.map((q) => q[a]!) }));
const labels = { title: 'Values during a game', xTitle: 'step', yTitle: 'Q(o, a)' };
await showFigure(lineFigure(lines, labels));

// %% [markdown] id="values-see"
// **What you should see.** The highest of the three lines makes saw teeth. It rises to nearly 3 as the
// ball comes nearer, since the reward is less discounted, and falls to about 2 when the ball is caught. It
// does not fall to 0, because more balls will come. Where an action is about to lose the ball, its line
// drops far below the others; where all three are still good, they lie together.

// %% [markdown] id="ablation"
// ## 10 Take a part away
//
// Three trainings with one part less. Everything else stays the same, the seed too. **Predict**
// for each: does it still learn? If not, what goes wrong?
//
// 1. **No replay:** the buffer holds the last 65 steps only (so learning may start after 64).
// 2. **No exploration:** $\epsilon$ is 0 from the start.
// 3. **No target network:** the copy is renewed at each step.

// %% id="take-away"
const parts: Record<string, Partial<DqnConfig>> = {
  'no replay': { bufferSize: 65, learningStarts: 64 },
  'no exploration': { epsilonStart: 0, epsilonEnd: 0 },
  'no target network': { targetUpdateInterval: 1 },
};
const results = [{ agent: 'all parts', points: score(agent.qNetwork).toFixed(1) }];
for (const [name, change] of Object.entries(parts)) {
  const { qNetwork: network } = await train(name, { ...config, ...change }, seed);
  results.push({ agent: name, points: score(network).toFixed(1) });
}
showTable(results);

// %% [markdown] id="ablation-see"
// **What you should see.** (With seeds 1, 2 and 3 the numbers were: all parts 100, 100, 100; no replay
// 44, 31, 27; no exploration 100, 100, 100; no target network 100, 100, 100.)
//
// - *No replay* learns slowly and jumps about. It forgets the balls of yesterday.
// - *No exploration* does not harm here, and in the corridor it was deadly. Why? In catch, chance comes
//   from the game: each ball starts elsewhere, and three of seven are caught by any paddle. So a reward is
//   seen early. And the choices of an untrained network change while it learns. In the corridor nothing happened by chance, and nothing happened at all.
// - *No target network* does not harm the points either. What it does to the values you can see in
//   [Find the bug](05-find-the-bug.ipynb), patient 8: they grow beyond what any game can give. Catch is
//   small enough to survive that; in Breakout values reach back over hundreds of steps.
//
// A part that one experiment does not need may be needed in another. That is why one takes parts away:
// to know, and not to believe.
//
// **Try it.** Take away the trick of the reward's sign: `{ clipRewards: false }`. Predict first: how will
// the loss and the values differ? (Criterion: you can say by which factor the values are larger.)
// <details><summary>Answer</summary>
//
// A reward is 10 in place of 1, so the values are about ten times as large, and so are most errors $\delta$. The
// Huber loss is a straight line there: the loss grows tenfold, but no gradient grows beyond 1.
// </details>

// %% [markdown] id="summary"
// ## Summary
//
// - An **agent** learns from **rewards** which actions have a high **value**: the discounted sum
//   of what is to come.
// - **Q-learning** moves $Q(o, a)$ towards $y = r + \gamma\,(1 - d) \max_{a'} Q(o', a')$. So values
//   travel back from the rewards, step by step.
// - A **network** in place of the table answers for pictures that it never saw. It needs a
//   **replay buffer**, so that it does not forget, **exploration**, so that it finds what is good,
//   and, in larger games, a **target network**, so that its goal stands still.
//
// Next: [the Breakout notebook](02-breakout.ipynb), with the same functions. Words:
// [glossary](glossary.md).

// %% [markdown] id="exercise-discount"
// ## Exercises
//
// ### Exercise 1: short sight (5 minutes)
//
// What is room 0 of the corridor worth to an agent with $\gamma = 0.5$? Compute it by hand, then let
// `updateQ` find it: walk straight to the exit ten times with $\alpha = 1$. *Criterion:* both give
// the same number.

// %% id="solve-discount" tags=["solution"]
const shortSighted = Array.from({ length: EXIT + 1 }, () => [0, 0]);
for (let episode = 0; episode < 10; episode++) {
  for (let room = 0; room < EXIT; room++) {
    const step = { room, action: ON, ...walk(room, ON) };
    updateQ(shortSighted, step, { alpha: 1, gamma: 0.5 });
  }
}
console.log(shortSighted[0]![ON]); // by hand: the reward is 4 steps later, 0.5 ** 4
check('room 0', [
  {
    when: 'gamma = 0.5',
    got: () => shortSighted[0]![ON],
    expected: 0.0625,
    because: 'Four steps lie between room 0 and the step into the exit.',
  },
]);

// %% [markdown] id="exercise-follow"
// ### Exercise 2: a player without learning (10 minutes)
//
// Write `follow(observation)`, which moves the paddle below the ball: it looks for the ball (255)
// and the paddle (128) in the *second* picture of the observation, bytes 49 to 97, and returns
// LEFT, STAY or RIGHT. *Criterion:* at least 90 points in the mean of 100 games. How does a learned
// agent differ from this one, if both get 100?

// %% id="solve-follow" tags=["solution"]
function follow(observation: Uint8Array): number {
  const picture = observation.subarray(SIZE * SIZE);
  const ball = picture.indexOf(255) % SIZE;
  const bottom = picture.subarray((SIZE - 1) * SIZE);
  // a ball in the bottom row has been caught: it lies on the paddle
  const middle = bottom.findIndex((pixel) => pixel !== 0) + 1;
  return ball < middle ? LEFT : ball > middle ? RIGHT : STAY;
}
let followed = 0;
for (let game = 0; game < 100; game++) {
  let { observation } = env.reset({ seed: game });
  for (let isOver = false; !isOver; ) {
    const outcome = env.step(follow(observation));
    observation = outcome.observation;
    followed += outcome.reward / 100;
    isOver = outcome.terminated || outcome.truncated;
  }
}
console.log(`${followed.toFixed(1)} points; the rule had to be thought of by a person`);
if (followed < 90) throw new Error(`expected at least 90 points, got ${followed}`);

// %% [markdown] id="exercise-value"
// ### Exercise 3: what is a new ball worth? (10 minutes)
//
// An agent that never misses gets 1 for its sixth step after a ball appears, and then 1 every 7 steps for
// ever. What is a new ball worth with $\gamma = 0.95$? Add up enough terms; think of room 0 before you write the
// first one. *Criterion:* the largest value that your trained network gives to the first observation of a
// game, in the mean of 100 games, is within 15 % of your sum.

// %% id="solve-value" tags=["solution"]
// five steps come before the first catch
const gammas = Array.from({ length: 100 }, (_, ball) => 0.95 ** (5 + 7 * ball));
const sum = gammas.reduce((a, b) => a + b); // also: 0.95 ** 5 / (1 - 0.95 ** 7)
const starts = Array.from(
  { length: 100 },
  (_, i) => env.reset({ seed: i }).observation,
);
const best = starts.map((o) => Math.max(...qValues(agent.qNetwork, o)));
const meanBest = best.reduce((a, b) => a + b) / best.length;
console.log(`by hand ${sum.toFixed(2)}, by the network ${meanBest.toFixed(2)}`);
if (Math.abs(meanBest / sum - 1) > 0.15)
  throw new Error('they differ by more than 15 %');
