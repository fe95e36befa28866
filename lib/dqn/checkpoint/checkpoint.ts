/** Saves a training to a folder, whole or not at all, and brings it back. */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tf } from '../../engine/tensorflow';
import {
  digestFile,
  type FileRecord,
  flushFolder,
  readInto,
  sha256,
  writeFlushed,
} from '../../files/flushed';
import { checkSavedConfig } from '../config/check-config';
import type { TrainingConfig } from '../config/config';
import type { LearnerState } from '../learner/learner';
import type { ReplayHead } from '../replay/replay';
import type { GameState } from '../training/game';
import type { Training, TrainingCounters, TrainingState } from '../training/training';
import { listCheckpoints, removeCheckpoint } from './checkpoint-list';
import { networkSafetensors } from './safetensors';

// the package exports the namespace `io` as a value only
type ModelArtifacts = Parameters<Parameters<typeof tf.io.withSaveHandler>[0]>[0];

/** This number changes when the files' meaning does. */
const VERSION = 3;
/** This version does not name its memory's kind: it is left out, and a resumed training fills a new one. */
const VERSION_WITHOUT_KIND = 2;

/** A checkpoint that is incomplete or damaged. */
export class CheckpointError extends Error {
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`the checkpoint ${path} cannot be used: ${reason}. Use an older one.`);
    this.name = 'CheckpointError';
    this.reason = reason;
  }
}

/** A checkpoint that is whole, as far as one can tell, but made by another version of the program. */
export class CheckpointVersionError extends Error {
  constructor(path: string, version: number) {
    super(
      `the checkpoint ${path} has the format ${version}, this program reads format ${VERSION}: ` +
        'use the version of the program that made it',
    );
    this.name = 'CheckpointVersionError';
  }
}

/** What state.json holds beside its own checksum. Numbers in .bin files are little-endian. */
export interface CheckpointInfo {
  readonly version: number;
  readonly seed: number;
  /** Id of the run that it belongs to; left out when no run made it. */
  readonly run?: string;
  readonly config: TrainingConfig;
  readonly counters: TrainingCounters;
  readonly games: readonly GameState[];
  readonly adamUpdates: number;
  /** Kind and counters of the memory; null when it was not kept. */
  readonly buffer: ReplayHead | null;
  /** The numbers that the caller of `saveCheckpoint` added. */
  readonly notes: Readonly<Record<string, number>>;
  readonly files: Readonly<Record<string, FileRecord>>;
}

export interface SaveCheckpointOptions {
  readonly training: Training;
  /** Where the checkpoint's folder goes; created when missing. */
  readonly folder: string;
  /** Keeps the memory, too: only then a resumed training goes on bit for bit. */
  readonly keepReplay: boolean;
  /** Numbers of your own that `readCheckpoint` brings back. */
  readonly notes?: Readonly<Record<string, number>>;
  /** Id of the run that the checkpoint belongs to. */
  readonly run?: string;
}

/**
 * Writes `checkpoint-STEP` into a folder: `network/` in TensorFlow.js' own format, the same weights as
 * safetensors, state.json, and the rest as .bin files. Everything is written and flushed under another
 * name first and renamed at last, so a crash leaves no half checkpoint. An earlier one of the same step
 * goes only after that: the new one is then `checkpoint-STEP-2`. The training must not step meanwhile.
 * @returns the checkpoint's path
 * @throws Error when weights are not finite; nothing is written then, and older checkpoints stay.
 */
