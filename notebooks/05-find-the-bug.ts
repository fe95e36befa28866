// The source of 05-find-the-bug.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # 5 Find the bug
//
// A program that learns can be wrong without an error message. It runs, its loss falls, a curve
// appears, and nobody knows that it could be twice as good, or that it learns nothing at all. Here
// are ten patients: ten copies of the agent that plays catch, each with one mistake that someone
// has really made.
//
// **After this notebook you can**
//
// 1. read four signs by which a sick training shows: points, greedy points, loss, values;
// 2. say for ten common mistakes which signs they leave, and which leave hardly any;
// 3. write a test of five lines that finds a mistake in a second, without any training.
//
// **Time:** 40 minutes, four for each patient. **You need:** [Q-learning,
// small](01-q-learning.ipynb). All functions come from its cells.
//
// **How to use it.** For each patient: run the examination, which trains it for half a minute.
// Look at the signs and make a **diagnosis** before you unfold the answer. Then write a **test**
// that the right program passes and the patient fails. The code of the patients is in folded
// cells. Nobody keeps you from looking, but a doctor does not open the patient first.

// %% [markdown] id="program"
// ## 1 The right program
//
// The program of the first notebook, cut into parts, so that each patient can have one part that
// is wrong. You will call these parts in your tests:
//
// | part | what it must do |
// | --- | --- |
// | `epsilonAt(t, config)` | the probability of a random action at step t |
// | `act(agent, o, { epsilon, random })` | chooses an action |
// | `rewardOf(points)` | what is remembered of the points |
// | `remember(agent, outcome)` | adds `{ action, reward, terminated, truncated, nextObservation }` |
// | `createAgent(config, seed)` | the agent with its networks |
// | `tdTargets({ rewards, terminateds, nextQ }, gamma)` | the targets of a batch |
// | `update(agent, batch, parts)` | one gradient step; returns the loss before it |

// %% id="imports"
import assert from 'node:assert/strict';
import {
  argmax,
  type Batch,
  copyWeights,
  type DqnConfig,
  keep,
  learningCurve,
  Mt19937,
  ReplayBuffer,
  seedSequence,
  showFigure,
  showTable,
  tf,
  trainableVariables,
} from 'breakout-dqn';
import type { Agent, Outcomes } from 'breakout-dqn/q-learning';
import * as catching from 'breakout-dqn/q-learning'; // the cells of the first notebook

const { actions, createAgent, epsilonAt, qValues, selectAction } = catching;
const { tdTargets, toInput, valuesBy } = catching;
const env = new catching.Catch();
const config: DqnConfig = { ...catching.config, totalSteps: 4000 };
const seed = 1;

// %% id="parts"
interface Exploring {
  readonly epsilon: number;
  readonly random: Mt19937;
}
type Remembered = Parameters<ReplayBuffer['add']>[0];

interface Parts {
  readonly epsilonAt: (agentStep: number, config: DqnConfig) => number;
  readonly act: (agent: Agent, observation: Uint8Array, how: Exploring) => number;
  readonly rewardOf: (points: number) => number;
  readonly remember: (agent: Agent, outcome: Remembered) => void;
  readonly createAgent: (config: DqnConfig, seed: number) => Agent;
  readonly tdTargets: (outcomes: Outcomes, gamma: number) => tf.Tensor1D;
  readonly update: (agent: Agent, batch: Batch, parts: Parts) => number;
}

/** What is kept of a training. */
interface Chart {
  readonly name: string;
  readonly agentSteps: number[]; // at the end of each game
  readonly values: number[]; // its points
  readonly losses: number[];
  agent: Agent;
}

// %% id="right-parts" tags=["core"]
/** `trainStep` of the first notebook, with the targets of `parts`. */
function update(agent: Agent, batch: Batch, parts: Parts): number {
  const { qNetwork, targetNetwork, optimizer } = agent;
  return tf.tidy(() => {
    const nextQ = targetNetwork.apply(toInput(batch.nextObservations)) as tf.Tensor2D;
    const y = parts.tdTargets({ ...batch, nextQ }, config.gamma);
    const input = toInput(batch.observations);
    const taken = tf.oneHot(tf.tensor1d(batch.actions, 'int32'), actions);
    const meanLoss = (): tf.Scalar => {
      const q = qNetwork.apply(input) as tf.Tensor2D;
      return tf.losses.huberLoss(y, tf.sum(tf.mul(q, taken), 1));
    };
    const variables = trainableVariables(qNetwork);
    return optimizer.minimize(meanLoss, true, variables)!.dataSync()[0]!;
  });
}

