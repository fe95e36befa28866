// The source of 04-experiments.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # 4 Experiments: what a setting is worth
//
// "With the new setting it got 37 points, with the old one 31: it is better." Most sentences of this kind are
// wrong, or nobody can know. This notebook shows why, with trainings that take seconds, and then does it
// properly on Breakout.
//
// **After this notebook you can**
//
// 1. say why one training per setting proves nothing;
// 2. compute the interquartile mean and its bootstrap interval, and read a band;
// 3. run settings times seeds with one call, and say what the result allows to claim;
// 4. start trainings that nothing kills, change them under way, and compare them.
//
// You need [notebook 1](01-q-learning.ipynb); for the second half [2](02-breakout.ipynb) or
// [3](03-pqn.ipynb). 35 minutes.

// %% [markdown] id="seeds"
// ## 1 The same settings, other seeds
//
// The game *catch* of notebook 1, learned by the same DQN, here by the library's loop and compiled engine: a
// training takes some seconds. Six trainings with the *same* settings. They differ in the seed alone: other
// first weights, other random actions, other balls.
//
// **Predict:** 10 points is one ball, 100 is a perfect game. How far apart are the best and the worst of six
// after 1,500 steps?

// %% id="make-training" tags=["hidden"]
import {
  createLearner,
  type DqnConfig,
  DqnTraining,
  type Env,
  keep,
  type LearnerOptions,
} from 'breakout-dqn';
import * as catching from 'breakout-dqn/q-learning'; // the cells of the first notebook

/** The first notebook's game, with what the library wants to know of a game. */
function createCatch(): Env {
  const game = new catching.Catch();
  const { observationShape: shape, actionNames: meanings } = catching;
  const info = { lives: 1, episodeFrameNumber: 0, frameNumber: 0 };
  return {
    observationSpace: { kind: 'box', shape, dtype: 'uint8', low: 0, high: 255 },
    actionSpace: { kind: 'discrete', n: meanings.length, meanings },
    reset: (options) => ({ ...game.reset(options), info }),
    step: (action) => ({ ...game.step(action), info }),
  };
}

/** The first notebook's network, in the compiled engine. */
const withNetwork = (options: LearnerOptions) =>
  createLearner({
    ...options,
    createNetwork: ({ observationShape, actions, seed }) =>
      catching.createQNetwork({ observationShape, actions, inputDivisor: 255, seed }),
  });

// %% id="train-catch"
const config: DqnConfig = {
  ...catching.config,
  totalSteps: 1500,
  epsilonDecaySteps: 500,
  learningStarts: 100,
};

/** A training of catch: the points of its games, and the steps at which they ended. */
function trainCatch(change: Partial<DqnConfig>, seed: number) {
  const training = new DqnTraining({
    env: createCatch(),
    config: { ...config, ...change },
    seed,
    createLearner: withNetwork,
  });
  keep('training', training); // frees the one before
  const [agentSteps, values] = [[] as number[], [] as number[]];
  while (!training.finished)
    for (const event of training.step()) {
      if (event.type !== 'episode') continue;
      agentSteps.push(event.agentStep);
      values.push(event.return);
    }
  return { agentSteps, values };
}

// %% id="six-seeds"
import { learningCurve, showFigure } from 'breakout-dqn';

const seeds = [1, 2, 3, 4, 5, 6];
const six = seeds.map((seed) => ({ name: `seed ${seed}`, ...trainCatch({}, seed) }));
await showFigure(learningCurve(six, { window: 20, yTitle: 'points of a game' }));

// %% id="final-scores"
import { showTable } from 'breakout-dqn';

const mean = (values: readonly number[]) =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** The score of a training: the mean of its last 20 games. */
const scoreOf = ({ values }: { values: number[] }) => mean(values.slice(-20));
const scores = six.map(scoreOf);
showTable(six.map(({ name }, i) => ({ name, score: scores[i]!.toFixed(1) })));

// %% [markdown] id="seeds-see"
// **What you should see.** Six curves that have little in common but their direction, and final scores that
// lie far apart. Nothing was changed. Whoever compares *one* training with setting A and *one* with setting B
// may see a difference of this size though there is none.

// %% [markdown] id="middle"
// ## 2 One number for several trainings
//
// The **mean** is pulled up by one lucky training. The **median** ignores all but the middle one. In between
// is the **interquartile mean** (IQM): the mean of the middle half. A quarter of the scores, rounded down, is
// left out at either end. [Agarwal et al., 2021](https://arxiv.org/abs/2108.13264) recommend it for
// reinforcement learning, where a few seeds are all one can pay for.
//
// **Predict** the IQM of 0, 10, 20, 30, 40, 50, 60 and 1000, and their mean.

// %% id="define-iqm" student=["middleMean"]
/** The mean of the middle half. */
function middleMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(values.length / 4);
  return mean(sorted.slice(cut, values.length - cut));
}

