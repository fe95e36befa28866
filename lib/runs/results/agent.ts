/** Exports and loads a trained agent: a folder with its network, its settings and its course. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { loadVerifiedNetwork } from '../../dqn/checkpoint/load-network';
import { readCheckpoint } from '../../dqn/checkpoint/read-checkpoint';
import { ConfigError, checkSavedConfig } from '../../dqn/config/check-config';
import type { TrainingConfig } from '../../dqn/config/config';
import type { tf } from '../../engine/tensorflow';
import { FileError, withFile } from '../../files/disk';
import { digestFile, FILE_RECORD, type FileRecord } from '../../files/flushed';
import { requireJson } from '../../files/json';
import { MAX_BYTES } from '../../files/open';
import { ROOT } from '../../files/root';
import { exactly, fields, object, type Schema, whole } from '../../files/schema';
import { messageOf } from '../../text';
import { checkOrigin, requireUsable } from '../record/checkpoints';
import { RunError, type RunPaths } from '../record/folder';
import { readMetrics } from '../record/metrics';
import { readRunConfig } from '../record/run-config';
import { type Course, courseOf, encodeCourse, RESULTS, readCourse } from './course';

/** This number changes when the meaning of the files does. */
const FORMAT = 1;

/** The network as TensorFlow.js reads it, and the same weights for Python. */
const NETWORK_FILES = ['model.json', 'weights.bin', 'weights.safetensors'] as const;

/** The agent that comes with the project. */
export const PRETRAINED = join(ROOT, 'lib/pretrained');

/** The content of agent.json. */
export interface AgentInfo {
  readonly format: number;
  readonly seed: number;
  /** How many agent steps it has learned from. */
  readonly agentStep: number;
  readonly updates: number;
  readonly config: TrainingConfig;
  readonly files: Readonly<Record<string, FileRecord>>;
}

type NetworkFile = (typeof NETWORK_FILES)[number];

const INFO = fields<AgentInfo>({
  format: exactly(FORMAT),
  seed: whole,
  agentStep: whole,
  updates: whole,
  config: object as Schema<unknown> as Schema<TrainingConfig>, // `checkSavedConfig` checks it
  files: fields<Record<NetworkFile, FileRecord>>({
    'model.json': FILE_RECORD,
    'weights.bin': FILE_RECORD,
    'weights.safetensors': FILE_RECORD,
  }),
});

export interface Agent {
  readonly info: AgentInfo;
  /** The course of the training, up to this agent. */
  readonly course: Course;
  /** Owned by the caller, who disposes of it. */
  readonly network: tf.LayersModel;
}

export interface ExportOptions {
  /** A `Run`. */
  readonly run: { readonly paths: RunPaths };
  /** A new folder, or one that an export made: what this one writes takes the place of the files there. */
  readonly folder: string;
  /** One of the run, or a copy of one; default its newest. */
  readonly checkpoint?: string;
}

/**
 * Writes model.json, weights.bin and weights.safetensors of a checkpoint, agent.json and course.json.
 * @throws RunError when the run has no checkpoint, or the folder holds something else.
 * @throws CheckpointError when the checkpoint is damaged or another run's.
 * @throws FileError when the folder cannot be written; the agent that was there is whole then, or refused.
 */
export async function exportAgent({ run, folder, checkpoint }: ExportOptions): Promise<AgentInfo> {
  const { paths } = run;
  const { path, info } = await checkpointOf(paths, checkpoint);
  await checkTarget(folder);
  const { counters, config, seed } = info;
  const { agentStep, updates } = counters;
  const rows = (await readMetrics(paths.metrics)).filter((row) => row.agentStep <= agentStep);
  const whole = await readRunConfig(paths);
  const changes = whole.changes.filter((change) => change.agentStep < agentStep);
  const course = courseOf({ ...whole, changes }, rows);
  const records = NETWORK_FILES.map((file) => [file, info.files[`network/${file}`]!] as const);
  const files = Object.fromEntries(records);
  const agent: AgentInfo = { format: FORMAT, seed, agentStep, updates, config, files };
  return withFile(folder, 'written', () => writeAgent({ agent, course, from: path, folder }));
}

