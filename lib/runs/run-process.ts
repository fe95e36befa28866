/** The process of a run, from its start to its end. */

import type { Picture } from '../display/picture';
import { loadCheckpoint } from '../dqn/checkpoint';
import type { ConfigEdits, TrainingConfig } from '../dqn/config';
import type { TrainingLoop } from '../dqn/training-loop';
import { clearAfter, findUsable, prune } from './checkpoints';
import { type Control, openControl } from './control';
import { EventLog } from './event-log';
import type { Request } from './exchange';
import { pathsIn, RunError, type RunPaths } from './folder';
import { Meter } from './meter';
import { MetricsLog } from './metrics';
import { Recorder } from './recorder';
import { firstConfig, type RunConfig, type RunSettings, readRunConfig } from './run-config';
import { Runner } from './runner';
import { startingStatus } from './status';

export interface ProgramOptions {
  readonly config: TrainingConfig;
  readonly seed: number;
  readonly settings: RunSettings;
}

/** What a run trains. */
export interface RunProgram {
  readonly training: TrainingLoop;
  /** What is to be seen now, as a copy; left out when there is nothing. */
  readonly picture?: () => Picture;
}

/** What the process tells the one who started it. */
export type StartMessage = { readonly ready: true } | { readonly error: string };

/**
 * Runs a run: the whole work of a file that is given to `startRun` as its `program`, and is then
 * called as `node FILE FOLDER NAME EDITS`.
 * @param create makes environment, network and memory for a config and a seed, always the same ones
 */
export async function runProcess(
  create: (options: ProgramOptions) => RunProgram | Promise<RunProgram>,
): Promise<void> {
  const [folder, name, edits] = process.argv.slice(2) as [string, string, string];
  const paths = pathsIn(folder, name);
  process.on('disconnect', () => {}); // whoever started it may go
  process.on('SIGHUP', () => {}); // and so may the terminal
  const report = (message: StartMessage) => {
    if (process.connected) process.send!(message, () => process.disconnect?.());
  };
  let runner: Runner | undefined;
  let control: Control | undefined;
  try {
    const handle = async (request: Request) => {
      if (runner) return answer(request, runner);
      if (request.command === 'status') return startingStatus(paths);
      throw new RunError(`the run ${name} is starting: ask again in some seconds`);
    };
    control = await openControl({ paths, handle });
    runner = await prepare({ paths, create });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => runner!.stop().catch(() => {}));
    }
    const running = runner.run(JSON.parse(edits) as ConfigEdits);
    report({ ready: true });
    await running;
  } catch (error) {
    console.error(error);
    await runner?.fail(error);
    report({ error: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
  await control?.close();
}

/** Brings everything to where the newest usable checkpoint left it, or to the beginning. */
async function prepare({
  paths,
  create,
}: {
  paths: RunPaths;
  create: (options: ProgramOptions) => RunProgram | Promise<RunProgram>;
}): Promise<Runner> {
  const config = await readRunConfig(paths);
  const { seed, settings } = config;
  const checkpoint = await findUsable(paths);
  const values = checkpoint?.info.config ?? firstConfig(config);
  const { training, picture } = await create({ config: values, seed, settings });
  if (checkpoint) await loadCheckpoint({ training, ...checkpoint });
  await clearAfter(paths, checkpoint?.path);
  await prune(paths);
  const { agentStep } = training;
  const events = new EventLog({ path: paths.events, now: () => new Date() });
  for (const damage of checkpoint?.damages ?? []) await events.add(agentStep, damage);
  await events.add(agentStep, beginning(config, checkpoint?.path));
  await events.add(agentStep, training.learner.engine.sentence);
  return new Runner({
    paths,
    config,
    training,
    metrics: await MetricsLog.open({ path: paths.metrics, agentStep }),
    events,
    meter: new Meter(checkpoint?.info.notes),
    recorder: new Recorder(picture),
    checkpointStep: checkpoint ? agentStep : null,
    clock: () => performance.now(),
  });
}

function beginning({ preset, seed }: RunConfig, checkpoint: string | undefined): string {
  if (checkpoint === undefined) return `begun with preset ${preset}, seed ${seed}`;
  return `resumed from ${checkpoint}`;
}

async function answer(request: Request, runner: Runner): Promise<unknown> {
  switch (request.command) {
    case 'status':
      return runner.status();
    case 'pause':
      return runner.pause();
    case 'resume':
      return runner.resume();
    case 'stop':
      return runner.stop();
    case 'checkpoint':
      return runner.save();
    case 'change':
      return runner.change(request.values as ConfigEdits);
    case 'picture':
      return runner.picture();
    case 'gif':
      return runner.gif(request.steps as number);
    default:
      throw new RunError(`there is no command ${request.command}`);
  }
}
