/** The presets have the values of the Keras example and of Mnih et al. 2015, table 1. */
import { expect, test, vi } from 'vitest';
import type { ConfigKey } from '../../../lib/dqn/config/config';
import {
  createConfig,
  describeConfig,
  PRESETS,
  type PresetName,
} from '../../../lib/dqn/config/presets';

test('keras has the defaults of the original example', () => {
  expect(createConfig('keras')).toMatchObject({
    gamma: 0.99,
    epsilonStart: 1,
    epsilonEnd: 0.1,
    epsilonDecaySteps: 1_000_000,
    randomSteps: 50_000,
    batchSize: 32,
    learningRate: 0.00025,
    clipNorm: 1,
    loss: 'huber',
    bufferSize: 100_000,
    trainFrequency: 4,
    targetUpdateInterval: 10_000,
    terminalTarget: -1,
    solvedReturn: 40,
    solvedEpisodes: 100,
    maxEpisodeSteps: 10_000,
  });
});

test('nature has the hyperparameters of Mnih et al. 2015, table 1, but for the optimizer', () => {
  expect(createConfig('nature')).toMatchObject({
    batchSize: 32,
    bufferSize: 1_000_000,
    targetUpdateInterval: 4 * 10_000, // the table counts updates, one every 4 agent steps
    gamma: 0.99,
    trainFrequency: 4,
    epsilonStart: 1,
    epsilonEnd: 0.1,
    epsilonDecaySteps: 1_000_000,
    learningStarts: 50_000,
    clipRewards: true,
    lifeLossIsTerminal: true,
    terminalTarget: null,
  });
});

test('each preset is a right config', () => {
  for (const name of Object.keys(PRESETS) as PresetName[])
    expect(() => createConfig(name)).not.toThrow();
});

test('edits change fields, and wrong ones are refused', () => {
  expect(createConfig('quick', { gamma: 0.5 }).gamma).toBe(0.5);
  expect(() => createConfig('quick', { gamma: 5 })).toThrow(
    /gamma: expected a number from 0 to 1, got 5/,
  );
  expect(() => createConfig('quik' as PresetName)).toThrow(
    /one of keras, nature, cleanrl, quick, dqn, fast, got quik/,
  );
  for (const name of ['constructor', 'toString']) {
    expect(() => createConfig(name as PresetName)).toThrow(
      `preset must be one of keras, nature, cleanrl, quick, dqn, fast, got ${name}`,
    );
  }
});

test('the table has unit, meaning and source of each field and marks edits', () => {
  const config = createConfig('keras', { gamma: 0.9 });
  const rows = describeConfig({ config, preset: 'keras' });
  expect(rows.map(({ field }) => field).sort()).toEqual(
    (Object.keys(config) as ConfigKey[]).sort(),
  );
  expect(rows.find(({ field }) => field === 'gamma')).toEqual({
    field: 'gamma',
    value: 0.9,
    unit: '1',
    meaning: 'discount per agent step of future rewards',
    source: 'edited, was 0.99',
  });
  expect(rows.find(({ field }) => field === 'trainFrequency')).toMatchObject({
    value: 4,
    unit: 'agent steps',
    source: 'update_after_actions',
  });
});

test.each([
  [3_000, 0],
  [3_001, 1],
])(
  'warns of a training that never learns: learningStarts %i of 3000 steps',
  (learningStarts, count) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    createConfig('quick', { learningStarts, totalSteps: 3_000 });
    expect(warn).toHaveBeenCalledTimes(count);
    if (count)
      expect(warn.mock.calls[0]?.[0]).toContain('learningStarts (3001) is beyond totalSteps');
    warn.mockRestore();
  },
);
