/** Published settings as data: every value with its source. */
import { checkConfig, findDoubts } from './check-config';
import {
  CONFIG_FIELDS,
  type ConfigKey,
  type ConfigValue,
  type DqnConfig,
  fieldsOf,
  type PqnConfig,
  type TrainingConfig,
  type Unchecked,
} from './config';

/** A value and where it comes from. */
type Sourced<T> = readonly [value: T, source: string];

export interface Preset<Config = TrainingConfig> {
  readonly title: string;
  /** What a user may expect of a training with it. */
  readonly expectation: string;
  readonly values: { readonly [K in keyof Config]: Sourced<Config[K]> };
}

/** The config that a preset makes. */
export interface PresetConfigs {
  readonly keras: DqnConfig;
  readonly nature: DqnConfig;
  readonly cleanrl: DqnConfig;
  readonly quick: DqnConfig;
  readonly dqn: DqnConfig;
  readonly fast: PqnConfig;
}

export type PresetName = keyof PresetConfigs;

const FASTEST = 'chosen here: the fastest one; they differ in rounding only';
const KERAS_ADAM = 'default of keras.optimizers.Adam';
const UNSAID = "chosen here: Keras' default, where theirs is Torch's";
const ABSENT_IN_KERAS = 'not part of the example';
const C51 = 'Bellemare et al. 2017: 51 atoms in -10 ... 10; for use with atoms';

const keras: Preset<DqnConfig> = {
  title: "Keras' example deep_q_network_breakout.py (version of 2024)",
  expectation: 'The original settings. They are not known to learn to play.',
  values: {
    method: ['dqn', 'its algorithm'],
    totalSteps: [
      10_000_000,
      'its text: good results after 10 million frames, which it counts per step',
    ],
    gamma: [0.99, 'gamma'],
    epsilonStart: [1, 'epsilon_max'],
    epsilonEnd: [0.1, 'epsilon_min'],
    epsilonDecaySteps: [1_000_000, 'epsilon_greedy_frames'],
    randomSteps: [50_000, 'epsilon_random_frames'],
    learningStarts: [36, 'first multiple of 4 with more than 32 stored transitions'],
    bufferSize: [100_000, 'max_memory_length'],
    batchSize: [32, 'batch_size'],
    trainFrequency: [4, 'update_after_actions'],
    targetUpdateInterval: [10_000, 'update_target_network'],
    learningRate: [2.5e-4, 'Adam(learning_rate=0.00025)'],
    learningRateEnd: [null, ABSENT_IN_KERAS],
    optimizer: ['adam', 'Adam(learning_rate=0.00025)'],
    adamEpsilon: [1e-7, KERAS_ADAM],
    adamEpsilonHat: [true, KERAS_ADAM],
    clipNorm: [1, 'Adam(clipnorm=1.0)'],
    globalClipNorm: [null, KERAS_ADAM],
    loss: ['huber', 'keras.losses.Huber()'],
    nSteps: [1, 'its targets'],
    doubleDqn: [false, ABSENT_IN_KERAS],
    terminalTarget: [-1, 'updated_q_values * (1 - done) - done'],
    atoms: [null, ABSENT_IN_KERAS],
    valueMin: [-10, C51],
    valueMax: [10, C51],
    clipRewards: [false, ABSENT_IN_KERAS],
    lifeLossIsTerminal: [false, ABSENT_IN_KERAS],
    pressFire: [false, ABSENT_IN_KERAS],
    repeatActionProbability: [0, 'BreakoutNoFrameskip-v4'],
    inputDivisor: [1, 'AtariPreprocessing without scale_obs: bytes go in as they are'],
    networkWidth: [1, 'create_q_model'],
    layerNorm: [false, ABSENT_IN_KERAS],
    initializer: ['glorotUniform', "default of Keras' layers"],
    maxEpisodeSteps: [10_000, 'max_steps_per_episode'],
    solvedReturn: [40, 'running_reward > 40'],
    solvedEpisodes: [100, 'running_reward over the last 100 episodes'],
    engine: ['auto', FASTEST],
  },
};

