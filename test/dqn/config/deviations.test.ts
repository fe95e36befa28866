/** The list of deviations compares presets with the values that Mnih et al. 2015 published. */
import { expect, test } from 'vitest';
import { listDeviations } from '../../../lib/dqn/config/deviations';
import { createConfig } from '../../../lib/dqn/config/presets';

const ofNature = ['optimizer', 'initializer', 'shrinking of pictures to 84 x 84'];

test('nature differs from the paper in its optimizer, first weights and what is always so', () => {
  const deviations = listDeviations(createConfig('nature'));
  expect(deviations.map(({ what }) => what)).toEqual(['learningRate', ...ofNature]);
  expect(deviations[0]).toEqual({
    number: 1,
    what: 'learningRate',
    ours: '0.0000625',
    theirs: '0.00025',
    place: 'Mnih et al. 2015, extended data table 1: of RMSProp',
  });
});

test('keras has the deviations of the original example', () => {
  const deviations = listDeviations(createConfig('keras'));
  expect(deviations.map(({ what, ours, theirs }) => [what, ours, theirs])).toEqual([
    ['totalSteps', '10000000', '50000000'],
    ['learningStarts', '36', '50000'],
    ['bufferSize', '100000', '1000000'],
    ['targetUpdateInterval', '10000', '40000'],
    ['optimizer', 'adam', expect.stringContaining('RMSProp')],
    ['clipNorm', '1', 'null'],
    ['terminalTarget', '-1', 'null'],
    ['clipRewards', 'false', 'true'],
    ['lifeLossIsTerminal', 'false', 'true'],
    ['inputDivisor', '1', '255'],
    ['initializer', 'glorotUniform', expect.stringContaining('uniform in +- 1 / sqrt(inputs)')],
    ['solvedReturn', '40', 'null'],
    ['shrinking of pictures to 84 x 84', expect.any(String), expect.any(String)],
  ]);
  expect(deviations.map(({ number }) => number)).toEqual(deviations.map((_, i) => i + 1));
});

test('an edit away from the paper is a deviation, an edit towards it is none', () => {
  const names = (edits: object) =>
    listDeviations(createConfig('nature', edits)).map(({ what }) => what);
  expect(names({ doubleDqn: true })).toContain('doubleDqn');
  expect(names({ atoms: 51 })).toContain('atoms');
  expect(names({ learningRate: 2.5e-4 })).toEqual(ofNature);
});

test("the paper's value of each field has a place in the paper or its code", () => {
  const ofPresets = (['keras', 'cleanrl', 'quick', 'dqn'] as const).map((name) =>
    createConfig(name),
  );
  const edited = createConfig('nature', {
    ...{ gamma: 0.9, epsilonStart: 0.9, epsilonDecaySteps: 1, batchSize: 8, learningRateEnd: 0 },
    ...{ globalClipNorm: 1, atoms: 51, networkWidth: 2, layerNorm: true, adamEpsilon: 1 },
    ...{ adamEpsilonHat: true, maxEpisodeSteps: 9, solvedEpisodes: 9, engine: 'native' },
    doubleDqn: true,
  });
  const deviations = [...ofPresets, edited].flatMap((config) => listDeviations(config));
  for (const { place } of deviations) expect(place).toMatch(/^(Mnih et al. 2015,|the paper's) /);
  expect(new Set(deviations.map(({ what }) => what)).size).toBe(30); // every one that the paper has
});
