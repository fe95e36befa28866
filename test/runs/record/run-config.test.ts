/** A config.json that somebody has edited or damaged is refused by its field, and is nobody else's fault. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runPaths } from '../../../lib/runs/record/folder';
import { type RunConfig, readRunConfig } from '../../../lib/runs/record/run-config';
import { emptyStatus } from '../../../lib/runs/record/status';
import { listRuns } from '../../../lib/runs/start';
import { folderOfTest } from '../../helpers/folder';
import { describeToy } from '../toy';

const whole = await describeToy();
const { method: _, ...valuesWithout } = whole.values;
const settings = (changes: object) => ({ settings: { ...whole.settings, ...changes } });

test.each<[string, Record<string, unknown>]>([
  ['values must be an object, got undefined', { values: undefined, valves: whole.values }],
  ['values.gamma must be an object, got 1', { values: { ...whole.values, gamma: 1 } }],
  ['method: expected dqn or pqn, got nothing', { values: valuesWithout }],
  ['settings must be an object, got undefined', { settings: undefined }],
  [
    "settings.checkpointSeconds must be a number of at least 0.1, got 'soon'",
    settings({ checkpointSeconds: 'soon' }),
  ],
  [
    'settings.checkpointSeconds must be a number of at least 0.1, got 1e-300',
    settings({ checkpointSeconds: 1e-300 }),
  ],
  ["settings.replay must be compressed or plain, got 'zip'", settings({ replay: 'zip' })],
  ["preset must be one of keras, .*, got 'constructor'", { preset: 'constructor' }],
  ['seed must be a whole number of at least 0, got -1', { seed: -1 }],
  ['program must be a text, got null', { program: null }],
  ['changes\\[0\\].agentStep must be a whole', { changes: [{ values: {} }] }],
  [
    'gamma: expected a number from 0 to 1, got 7',
    { changes: [{ agentStep: 1, values: { gamma: 7 } }] },
  ],
])('%s', async (message, changes) => {
  const runsFolder = folderOfTest();
  const write = (name: string, config: object) => {
    const paths = runPaths(name, { runsFolder });
    mkdirSync(paths.folder);
    writeFileSync(paths.config, JSON.stringify(config));
    writeFileSync(paths.status, JSON.stringify({ ...emptyStatus(name), state: 'stopped' }));
    return paths;
  };
  const bad = write('bad', { ...(whole as RunConfig), ...changes });
  write('good', whole);
  const reading = readRunConfig(bad);
  await expect(reading).rejects.toThrow(
    new RegExp(`^${join(bad.folder, 'config.json')}.*\\n? *${message}`),
  );
  await expect(reading).rejects.toMatchObject({ name: 'RunError' });
  const listed = await listRuns({ runsFolder });
  expect(listed.map(({ state }) => state)).toEqual(['unreadable', 'stopped']);
});

test('a run whose config.json is a link that leads nowhere stays in the list', async () => {
  const runsFolder = folderOfTest();
  const { folder, config } = runPaths('linked', { runsFolder });
  mkdirSync(folder);
  symlinkSync('nowhere', config);
  writeFileSync(join(runsFolder, 'file'), '');
  symlinkSync('file', join(runsFolder, 'link')); // no run's folder
  const state = { name: 'linked', state: 'unreadable' };
  expect(await listRuns({ runsFolder })).toMatchObject([state]);
});