const right: Parts = {
  epsilonAt,
  act: (agent, o, how) => selectAction(o, { values: valuesBy(agent.qNetwork), ...how }),
  rewardOf: Math.sign,
  remember: (agent, outcome) => agent.replayBuffer.add(outcome),
  createAgent,
  tdTargets,
  update,
};

// %% id="examine" tags=["hidden"]
import { setImmediate } from 'node:timers/promises';
import { interruptSignal } from 'breakout-dqn';

/** The loop of the first notebook, with its parts exchangeable. */
async function train(name: string, parts: Parts): Promise<Chart> {
  const seeds = seedSequence(seed, 3);
  const [exploring, sampling, episodes] = seeds.map((s) => new Mt19937(s));
  const agent = keep(`agent ${name}`, parts.createAgent(config, seed));
  const { replayBuffer } = agent;
  const chart: Chart = { name, agentSteps: [], values: [], losses: [], agent };
  const interrupt = interruptSignal();
  const start = () => {
    const { observation } = env.reset({ seed: episodes!.nextUint32() });
    replayBuffer.startEpisode(observation);
    return observation;
  };
  let [observation, points] = [start(), 0];
  for (let t = 1; t <= config.totalSteps && !interrupt.aborted; t++) {
    const epsilon = parts.epsilonAt(t, config);
    const action = parts.act(agent, observation, { epsilon, random: exploring! });
    const { observation: nextObservation, ...outcome } = env.step(action);
    const reward = parts.rewardOf(outcome.reward);
    parts.remember(agent, { ...outcome, action, reward, nextObservation });
    observation = nextObservation;
    points += outcome.reward;
    if (t >= config.learningStarts && t % config.trainFrequency === 0)
      chart.losses.push(parts.update(agent, replayBuffer.sample(sampling!), parts));
    if (t % config.targetUpdateInterval === 0)
      copyWeights({ from: agent.qNetwork, to: agent.targetNetwork });
    if (outcome.terminated || outcome.truncated) {
      chart.agentSteps.push(t);
      chart.values.push(points);
      [observation, points] = [start(), 0];
    }
    if (t % 10 === 0) await setImmediate(); // lets the interrupt button through
  }
  return chart;
}

// %% id="signs" tags=["hidden"]
const meanOf = (numbers: readonly number[]) =>
  numbers.reduce((a, b) => a + b, 0) / Math.max(1, numbers.length);

/** The mean points of 50 greedy games, and the mean of the largest values in them. */
function greedyGames(
  { agent }: Chart,
  parts: Parts,
): { points: number; value: number } {
  const how = { epsilon: 0, random: new Mt19937(seed) };
  const games: number[] = [];
  const values: number[] = [];
  for (let game = 0; game < 50; game++) {
    let { observation } = env.reset({ seed: 1000 + game });
    games.push(0);
    for (let isOver = false; !isOver; ) {
      values.push(Math.max(...qValues(agent.qNetwork, observation)));
      const outcome = env.step(parts.act(agent, observation, how));
      observation = outcome.observation;
      games[game] += outcome.reward;
      isOver = outcome.terminated || outcome.truncated;
    }
  }
  return { points: meanOf(games), value: meanOf(values) };
}

/** One row of the chart's table. */
function signsOf(chart: Chart, parts: Parts) {
  const { points, value } = greedyGames(chart, parts);
  return {
    who: chart.name,
    'points, last 30 games': meanOf(chart.values.slice(-30)).toFixed(0),
    'greedy points': points.toFixed(0),
    'loss at the end': meanOf(chart.losses.slice(-200)).toExponential(1),
    'mean value': value.toFixed(2),
  };
}

// %% [markdown] id="healthy-text"
// ### A healthy training
//
// First the right program: 4,000 steps, a fifth less than in the first notebook. Its curve and
// signs will stand beside those of each patient.
//
// - *points*: of the last 30 games, with the exploration of that time;
// - *greedy points*: of 50 games after the training, without random actions;
// - *loss*: the mean of the last 200 updates;
// - *mean value*: the largest Q-value, in the mean of those 50 games.