/** Where the paper has its table of hyperparameters. */
export const MNIH = 'Mnih et al. 2015, extended data table 1';
const MNIH_METHODS = 'Mnih et al. 2015, methods';
const RAINBOW = 'Hessel et al. 2018, table 1: Adam in place of RMSProp';
const NO_CRITERION = 'it trains for a fixed number of steps';
const WINDOW = "the Keras example's number, here for the curve only";

const nature: Preset<DqnConfig> = {
  title: 'Mnih et al. 2015, Human-level control through deep reinforcement learning',
  expectation:
    'Learns to play; the paper reports 401 points after 50 million agent steps (weeks on a CPU).',
  values: {
    method: ['dqn', MNIH_METHODS],
    totalSteps: [50_000_000, `${MNIH_METHODS}: 38 days of game experience`],
    gamma: [0.99, MNIH],
    epsilonStart: [1, MNIH],
    epsilonEnd: [0.1, MNIH],
    epsilonDecaySteps: [1_000_000, MNIH],
    randomSteps: [50_000, `${MNIH}: replay start size`],
    learningStarts: [50_000, `${MNIH}: replay start size`],
    bufferSize: [1_000_000, MNIH],
    batchSize: [32, MNIH],
    trainFrequency: [4, MNIH],
    targetUpdateInterval: [40_000, `${MNIH}: 10,000 updates, each after 4 agent steps`],
    learningRate: [6.25e-5, RAINBOW],
    learningRateEnd: [null, MNIH_METHODS],
    optimizer: ['adam', RAINBOW],
    adamEpsilon: [1.5e-4, RAINBOW],
    adamEpsilonHat: [false, RAINBOW],
    clipNorm: [null, MNIH_METHODS],
    globalClipNorm: [null, MNIH_METHODS],
    loss: ['huber', `${MNIH_METHODS}: the error term clipped to -1 ... 1`],
    nSteps: [1, 'Mnih et al. 2015, algorithm 1'],
    doubleDqn: [false, MNIH_METHODS],
    terminalTarget: [null, 'Mnih et al. 2015, algorithm 1'],
    atoms: [null, 'Mnih et al. 2015, algorithm 1'],
    valueMin: [-10, C51],
    valueMax: [10, C51],
    clipRewards: [true, MNIH_METHODS],
    lifeLossIsTerminal: [true, MNIH_METHODS],
    pressFire: [false, MNIH_METHODS],
    repeatActionProbability: [0, MNIH_METHODS],
    inputDivisor: [255, "the paper's published code"],
    networkWidth: [1, MNIH_METHODS],
    layerNorm: [false, MNIH_METHODS],
    initializer: ['glorotUniform', UNSAID],
    maxEpisodeSteps: [4_500, 'Mnih et al. 2015, evaluation: 5 minutes of play'],
    solvedReturn: [null, `${MNIH_METHODS}: a fixed number of steps`],
    solvedEpisodes: [100, WINDOW],
    engine: ['auto', FASTEST],
  },
};

const CLEANRL = 'CleanRL, dqn_atari.py';

