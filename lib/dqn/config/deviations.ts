/** How a config differs from the paper that introduced DQN on Atari games. */
import { type ConfigKey, type DqnConfig, fieldsOf } from './config';
import { MNIH, PRESETS } from './presets';

/** Where the preset "nature" is not the paper: the paper's values, with the place. */
const PAPER: Partial<Record<ConfigKey, readonly [value: number | string, place: string]>> = {
  learningRate: [2.5e-4, `${MNIH}: of RMSProp`],
  optimizer: [
    'RMSProp with gradient and squared gradient momentum 0.95, minimum squared gradient 0.01',
    MNIH,
  ],
  initializer: [
    "Torch's default: uniform in +- 1 / sqrt(inputs), biases too",
    "the paper's published code",
  ],
};

/** What the paper does not have, or does not say. */
const NOT_IN_PAPER: readonly ConfigKey[] = [
  ...(['adamEpsilon', 'adamEpsilonHat', 'valueMin', 'valueMax'] as const),
  ...(['maxEpisodeSteps', 'solvedEpisodes', 'engine'] as const),
];

/** What holds for every config, because it is not among the values. */
const ALWAYS: readonly Omit<Deviation, 'number'>[] = [
  {
    what: 'shrinking of pictures to 84 x 84',
    ours: 'mean over areas, as in Gymnasium',
    theirs: 'bilinear interpolation',
    place: "the paper's published code",
  },
];

export interface Deviation {
  /** The deviation's number, from 1. */
  readonly number: number;
  /** A field of the config, or what else is meant. */
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  /** Where that is said: in the paper, or in its published code. */
  readonly place: string;
}

/** The deviations from Mnih et al. 2015, numbered: of the config's values, then of what is always so. */
export function listDeviations(config: DqnConfig): Deviation[] {
  const fields = fieldsOf('dqn') as (keyof DqnConfig)[];
  const ofValues = fields.flatMap((field) => {
    const [theirs, place] = PAPER[field] ?? PRESETS.nature.values[field];
    if (theirs === config[field] || NOT_IN_PAPER.includes(field)) return [];
    return [{ what: field, ours: String(config[field]), theirs: String(theirs), place }];
  });
  return [...ofValues, ...ALWAYS].map((deviation, i) => ({ number: i + 1, ...deviation }));
}