// %% id="healthy"
const healthy = await train('right', right);
const signsOfHealthy = signsOf(healthy, right);
showTable([signsOfHealthy]);

// %% [markdown] id="how-to-test"
// **What you should see.** Greedy points of 90 or more, a loss of about 0.01, a mean value of 2 to 3. You
// can say how large it should be: who never misses gets 1 every 7 steps, which is 1/7 a step. With
// $\gamma = 0.95$ all steps to come count as $1 / (1 - 0.95) = 20$ steps. So $20 / 7 = 2.9$, and no more.
//
// ### How to write a test
//
// A test takes the parts, calls one of them with an input for which you *know* the result, and
// compares. `assert.equal(got, expected)` throws an error if they differ, `assert.ok(condition)` if it is
// not true. Two helpers: `played(n)` is
// a batch of n transitions from random games, and `trained(parts)` an agent after 100 updates, so
// that its Q-network differs from its target network.

// %% id="patients" tags=["hidden"]
const patients = new Map<number, Partial<Parts>>();

function admit(n: number, wrong: Partial<Parts>): void {
  patients.set(n, wrong);
}

/** Trains a patient and shows its curve and signs beside those of the right program. */
async function examine(n: number): Promise<void> {
  const parts = { ...right, ...patients.get(n) };
  const chart = await train(`patient ${n}`, parts);
  await showFigure(
    learningCurve([healthy, chart], { window: 20, yTitle: 'points of a game' }),
  );
  showTable([signsOfHealthy, signsOf(chart, parts)]);
}

/** The same parts under other names: a test must call them to know them. */
const disguised = (parts: Parts): Parts => ({
  epsilonAt: (...all) => parts.epsilonAt(...all),
  act: (...all) => parts.act(...all),
  rewardOf: (...all) => parts.rewardOf(...all),
  remember: (...all) => parts.remember(...all),
  createAgent: (...all) => parts.createAgent(...all),
  tdTargets: (...all) => parts.tdTargets(...all),
  update: (...all) => parts.update(...all),
});

/** Says whether a test passes the right program and fails the patient. */
function judge(n: number, test: (parts: Parts) => void): void {
  const complaint = (parts: Parts): string | undefined => {
    try {
      tf.tidy(() => test(disguised(parts)));
    } catch (error) {
      return (error as Error).message;
    }
  };
  const wrongly = complaint(right);
  if (wrongly !== undefined)
    throw new Error(`the test fails the right program, too: ${wrongly}`);
  const rightly = complaint({ ...right, ...patients.get(n) });
  if (rightly === undefined)
    throw new Error(`the test passes patient ${n}: it does not see the mistake`);
  console.log(`patient ${n}: your test finds it, and passes the right program`);
}

// %% id="test-helpers" tags=["hidden"]
/** A batch of transitions from random games. */
function played(size: number): Batch {
  const { observationShape } = catching;
  const random = new Mt19937(3);
  const options = { capacity: 1000, observationShape, batchSize: size };
  const buffer = new ReplayBuffer(options);
  buffer.startEpisode(env.reset({ seed: 3 }).observation);
  for (let t = 0; t < 900; t++) {
    const action = Math.floor(random.nextDouble() * actions);
    const { observation: nextObservation, ...outcome } = env.step(action);
    const reward = Math.sign(outcome.reward);
    buffer.add({ ...outcome, action, reward, nextObservation });
    if (outcome.terminated || outcome.truncated)
      buffer.startEpisode(env.reset().observation);
  }
  return buffer.sample(random);
}

/** An agent after updates with the same batch, without a copy. */
function trained(parts: Parts, updates = 100): Agent {
  const agent = keep('trained', parts.createAgent(config, seed));
  const batch = played(64);
  for (let i = 0; i < updates; i++) parts.update(agent, batch, parts);
  return agent;
}

// %% id="patient-1" tags=["hidden"]
admit(1, {
  epsilonAt(agentStep, { epsilonStart, epsilonEnd }) {
    const progress = Math.min((agentStep - 1) / 1_000_000, 1);
    return epsilonStart + progress * (epsilonEnd - epsilonStart);
  },
});

