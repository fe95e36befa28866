// The source of 06-why-the-original-fails.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # Why the original does not learn
//
// The notebook [02-breakout.ipynb](02-breakout.ipynb) re-creates the Keras example [Deep
// Q-Learning for Atari Breakout](https://keras.io/examples/rl/deep_q_network_breakout/). The
// method of that example is right, and yet it is not known to have learned to play for anyone.
//
// Of its **first version** a reader reported 5.9 points after 2.6 million steps, and 0.2 after 11.6
// million ([keras-io, issue 89](https://github.com/keras-team/keras-io/issues/89)), counted for each
// life and with rewards clipped to 1. That version had no target network: both models were made of
// the same layers, so a copy changed nothing ([pull request
// 98](https://github.com/keras-team/keras-io/pull/98) mended it in June 2020). The **version of 2024**,
// whose settings are the preset `keras`, lost three things that the first one had: pictures divided by
// 255, the end of the return at a lost life, and clipped rewards.
//
// This notebook takes up nine suspects. For most of them a small **experiment** runs here within
// seconds. For three there is also a **training** with that one thing mended, whose course is kept in
// `notebooks/results` and drawn here; each names the command that repeats it.
//
// You should have read sections 1 to 8 of [notebook 2](02-breakout.ipynb).

// %% id="imports"
import {
  type Course,
  createConfig,
  createLearner,
  createQNetwork,
  evaluate,
  keep,
  type Line,
  lineFigure,
  loadAgent,
  loadCourse,
  loadEvaluations,
  Mt19937,
  makeBreakout,
  predictQ,
  ReplayBuffer,
  showFigure,
  showTable,
  tdTargets,
} from 'breakout-dqn';

const keras = createConfig('keras');
const shape = { observationShape: [4, 84, 84], actions: 4 };

// %% [markdown] id="trainings-text"
// ## 1 What the network believes
//
// A score tells late that something is wrong; the Q-values tell it early. Each training below has the
// settings of the example (preset `keras`) with **one repair**, and plays 50,000 agent steps with
// seed 1 (the unmended one 150,000). In these first steps the example acts at random, so all of them learn from
// the same kind of play, and the question is only what they make of it. (So that each takes minutes, every network here
// is half as wide as the example's.)
//
// First the truth. What is a moment of random play worth, in discounted points?

// %% id="observe-randomly"
const env = makeBreakout();
const random = new Mt19937(1);
const memory = new ReplayBuffer({
  capacity: 2000,
  observationShape: shape.observationShape,
  batchSize: keras.batchSize,
});
const rewards: number[] = [];
let [livesLost, gamesOver] = [0, 0];
let { observation, info } = env.reset({ seed: 1 });
memory.startEpisode(observation);
while (rewards.length < 1500) {
  const action = Math.floor(random.nextDouble() * 4);
  const { lives } = info;
  const { reward, terminated, truncated, ...next } = env.step(action);
  ({ observation, info } = next);
  memory.add({ action, reward, terminated, truncated, nextObservation: observation });
  rewards.push(reward);
  if (info.lives < lives) livesLost++;
  if (!terminated && !truncated) continue;
  gamesOver++;
  ({ observation, info } = env.reset());
  memory.startEpisode(observation);
}

// %% id="truth"
let discounted = 0;
const worth = rewards.map(() => 0);
for (let t = rewards.length - 1; t >= 0; t--) {
  // games run into each other: that hardly matters
  discounted = rewards[t]! + keras.gamma * discounted;
  worth[t] = discounted;
}
const meanWorth = worth.reduce((sum, each) => sum + each, 0) / worth.length;
console.log(`a moment of random play is worth ${meanWorth.toFixed(2)} points`);

// %% id="trainings"
const repairs = {
  keras: 'nothing',
  scale: 'pictures divided by 255',
  adam: "Adam's step 1e-4, its epsilon 1.5e-4",
  life: 'a lost life ends the return',
};
const courses = new Map<string, Course>();
for (const name of Object.keys(repairs)) {
  const file = name === 'keras' ? name : `keras-${name}`;
  courses.set(name, await loadCourse(file));
}