async function writeAgent(options: {
  agent: AgentInfo;
  course: Course;
  from: string;
  folder: string;
}): Promise<AgentInfo> {
  const { agent, course, from, folder } = options;
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    for (const file of NETWORK_FILES) {
      await copyFile(join(from, 'network', file), join(unfinished, file));
    }
    await writeFile(join(unfinished, 'course.json'), encodeCourse(course));
    await writeFile(join(unfinished, 'agent.json'), `${JSON.stringify(agent, null, 2)}\n`);
    // agent.json last: until then the checksums of an earlier one refuse the mixture
    for (const file of [...NETWORK_FILES, 'course.json', 'agent.json']) {
      await rename(join(unfinished, file), join(folder, file));
    }
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return agent;
}

async function checkpointOf(paths: RunPaths, path: string | undefined) {
  if (path === undefined) return requireUsable(paths, paths.name);
  const info = await readCheckpoint(path);
  checkOrigin({ path, info, run: await readRunConfig(paths) });
  return { path, info };
}

/** @throws RunError when there is something in the folder that no export made. */
async function checkTarget(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new RunError(`${folder} cannot take an agent (${error.message}): name another folder`);
  });
  if (names.length === 0 || names.includes('agent.json')) return;
  throw new RunError(
    `${folder} has files and no agent.json among them: name a new folder, or one that an export made`,
  );
}

/**
 * Reads an agent's agent.json and verifies its network.
 * @throws RunError when it has none, or one of another format, or a file is missing or changed.
 */
export async function readAgent(folder: string): Promise<AgentInfo> {
  const info = await orUnusable(folder, () => requireJson(join(folder, 'agent.json'), INFO));
  let config: TrainingConfig;
  try {
    config = checkSavedConfig({ ...info.config });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { message } = new ConfigError(error.problems, join(folder, 'agent.json'));
    throw unusable(folder, message);
  }
  for (const file of NETWORK_FILES) {
    const record = info.files[file]!;
    const digest = () => digestFile(join(folder, file), Math.max(record.bytes, MAX_BYTES));
    if ((await orUnusable(folder, digest)).sha256 !== record.sha256) {
      throw unusable(folder, `${file} does not match its checksum`);
    }
  }
  return { ...info, config };
}

/**
 * Loads an exported agent.
 * @param agent its folder, or the name of a folder in notebooks/results; default the agent that comes with the project
 * @throws RunError as `readAgent`, and when TensorFlow.js cannot make a network of its model.json.
 */
export async function loadAgent(agent: string = PRETRAINED): Promise<Agent> {
  const folder = folderOf(agent);
  const info = await readAgent(folder);
  const course = await readCourse(join(folder, 'course.json'));
  return { info, course, network: await loadAgentNetwork(folder, info) };
}

/** A notebook may lie anywhere, so the agents of the course are found by name; a folder that is there comes first. */
function folderOf(agent: string): string {
  const named = join(RESULTS, agent);
  return !existsSync(agent) && basename(agent) === agent && existsSync(named) ? named : agent;
}

/**
 * Loads the network of an agent that `readAgent` has verified.
 * @throws RunError when TensorFlow.js cannot make a network of its model.json.
 */
export async function loadAgentNetwork(folder: string, info: AgentInfo): Promise<tf.LayersModel> {
  try {
    return await loadVerifiedNetwork(folder, info.files as Record<NetworkFile, FileRecord>);
  } catch (error) {
    throw unusable(folder, messageOf(error));
  }
}

/** @throws RunError in place of a FileError. */
async function orUnusable<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof FileError ? unusable(folder, error.message) : error;
  }
}

function unusable(folder: string, reason: string): RunError {
  return new RunError(`the agent in ${folder} cannot be used: ${reason}. Export it again.`);
}
