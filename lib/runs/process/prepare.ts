/** Brings a run's training to where its last checkpoint left it, ready to run. */
import type { Picture } from '../../display/picture';
import { loadCheckpoint } from '../../dqn/checkpoint/checkpoint';
import type { ConfigEdits, TrainingConfig } from '../../dqn/config/config';
import type { Training } from '../../dqn/training/training';
import { engineInfo } from '../../engine/tensorflow';
import { messageOf } from '../../text';
import { clearAfter, findUsable, prune, type UsableCheckpoint } from '../record/checkpoints';
import { type RunPaths, writeJson } from '../record/folder';
import { MetricsLog } from '../record/metrics';
import {
  checkOwner,
  firstConfig,
  type RunConfig,
  type RunSettings,
  readRunConfig,
} from '../record/run-config';
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
  readonly training: Training;
  /** Returns a copy of what is to be seen now; left out when there is nothing to see. */
  readonly picture?: () => Picture;
}

/** Makes environment, network and memory. */
export type CreateProgram = (options: ProgramOptions) => RunProgram | Promise<RunProgram>;

/** Restores the newest usable checkpoint, or begins anew without one. */
export async function prepare(options: {
  paths: RunPaths;
  create: CreateProgram;
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
  const { sentence, warning } = training.learner.engine;
  await events.add(agentStep, sentence);
  const notices = passedOver.length > 0 ? [...passedOver, begun] : [];
  if (warning !== undefined) notices.push(warning);
  const metrics = await MetricsLog.open({ path: paths.metrics, agentStep });
  try {
    const runner = new Runner({
      paths,
      config,
      training,
      metrics,
      events,
      meter: new Meter(checkpoint?.info.notes),
      recorder: new Recorder(picture),
      checkpointStep: checkpoint ? agentStep : null,
      notice: notices.length > 0 ? notices.join('\n') : null,
      clock: () => performance.now(),
    });
    await runner.begin(edits);
    return runner;
  } catch (error) {
    await events.add(agentStep, `not gone on with: ${messageOf(error)}`);
    await metrics.close();
    throw error;
  }
}

/** Puts aside checkpoints newer than the one to go on from. @returns a sentence about each */
async function tidy(paths: RunPaths, checkpoint: UsableCheckpoint | undefined): Promise<string[]> {
  const aside = await clearAfter(paths, checkpoint?.path);
  await prune(paths);
  const kept = aside.map(
    (path) => `${path} keeps it until another one is damaged: remove it when nobody needs it`,
  );
  return [...(checkpoint?.damages ?? []), ...kept];
}

/** Adds TensorFlow's version, which only this process knows: the starter need not have loaded it. */
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