export async function saveCheckpoint(options: SaveCheckpointOptions): Promise<string> {
  const { training, folder, keepReplay } = options;
  const state = training.state({ keepReplay });
  checkFinite(state.learner);
  await mkdir(folder, { recursive: true });
  const name = `checkpoint-${String(training.agentStep).padStart(9, '0')}`;
  const replaced = (await listCheckpoints(folder)).filter((each) => isOfStep(each, name));
  const path = join(folder, nextName(name, replaced[0]));
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(join(unfinished, 'network'), { recursive: true });
  try {
    const files = await writeArrays({
      state,
      network: training.learner.qNetwork,
      into: unfinished,
    });
    const text = JSON.stringify(describe({ ...options, state, files }));
    const sealed = `{"sha256":${JSON.stringify(sha256(text))},"info":${text}}`;
    await writeFlushed({ path: join(unfinished, 'state.json'), parts: [Buffer.from(sealed)] });
    for (const each of [join(unfinished, 'network'), unfinished]) await flushFolder(each);
    await rename(unfinished, path);
    await flushFolder(folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  for (const each of replaced) await removeCheckpoint(each);
  return path;
}

/** Writes all files but state.json. @returns their sizes and checksums */
async function writeArrays({
  state: { learner, random, buffer },
  network,
  into,
}: {
  state: TrainingState;
  network: tf.LayersModel;
  into: string;
}): Promise<CheckpointInfo['files']> {
  const { topology, weights } = await networkFiles(network);
  const { m, v } = learner.optimizer;
  const contents: Record<string, readonly ArrayBufferView[]> = {
    'network/model.json': [topology],
    'network/weights.bin': [weights],
    'network/weights.safetensors': [networkSafetensors(network)],
    'target.bin': learner.targetWeights,
    'adam.bin': [...m, ...v],
    'random.bin': [random.exploration, random.sampling, random.episodes],
  };
  for (const [array, values] of Object.entries(buffer?.arrays ?? {})) {
    contents[`replay-${array}.bin`] = [values];
  }
  const files: Record<string, FileRecord> = {};
  for (const [file, parts] of Object.entries(contents)) {
    files[file] = await writeFlushed({ path: join(into, file), parts });
  }
  return files;
}

function describe({
  training: { seed, config },
  state: { counters, games, learner, buffer },
  files,
  notes = {},
  run,
}: SaveCheckpointOptions & {
  state: TrainingState;
  files: CheckpointInfo['files'];
}): CheckpointInfo {
  return {
    ...{ version: VERSION, seed, ...(run === undefined ? {} : { run }), config, counters, games },
    adamUpdates: learner.optimizer.updates,
    buffer: buffer ? { kind: buffer.kind, counters: buffer.counters } : null,
    notes,
    files,
  };
}

function isOfStep(path: string, name: string): boolean {
  return basename(path) === name || basename(path).startsWith(`${name}-`);
}

/** A name beside the newest checkpoint of the same step, and after it in the list. */
function nextName(name: string, newest: string | undefined): string {
  if (newest === undefined) return name;
  const number = Number(basename(newest).slice(name.length + 1)) || 1; // the first has none
  return `${name}-${number + 1}`;
}

/**
 * Reads a checkpoint's state.json and verifies every file of the checkpoint.
 * @throws CheckpointError when one is missing, torn or changed.
 * @throws CheckpointVersionError when this program cannot read it.
 */
export async function readCheckpoint(path: string): Promise<CheckpointInfo> {
  const damaged = (reason: string) => new CheckpointError(path, reason);
  const text = await readFile(join(path, 'state.json'), 'utf8').catch(() => {
    throw damaged('it has no state.json');
  });
  const info = openSeal(text);
  if (info === undefined) throw damaged('its state.json does not match its checksum');
  const hasKind = info.version === VERSION;
  if (!hasKind && info.version !== VERSION_WITHOUT_KIND) {
    throw new CheckpointVersionError(path, info.version);
  }
  for (const [file, { bytes, sha256: expected }] of Object.entries(info.files)) {
    const got = await digestFile(join(path, file)).catch(() => {
      throw damaged(`${file} is missing`);
    });
    if (got.bytes !== bytes) throw damaged(`${file} must have ${bytes} bytes, it has ${got.bytes}`);
    if (got.sha256 !== expected) throw damaged(`${file} does not match its checksum`);
  }
  const buffer = hasKind ? info.buffer : null;
  return { ...info, buffer, config: checkSavedConfig({ ...info.config }) };
}

/**
 * Brings a training to where a checkpoint left it. Create it with the checkpoint's config and seed.
 * @throws CheckpointError when the checkpoint is damaged; the training is then as it was.
 * @throws RangeError when the network or the buffer is of another size.
 */
export async function loadCheckpoint({
  training,
  path,
  info: verified,
}: {
  training: Training;
  path: string;
  /** What `readCheckpoint` has just returned; spares reading everything twice. */
  info?: CheckpointInfo;
}): Promise<void> {
  const info = verified ?? (await readCheckpoint(path));
  const { counters, games, buffer } = info;
  const arrays = await readArrays({ path, info, network: training.learner.qNetwork });
  if (buffer === null) {
    training.restore({ counters, games, ...arrays });
    return;
  }
  const memory = training.memory.restore({ ...buffer, bytes: arrayBytes(info.files) });
  for (const [array, into] of Object.entries(memory.arrays)) {
    await readInto({ path: join(path, `replay-${array}.bin`), into });
  }
  training.restore({ counters, games, ...arrays, buffer: training.memory.state() });
}

/** Reads the learner and the generators. @throws RangeError when the network is of another size. */
async function readArrays({
  path,
  info,
  network,
}: {
  path: string;
  info: CheckpointInfo;
  network: tf.LayersModel;
}): Promise<Pick<TrainingState, 'learner' | 'random'>> {
  // a file's bytes need not lie where an array of 4-byte numbers may begin: copy them
  const words = async (file: string) => new Uint8Array(await readFile(join(path, file))).buffer;
  const floats = async (file: string) => new Float32Array(await words(file));
  const weightSizes = network.weights.map((weight) => weight.read().size);
  const adamSizes = network.trainableWeights.map((weight) => weight.read().size);
  const moments = split(await floats('adam.bin'), [...adamSizes, ...adamSizes]);
  const streams = new Uint32Array(await words('random.bin'));
  const perStream = streams.length / 3;
  return {
    random: {
      exploration: streams.subarray(0, perStream),
      sampling: streams.subarray(perStream, 2 * perStream),
      episodes: streams.subarray(2 * perStream),
    },
    learner: {
      weights: split(await floats('network/weights.bin'), weightSizes),
      targetWeights: split(await floats('target.bin'), weightSizes),
      optimizer: {
        updates: info.adamUpdates,
        m: moments.slice(0, adamSizes.length),
        v: moments.slice(adamSizes.length),
      },
    },
  };
}

/** The lengths of the memory's arrays in bytes, by their names. */
function arrayBytes(files: CheckpointInfo['files']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([file, { bytes }]) => {
      const name = /^replay-(.*)\.bin$/.exec(file)?.[1];
      return name === undefined ? [] : [[name, bytes]];
    }),
  );
}

