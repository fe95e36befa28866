/** In what a config differs from the paper that introduced DQN on Atari games. */
import { type ConfigKey, type ConfigValue, type DqnConfig, fieldsOf } from './config';

const TABLE = 'extended data table 1';
const METHODS = 'methods';

/**
 * Mnih et al. 2015, in this project's units, with the place in the paper. Left out is what the paper
 * has not: Adam's own values, the length of episodes in training, and the window of a mean.
 */
const PAPER: Partial<Record<ConfigKey, readonly [value: ConfigValue | string, place: string]>> = {
  totalSteps: [50_000_000, `${METHODS}: 38 days of game experience`],
  gamma: [0.99, TABLE],
  epsilonStart: [1, TABLE],
  epsilonEnd: [0.1, TABLE],
  epsilonDecaySteps: [1_000_000, TABLE],
  randomSteps: [50_000, `${TABLE}: replay start size`],
  learningStarts: [50_000, `${TABLE}: replay start size`],
  bufferSize: [1_000_000, TABLE],
  batchSize: [32, TABLE],
  trainFrequency: [4, TABLE],
  targetUpdateInterval: [40_000, `${TABLE}: every 10,000 updates, of which 4 agent steps make one`],
  learningRate: [2.5e-4, `${TABLE}: of RMSProp`],
  optimizer: [
    'RMSProp with gradient and squared gradient momentum 0.95, minimum squared gradient 0.01',
    TABLE,
  ],
  clipNorm: [null, METHODS],
  globalClipNorm: [null, METHODS],
  nSteps: [1, 'algorithm 1'],
  learningRateEnd: [null, METHODS],
  pressFire: [false, METHODS],
  networkWidth: [1, METHODS],
  layerNorm: [false, METHODS],
  initializer: [
    "Torch's default: uniform in +- 1 / sqrt(inputs), biases too",
    'the published code',
  ],
  loss: ['huber', `${METHODS}: the error term clipped to -1 ... 1`],
  doubleDqn: [false, 'algorithm 1'],
  terminalTarget: [null, 'algorithm 1'],
  atoms: [null, METHODS],
  clipRewards: [true, METHODS],
  lifeLossIsTerminal: [true, METHODS],
  inputDivisor: [255, 'the published code'],
  solvedReturn: [null, METHODS],
};

/** What holds for every config, because it is not among the values. */
const ALWAYS: readonly Omit<Deviation, 'number'>[] = [
  {
    what: 'shrinking of pictures to 84 x 84',
    ours: 'mean over areas, as in Gymnasium',
    theirs: 'bilinear interpolation',
    place: 'the published code',
  },
];

export interface Deviation {
  /** From 1. */
  readonly number: number;
  /** A field of the config, or what else is meant. */
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  /** In the paper. */
  readonly place: string;
}

/** The deviations from Mnih et al. 2015, numbered: of the config's values, then of what is always so. */
export function listDeviations(config: DqnConfig): Deviation[] {
  const fields = fieldsOf('dqn') as (keyof DqnConfig)[];
  const ofValues = fields.flatMap((field) => {
    const [theirs, place] = PAPER[field] ?? [config[field], ''];
    if (theirs === config[field]) return [];
    return [{ what: field, ours: String(config[field]), theirs: String(theirs), place }];
  });
  return [...ofValues, ...ALWAYS].map((deviation, i) => ({ number: i + 1, ...deviation }));
}