// %% [markdown] id="patient-1-text"
// ## Patient 1
//
// This one is sick in a way that the greedy points give away.

// %% id="examine-1"
await examine(1);

// %% [markdown] id="diagnosis-1"
// **Diagnosis?** Which part lets an agent learn well and yet play badly while it learns?
// <details><summary>Answer</summary>
//
// *Epsilon never falls.* The curve stays at the level of random play, but without random actions
// the agent plays nearly perfectly: it learned from random games, as in the corridor. The decay
// was taken from a paper with a million steps. The line: `(agentStep - 1) / epsilonDecaySteps`.
// </details>
//
// **Test.** What must $\epsilon$ be at the first and at the last step?

// %% id="define-test-1" student=["test1"]
function test1({ epsilonAt }: Parts): void {
  const last = epsilonAt(config.totalSteps, config);
  assert.equal(epsilonAt(1, config), config.epsilonStart);
  assert.ok(Math.abs(last - config.epsilonEnd) < 1e-6, `it ends at ${last}`);
}

// %% id="judge-1"
judge(1, test1);

// %% id="patient-2" tags=["hidden"]
admit(2, {
  tdTargets(outcomes, gamma) {
    const r = tf.tensor1d(Array.from(outcomes.rewards));
    return tf.add(r, tf.mul(gamma, tf.max(outcomes.nextQ, 1)));
  },
});

// %% [markdown] id="patient-2-text"
// ## Patient 2
//
// Some patients look healthy.

// %% id="examine-2"
await examine(2);

// %% [markdown] id="diagnosis-2"
// **Diagnosis?** The chart does not tell. Think of what this agent believes after it has lost a ball.
// <details><summary>Answer</summary>
//
// *Terminated is ignored.* After a lost ball nothing follows, but this agent believes that the game
// goes on, with a value that the network makes up. It still gets a reward for each caught ball and none
// for a lost one, which is enough to play catch. In a game in which losing is the only thing that
// happens it would learn nothing. The line: `y = r + gamma * (1 - d) * max`.
// </details>
//
// **Test.** What is the target of a transition that ends the game, whatever the network says?

// %% id="define-test-2" student=["test2"]
function test2({ tdTargets }: Parts): void {
  const nextQ = tf.tensor2d([[5, 6, 7]]);
  const y = tdTargets({ rewards: [1], terminateds: [1], nextQ }, 0.9);
  assert.equal(y.arraySync()[0], 1);
}

// %% id="judge-2"
judge(2, test2);

// %% id="patient-3" tags=["hidden"]
const rewardsBefore = new WeakMap<Agent, number>();
admit(3, {
  remember(agent, outcome) {
    const reward = rewardsBefore.get(agent) ?? 0;
    agent.replayBuffer.add({ ...outcome, reward });
    rewardsBefore.set(agent, outcome.reward);
  },
});

// %% [markdown] id="patient-3-text"
// ## Patient 3
//
// Another one that looks healthy.

// %% id="examine-3"
await examine(3);

// %% [markdown] id="diagnosis-3"
// **Diagnosis?** The value of a picture in which the paddle has just caught a ball is 1 too high. Why?
// <details><summary>Answer</summary>
//
// *The buffer is off by one.* With each transition it stores the reward of the one before, so not the
// catch seems to be rewarded, but the serve that follows it. Here the serve always follows the catch,
// and the reward travels back one step more: no harm. Where an action ends the game, its reward
// would go to the first step of the next game.
// </details>
//
// **Test.** Let an agent remember two transitions, the first with reward 0 and action 0, the second
// with reward 1 and action 1. Draw a batch of 64: which rewards go with action 1?

// %% id="define-test-3" student=["test3"]
function test3({ remember }: Parts): void {
  const agent = keep('test 3', createAgent(config, seed));
  agent.replayBuffer.startEpisode(env.reset({ seed }).observation);
  for (const number of [0, 1]) {
    const { observation: nextObservation, ...outcome } = env.step(number);
    remember(agent, { ...outcome, nextObservation, action: number, reward: number });
  }
  const { actions, rewards } = agent.replayBuffer.sample(new Mt19937(seed));
  assert.deepEqual([...rewards], [...actions]);
}