/** @throws Error when a number that learning goes on from is NaN or infinite. */
function checkFinite({ weights, targetWeights, optimizer: { m, v } }: LearnerState): void {
  const parts = { weights, 'target weights': targetWeights, 'Adam moments': [...m, ...v] };
  for (const [what, arrays] of Object.entries(parts)) {
    const wrong = arrays.flatMap((array) => array.find((value) => !Number.isFinite(value)) ?? []);
    if (wrong.length === 0) continue;
    throw new Error(
      `the ${what} must be finite to be saved, got ${wrong[0]}: the training has diverged, go on from ` +
        'the last checkpoint with a lower learningRate, or start a new one with a clipNorm',
    );
  }
}

/** The two files that `tf.loadLayersModel('file://.../model.json')` reads. */
async function networkFiles(
  network: tf.LayersModel,
): Promise<{ topology: Buffer; weights: Buffer }> {
  let saved: ModelArtifacts = {};
  await network.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const { weightSpecs: weights, weightData, ...rest } = saved;
  const json = { ...rest, weightsManifest: [{ paths: ['weights.bin'], weights }] };
  return {
    topology: Buffer.from(JSON.stringify(json)),
    weights: Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)),
  };
}

/** The content of state.json, or undefined when it is torn or does not match its own checksum. */
function openSeal(text: string): CheckpointInfo | undefined {
  try {
    const { sha256: expected, info } = JSON.parse(text) as { sha256: string; info: CheckpointInfo };
    return sha256(JSON.stringify(info)) === expected ? info : undefined;
  } catch {
    return undefined;
  }
}

/** Consecutive parts of the given lengths. @throws RangeError when they do not make up the whole. */
function split(values: Float32Array, lengths: readonly number[]): Float32Array[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== values.length) {
    throw new RangeError(
      `the training's network must have the checkpoint's ${values.length} numbers here, it has ${total}: ` +
        "create it with the checkpoint's architecture",
    );
  }
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return values.subarray(start - length, start);
  });
}