// %% id="trainings-table"
/** The row of a course at an agent step, or the one before. */
function rowAt({ rows }: Course, agentStep: number): Course['rows'][number] {
  return rows.filter((row) => row.agentStep <= agentStep).at(-1)!;
}
showTable(
  [...courses].map(([name, course]) => ({
    mended: repairs[name as keyof typeof repairs],
    'mean Q at 5,000': rowAt(course, 5_000).meanQ?.toFixed(2) ?? '-',
    'at 50,000': rowAt(course, 50_000).meanQ?.toFixed(2) ?? '-',
  })),
);
console.log(courses.get('scale')!.command);

// %% id="trainings-curves"
const lines = [...courses].map(
  ([name, { rows }], colour): Line => ({
    name: repairs[name as keyof typeof repairs],
    x: rows.map((row) => row.agentStep),
    y: rows.map((row) => row.meanQ ?? 0),
    colour,
  }),
);
await showFigure(
  lineFigure(lines, {
    title: 'Mean Q: the example, one thing mended',
    xTitle: 'agent steps',
    yTitle: 'mean Q (points)',
  }),
);

// %% [markdown] id="trainings-see"
// **What you should see.** The network of the example believes from first to last that every moment is
// worth about 18 points. The truth is about 0.3. With pictures divided by 255 it is in the right region at
// once; the other repairs alone do not bring it there.
//
// Why does it not learn better? The target is $r + 0.99 \max_a Q$ of the next picture, and there the
// network is wrong by the same 18 points. Only at the end of a game, about once in 180 steps, does the target
// say something else. So the wrong level can fall by no more than a hundredth or two with each copy of the target
// network, every 10,000 steps: at best it halves after some half a million. Here it is slower still, from 17.9 to 17.3
// in 150,000 steps, up and down: the maximum picks the highest of four wrong values. All that time the few tenths by
// which a good action differs from a bad one have to be learned on top of it.

// %% id="original"
const evaluations = await loadEvaluations();
const scoreOf = (name: string) => {
  const { mean, std, episodes } = evaluations[name]!;
  return `${mean.toFixed(2)} ± ${(std! / Math.sqrt(episodes)).toFixed(2)}`;
};
const last = courses.get('keras')!.rows.at(-1)!;
console.log(`the example after ${last.agentStep} agent steps:`);
console.log(
  `mean Q ${last.meanQ}, return ${scoreOf('keras')}; at random ${scoreOf('random')}`,
);

// %% [markdown] id="scale-text"
// ## 2 Suspect: pictures of 0 ... 255
//
// The version of 2024 gives the bytes of the pictures to the network as they are. Keras' first
// weights (Glorot's) are made for inputs of about 1. What does an untrained network say about the
// value of a picture?

