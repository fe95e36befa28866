/** Runners of the toy in this process, and what they have written. */
import { mkdirSync, readFileSync } from 'node:fs';
import type { Training } from '../../../lib/dqn/training/training';
import { EventLog } from '../../../lib/runs/process/event-log';
import { Meter } from '../../../lib/runs/process/meter';
import { Recorder } from '../../../lib/runs/process/recorder';
import { Runner, type RunnerOptions } from '../../../lib/runs/process/runner';
import { pathsIn, type RunPaths, writeJson } from '../../../lib/runs/record/folder';
import { MetricsLog } from '../../../lib/runs/record/metrics';
import { checkOwner, DEFAULT_SETTINGS, type RunChange } from '../../../lib/runs/record/run-config';
import { folderOfTest } from '../../helpers/folder';
import { createQuickTraining, describeToy } from '../toy';

interface Setup extends Partial<Pick<RunnerOptions, 'save' | 'recorder' | 'notice' | 'training'>> {
  readonly totalSteps?: number;
  readonly changes?: readonly RunChange[];
  readonly learningRate?: number;
  readonly checkpointSeconds?: number;
}

interface ToyRunner {
  readonly paths: RunPaths;
  readonly runner: Runner;
  readonly training: Training;
}

/** A runner of a short training on the toy, in a folder of its own. */
export async function createRunner(setup: Setup = {}): Promise<ToyRunner> {
  const {
    totalSteps = 60,
    learningRate = 1e-3,
    changes = [],
    checkpointSeconds = 1000,
    ...rest
  } = setup;
  const paths = pathsIn(folderOfTest(), 'toy');
  mkdirSync(paths.checkpoints);
  const edits = { totalSteps, learningRate, bufferSize: 100, batchSize: 4, learningStarts: 20 };
  const settings = { ...DEFAULT_SETTINGS, checkpointSeconds };
  const described = await describeToy({ edits, settings });
  await writeJson(paths.config, { ...described, changes });
  const { training = createQuickTraining(edits) } = setup;
  const runner = new Runner({
    paths,
    config: { ...described, changes },
    training,
    metrics: await MetricsLog.open({ path: paths.metrics, agentStep: 0 }),
    events: new EventLog({
      path: paths.events,
      now: () => new Date(0),
      check: () => checkOwner(paths, described),
    }),
    meter: new Meter(),
    recorder: new Recorder(undefined),
    checkpointStep: null,
    clock: () => performance.now(),
    diskRetryMs: 10,
    ...rest,
  });
  return { paths, runner, training };
}

/** A runner at work on many steps; `end` stops it and waits for its end. */
export async function startRunner(setup: Setup = {}) {
  const { paths, runner, training } = await createRunner({ totalSteps: 100_000, ...setup });
  const running = runner.run();
  const end = async () => {
    await runner.stop();
    await running;
  };
  return { paths, runner, training, running, end };
}

export const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** The lines of a run's event log. */
export const readEvents = ({ events }: RunPaths) =>
  readFileSync(events, 'utf8').split('\n').slice(0, -1);
