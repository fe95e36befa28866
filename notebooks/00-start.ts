// The source of 00-start.ipynb: edit here, then `npm run notebooks:build`.
// A cell begins with `// %%`; both TypeScript compilers check this file as one module.

// %% [markdown] id="title"
// # Start here
//
// This is what the course leads to: an agent that learned Breakout from nothing but the screen and
// the score. Nobody told it what a ball is. Run the cell below (click on it, then Shift+Enter) to
// let it play again; that takes a quarter of a minute, longer on a busy machine.

// %% id="play" tags=["hidden"]
import {
  compileQValues,
  evaluate,
  keep,
  loadAgent,
  makeBreakout,
  type Picture,
  showGif,
} from 'breakout-dqn';

const { network } = await loadAgent();
const { qValues } = keep('start', compileQValues(network)); // the fastest way to play
const env = makeBreakout();
const pictures: Picture[] = [];
const { returns } = await evaluate({
  env,
  episodes: 1,
  epsilon: 0.05, // one action in 20 is random
  seed: 1,
  maxEpisodeSteps: 2100,
  qValues,
  picture: () => pictures.push({ data: env.render(), shape: [210, 160, 3] }),
});
await showGif(pictures.slice(-300), { scale: 2, maxBytes: 300_000 });
console.log(`${returns[0]} points after ${pictures.length} decisions`);

// %% [markdown] id="for-whom"
// **What you see.** The last 20 seconds of two minutes and a half. The ball is behind the wall, where
// it earns points without the paddle. Random play scores 1 or 2 points, a human tester 32.
//
// ## For whom
//
// You can read a program and know that a neural network has weights that gradient descent changes.
// You need not know reinforcement learning, nor Atari, nor TypeScript: the programs are short, and
// each idea is shown before it gets its name.
//
// ## What you can do afterwards
//
// - say how an agent learns from rewards alone, and draw it;
// - write a Deep Q-Network (DQN) yourself, test it, and find the mistakes that throw no error;
// - train an agent that plays Breakout, and judge honestly how good it is.

// %% [markdown] id="map"
// ## The map
//
// Go from top to bottom. Each notebook takes one sitting and says what it needs.
//
// | notebook | what happens | minutes |
// | --- | --- | --: |
// | [1 Q-learning, small](01-q-learning.ipynb) | values travel back through a corridor; your cells learn the game *catch* | 45 |
// | [2 Breakout](02-breakout.ipynb) | the same with the real Atari game; it begins to play | 45 |
// | [3 PQN](03-pqn.ipynb) | sixteen games at once: an agent that plays well, trained in your cells | 45 |
// | [4 Experiments](04-experiments.ipynb) | what a setting is worth, and how many seeds it takes to know | 35 |
// | [5 Find the bug](05-find-the-bug.ipynb) | ten silent mistakes: diagnose them, write a test for each | 40 |
// | [6 Why the original does not learn](06-why-the-original-fails.ipynb) | a detective story about a well-known example | 30 |
// | [7 Inside the agent](07-inside-the-agent.ipynb) | what the network sees and expects, live | 40 |
// | [8 The console](08-the-console.ipynb) | the machine of 1977, opened | 40 |
//
// **To write it yourself:** the folder [student](student) has the notebooks with gaps to fill and
// cells that check what you wrote; [solutions](solutions) has the answers. **To teach it:**
// [README](README.md). **Words:** [glossary](glossary.md).

// %% [markdown] id="how"
// ## Four things to know about notebooks
//
// - **Wait for *Idle*.** It stands at the bottom, beside the kernel's name. Then run cell after cell
//   with Shift+Enter. Order matters: a cell uses what those above it made.
// - **Break things.** Every cell can be edited and run again. `npm run notebooks:restore` in a terminal
//   gives back the originals and keeps yours.
// - **Stop** a cell that takes too long with the square button in the toolbar.
// - **If a name is not found**, a cell above it has not been run: choose *Run > Run All Above Selected
//   Cell*.