// %% id="check-iqm"
import { check } from 'breakout-dqn';

check('middleMean', [
  {
    when: 'eight values',
    got: () => middleMean([1000, 0, 10, 20, 30, 40, 50, 60]),
    expected: 35,
    because: 'Two are left out at either end: (20 + 30 + 40 + 50) / 4.',
  },
  {
    when: 'three values',
    got: () => middleMean([1, 2, 6]),
    expected: 3,
    because: 'A quarter of three, rounded down, is none.',
  },
]);

// %% [markdown] id="bootstrap"
// ## 3 How sure is that number?
//
// Six other seeds would have given another IQM. How different? We cannot train a thousand times six agents,
// but we can pretend: draw six scores *from our six*, with replacement, and take their IQM; and again, a
// thousand times. The middle 95 % of these numbers are the **bootstrap interval**.
//
// **Predict:** is it wide or narrow beside the differences that you saw above?

// %% id="define-bootstrap" student=["bootstrap"]
import { Mt19937 } from 'breakout-dqn';

const random = new Mt19937(1);

/** As many values, each drawn from all of them. */
const redrawn = (values: readonly number[]) =>
  values.map(() => values[Math.floor(random.nextDouble() * values.length)]!);

/** The middle 95 % of many estimates. */
function middleOf(estimate: () => number, samples = 1000): [number, number] {
  const all = Array.from({ length: samples }, estimate).sort((a, b) => a - b);
  return [all[Math.floor(0.025 * samples)]!, all[Math.floor(0.975 * samples)]!];
}

/** The bootstrap interval of the IQM. */
function bootstrap(values: readonly number[], samples = 1000): [number, number] {
  return middleOf(() => middleMean(redrawn(values)), samples);
}

// %% id="check-bootstrap"
import { bootstrapInterval } from 'breakout-dqn';

const bySix = bootstrap(scores);
const byLibrary = bootstrapInterval({
  strata: [scores],
  estimate: ([values]) => middleMean(values!),
  random: () => random.nextDouble(),
});
const text = (ends: readonly number[]) => ends.map((x) => x.toFixed(1)).join(' ... ');
console.log(`IQM ${middleMean(scores).toFixed(1)}`);
console.log(`interval ${text(bySix)}, by the library ${text(byLibrary)}`);
check('bootstrap', [
  {
    when: 'all scores equal',
    got: () => bootstrap([5, 5, 5, 5]),
    expected: [5, 5],
    because: 'Whatever is drawn, it is 5.',
  },
  {
    when: 'the six scores',
    got: () => bySix.every((x, i) => Math.abs(x - byLibrary[i]!) < 5),
    expected: true,
    because: 'Both intervals come from the same scores: they agree within some points.',
  },
]);

// %% [markdown] id="compare"
// ## 4 A comparison
//
// Now a change: `gamma` 0.5 in place of 0.95, six seeds each. **Predict:** better, worse, or not to be told?
// Catch rewards a ball six steps after it appears.
//
// Two intervals, one for each setting, do not answer that. They may overlap though the difference is sure: it is
// unlikely that one is off upwards *and* the other downwards. What is asked for is the interval **of the
// difference**: draw from both, take the difference of the two IQMs, a thousand times.

// %% id="compare-gamma"
import { compareCurves, probabilityOfImprovement } from 'breakout-dqn';

const change: Partial<DqnConfig> = { gamma: 0.5 }; // one setting
const changed = seeds.map((seed) => trainCatch(change, seed));
const changedScores = changed.map(scoreOf);
const row = (setting: string, values: number[]) => ({
  setting,
  scores: values.map((score) => score.toFixed(0)).join(' '),
  IQM: middleMean(values).toFixed(1),
  '95 % interval': text(bootstrap(values)),
});
showTable([row('gamma 0.95', scores), row('gamma 0.5', changedScores)]);
const difference = middleOf(
  () => middleMean(redrawn(changedScores)) - middleMean(redrawn(scores)),
);
console.log(`difference of the IQMs: 95 % interval ${text(difference)}`);
const chance = probabilityOfImprovement(changedScores, scores);
console.log(
  `a training with the change beats one without in ${Math.round(100 * chance)} %`,
);

// %% id="compare-bands"
/** The IQM over the trainings, and its interval, at each 100 steps. */
function bandOf(name: string, trainings: readonly ReturnType<typeof trainCatch>[]) {
  const agentSteps = Array.from({ length: 15 }, (_, i) => 100 * (i + 1));
  const at = agentSteps.map((step) =>
    trainings.map(({ agentSteps, values }) => {
      const before = values.filter((_, i) => agentSteps[i]! <= step).slice(-20);
      return before.length > 0 ? mean(before) : 0;
    }),
  );
  const intervals = at.map((values) => bootstrap(values, 200));
  const [low, high] = [0, 1].map((end) => intervals.map((interval) => interval[end]!));
  return { name, agentSteps, middle: at.map(middleMean), low: low!, high: high! };
}
await showFigure(
  compareCurves([bandOf('gamma 0.95', six), bandOf('gamma 0.5', changed)], {
    window: 20,
    yTitle: 'points of a game',
  }),
);

