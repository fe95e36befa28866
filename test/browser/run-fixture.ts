// A notebook for the browser test of a run that is watched and controlled; not part of the course.

// %% id="imports"
import { attach, showRun, startRun } from 'breakout-dqn';

// %% id="start"
/** Real play with cheap updates, longer than the test. */
const run = await startRun({
  name: 'watched',
  preset: 'quick',
  totalSteps: 1_000_000,
  learningStarts: 100,
  bufferSize: 1_000,
  batchSize: 2,
  trainFrequency: 16,
});

// %% id="show"
await showRun(run, { window: 10 });

// %% id="other"
const { pid, learningRate: first } = await run.status();
console.log(`process ${pid}, learning rate ${first}`);

// %% id="show-again"
const found = await attach('watched');
await showRun(found, { window: 10 });

// %% id="change"
const { state, learningRate } = await found.set({ learningRate: 5e-5 });
console.log(`${state}, learning rate ${learningRate}`);
