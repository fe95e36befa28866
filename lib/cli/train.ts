/**
 * npm run train: starts a run, or goes on with one, and follows it until it ends.
 * Exit codes: 0 it ended as wanted, 1 it failed or cannot start, 2 wrong arguments, 130 left by Ctrl-C.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { TrainingConfig } from '../dqn/config/config';
import { PRESETS, type PresetName } from '../dqn/config/presets';
import { progressLine } from '../runs/progress-line';
import { isLive, type RunStatus } from '../runs/record/status';
import type { Run, RunEdits } from '../runs/run';
import { attach, type StartOptions, startRun } from '../runs/start';
import { printable } from '../text';
import { readWholeNumber, runCommand, UsageError } from './arguments';
import { checkKeys, readEdits } from './edits';
import { onCtrlC, StatusLine } from './terminal';

const USAGE = `usage: npm run train -- --preset PRESET --name NAME [options]
       npm run train -- --resume NAME [options]
  --preset PRESET   ${Object.keys(PRESETS).join(', ')}
  --name NAME       the run's name: its folder in runs/
  --resume NAME     goes on with a run from its last checkpoint, or follows it if it is running
  --steps STEPS     agent steps in all (totalSteps)
  --seed SEED       a whole number (1); equal seeds give equal runs
  --set KEY=VALUE   any other value of the preset; repeatable. A new run takes checkpointSeconds, keepReplay
                    and replay, too; a resumed one epsilon, too, but of the values only those that may change
Ctrl-C stops the run after a checkpoint; another one leaves it to itself. Closing the terminal leaves it running.
`;

/** Time between two looks. */
const PERIOD_MS = 500;

type Arguments = ReturnType<typeof readArguments>;

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      preset: { type: 'string' },
      name: { type: 'string' },
      resume: { type: 'string' },
      steps: { type: 'string' },
      seed: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const { preset, name, resume, seed, steps } = values;
  const isNew = preset !== undefined && name !== undefined && resume === undefined;
  const isOld = preset === undefined && name === undefined && resume !== undefined;
  if (!isNew && !isOld) throw new UsageError('give --preset and --name, or --resume');
  if (isOld && seed !== undefined) throw new UsageError('a resumed run keeps its seed');
  return {
    preset,
    name,
    resume,
    seed:
      seed === undefined ? undefined : readWholeNumber({ option: '--seed', text: seed, min: 0 }),
    edits: readEdits({ texts: values.set, steps }),
  };
}

async function begin({ preset, name, resume, seed, edits }: Arguments): Promise<Run> {
  if (resume !== undefined) {
    const run = await attach(resume);
    const { values } = await run.config();
    checkKeys({ edits, method: values.method!.value as TrainingConfig['method'], isNew: false });
    await run.resume(edits as RunEdits);
    return run;
  }
  // a preset that does not exist is startRun's to report
  if (Object.hasOwn(PRESETS, preset!)) {
    const [method] = PRESETS[preset as PresetName].values.method;
    checkKeys({ edits, method, isNew: true });
  }
  return startRun({
    ...(edits as Partial<StartOptions>),
    name: name!,
    preset: preset as PresetName,
    ...(seed === undefined ? {} : { seed }),
  });
}

/** Shows how far the run is until it ends, and what it has to say. */
async function follow(run: Run): Promise<RunStatus> {
  const shown = new StatusLine();
  let last: RunStatus | undefined;
  for (;;) {
    const status = await run.status();
    const { state, message } = status;
    const isOver = !isLive(state);
    shown.show({
      line: (options) => progressLine(status, options),
      messages: message === null ? [] : [message],
      isNews: state !== last?.state || message !== last.message,
      isOver,
    });
    if (isOver) return status;
    last = status;
    await setTimeout(PERIOD_MS);
  }
}

/** The first Ctrl-C stops the run; a full disk may keep it from that, so a second one lets go of it. */
function handleCtrlC(run: Run): void {
  onCtrlC({
    first() {
      console.log('\nstopping after a checkpoint; Ctrl-C leaves the run to itself');
      run.stop().catch((error: Error) => console.error(printable(error.message)));
    },
    second() {
      console.log(
        `\nleft: the run ${run.name} goes on until it can stop; npm run train -- --resume ${run.name} ` +
          'follows it',
      );
      process.exit(130);
    },
  });
}

async function main(args: string[]): Promise<number> {
  const run = await begin(readArguments(args));
  console.log(`run ${run.name} in ${run.folder}`);
  handleCtrlC(run);
  const { state } = await follow(run);
  if (state === 'stopped') console.log(`go on with: npm run train -- --resume ${run.name}`);
  return state === 'finished' || state === 'stopped' ? 0 : 1;
}

runCommand(main, { usage: USAGE });