// %% [markdown] id="compare-see"
// **What you should see.** An interval of the difference, and bands. If 0 lies outside of the interval, the
// difference is more than luck would give in 95 of 100 cases; if 0 lies inside, six seeds do not tell. "Not to be
// told" is a result, too, and an honest one. It is that of the stored run: 24.5 points with $\gamma = 0.95$, 23.4 with
// 0.5, and a difference of -8.9 ... 8.4. The bands show *when* the settings differ. They are fifteen intervals
// side by side: some of them lie apart by luck.
//
// **How far to trust it.** An interval from few seeds is too narrow. When scores are normally distributed, the 95 %
// interval of an IQM misses the truth in 25 of 100 cases with 3 seeds, in 10 with 6, and in 7 with 10 (we
// counted). Three seeds are for a look, ten for a claim.
//
// ### Questions
//
// **a.** A paper shows one curve per method, without bands. What do you know?
// <details><summary>Answer</summary>
//
// That each method can do what its curve shows. Not which one is better.
// </details>
//
// **b.** You try ten settings with three seeds each and take the best one. Is it better than the others?
// <details><summary>Answer</summary>
//
// Perhaps. But the best of ten is also the luckiest of ten. Train it again with *new* seeds before you
// believe its score.
// </details>
//
// **c.** The interval of A is 20 ... 40, that of B 35 ... 55. Is B better?
// <details><summary>Answer</summary>
//
// Probably: that they overlap decides nothing. Each IQM is off by about 5 (a quarter of its interval), so their
// difference by $\sqrt{5^2 + 5^2} = 7$, and its interval is about 15 ± 14: just above 0. Bootstrap the difference.
// </details>

// %% [markdown] id="sweep"
// ## 5 The same on Breakout
//
// `sweep` trains every setting with every seed, each training in a process of its own, as many at once as the
// machine has cores. It draws bands while they come in. The first setting, `{}`, is the base: the preset
// without a change. Here it is `fast`, the PQN of notebook 3, with one change: targets that look one step
// ahead only (`lambda: 0`).
//
// If you interrupt the cell, the trainings save themselves and end; the cell, run again, goes on where they
// were. **Predict** before you run it. It takes about five minutes.

// %% id="sweep-lambda"
import { sweep } from 'breakout-dqn';

const isShort = process.env.BREAKOUT_PROFILE === 'quick'; // set by `npm run notebooks`
const { settings } = await sweep({
  name: isShort ? 'lambda-short' : 'lambda',
  preset: 'fast',
  vary: [{}, { lambda: 0 }],
  seeds: isShort ? [1] : [1, 2, 3],
  steps: isShort ? 1024 : 100_352,
});
const [base, oneStep] = settings.map((each) => each.trials.map(({ score }) => score));
const apart = middleOf(
  () => middleMean(redrawn(oneStep!)) - middleMean(redrawn(base!)),
);
console.log(`difference of the IQMs: 95 % interval ${text(apart)}`);

// %% [markdown] id="sweep-see"
// **What you should see.** Two bands, and below them a table: the interquartile mean of the returns at the
// end, its interval, and the probability that a training with the change beats one without. After 100,000
// steps an agent has hardly begun to play: what is compared here is who begins sooner. What it says about the
// end you would have to see at the end. And with three seeds it is a look and no claim. In the stored run the base
// has the higher mean, 1.8 to 1.4, and yet a training with $\lambda = 0$ beats one without in 67 %: one lucky training of
// the base (3.2) lifts its mean, and its other two lie below all with $\lambda = 0$. (A quarter of three scores, rounded
// down, is none: with three seeds the IQM is the mean, and the interval goes from the lowest to the highest.)
//
// In a terminal `npm run sweep -- FILE.json` does the same from a file, also on several machines
// (`--ray ADDRESS`).

// %% [markdown] id="runs"
// ## 6 A training that nothing kills
//
// Each trial of a sweep is a **run**: a process of its own, that goes on when you close the notebook or
// restart its kernel. It keeps its curve and checkpoints in the folder `runs/NAME`. You can start single ones,
// too. Write a name into `longRun`, for example `{ name: 'mine', preset: 'fast' }`, with any values that shall
// differ from the preset, and run the cells. The panel shows the curve and the game; its buttons pause, resume
// and stop the run, and show how the agent thinks.
//
// To come back, run the cell again: it finds the run. In a terminal `npm run train -- --preset fast --name
// mine` starts such a run, `npm run train -- --resume mine` goes on with it, and `npm run evaluate -- mine`
// plays 100 games with its newest checkpoint.

