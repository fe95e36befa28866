// A notebook for the browser tests of the displays, in percent format; not part of the course.

// %% id="imports"
import {
  Buttons,
  interruptSignal,
  LiveFigure,
  LivePicture,
  LiveProgress,
  learningCurve,
  type Picture,
  type RunSeries,
  showFigure,
  showGif,
  showPanels,
  showPicture,
} from 'breakout-dqn';

/** A wall and a ball that is somewhere else in each of 100 pictures. */
function picture(t: number): Picture {
  const data = new Uint8Array(210 * 160 * 3);
  data.fill(142, 17 * 160 * 3, 32 * 160 * 3);
  const ball = [40 + t, 20 + t] as const;
  for (let y = 0; y < 8; y++)
    data.fill(200, ((ball[0] + y) * 160 + ball[1]) * 3, ((ball[0] + y) * 160 + ball[1] + 8) * 3);
  return { data, shape: [210, 160, 3] };
}
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

// %% id="picture"
await showPicture(picture(0));

// %% id="panels"
await showPanels([
  { picture: picture(10), caption: 'screen\n210 × 160 × 3' },
  { picture: picture(60), caption: 'later' },
]);

// %% id="gif"
await showGif(
  Array.from({ length: 50 }, (_, i) => picture(2 * i)),
  { delayMs: 100 },
);

// %% id="figure"
const steps = Array.from({ length: 600 }, (_, i) => 50 * i);
const returns = steps.map((step, i) => Math.round(step / 4000 + 2 * Math.abs(Math.sin(i))));
await showFigure(learningCurve({ name: 'stored', agentSteps: steps, values: returns }));

// %% id="runs"
const runs: RunSeries[] = [];

// %% id="train"
const rate: number = 1;
{
  const signal = interruptSignal();
  const run = { name: `rate ${rate}`, agentSteps: [] as number[], values: [] as number[] };
  runs.push(run);
  const curve = new LiveFigure({ periodMs: 300 });
  const screen = new LivePicture();
  const total = rate === 1 ? 100_000 : 60;
  const progress = new LiveProgress({ total });
  let isPaused = false;
  const buttons = new Buttons({
    pause: { label: 'Pause', onPress: () => setPaused(true) },
    resume: { label: 'Resume', onPress: () => setPaused(false) },
    fail: { label: 'Fail', onPress: () => Promise.reject(new Error('This button always fails')) },
  });
  function setPaused(value: boolean) {
    isPaused = value;
    buttons.setEnabled('pause', !value);
    buttons.setEnabled('resume', value);
  }
  setPaused(false);
  let step = 0;
  while (step < total && !signal.aborted) {
    await wait(40);
    if (isPaused) continue;
    run.agentSteps.push(++step);
    run.values.push(rate * Math.sqrt(step));
    const now = step;
    screen.update(() => picture(now % 100));
    curve.update(() => learningCurve(runs, { window: 10 }));
    progress.update(step, { return: run.values.at(-1)!.toFixed(1) });
  }
  await Promise.all([curve.finish(), screen.finish(), progress.finish()]);
  console.log(`ended after ${step} steps`);
}

// %% id="fail"
if (rate > 0) throw new RangeError('batchSize must be at most the 12 stored transitions, got 32');

// %% id="after"
console.log('this cell must not run');
