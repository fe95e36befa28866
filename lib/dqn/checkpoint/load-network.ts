/** Makes a network of files whose checksums are known: of the very bytes that were verified. */
import { join } from 'node:path';
import { tf } from '../../engine/tensorflow';
import { type FileRecord, sha256 } from '../../files/flushed';
import { MAX_BYTES, readBytes } from '../../files/open';
import { messageOf } from '../../text';
import { CheckpointError, type CheckpointInfo } from './read-checkpoint';

/** The files that a network is made of. */
type NetworkRecords = Readonly<Record<'model.json' | 'weights.bin', FileRecord>>;

/**
 * Loads the network in a folder. TensorFlow.js's own `file://` would read whatever files model.json
 * names, in other folders, too; here the weights are weights.bin.
 * @returns owned by the caller, who disposes of it
 * @throws Error that says what is wrong with which file.
 */
export async function loadVerifiedNetwork(
  folder: string,
  files: NetworkRecords,
): Promise<tf.LayersModel> {
  const read = async (file: keyof NetworkRecords) => {
    const bytes = await readBytes(join(folder, file), Math.max(files[file].bytes, MAX_BYTES));
    if (sha256(bytes) === files[file].sha256) return bytes;
    throw new Error(`${file} does not match its checksum`);
  };
  const [model, weights] = [await read('model.json'), await read('weights.bin')];
  try {
    const { weightsManifest, ...artifacts } = JSON.parse(model.toString('utf8'));
    const [{ weights: weightSpecs }] = weightsManifest;
    const weightData = new Uint8Array(weights).buffer;
    const handler = { load: async () => ({ ...artifacts, weightSpecs, weightData }) };
    return await tf.loadLayersModel(handler);
  } catch (error) {
    const [reason] = messageOf(error).split('\n');
    throw new Error(`no network can be made of its model.json (${reason})`);
  }
}

/**
 * Loads the network of a checkpoint.
 * @throws CheckpointError when its files have changed since they were verified, or make no network.
 */
export async function loadCheckpointNetwork(checkpoint: {
  readonly path: string;
  readonly info: CheckpointInfo;
}): Promise<tf.LayersModel> {
  const { path, info } = checkpoint;
  const record = (file: string) => info.files[`network/${file}`]!; // `readCheckpoint` has seen it
  const files = { 'model.json': record('model.json'), 'weights.bin': record('weights.bin') };
  try {
    return await loadVerifiedNetwork(join(path, 'network'), files);
  } catch (error) {
    throw new CheckpointError(path, messageOf(error));
  }
}