// %% id="judge-3"
judge(3, test3);

// %% id="patient-4" tags=["hidden"]
admit(4, {
  act(agent, observation, how) {
    const half = observation.length / 2;
    const [older, newer] = [observation.subarray(0, half), observation.subarray(half)];
    return right.act(agent, Uint8Array.of(...newer, ...older), how);
  },
});

// %% [markdown] id="patient-4-text"
// ## Patient 4
//
// Its loss looks healthy.

// %% id="examine-4"
await examine(4);

// %% [markdown] id="diagnosis-4"
// **Diagnosis?** It learns something true from its batches, and plays as if it saw something else.
// <details><summary>Answer</summary>
//
// *The pictures are in the wrong order* when it acts: the new one first. In the batches they are
// right. So it plays in a world in which balls fly upwards. Were they swapped in *both* places, it
// would do no harm at all: the network does not care which input is which, if it is always the same.
// </details>
//
// **Test.** Without exploration, which action must `act` choose? Compare for 64 observations.
// (`batch.observations` holds them one after the other, 98 bytes each.)

// %% id="define-test-4" student=["test4"]
function test4({ act }: Parts): void {
  const agent = trained(right);
  const how = { epsilon: 0, random: new Mt19937(seed) };
  const { observations } = played(64);
  for (let i = 0; i < 64; i++) {
    const o = observations.subarray(98 * i, 98 * (i + 1));
    assert.equal(act(agent, o, how), argmax(qValues(agent.qNetwork, o)));
  }
}

// %% id="judge-4"
judge(4, test4);

// %% id="patient-5" tags=["hidden"]
admit(5, {
  createAgent: (config, seed) => createAgent({ ...config, inputDivisor: 1 }, seed),
});

// %% [markdown] id="patient-5-text"
// ## Patient 5
//
// Look at the loss.

// %% id="examine-5"
await examine(5);

// %% [markdown] id="diagnosis-5"
// **Diagnosis?** How large are the values *before* it has learned anything?
// <details><summary>Answer</summary>
//
// *Bytes from 0 to 255 go in* as they are. The first values are a hundred times too large, and each
// update changes them by as much. Here it recovers and plays well: its points hide that all its values
// are wrong, ten times larger than any game could give. The line: `rescaling` with `1 / inputDivisor`.
// </details>
//
// **Test.** The values of an untrained network on real observations are small numbers. Say how small.

// %% id="define-test-5" student=["test5"]
function test5({ createAgent }: Parts): void {
  const { qNetwork } = keep('test 5', createAgent(config, seed));
  const largest = qValues(qNetwork, played(64).observations).map(Math.abs);
  assert.ok(Math.max(...largest) < 5, `a value of ${Math.max(...largest)}`);
}

// %% id="judge-5"
judge(5, test5);

// %% id="patient-6" tags=["hidden"]
admit(6, { rewardOf: (points) => points });

// %% [markdown] id="patient-6-text"
// ## Patient 6
//
// Compare two numbers of its chart with those of the right program, and take their ratio.

// %% id="examine-6"
await examine(6);

// %% [markdown] id="diagnosis-6"
// **Diagnosis?** The ratio of the values is no accident.
// <details><summary>Answer</summary>
//
// *The reward is not clipped*: 10 points go in as 10. The values must grow ten times as far, with
// steps of the same size: they are at eight times, still on their way, and so are the points. In games
// with 1 and with 1,000 points no single learning rate would fit. The line: `Math.sign(points)`.
// </details>
//
// **Test.** One line.

// %% id="define-test-6" student=["test6"]
function test6({ rewardOf }: Parts): void {
  assert.deepEqual([0, 1, 10].map(rewardOf), [0, 1, 1]);
}

// %% id="judge-6"
judge(6, test6);

// %% id="patient-7" tags=["hidden"]
admit(7, {
  update: (agent, batch, parts) =>
    right.update(agent, { ...batch, nextObservations: batch.observations }, parts),
});

// %% [markdown] id="patient-7-text"
// ## Patient 7

// %% id="examine-7"
await examine(7);

