/** Saves a training to a folder, whole or not at all, and brings it back. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tf } from '../../engine/tensorflow';
import { withFile } from '../../files/disk';
import { type FileRecord, flushFolder, readInto, sha256, writeFlushed } from '../../files/flushed';
import { readBytes } from '../../files/open';
import type { LearnerState } from '../learner/learner';
import type { Training, TrainingState } from '../training/training';
import { listCheckpoints, removeCheckpoint } from './checkpoint-list';
import { type CheckpointInfo, readCheckpoint, VERSION } from './read-checkpoint';
import { networkSafetensors } from './safetensors';

// the package exports the namespace `io` as a value only
type ModelArtifacts = Parameters<Parameters<typeof tf.io.withSaveHandler>[0]>[0];

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

/** A training's state at one moment, to be written to the disk. */
export interface Snapshot {
  readonly agentStep: number;
  /** Whether the training may step on before it is written; without copies it must not. */
  readonly isCopy: boolean;
  readonly folder: string;
  /** All files but state.json. */
  readonly contents: Readonly<Record<string, readonly ArrayBufferView[]>>;
  readonly info: Omit<CheckpointInfo, 'files'>;
}

/**
 * Takes a training's state between two steps.
 * @param options copyBytes: the most bytes of a memory that are copied; default 0
 * @throws Error when weights are not finite.
 */
export async function takeSnapshot({
  copyBytes = 0,
  ...options
}: SaveCheckpointOptions & { readonly copyBytes?: number }): Promise<Snapshot> {
  const { training, folder, keepReplay } = options;
  const state = training.state({ keepReplay });
  checkFinite(state.learner);
  const arrays = Object.values(state.buffer?.arrays ?? {});
  const isCopy = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0) <= copyBytes;
  return {
    agentStep: training.agentStep,
    isCopy,
    folder,
    contents: await contentsOf({ state, network: training.learner.qNetwork, isCopy }),
    info: describe({ ...options, state }),
  };
}

/**
 * Writes `checkpoint-STEP` into a folder: `network/` in TensorFlow.js' own format, the same weights as
 * safetensors, state.json, and the rest as .bin files. Everything is written and flushed under another
 * name first and renamed at last, so a crash leaves no half checkpoint. An earlier one of the same step
 * goes only after that: the new one is then `checkpoint-STEP-2`.
 * @returns the checkpoint's path
 * @throws FileError when the disk does not take it; older checkpoints stay.
 */
export async function writeSnapshot(snapshot: Snapshot): Promise<string> {
  const { folder, agentStep, contents, info } = snapshot;
  const make = (path: string) => withFile(path, 'written', () => mkdir(path, { recursive: true }));
  await make(folder);
  const name = `checkpoint-${String(agentStep).padStart(9, '0')}`;
  const replaced = (await listCheckpoints(folder)).filter((each) => isOfStep(each, name));
  const path = join(folder, nextName(name, replaced[0]));
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await make(join(unfinished, 'network'));
    const files: Record<string, FileRecord> = {};
    for (const [file, parts] of Object.entries(contents)) {
      files[file] = await writeFlushed({ path: join(unfinished, file), parts });
    }
    const text = JSON.stringify({ ...info, files });
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

/**
 * Writes a checkpoint as `writeSnapshot` does. The training must not step meanwhile.
 * @returns the checkpoint's path
 * @throws Error when weights are not finite; nothing is written then, and older checkpoints stay.
 */
export async function saveCheckpoint(options: SaveCheckpointOptions): Promise<string> {
  return writeSnapshot(await takeSnapshot(options));
}

async function contentsOf({
  state: { learner, random, buffer },
  network,
  isCopy,
}: {
  state: TrainingState;
  network: tf.LayersModel;
  isCopy: boolean;
}): Promise<Snapshot['contents']> {
  // these are copies already; the memory's arrays are views
  const { m, v } = learner.optimizer;
  const memory = Object.entries(buffer?.arrays ?? {}).map(([array, values]) => {
    return [`replay-${array}.bin`, [isCopy ? values.slice() : values]] as const;
  });
  const { topology, weights } = await networkFiles(network);
  return {
    'network/model.json': [topology],
    'network/weights.bin': [weights],
    'network/weights.safetensors': [networkSafetensors(network)],
    'target.bin': learner.targetWeights,
    'adam.bin': [...m, ...v],
    'random.bin': [random.exploration, random.sampling, random.episodes],
    ...Object.fromEntries(memory),
  };
}

function describe({
  training: { seed, config },
  state: { counters, games, learner, buffer },
  notes = {},
  run,
}: SaveCheckpointOptions & { state: TrainingState }): Snapshot['info'] {
  return {
    ...{ version: VERSION, seed, ...(run === undefined ? {} : { run }), config, counters, games },
    adamUpdates: learner.optimizer.updates,
    buffer: buffer ? { kind: buffer.kind, counters: buffer.counters } : null,
    notes,
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
  const words = async (file: string) =>
    new Uint8Array(await readBytes(join(path, file), info.files[file]!.bytes)).buffer;
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

/** model.json and weights.bin, in TensorFlow.js's own format. */
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
