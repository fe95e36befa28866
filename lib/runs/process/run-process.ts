/** The process of a run, from its start to its end. */

import type { Picture } from '../../display/picture';
import { loadCheckpoint } from '../../dqn/checkpoint/checkpoint';
import type { ConfigEdits, TrainingConfig } from '../../dqn/config/config';
import type { TrainingLoop } from '../../dqn/training/training';
import { engineInfo } from '../../engine/tensorflow';
import { messageOf } from '../../text';
import type { Request } from '../control/exchange';
import { type Control, openControl } from '../control/ownership';
import { clearAfter, findUsable, prune, type UsableCheckpoint } from '../record/checkpoints';
import { pathsIn, RunError, type RunPaths, writeJson } from '../record/folder';
import { MetricsLog } from '../record/metrics';
import {
  checkOwner,
  firstConfig,
  type RunConfig,
  type RunSettings,
  readRunConfig,
} from '../record/run-config';
import { startingStatus } from '../record/status';
import { EventLog } from './event-log';
import { Meter } from './meter';
import { Recorder } from './recorder';
import { Runner } from './runner';

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
      if (runner !== undefined) return answer(request, runner);
      if (request.command === 'status') return startingStatus(paths);
      throw new RunError(`the run ${name} is starting: ask again in some seconds`);
    };
    control = await openControl({ paths, handle });
    runner = await prepare({ paths, create, edits: JSON.parse(edits) as ConfigEdits });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => runner!.stop().catch(() => {})); // run() throws the same
    }
    await runner.run(() => report({ ready: true }));
  } catch (error) {
    console.error(error);
    await runner?.fail(error);
    await control?.close(); // first, so that whoever started it finds nobody else running it
    report({ error: messageOf(error) });
    process.exitCode = 1;
    return;
  }
  await control?.close();
}

/** Brings everything to where the newest usable checkpoint left it, or to the beginning. */
async function prepare(options: {
  paths: RunPaths;
  create: (options: ProgramOptions) => RunProgram | Promise<RunProgram>;
  edits: ConfigEdits;
}): Promise<Runner> {
  const { paths, create, edits } = options;
  const asked = await readRunConfig(paths);
  const { seed, settings } = asked;
  const checkpoint = await findUsable(paths);
  const values = checkpoint?.info.config ?? firstConfig(asked);
  const { training, picture } = await create({ config: values, seed, settings });
  if (checkpoint) await loadCheckpoint({ training, ...checkpoint });
  const config = await recordTensorFlow(paths, asked);
  const { agentStep } = training;
  const events = new EventLog({
    path: paths.events,
    now: () => new Date(),
    check: () => checkOwner(paths, config),
  });
  const passedOver = await tidy(paths, checkpoint);
  for (const sentence of passedOver) await events.add(agentStep, sentence);
  const begun = beginning(config, checkpoint?.path);
  await events.add(agentStep, begun);
  await events.add(agentStep, training.learner.engine.sentence);
  const runner = new Runner({
    paths,
    config,
    training,
    metrics: await MetricsLog.open({ path: paths.metrics, agentStep }),
    events,
    meter: new Meter(checkpoint?.info.notes),
    recorder: new Recorder(picture),
    checkpointStep: checkpoint ? agentStep : null,
    notice: passedOver.length > 0 ? [...passedOver, begun].join('\n') : null,
    clock: () => performance.now(),
  });
  try {
    await runner.begin(edits);
  } catch (error) {
    await events.add(agentStep, `not gone on with: ${messageOf(error)}`);
    await runner.abandon();
    throw error;
  }
  return runner;
}

/** Leaves no checkpoint newer than the one to go on from. @returns what to say about those that were */
async function tidy(paths: RunPaths, checkpoint: UsableCheckpoint | undefined): Promise<string[]> {
  const aside = await clearAfter(paths, checkpoint?.path);
  await prune(paths);
  const kept = aside.map(
    (path) => `${path} keeps it until another one is damaged: remove it when nobody needs it`,
  );
  return [...(checkpoint?.damages ?? []), ...kept];
}

/** Which TensorFlow computes is known only here: the starter need not have loaded it. */
async function recordTensorFlow(paths: RunPaths, config: RunConfig): Promise<RunConfig> {
  if (config.versions.tensorflow !== undefined) return config;
  const { tensorflow } = engineInfo();
  const recorded = { ...config, versions: { ...config.versions, tensorflow } };
  await writeJson(paths.config, recorded);
  return recorded;
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
