/** Wrong and contradictory fields of a config are refused, all at once, with what was expected. */
import { describe, expect, test } from 'vitest';
import { ConfigError, checkConfig, checkSavedConfig } from '../../../lib/dqn/config/check-config';
import { CONFIG_FIELDS, type DqnConfig, fieldsOf } from '../../../lib/dqn/config/config';
import { createConfig } from '../../../lib/dqn/config/presets';

const good = createConfig('keras');

function problemsOf(edits: Record<string, unknown>): Record<string, string> {
  try {
    checkConfig({ ...good, ...edits });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ field, expected }) => [field, expected]));
  }
  return {};
}

test('a right config passes unchanged', () => {
  expect(checkConfig({ ...good })).toEqual(good);
});

test('all wrong fields are reported at once, with expectation and value', () => {
  const wrong = { ...good, gamma: 1.5, batchSize: '32', loss: 'l1', doubleDqn: 0, learningRat: 1 };
  let message = '';
  try {
    checkConfig(wrong);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toBe(
    [
      'the config has 5 wrong field(s), change them:',
      '  learningRat: expected a known field, the nearest is learningRate, got 1',
      '  gamma: expected a number from 0 to 1, got 1.5',
      '  batchSize: expected a whole number of at least 1, got "32"',
      '  loss: expected huber or mse, got "l1"',
      '  doubleDqn: expected true or false, got 0',
    ].join('\n'),
  );
});

test('a message names an excluded bound, and NaN', () => {
  const edits = { adamEpsilon: 0, clipNorm: 0, bufferSize: 3, gamma: Number.NaN };
  expect(() => checkConfig({ ...good, ...edits })).toThrow(
    [
      '  gamma: expected a number from 0 to 1, got NaN',
      '  bufferSize: expected a whole number of at least 5, got 3',
      '  adamEpsilon: expected a number above 0, got 0',
      '  clipNorm: expected a number above 0 or null, got 0',
    ].join('\n'),
  );
});

describe('each wrong value is refused', () => {
  const cases: [keyof DqnConfig, unknown][] = [
    ['totalSteps', 0],
    ['totalSteps', 1.5],
    ['gamma', Number.NaN],
    ['gamma', -0.1],
    ['epsilonStart', 1.1],
    ['learningRate', Number.POSITIVE_INFINITY],
    ['learningRate', 1e39],
    ['learningRateEnd', 1.5],
    ['learningRate', undefined],
    ['learningRate', null],
    ['clipNorm', -1],
    ['clipNorm', 0],
    ['globalClipNorm', 0],
    ['adamEpsilon', 0],
    ['bufferSize', 4],
    ['terminalTarget', '-1'],
    ['atoms', 1],
    ['atoms', 2.5],
    ['valueMin', null],
    ['clipRewards', 'yes'],
    ['inputDivisor', 0],
  ];
  for (const [field, value] of cases) {
    test(`${field}: ${value}`, () => {
      expect(Object.keys(problemsOf({ [field]: value }))).toEqual([field]);
    });
  }
});

describe('fields that contradict each other are refused', () => {
  const cases: [string, Partial<DqnConfig>, keyof DqnConfig][] = [
    ['epsilon that rises', { epsilonStart: 0.1, epsilonEnd: 0.5 }, 'epsilonEnd'],
    ['a batch larger than the buffer', { bufferSize: 20 }, 'bufferSize'],
    ['learning before a batch is there', { learningStarts: 5 }, 'learningStarts'],
    ['a support without a width', { atoms: 51, valueMin: 3, valueMax: 3 }, 'valueMax'],
    ['two ways of clipping', { clipNorm: 1, globalClipNorm: 1 }, 'globalClipNorm'],
  ];
  for (const [name, edits, field] of cases) {
    test(name, () => {
      expect(Object.keys(problemsOf(edits))).toEqual([field]);
    });
  }
});

test('a contradiction is reported beside wrong fields that have no part in it', () => {
  const edits = { gamma: 2, epsilonStart: 0.1, epsilonEnd: 0.5, bufferSize: 20, batchSize: 'a' };
  expect(problemsOf(edits)).toEqual({
    gamma: 'a number from 0 to 1',
    batchSize: 'a whole number of at least 1', // so nobody knows whether the buffer is too small
    epsilonEnd: 'at most epsilonStart (0.1)',
  });
});

test('values that JSON has no text for are refused in words', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  const edits = { gamma: 5n, loss: circular } as unknown as Partial<DqnConfig>;
  expect(() => createConfig('quick', edits)).toThrow(
    /gamma: expected a number from 0 to 1, got 5\n {2}loss: expected huber or mse, got \[.*\]$/,
  );
  const none = null as unknown as Parameters<typeof checkConfig>[0];
  expect(() => checkConfig(none)).toThrow('config: expected an object with a field for each value');
});