const cleanrl: Preset<DqnConfig> = {
  title: 'CleanRL, dqn_atari.py',
  expectation:
    'Learns to play; CleanRL reports 367 points after 10 million agent steps (days on a CPU).',
  values: {
    method: ['dqn', CLEANRL],
    totalSteps: [10_000_000, `${CLEANRL}: total_timesteps`],
    gamma: [0.99, `${CLEANRL}: gamma`],
    epsilonStart: [1, `${CLEANRL}: start_e`],
    epsilonEnd: [0.01, `${CLEANRL}: end_e`],
    epsilonDecaySteps: [1_000_000, `${CLEANRL}: exploration_fraction 0.1 of total_timesteps`],
    randomSteps: [0, `${CLEANRL}: epsilon falls from the first step on`],
    learningStarts: [80_000, `${CLEANRL}: learning_starts`],
    bufferSize: [1_000_000, `${CLEANRL}: buffer_size`],
    batchSize: [32, `${CLEANRL}: batch_size`],
    trainFrequency: [4, `${CLEANRL}: train_frequency`],
    targetUpdateInterval: [1_000, `${CLEANRL}: target_network_frequency`],
    learningRate: [1e-4, `${CLEANRL}: learning_rate`],
    learningRateEnd: [null, CLEANRL],
    optimizer: ['adam', `${CLEANRL}: optim.Adam`],
    adamEpsilon: [1e-8, 'default of torch.optim.Adam'],
    adamEpsilonHat: [false, 'default of torch.optim.Adam'],
    clipNorm: [null, CLEANRL],
    globalClipNorm: [null, CLEANRL],
    loss: ['mse', `${CLEANRL}: F.mse_loss`],
    nSteps: [1, CLEANRL],
    doubleDqn: [false, CLEANRL],
    terminalTarget: [null, CLEANRL],
    atoms: [null, CLEANRL],
    valueMin: [-10, C51],
    valueMax: [10, C51],
    clipRewards: [true, `${CLEANRL}: ClipRewardEnv`],
    lifeLossIsTerminal: [true, `${CLEANRL}: EpisodicLifeEnv`],
    pressFire: [true, `${CLEANRL}: FireResetEnv, which acts after each life with EpisodicLifeEnv`],
    repeatActionProbability: [0, `${CLEANRL}: BreakoutNoFrameskip-v4`],
    inputDivisor: [255, `${CLEANRL}: x / 255.0`],
    networkWidth: [1, `${CLEANRL}: QNetwork`],
    layerNorm: [false, CLEANRL],
    initializer: ['glorotUniform', UNSAID],
    maxEpisodeSteps: [27_000, 'limit of BreakoutNoFrameskip-v4: 108,000 emulator frames'],
    solvedReturn: [null, NO_CRITERION],
    solvedEpisodes: [100, WINDOW],
    engine: ['auto', FASTEST],
  },
};

const SHORT = 'chosen to show the whole cycle within two minutes';

const quick: Preset<DqnConfig> = {
  title: 'Quick: the whole cycle in about two minutes',
  expectation: 'Shows every part at work. It does not learn to play: it is far too short.',
  values: {
    ...cleanrl.values,
    totalSteps: [3_000, SHORT],
    epsilonEnd: [0.1, SHORT],
    epsilonDecaySteps: [2_000, SHORT],
    learningStarts: [500, SHORT],
    bufferSize: [3_000, SHORT],
    targetUpdateInterval: [250, SHORT],
    loss: ['huber', 'as in the preset keras'],
    lifeLossIsTerminal: [false, 'as in the preset keras'],
    pressFire: [false, 'as in the preset keras'],
  },
};

const RECIPE = 'chosen here, after published learning curves and short trials';

const dqn: Preset<DqnConfig> = {
  title: 'DQN with what makes it learn sooner',
  expectation:
    'Learns to play: a mean return of 40 after 600,000 to 720,000 steps (three seeds), half an hour on two ' +
    'CPU cores, see the README. The method and the settings of the Breakout notebook.',
  values: {
    ...cleanrl.values,
    totalSteps: [2_000_000, 'chosen here: an hour or two on two CPU cores'],
    epsilonEnd: [0.02, RECIPE],
    epsilonDecaySteps: [50_000, RECIPE],
    learningStarts: [5_000, RECIPE],
    bufferSize: [200_000, RECIPE],
    trainFrequency: [8, RECIPE],
    targetUpdateInterval: [2_000, RECIPE],
    learningRate: [2.5e-4, RECIPE],
    adamEpsilon: [1.5e-4, RAINBOW],
    networkWidth: [0.5, RECIPE],
    loss: ['huber', MNIH],
    nSteps: [3, 'Hessel et al. 2018, table 1'],
    doubleDqn: [false, 'double DQN was not sooner in a short trial'],
    solvedReturn: [40, "the Keras example's criterion"],
  },
};

const PQN = 'Gallici et al. 2024, Simplifying Deep Temporal Difference Learning';
const HL_GAUSS = 'Farebrother et al. 2024, Stop Regressing';
const CHOSEN = 'chosen here';
const TRIED = 'tried here beside others, see the README';

