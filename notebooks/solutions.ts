// The source of solutions.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # Solutions
//
// Answers to the exercises of [breakout-dqn.ipynb](breakout-dqn.ipynb). Each cell ends by
// checking the exercise's criterion and throws an error if it is not met. The notebook runs in
// about half a minute.
//
// Everything that the exercises build on is imported from the library, which has the same
// functions as the cells of the main notebook: `selectAction`, `tdTargets`, `trainStep`.

// %% id="imports"
import assert from 'node:assert/strict';
import {
  Adam,
  type Batch,
  createConfig,
  createQNetwork,
  keep,
  Mt19937,
  makeBreakout,
  predictQ,
  tdTargets,
  tf,
  trainableVariables,
  trainStep,
} from 'breakout-dqn';

const config = createConfig('quick');
const network = { observationShape: [4, 84, 84], actions: 4 };
const qNetwork = keep('q-network', createQNetwork({ ...network, seed: 1 }));
const targetNetwork = keep('target-network', createQNetwork({ ...network, seed: 2 }));

// %% [markdown] id="maximum"
// ## 1 Why the maximum of two frames?
//
// Between the bricks and the paddle nothing but the ball is ever drawn. With one emulator frame
// per step we note for each frame whether there is anything, and look for short gaps: a ball
// that is lost stays away for longer than three frames.

// %% id="maximum-pair"
const game = makeBreakout({ preprocess: false }); // one emulator frame per step
const FIRE = 1;

/** Whether something is drawn between the bricks and the paddle: rows 93 ... 188. */
function showsBall(picture: Uint8Array): boolean {
  for (let y = 93; y < 189; y++) {
    const row = picture.subarray(3 * (160 * y + 8), 3 * (160 * y + 152));
    if (row.some((byte) => byte > 0)) return true;
  }
  return false;
}

game.reset({ seed: 1 });
let frames = '';
for (let i = 0; i < 1000; i++) {
  const { observation, terminated } = game.step(FIRE);
  frames += showsBall(observation) ? 'o' : '.';
  if (terminated) game.reset();
}
const gaps = frames.match(/(?<=o)\.{1,3}(?=o)/g) ?? [];
console.log(frames.slice(0, 200));
console.log(
  `${frames.split('o').length - 1} frames with a ball, ${gaps.length} gaps in flight`,
);
assert.equal(gaps.length, 0);

// %% [markdown] id="maximum-answer"
// There is none: Breakout draws its ball in every frame. The maximum does no harm, it makes the
// ball a little longer. It is in the list of stages because other games of this console, Space
// Invaders among them, draw some objects in every other frame only, and results are comparable
// only if all games get the same stages.

// %% [markdown] id="memory"
// ## 2 What does the buffer cost?
//
// (a) Two stacks of four pictures of 7,056 bytes; (b) the same with 4 bytes per pixel; (c) one
// new picture per transition. Action, reward and flags add a dozen bytes, which are left out
// here.

// %% id="memory-table"
const picture = 84 * 84;
const bytes = { a: 2 * 4 * picture, b: 2 * 4 * picture * 4, c: picture };
console.table(
  Object.entries(bytes).map(([way, perTransition]) => ({
    way,
    'bytes per transition': perTransition,
    'GB per 1,000,000': perTransition / 1000,
    'ratio to c': perTransition / bytes.c,
  })),
);
assert.deepEqual([bytes.a / bytes.c, bytes.b / bytes.c], [8, 32]);

// %% [markdown] id="double"
// ## 3 Double DQN
//
// The plain target takes the largest value of the target network. The double target takes that
// network's value of *some* action, so it can only be smaller or equal:
// $Q(o', a; \theta^-) \le \max_{a'} Q(o', a'; \theta^-)$.

// %% id="double-td-targets"
/** y = r + gamma (1 - d) Q(o', argmax over a' of Q(o', a'; theta); theta-). */
function doubleTdTargets(
  { rewards, terminateds }: Pick<Batch, 'rewards' | 'terminateds'>,
  { chosenBy, valuedBy }: { chosenBy: tf.Tensor2D; valuedBy: tf.Tensor2D },
  gamma: number,
): tf.Tensor1D {
  const best = tf.oneHot(tf.argMax(chosenBy, 1), valuedBy.shape[1]); // [batch, actions]
  const value = tf.sum(tf.mul(valuedBy, best), 1); // [batch]
  const r = tf.tensor1d(rewards);
  const d = tf.tensor1d(Array.from(terminateds));
  return tf.add(r, tf.mul(gamma, tf.mul(tf.sub(1, d), value)));
}

// %% id="make-batch"
const random = new Mt19937(1);

/** Transitions with pictures of noise: enough to test equations with. */
function makeBatch({ size, action }: { size: number; action?: number }): Batch {
  const numbers = (n: number) => Array.from({ length: n }, () => random.nextUint32());
  const pictures = () => Uint8Array.from(numbers(size * 4 * 84 * 84));
  return {
    size,
    observations: pictures(),
    actions: Int32Array.from(numbers(size), (n) => action ?? n % 4),
    rewards: Float32Array.from(numbers(size), (n) => n % 2),
    nextObservations: pictures(),
    terminateds: Uint8Array.from(numbers(size), (n) => Number(n % 8 === 0)),
  };
}
const batch = makeBatch({ size: 32 });

