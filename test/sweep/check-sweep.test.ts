/** A sweep's mistakes are named all at once; settings times seeds become trials with names that last. */
import { expect, test } from 'vitest';
import { ConfigError } from '../../lib/dqn/config/check-config';
import { checkSweep } from '../../lib/sweep/check-sweep';

const RIGHT = { vary: { learningRate: [1e-4, 1e-3] }, seeds: [1, 2], steps: 600 };

test.each<[string, object, string[]]>([
  ['nothing but a list', [], ['all of it: expected a JSON object']],
  [
    'fields that are missing or unknown',
    { prest: 'quick', seeds: [1] },
    ['prest: expected a known field, the nearest is preset', 'vary: expected', 'steps: expected'],
  ],
  [
    'values of the wrong kind',
    { ...RIGHT, name: 'a b', seeds: [1, 1], steps: 0.5, set: 3, parallel: 0, replay: 'x', ray: 1 },
    ['name', 'seeds', 'steps', 'set', 'parallel', 'replay', 'ray'].map(
      (field) => `${field}: expected`,
    ),
  ],
  [
    'a wrong preset, and what is wrong with any',
    { ...RIGHT, preset: 'quik', vary: { learnRate: [1, 2], gamma: 0.9, atoms: [51, 51] } },
    [
      'preset: expected one of keras, nature, ',
      'vary.learnRate: expected a known field, the nearest is learningRate',
      'vary.gamma: expected a list of different values, got 0.9',
      'vary.atoms: expected a list of different values, got [51,51]',
    ],
  ],
  [
    'values that the config does not take, each under its own field, once',
    {
      ...RIGHT,
      vary: { gamma: [0.9, 3], batchSize: [32, 64] },
      set: { epsilonEnd: 2, totalSteps: 9 },
    },
    [
      'vary.gamma: expected a number from 0 to 1, got 3',
      'set.epsilonEnd: expected a number from 0 to 1, got 2',
      'set.totalSteps: expected steps in its place',
    ],
  ],
  [
    'settings that contradict the rest',
    { ...RIGHT, vary: [{}, { bufferSize: 8 }], set: { batchSize: 16 } },
    ['vary.bufferSize: expected more than batchSize (16), got 8'],
  ],
  [
    'too many settings',
    { ...RIGHT, vary: { gamma: Array.from({ length: 1001 }, (_, i) => i / 1001) } },
    ['vary'],
  ],
  [
    'options of Ray',
    { ...RIGHT, ray: { cpu: 1, gpus: -1, asha: { graceSteps: 10 } } },
    [
      'ray.cpu: expected a known field, the nearest is cpus',
      'ray.gpus',
      'ray.asha: expected null, or',
    ],
  ],
])('%s', (_, asked, expected) => {
  let thrown: unknown;
  try {
    checkSweep(asked, { subject: 'rates.json' });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigError);
  const { message, problems } = thrown as ConfigError;
  for (const text of expected) expect(message).toContain(`\n  ${text}`);
  expect(problems, message).toHaveLength(expected.length);
  expect(message).toMatch(/^rates.json has \d+ wrong field/);
});

const namesOf = (asked: object) => checkSweep(asked).trials.map(({ name }) => name);

test('each seed is trained with every setting before the next one', () => {
  const { settings, trials } = checkSweep({ ...RIGHT, name: 'rates', set: { gamma: 0.9 } });
  expect(settings.map(({ label }) => label)).toEqual(['learningRate=0.0001', 'learningRate=0.001']);
  expect(trials.map(({ name }) => name)).toEqual([
    'rates-learningRate0.0001-seed1',
    'rates-learningRate0.001-seed1',
    'rates-learningRate0.0001-seed2',
    'rates-learningRate0.001-seed2',
  ]);
  expect(trials[1]!.edits).toEqual({
    learningRate: 1e-3,
    gamma: 0.9,
    solvedReturn: null, // all trials go to the end
    totalSteps: 600,
  });
});

test('lists of several fields are combined, and settings may be listed', () => {
  const vary = { doubleDqn: [false, true], nSteps: [1, 3] };
  expect(checkSweep({ ...RIGHT, vary }).settings.map(({ edits }) => Object.values(edits))).toEqual([
    [false, 1],
    [false, 3],
    [true, 1],
    [true, 3],
  ]);
  const listed = checkSweep({ ...RIGHT, vary: [{}, { nSteps: 3, doubleDqn: true }] });
  expect(listed.settings.map(({ label }) => label)).toEqual(['quick', 'nSteps=3 doubleDqn=true']);
  expect(namesOf({ ...RIGHT, vary: [{}] })[0]).toMatch(/^quick-sweep-[0-9a-f]{8}-base-seed1$/);
});

test('a name stays when settings and seeds are added, and differs when the trials do', () => {
  const more = { ...RIGHT, vary: { learningRate: [1e-2, 1e-3, 1e-4] }, seeds: [1, 2, 3] };
  expect(namesOf(more)).toEqual(expect.arrayContaining(namesOf(RIGHT)));
  for (const other of [{ steps: 601 }, { preset: 'dqn' }, { set: { gamma: 0.9 } }]) {
    expect(namesOf({ ...RIGHT, ...other })[0]).not.toBe(namesOf(RIGHT)[0]);
  }
});

test('long settings have short names, all different', () => {
  const settings = [1, 2].map((lambda) => ({
    ...{ epsilonDecaySteps: 123_456, targetUpdateInterval: 12_345, learningStarts: 1000 },
    adamEpsilon: lambda / 1e7,
  }));
  const seeds = [Number.MAX_SAFE_INTEGER, 0];
  const names = namesOf({ ...RIGHT, name: 'n'.repeat(32), vary: settings, seeds });
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^n{32}-[\w.-]+-seed\d+$/);
  expect(Math.max(...names.map(({ length }) => length))).toBe(64);
});