const fast: Preset<PqnConfig> = {
  title: 'PQN: many games at once, no replay memory',
  expectation:
    'Learns to play: a mean return of 40 after 1.2 to 1.9 million steps, ten to twenty minutes on two CPU cores, see the README.',
  values: {
    method: ['pqn', PQN],
    totalSteps: [3_000_000, CHOSEN],
    numEnvs: [16, CHOSEN],
    rolloutSteps: [32, PQN],
    epochs: [1, TRIED],
    lambda: [0.65, PQN],
    gamma: [0.99, PQN],
    epsilonStart: [1, PQN],
    epsilonEnd: [0.01, CHOSEN],
    epsilonDecaySteps: [50_000, TRIED],
    randomSteps: [0, PQN],
    batchSize: [32, TRIED],
    learningRate: [5e-4, TRIED],
    learningRateEnd: [0, CHOSEN],
    optimizer: ['radam', `${PQN}, but for its first five updates`],
    adamEpsilon: [1e-8, PQN],
    adamEpsilonHat: [false, PQN],
    clipNorm: [null, PQN],
    globalClipNorm: [10, PQN],
    loss: ['mse', `${PQN}; without effect beside atoms`],
    atoms: [51, `${HL_GAUSS}: a histogram for each action`],
    valueMin: [-1, CHOSEN],
    valueMax: [10, CHOSEN],
    clipRewards: [true, PQN],
    lifeLossIsTerminal: [true, PQN],
    pressFire: [true, CHOSEN],
    repeatActionProbability: [0, CHOSEN],
    inputDivisor: [255, PQN],
    networkWidth: [0.5, CHOSEN],
    layerNorm: [true, PQN],
    initializer: ['heNormal', 'its published code, which draws the last layer otherwise'],
    maxEpisodeSteps: [27_000, 'limit of BreakoutNoFrameskip-v4: 108,000 emulator frames'],
    solvedReturn: [40, "the Keras example's criterion"],
    solvedEpisodes: [100, "the Keras example's criterion"],
    engine: ['auto', FASTEST],
  },
};

export const PRESETS: { readonly [N in PresetName]: Preset<PresetConfigs[N]> } = {
  keras,
  nature,
  cleanrl,
  quick,
  dqn,
  fast,
};

/**
 * A preset's config with some fields changed. Warns (`process.emitWarning`) of one that is allowed but
 * would never learn.
 * @throws RangeError when there is no such preset.
 * @throws ConfigError naming all wrong or unknown fields.
 */
export function createConfig<Name extends PresetName>(
  name: Name,
  edits: { readonly [Key in keyof PresetConfigs[Name]]?: Unchecked<PresetConfigs[Name][Key]> } = {},
): PresetConfigs[Name] {
  if (!Object.hasOwn(PRESETS, name)) {
    throw new RangeError(`preset must be one of ${Object.keys(PRESETS).join(', ')}, got ${name}`);
  }
  const values = Object.entries(sourcedValues(name)).map(([key, [value]]) => [key, value]);
  const config = checkConfig({ ...Object.fromEntries(values), ...edits });
  for (const doubt of findDoubts(config)) process.emitWarning(doubt, 'ConfigWarning');
  return config as PresetConfigs[Name];
}

export interface ConfigRow {
  readonly field: ConfigKey;
  readonly value: ConfigValue;
  readonly unit: string;
  readonly meaning: string;
  readonly source: string;
}

/** A config as rows of a table; a value that differs from the preset's has the source "edited". */
export function describeConfig({
  config,
  preset,
}: {
  config: TrainingConfig;
  preset: PresetName;
}): ConfigRow[] {
  const values = config as unknown as Readonly<Record<string, ConfigValue>>;
  const ofPreset = sourcedValues(preset);
  return fieldsOf(config.method).map((field) => {
    const { unit, meaning } = CONFIG_FIELDS[field];
    const [value, source] = ofPreset[field]!;
    const now = values[field]!;
    return {
      field,
      value: now,
      unit,
      meaning,
      source: now === value ? source : `edited, was ${value}`,
    };
  });
}

function sourcedValues(name: PresetName): Readonly<Record<string, Sourced<ConfigValue>>> {
  return PRESETS[name].values as Readonly<Record<string, Sourced<ConfigValue>>>;
}