// %% id="train-long"
import { attach, listRuns, type StartOptions, showRun, startRun } from 'breakout-dqn';

const longRun: StartOptions = { name: '', preset: 'fast' }; // a name starts it
const isThere = (await listRuns()).some((run) => run.name === longRun.name);
if (isThere)
  console.log(`${longRun.name} is there: shown with the values that it began with`);
if (longRun.name !== '')
  await showRun(isThere ? await attach(longRun.name) : await startRun(longRun));

// %% [markdown] id="control-run-text"
// While a run goes on, the notebook stays free. Any cell, of any notebook, can find the run by its name, look
// at it and **change it under way**. The next cell pauses it, changes what you name, goes on, shows its next ten
// seconds of play, and draws its curve beside those of other runs. What was changed and when is kept in
// `runs/NAME/config.json`, and is a line on the curve.
//
// **Predict before you change.** The learning rate of `fast` is what its schedule begins with: at each step counts
// what is left of it, and that falls to 0. A reader of an earlier version set it to a tenth after 408,000 steps. The
// mean was better at first (16.4 after 500,000 steps, 10.9 without the change) and then stayed at 20 up to the end,
// while the other one went on to 40. Small steps calm a curve at once; what they cost shows later. (It was one
// training each: what would you need to believe it?)

// %% id="control-run"
import { compareRuns, type RunEdits, showGif } from 'breakout-dqn';

const edits: RunEdits = {}; // for example { learningRate: 5e-5 }
const otherRuns: string[] = []; // names of runs to compare with
if (longRun.name !== '') {
  const run = await attach(longRun.name);
  if ((await run.status()).state === 'running') {
    await run.pause(); // between two steps
    await run.resume(edits);
    await showGif(await run.gif({ steps: 150 }));
  }
  await showFigure(await compareRuns([longRun.name, ...otherRuns]));
}

// %% [markdown] id="cost"
// ## 7 What a longer one costs
//
// The presets take over published settings, or are this project's own. The table says how many steps they
// take and what is known of them.

// %% id="presets"
import { createConfig, PRESETS } from 'breakout-dqn';

const names = ['fast', 'dqn', 'cleanrl', 'nature', 'keras'] as const;
showTable(
  names.map((preset) => ({
    preset,
    'agent steps': createConfig(preset).totalSteps.toLocaleString('en'),
    what: PRESETS[preset].title,
    expectation: PRESETS[preset].expectation,
  })),
);

// %% [markdown] id="summary"
// ## Summary
//
// - Two **seeds** of one setting can differ as much as two settings do: one training shows no small difference.
//   (A setting that is broken shows with one: notebook 5.)
// - The **interquartile mean** with its **bootstrap interval** is an honest summary of few seeds; curves are
//   **bands**. A comparison is the interval of the **difference**.
// - The setting that was chosen by its score must be tried on **seeds that the choice never saw**.
//
// Next: [5 Find the bug](05-find-the-bug.ipynb). Words: [glossary](glossary.md).

// %% [markdown] id="exercise-seeds"
// ## Exercises
//
// ### Exercise 1: how many seeds? (10 minutes)
//
// How does the width of the interval shrink with the number of seeds? Take the scores 20, 30, 40 and 50, each
// repeated once, twice and four times, as if 4, 8 and 16 trainings had given them. *Criterion:* the width for
// 16 is less than two thirds of that for 4.

// %% id="solve-seeds" tags=["solution"]
const four = [20, 30, 40, 50];
const widths = [1, 2, 4].map((times) => {
  const [low, high] = bootstrap(Array.from({ length: times }, () => four).flat(), 5000);
  return { trainings: 4 * times, width: high - low };
});
showTable(widths);
if (widths[2]!.width >= (2 / 3) * widths[0]!.width) throw new Error('it must shrink');
// About half for four times as many: the width falls with the square root.

// %% [markdown] id="exercise-luck"
// ### Exercise 2: the luckiest of ten (10 minutes)
//
// Pretend that ten settings are all equally good: draw three scores for each from the six of section 1, and
// take the setting with the highest mean. Repeat that 1,000 times. *Criterion:* you can say by how many points
// the winner looks better than it is, in the mean: between 6 and 8 with the stored scores.

// %% id="solve-luck" tags=["solution"]
const threeScores = () => redrawn(scores).slice(0, 3);
const best = Array.from({ length: 1000 }, () =>
  Math.max(...Array.from({ length: 10 }, () => mean(threeScores()))),
);
const tooMuch = mean(best) - mean(scores);
console.log(`the winner looks ${tooMuch.toFixed(1)} points better than it is`);
if (!(tooMuch > 0)) throw new Error('the luckiest of ten must look better than it is');