// %% [markdown] id="diagnosis-7"
// **Diagnosis?** Its values have about the right size in the mean, and yet it plays hardly better than by chance.
// <details><summary>Answer</summary>
//
// *$o' = o$*: the next observation is the old one. It happens when the array of an observation is
// used again by the next step and nobody copies it, or when a loop overwrites it too early. Each
// picture then asks itself what it is worth. Only the last one before a catch learns of the reward; it
// does not travel back to where the decision is made. That the *mean* value is right is an accident: the picture
// before a catch heads for $1 + \gamma + \gamma^2 + \dots = 20$, the others for 0, and one picture in seven is of
// the first kind: $20 / 7$. A number can be right for a wrong reason.
// </details>
//
// **Test.** Two equal agents, two batches that differ in `nextObservations` only. What must differ?

// %% id="define-test-7" student=["test7"]
function test7(parts: Parts): void {
  const batch = played(64);
  const other = { ...batch, nextObservations: new Uint8Array(64 * 98).fill(255) };
  const [first, second] = [batch, other].map((each, i) => {
    const agent = keep(`test 7 ${i}`, createAgent(config, seed));
    return parts.update(agent, each, parts);
  });
  assert.notEqual(first, second);
}

// %% id="judge-7"
judge(7, test7);

// %% id="patient-8" tags=["hidden"]
admit(8, {
  createAgent(config, seed) {
    const agent = createAgent(config, seed);
    agent.targetNetwork.dispose();
    const { qNetwork: targetNetwork, optimizer } = agent;
    const dispose = () => {
      for (const part of [optimizer, targetNetwork]) part.dispose();
    };
    return { ...agent, targetNetwork, dispose };
  },
});

// %% [markdown] id="patient-8-text"
// ## Patient 8
//
// **Predict** before you examine: the target of this patient is not frozen. Will it show?

// %% id="examine-8"
await examine(8);

// %% [markdown] id="diagnosis-8"
// **Diagnosis?** You know it already. Which of the four signs gives it away?
// <details><summary>Answer</summary>
//
// *The target is not frozen*, as both names stand for one network. The points hardly show it. The
// values do: they are above 2.9, more than an agent that never misses could get. Each update raises its
// own goal. In a game as small as catch the order of the actions stays right; in a larger one it may not.
// </details>
//
// **Test.** Which network may an update change, and which not?

// %% id="define-test-8" student=["test8"]
function test8(parts: Parts): void {
  const agent = keep('test 8', parts.createAgent(config, seed));
  const batch = played(64);
  const before = qValues(agent.targetNetwork, batch.observations);
  parts.update(agent, batch, parts);
  assert.deepEqual(qValues(agent.targetNetwork, batch.observations), before);
}

// %% id="judge-8"
judge(8, test8);

// %% id="patient-9" tags=["hidden"]
admit(9, {
  update({ qNetwork, optimizer }, batch, parts) {
    return tf.tidy(() => {
      const next = toInput(batch.nextObservations);
      const input = toInput(batch.observations);
      const taken = tf.oneHot(tf.tensor1d(batch.actions, 'int32'), actions);
      const meanLoss = (): tf.Scalar => {
        const nextQ = qNetwork.apply(next) as tf.Tensor2D;
        const y = parts.tdTargets({ ...batch, nextQ }, config.gamma);
        const q = qNetwork.apply(input) as tf.Tensor2D;
        return tf.losses.huberLoss(y, tf.sum(tf.mul(q, taken), 1));
      };
      const variables = trainableVariables(qNetwork);
      return optimizer.minimize(meanLoss, true, variables)!.dataSync()[0]!;
    });
  },
});

// %% [markdown] id="patient-9-text"
// ## Patient 9
//
// Its loss is as small as the right one. Is that good?

// %% id="examine-9"
await examine(9);

// %% [markdown] id="diagnosis-9"
// **Diagnosis?** Look at the values. There are two ways to make $y - Q(o, a)$ small.
// <details><summary>Answer</summary>
//
// *The gradient flows through the target* (the *residual gradient* of Baird, 1995). The update moves $Q(o, a)$ towards $y$, as it should, and
// also $y$ towards $Q(o, a)$: it makes what comes *later* fit what was believed *before*. Low beliefs
// pull the true rewards down, and all values stay far too small. The lines: `y` is computed inside of `meanLoss`, by the Q-network.
// </details>
//
// **Test.** After 300 updates with one batch and no copy, $Q(o, a)$ must have come to the $y$ that the
// target network gave at the start. `trained(parts, 300)` is such an agent, `played(64)` its batch.

