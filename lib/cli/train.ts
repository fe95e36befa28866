/**
 * npm run train: starts a run, or goes on with one, and follows it until it ends.
 * Exit codes: 0 it ended as wanted, 1 it failed or cannot start, 2 wrong arguments.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PRESETS, type PresetName } from '../dqn/presets';
import { progressLine } from '../runs/progress-line';
import type { Run, RunEdits } from '../runs/run';
import { attach, type StartOptions, startRun } from '../runs/start';
import { isLive, type RunStatus } from '../runs/status';

const USAGE = `usage: npm run train -- --preset PRESET --name NAME [options]
       npm run train -- --resume NAME [options]
  --preset PRESET   ${Object.keys(PRESETS).join(', ')}
  --name NAME       of the run: its folder in runs/
  --resume NAME     goes on with a run from its last checkpoint, or follows it if it is running
  --steps STEPS     agent steps in all (totalSteps)
  --seed SEED       a whole number (1); equal seeds give equal runs
  --set KEY=VALUE   any other value of the preset, or checkpointSeconds, keepReplay, replay; repeatable
Ctrl-C stops the run after a checkpoint. Closing the terminal leaves it running.
`;

/** Time between two looks, on a terminal and elsewhere. */
const TERMINAL_MS = 500;
const PLAIN_MS = 10_000;

interface Arguments {
  readonly preset: string | undefined;
  readonly name: string | undefined;
  readonly resume: string | undefined;
  readonly seed: number | undefined;
  /** Values by name, unchecked: `startRun` and `Training.change` do that. */
  readonly edits: Readonly<Record<string, unknown>>;
}

/** A mistake in the command line. */
class UsageError extends Error {}

function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      preset: { type: 'string' },
      name: { type: 'string' },
      resume: { type: 'string' },
      steps: { type: 'string' },
      seed: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const { preset, name, resume, seed, steps } = values;
  const isNew = preset !== undefined && name !== undefined && resume === undefined;
  const isOld = preset === undefined && name === undefined && resume !== undefined;
  if (!isNew && !isOld) throw new UsageError('give --preset and --name, or --resume');
  if (isOld && seed !== undefined) throw new UsageError('a resumed run keeps its seed');
  const edits = Object.fromEntries(values.set.map(readEdit));
  if (steps !== undefined) edits.totalSteps = readValue(steps);
  return { preset, name, resume, seed: seed === undefined ? undefined : Number(seed), edits };
}

function readEdit(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set takes KEY=VALUE, got ${text}`);
  return [text.slice(0, at), readValue(text.slice(at + 1))];
}

/** Numbers, true, false and null as such, anything else as text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function begin({ preset, name, resume, seed, edits }: Arguments): Promise<Run> {
  if (resume !== undefined) {
    const run = await attach(resume);
    await run.resume(edits as RunEdits);
    return run;
  }
  return startRun({
    ...(edits as Partial<StartOptions>),
    name: name!,
    preset: preset as PresetName,
    ...(seed === undefined ? {} : { seed }),
  });
}

/** Shows how far it is until it ends. */
async function follow(run: Run): Promise<RunStatus> {
  const isTerminal = process.stdout.isTTY === true;
  for (;;) {
    const status = await run.status();
    const line = progressLine(status);
    if (isTerminal) {
      process.stdout.write(`\r\x1b[K${line.slice(0, process.stdout.columns - 1)}`);
    } else {
      console.log(line);
    }
    if (!isLive(status.state)) {
      if (isTerminal) process.stdout.write('\n');
      return status;
    }
    // in short turns, so that the end is seen soon
    const wait = isTerminal ? TERMINAL_MS : PLAIN_MS;
    for (
      let waited = 0;
      waited < wait && isLive((await run.status()).state);
      waited += TERMINAL_MS
    ) {
      await setTimeout(TERMINAL_MS);
    }
  }
}

async function main(): Promise<number> {
  let args: Arguments;
  try {
    args = readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const run = await begin(args);
  console.log(`run ${run.name} in ${run.folder}`);
  let isStopping = false;
  process.on('SIGINT', () => {
    if (isStopping) return; // npm passes Ctrl-C on to a process that the terminal has told already
    isStopping = true;
    console.log('\nstopping after a checkpoint');
    run.stop().catch((error: Error) => console.error(error.message));
  });
  const { state, message } = await follow(run);
  if (message !== null) console.error(message);
  if (state === 'stopped') console.log(`go on with: npm run train -- --resume ${run.name}`);
  return state === 'finished' || state === 'stopped' ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
