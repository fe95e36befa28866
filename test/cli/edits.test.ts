/** Values from the command line are read as typed, and wrong ones are refused with what is possible. */
import { describe, expect, it, test } from 'vitest';
import { readProbability, readWholeNumber } from '../../lib/cli/arguments';
import { checkKeys, readEdits } from '../../lib/cli/edits';

describe('readEdits', () => {
  const read = (texts: string[], steps?: string) => readEdits({ texts, steps });

  it('reads numbers, true, false and null, and anything else as text', () => {
    const texts = ['batchSize=8', 'learningRate=1e-4', 'keepReplay=false', 'clipNorm=null'];
    expect(read([...texts, 'loss=mse', 'replay='], '60')).toEqual({
      batchSize: 8,
      learningRate: 1e-4,
      keepReplay: false,
      clipNorm: null,
      loss: 'mse',
      replay: '',
      totalSteps: 60,
    });
  });

  it.each<[string[], string | undefined, string]>([
    [['batchSize'], undefined, '--set takes KEY=VALUE, got batchSize'],
    [['=8'], undefined, '--set takes KEY=VALUE, got =8'],
    [['loss=mse', 'loss=huber'], undefined, 'loss is given twice: give it once'],
    [['totalSteps=8'], '9', 'totalSteps is given twice (--steps is totalSteps): give it once'],
  ])('refuses %j with --steps %s', (texts, steps, message) => {
    expect(() => read(texts, steps)).toThrow(message);
  });
});

describe('checkKeys', () => {
  const check = (key: string, { method = 'dqn' as 'dqn' | 'pqn', isNew = true } = {}) =>
    checkKeys({ edits: { [key]: 1 }, method, isNew });

  it.each(['totalSteps', 'bufferSize', 'checkpointSeconds', 'keepReplay', 'replay'])(
    'lets a new run have its %s',
    (key) => expect(() => check(key)).not.toThrow(),
  );

  it.each(['totalSteps', 'learningRate', 'epsilon'])('lets a run change its %s', (key) => {
    expect(() => check(key, { isNew: false })).not.toThrow();
  });

  it('knows the fields of each method', () => {
    expect(() => check('epochs', { method: 'pqn' })).not.toThrow();
    expect(() => check('bufferSize', { method: 'pqn' })).toThrow(
      '--set bufferSize is for a preset of the method dqn, not pqn',
    );
  });

  it.each([
    // what else startRun takes is not for the command line
    ['now', /^--set does not know now, the nearest is \w+$/],
    ['program', /^--set does not know program, the nearest is \w+$/],
    ['runsFolder', /^--set does not know runsFolder, the nearest is \w+$/],
    ['seed', '--set does not take seed: use --seed'],
    ['name', '--set does not take name: use --name'],
    ['preset', '--set does not take preset: use --preset'],
    ['method', '--set does not take method: choose a --preset'],
    // fields and settings are searched together
    ['checkpointSecond', '--set does not know checkpointSecond, the nearest is checkpointSeconds'],
    ['learningrate', '--set does not know learningrate, the nearest is learningRate'],
    ['epsilon', '--set does not know epsilon, the nearest is epsilonStart'],
  ])('refuses %s for a new run', (key, message) => {
    expect(() => check(key)).toThrow(message);
  });

  it.each([
    ['checkpointSeconds', /^checkpointSeconds cannot change in a run that has begun; what can: /],
    ['bufferSize', /^bufferSize cannot change .* what can: totalSteps, .*learningRate.*, epsilon$/],
    ['epsilo', '--set does not know epsilo, the nearest is epsilonStart'],
  ])('refuses %s for a run that has begun', (key, message) => {
    expect(() => check(key, { isNew: false })).toThrow(message);
  });
});

test.each([
  ['', 'nothing'],
  [' ', 'nothing'],
  ['abc', 'abc'],
  ['1.5', '1.5'],
  ['-1', '-1'],
  ['NaN', 'NaN'],
  ['Infinity', 'Infinity'],
])('%j is no whole number and no probability', (text, got) => {
  expect(() => readWholeNumber({ option: '--seed', text, min: 0 })).toThrow(
    `--seed must be a whole number of at least 0, got ${got}`,
  );
  expect(() => readProbability({ option: '--epsilon', text })).toThrow(
    `--epsilon must be a number from 0 to 1, got ${got}`,
  );
});

test.each([
  ['0', 0],
  ['1', 1],
])('%s is both', (text, value) => {
  expect(readWholeNumber({ option: '--seed', text, min: 0 })).toBe(value);
  expect(readProbability({ option: '--epsilon', text })).toBe(value);
});