test('null switches off what can be off', () => {
  expect(problemsOf({ atoms: null, valueMin: 3, valueMax: 3 })).toEqual({});
  const off = { clipNorm: null, globalClipNorm: null, terminalTarget: null, solvedReturn: null };
  expect(problemsOf(off)).toEqual({});
});

test('a saved config from before a field was added means what there was then', () => {
  const { atoms, valueMin, valueMax, optimizer, initializer, ...before } = good;
  expect(checkSavedConfig(before)).toEqual(good);
  expect(checkSavedConfig({ ...good, atoms: 51 })).toEqual({ ...good, atoms: 51 });
  const fast = createConfig('fast');
  expect(checkSavedConfig({ ...fast })).toEqual(fast);
});

test('an unknown key is reported with its nearest neighbour', () => {
  const keys = {
    batchsize: 'batchSize',
    gama: 'gamma',
    epsilonDecay: 'epsilonDecaySteps',
    lr: 'learningRate',
    batch_size: 'batchSize',
  };
  for (const [key, nearest] of Object.entries(keys)) {
    expect(problemsOf({ [key]: 1 })).toEqual({ [key]: `a known field, the nearest is ${nearest}` });
  }
});

test('every field says its unit and meaning', () => {
  for (const { unit, meaning } of Object.values(CONFIG_FIELDS)) {
    expect(unit).not.toBe('');
    expect(meaning).not.toBe('');
  }
  for (const config of [good, createConfig('fast')]) {
    expect(fieldsOf(config.method).sort()).toEqual(Object.keys(config).sort());
  }
});

test('a field of the other method is refused, and so is an unknown method', () => {
  expect(problemsOf({ numEnvs: 8 })).toEqual({ numEnvs: 'no such field, as the method is dqn' });
  const fast = { ...createConfig('fast') };
  expect(() => checkConfig({ ...fast, bufferSize: 100 })).toThrow(
    'bufferSize: expected no such field, as the method is pqn, got 100',
  );
  expect(() => checkConfig({ ...fast, method: 'ppo', lambda: 2 })).toThrow(
    'the config has 2 wrong field(s), change them:\n  method: expected dqn or pqn, got "ppo"\n' +
      '  lambda: expected a number from 0 to 1, got 2',
  );
  const lost = { ...good, method: undefined, lr: 1, batchSize: 0 };
  expect(() => checkConfig(lost)).toThrow(
    [
      'the config has 3 wrong field(s), change them:',
      '  lr: expected a known field, the nearest is learningRate, got 1',
      '  method: expected dqn or pqn, got nothing',
      '  batchSize: expected a whole number of at least 1, got 0',
    ].join('\n'),
  );
});

test('batches must divide what is played between two phases of learning', () => {
  expect(() => createConfig('fast', { numEnvs: 5, rolloutSteps: 10, batchSize: 32 })).toThrow(
    'batchSize: expected a divisor of the 50 steps that numEnvs games play in rolloutSteps, got 32',
  );
});