// %% id="double-check"
const nextQ = predictQ({
  network: targetNetwork,
  observations: batch.nextObservations,
});
const choosingQ = predictQ({ network: qNetwork, observations: batch.nextObservations });
const { gamma, terminalTarget } = config;
const plain = tdTargets({ ...batch, nextQ, gamma, terminalTarget });
const double = tf.tidy(() => {
  const [chosenBy, valuedBy] = [choosingQ, nextQ].map((q) => tf.tensor2d(q, [32, 4]));
  return doubleTdTargets(batch, { chosenBy, valuedBy }, gamma).dataSync();
});
const lower = plain.filter((y, i) => double[i]! < y - 1e-6).length;
console.log(`${lower} of 32 double targets are below the plain ones`);
assert.ok(plain.every((y, i) => double[i]! <= y + 1e-6) && lower > 0);

// %% [markdown] id="huber"
// ## 4 The slope of the loss
//
// Inside $[-1, 1]$ the Huber loss is the squared error, slope $\delta$. Outside the slope stays
// at 1: a transition with an error of 3 pulls no harder than one with an error of 1.

// %% id="huber-slope"
const huber = (delta: tf.Tensor) => tf.losses.huberLoss(tf.zerosLike(delta), delta);
const half = (delta: tf.Tensor) => tf.mul(0.5, tf.sum(tf.square(delta)));
const slope = (loss: (delta: tf.Tensor) => tf.Tensor, at: number) =>
  tf.tidy(
    () =>
      tf
        .grad(loss)(tf.tensor1d([at]))
        .dataSync()[0]!,
  );

const slopes = [0.5, 3].map((delta) => ({
  delta,
  huber: slope(huber, delta),
  'half the square': slope(half, delta),
}));
console.table(slopes);
assert.deepEqual(slopes, [
  { delta: 0.5, huber: 0.5, 'half the square': 0.5 },
  { delta: 3, huber: 1, 'half the square': 3 },
]);

// %% [markdown] id="diagnose"
// ## 5 Diagnose
//
// A property that every correct step has: **a transition teaches only about the action that was
// taken.** If all transitions of a batch have action 2, the gradient with respect to the last
// layer's weights of the actions 0, 1 and 3 is zero, and Adam leaves a weight with zero gradient
// where it is.

// %% id="diagnose-bugged"
type Step = (batch: Batch, optimizer: tf.Optimizer) => void;
const correct: Step = (batch, optimizer) => {
  trainStep({ qNetwork, targetNetwork, optimizer, batch, config });
};
const bugged: Step = (batch, optimizer) => {
  const toInput = (bytes: Uint8Array) =>
    tf.transpose(tf.tensor4d(bytes, [batch.size, 4, 84, 84]), [0, 2, 3, 1]);
  const nextQ = predictQ({
    network: targetNetwork,
    observations: batch.nextObservations,
  });
  const y = tdTargets({ ...batch, nextQ, gamma, terminalTarget });
  tf.tidy(() => {
    const input = toInput(batch.observations).toFloat();
    const meanLoss = (): tf.Scalar => {
      const q = qNetwork.apply(input) as tf.Tensor2D;
      return tf.losses.huberLoss(tf.tensor1d(y), tf.max(q, 1));
    };
    optimizer.minimize(meanLoss, false, trainableVariables(qNetwork));
  });
};

// %% id="diagnose-test"
/** The actions whose output weights one step on a batch of a single action changes. */
function movedActions(step: Step, action: number): number[] {
  const variables = trainableVariables(qNetwork);
  const bias = variables.at(-1)!; // [4], one per action
  const optimizer = new Adam({ variables, learningRate: config.learningRate });
  const before = bias.dataSync().slice();
  step(makeBatch({ size: 32, action }), optimizer);
  const after = bias.dataSync();
  optimizer.dispose();
  return [0, 1, 2, 3].filter((a) => before[a] !== after[a]);
}

const taken = [0, 1, 2, 3];
const moved = {
  correct: taken.map((action) => movedActions(correct, action)),
  bugged: taken.map((action) => movedActions(bugged, action)),
};
console.log(moved);
assert.deepEqual(moved.correct, [[0], [1], [2], [3]]);
assert.notDeepEqual(moved.bugged, moved.correct);

// %% [markdown] id="diagnose-answer"
// `buggedTrainStep` moves the weights of other actions: it compares the target with `tf.max(q,
// 1)`, the value of the *best* action, instead of the value of the action *taken*. The loss
// falls nevertheless, because the network can make its maximum equal to any targets. But it
// never learns which action had the better outcome. The line to change:
//
// ```ts
// return tf.losses.huberLoss(y, tf.sum(tf.mul(q, taken), 1));
// ```
//
// A falling loss is no evidence that an agent learns. Test the parts one by one; look at the
// return at the end.