// %% id="scale"
const batch = memory.sample(random);
/** What a network without training believes: V, in the mean over the batch. */
function beliefOf(inputDivisor: number, seed: number): number {
  const network = createQNetwork({ ...shape, width: 0.5, inputDivisor, seed });
  const q = predictQ({ network, observations: batch.observations });
  network.dispose();
  const values = Array.from({ length: q.length / 4 }, (_, i) =>
    Math.max(...q.subarray(4 * i, 4 * i + 4)),
  );
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
showTable(
  [1, 255].map((inputDivisor) => ({
    'divided by': inputDivisor,
    ...Object.fromEntries(
      [1, 2, 3, 4, 5].map((s) => [`seed ${s}`, beliefOf(inputDivisor, s).toFixed(2)]),
    ),
  })),
);

// %% [markdown] id="scale-see"
// **What you should see.** Without the division a network that knows nothing of the game believes in 5 to 20 points,
// depending on its first weights: with seed 1, that of the trainings above, in 18.5, and there they begin. The targets
// are made of the same numbers. So learning begins with TD errors of several points that have nothing to do with the
// game, where the Huber loss has the same slope for all of them. Divided by 255 the values begin within 0.1 of zero.

// %% [markdown] id="adam-text"
// ## 3 Suspect: Adam's step
//
// The learning rate 2.5e-4 is that of the paper's RMSProp. Both divide a weight's gradient by the size
// that it usually has, but the paper adds 0.01 under the root, so that a small gradient makes a small
// step. Keras' Adam adds 1e-7: there a weight with a tiny gradient moves as far as any other. Tuned
// agents add 1.5e-4 ([Hessel et al., 2018](https://arxiv.org/abs/1710.02298)). How many weights does
// the first update move by more than half the learning rate?

// %% id="adam"
const moved = [1e-7, 1.5e-4].map((adamEpsilon) => {
  const adamEpsilonHat = adamEpsilon === keras.adamEpsilon; // where Keras adds it
  const edits = { adamEpsilon, adamEpsilonHat, inputDivisor: 255 };
  const config = createConfig('keras', edits);
  const learner = createLearner({ config, ...shape, seed: 1 });
  const before = learner.state().weights.map((weights) => weights.slice());
  learner.update(batch);
  const after = learner.state().weights;
  const changes = after.flatMap((weights, i) =>
    Array.from(weights, (weight, j) => Math.abs(weight - before[i]![j]!)),
  );
  learner.dispose();
  const far = changes.filter((change) => change > config.learningRate / 2).length;
  return {
    'Adam epsilon': adamEpsilon,
    moved: `${((100 * far) / changes.length).toFixed(1)} %`,
  };
});
showTable(moved);

// %% [markdown] id="adam-see"
// **What you should see.** With Keras' default a fifth of all weights moves by more than half a step
// after the first 32 transitions, however little their gradients said; with 1.5e-4 it is one in fifty.

// %% [markdown] id="terminal-text"
// ## 4 Suspect: the target at the end
//
// The paper's target at the end of a game is the last reward. The example sets it to -1 instead,
// whatever the reward was. Three transitions: one in the middle of a game, one that ends it, and
// one that ends it with a brick worth 7.

// %% id="terminal"
const three = {
  rewards: [0, 0, 7],
  terminateds: [0, 1, 1],
  nextQ: Float32Array.from({ length: 12 }, () => 2), // of any action: 2
  gamma: 0.99,
};
showTable(
  [null, -1].map((terminalTarget) => {
    const [middle, end, brick] = tdTargets({ ...three, terminalTarget });
    return {
      terminalTarget: String(terminalTarget),
      middle: middle!.toFixed(2),
      end,
      brick,
    };
  }),
);

// %% [markdown] id="life-text"
// ## 5 Suspect: a lost life costs nothing
//
// In the version of 2020 each life was an episode of its own. In that of 2024 the game goes on
// without a word: nothing in the targets says that a ball was lost, until the fifth one ends the
// game. In the 1,500 random steps above:

// %% id="life"
console.log(`${livesLost} lives lost, ${gamesOver} games over`);

// %% [markdown] id="life-see"
// **What you should see.** Four of five losses are invisible to the learner. It can only find out
// by the bootstrapped values, one step further back with each copy of the target network, that a
// lost ball means no points for a while.

// %% [markdown] id="clip-text"
// ### and a brick may cost seven times another
//
// Also since 2024 rewards are not clipped: bricks count 1, 4 or 7 points. A learning rate that was
// tuned for rewards of 1 meets targets that are several times larger.

// %% [markdown] id="epsilon-text"
// ## 6 Suspect: a million steps of exploring
//
// The example lets $\epsilon$ fall to 0.1 over a million steps, and its first 50,000 actions are
// random. What is in the replay buffer is what the agent *did*, not what it knew. How much of its
// skill does even a trained agent show at such an $\epsilon$? This project's agent plays three games
// at each, cut off after 1,000 agent steps.

// %% id="epsilon"
const { network: trained } = await loadAgent();
keep('trained', trained);
const qValues = (o: Uint8Array) => predictQ({ network: trained, observations: o });
const atEpsilon = [];
for (const epsilon of [0.05, 0.1, 0.3, 0.55, 0.9]) {
  const games = { env, qValues, episodes: 3, maxEpisodeSteps: 1000, seed: 1 };
  const { meanReturn } = await evaluate({ ...games, epsilon });
  const steps = Math.round((1_000_000 * (1 - epsilon)) / 0.9);
  const reached = steps > 1e6 ? 'never' : steps.toLocaleString('en');
  atEpsilon.push({
    epsilon,
    'mean return': meanReturn.toFixed(1),
    'the example is there': reached,
  });
}
showTable(atEpsilon);

// %% [markdown] id="epsilon-see"
// **What you should see.** Tens of points to more than a hundred at 0.05 and 0.1 (three games say no
// more than that), some thirty at 0.3, a dozen at 0.55, and chance at 0.9. For the first half million
// steps the example fills its memory with play of the last two kinds, whatever it has learned.

// %% [markdown] id="start-text"
// ## 7 Suspect: learning before there is anything to learn from
//
// The example makes its first update at step 36, the first fourth step with more than 32 transitions,
// and goes on every fourth step. The setting `epsilon_random_frames` holds back the acting, not the
// learning.

// %% id="start"
const { randomSteps, learningStarts, trainFrequency, batchSize } = keras;
const early = Math.floor((randomSteps - learningStarts) / trainFrequency) + 1;
console.log(
  `${early.toLocaleString('en')} updates on random play before the first own action`,
);
console.log(`the first one draws ${batchSize} of ${learningStarts} transitions`);

// %% [markdown] id="memory-text"
// ## 8 Suspect: memory
//
// The example keeps a whole stack of four pictures for each step in a Python list; successive
// transitions share it. In the first version those were 4-byte floats. A reader saw 30 GB after 10,000
// steps, and 80 GB ten hours later ([keras-io, issue
// 1483](https://github.com/keras-team/keras-io/issues/1483)): far more than the list explains, so
// something else leaks as well. A training that dies does not learn.

// %% id="memory"
const picture = 84 * 84;
const compressed = 98; // bytes a transition: npm run bench -- replay
const gigabytes = (bytes: number) => ((100_000 * bytes) / 1e9).toFixed(2);
showTable([
  {
    'a transition as': 'a stack of 4-byte floats',
    '100,000, GB': gigabytes(16 * picture),
  },
  { 'a transition as': 'a stack of bytes', '100,000, GB': gigabytes(4 * picture) },
  { 'a transition as': 'one new picture', '100,000, GB': gigabytes(picture) },
  { 'a transition as': 'compressed, as here', '100,000, GB': gigabytes(compressed) },
]);

// %% [markdown] id="criterion-text"
// ## 9 Suspect: how success is told
//
// - `running_reward > 40` is asked of the **training** games, in which every tenth action is random.
//   In the version of 2020 it was about single lives with clipped rewards, which is another number.
// - With `max_episodes = 10`, as it stands there, the program ends after ten games.
// - "Frames" in its text are agent steps: ten million of them are forty million frames of the game.
//
// None of this keeps a network from learning, but it keeps the reader from noticing whether it does.

// %% [markdown] id="summary"
// ## What it comes to
//
// - The **pictures of 0 ... 255** are the fault that shows at once: they start the network many points
//   away from the truth (with seed 1 some 18 too high), and targets that rest on the network's own values let go of that slowly.
// - **Lives, rewards, Adam's epsilon and the target of -1** cannot be told apart in so short a
//   training. Each is a difference from settings that are known to work.
// - **Exploring** for a million steps makes every mistake cost hours before it shows.
// - Whoever repairs this example should divide by 255 first, and look at the Q-values before the score.
//
// What was *not* done here: training the example to its end, and over several seeds. That takes days on
// a CPU. `npm run train -- --preset keras --name keras` starts it, and the results above say what to
// watch.
