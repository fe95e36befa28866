/** A network has the weights that were verified, and nothing in lib/ loads one in another way. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import { loadCheckpointNetwork } from '../../../lib/dqn/checkpoint/load-network';
import type { CheckpointInfo } from '../../../lib/dqn/checkpoint/read-checkpoint';
import { readWeights } from '../../../lib/engine/weights';
import { sha256 } from '../../../lib/files/flushed';
import { ROOT } from '../../../lib/files/root';
import { folderOfTest } from '../../helpers/folder';
import { createToyTraining, runTo } from '../../helpers/training';

test("a checkpoint's network has its weights, whatever file model.json names", async () => {
  const folder = folderOfTest();
  const training = createToyTraining();
  runTo({ training, to: 60 });
  const path = await saveCheckpoint({ training, folder, keepReplay: false });
  const weights = readFileSync(join(path, 'network/weights.bin'));
  writeFileSync(join(folder, 'others.bin'), Buffer.alloc(weights.length));
  const model = readFileSync(join(path, 'network/model.json'), 'utf8');
  const hostile = model.replace('"weights.bin"', '"../../others.bin"');
  writeFileSync(join(path, 'network/model.json'), hostile);
  const refused = loadCheckpointNetwork({ path, info: infoWith(path, model) });
  await expect(refused).rejects.toThrow(/cannot be used: model.json does not match its checksum/);
  const network = await loadCheckpointNetwork({ path, info: infoWith(path, hostile) });
  const loaded = readWeights(network).map((values) => Buffer.from(values.buffer));
  expect(Buffer.concat(loaded).equals(weights)).toBe(true);
  network.dispose();
});

/** What a checkpoint's state.json says with this model.json. */
function infoWith(path: string, model: string) {
  const state = JSON.parse(readFileSync(join(path, 'state.json'), 'utf8'));
  state.info.files['network/model.json'] = { bytes: model.length, sha256: sha256(model) };
  return state.info as CheckpointInfo;
}

test('no other code of lib/ loads a network of files', () => {
  const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' });
  const loaders = files.filter(
    (file) =>
      file.endsWith('.ts') &&
      readFileSync(join(ROOT, 'lib', file), 'utf8').includes('.loadLayersModel('),
  );
  expect(loaders).toEqual(['dqn/checkpoint/load-network.ts']);
});