// %% id="define-test-9" student=["test9"]
function test9(parts: Parts): void {
  const { qNetwork, targetNetwork } = trained(parts, 300);
  const batch = played(64);
  const nextQ = targetNetwork.apply(toInput(batch.nextObservations)) as tf.Tensor2D;
  const y = tdTargets({ ...batch, nextQ }, config.gamma).arraySync();
  const q = qValues(qNetwork, batch.observations);
  const errors = y.map((target, i) => Math.abs(target - q[3 * i + batch.actions[i]!]!));
  assert.ok(meanOf(errors) < 0.05, `the mean error is ${meanOf(errors)}`);
}

// %% id="judge-9"
judge(9, test9);

// %% id="patient-10" tags=["hidden"]
admit(10, {
  act: (agent, o, how) =>
    selectAction(o, { values: valuesBy(agent.targetNetwork), ...how }),
});

// %% [markdown] id="patient-10-text"
// ## Patient 10
//
// The last one. Everything is there, everything is learned, and yet.

// %% id="examine-10"
await examine(10);

// %% [markdown] id="diagnosis-10"
// **Diagnosis?** Which network should an agent ask when it acts?
// <details><summary>Answer</summary>
//
// *The argmax of the wrong network*: it acts by the target network, which is up to 200 steps behind.
// The curve comes a little later, if one can see it at all. With a copy every 10,000 steps, as for
// Atari, this agent would play by an old network most of the time.
// </details>
//
// **Test.** The test of patient 4 may find this one, too. Does it? Say why, or write another one.

// %% id="define-test-10" student=["test10"]
function test10(parts: Parts): void {
  test4(parts); // its agent's two networks differ: it was trained without a copy
}

// %% id="judge-10"
judge(10, test10);

// %% [markdown] id="summary"
// ## What the ten have in common
//
// - None of them throws an error. The points give away 1, 4, 6, 7 and 9, if a right curve stands beside
//   them. The values give away 5, 6, 8 and 9, if one knows how large they should be. 2, 3 and 10 look
//   healthy: only a test finds them, in a second.
// - A falling loss proves nothing. The loss of 9 falls in the wrong way, that of 2 is smaller than right.
// - Greedy points and training points say different things: look at both.
// - One seed is one seed. That 2 is a little better or worse than right is chance.
//
// ### Questions
//
// **a.** Your agent's points do not rise, but its greedy points do. Which part do you test first?
// <details><summary>Answer</summary>
//
// Exploration: patient 1. It explores too much to show what it knows.
// </details>
//
// **b.** The values grow beyond what any game can give. Which mistakes come to mind?
// <details><summary>Answer</summary>
//
// The target is not frozen (patient 8), the reward is not clipped (6). Or bytes go in (5).
// </details>
//
// **c.** Why is "it learns on my game" no proof that a program is right?
// <details><summary>Answer</summary>
//
// Patients 2, 3, 5, 8 and 10 learn it, too. A method that corrects its own errors also corrects some of
// yours, and you pay later, with a game on which it fails.
// </details>

// %% [markdown] id="exercise-eleven"
// ## Exercise: the eleventh patient (15 minutes)
//
// Make a patient of your own: `admit(11, { ... })` with one part that is wrong in a new way.
// Write `test11`. *Criterion:* `judge(11, test11)` finds it, and tests 1 to 10 do not.

// %% id="solve-eleven" tags=["solution"]
admit(11, {
  tdTargets: (outcomes, _gamma) => tdTargets(outcomes, 1), // gamma is forgotten
});
function test11({ tdTargets }: Parts): void {
  const nextQ = tf.tensor2d([[2, 4, 6]]);
  const y = tdTargets({ rewards: [0], terminateds: [0], nextQ }, 0.5);
  assert.equal(y.arraySync()[0], 3);
}
judge(11, test11);
const ten = [test1, test2, test3, test4, test5, test6, test7, test8, test9, test10];
// none of them sees it:
for (const test of ten) tf.tidy(() => test({ ...right, ...patients.get(11) }));
