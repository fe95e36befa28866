/** Every number that decides a training: its name, unit, meaning and allowed values. */

/** The fields that both methods have. */
interface CommonConfig {
  readonly totalSteps: number;
  readonly gamma: number;
  readonly epsilonStart: number;
  readonly epsilonEnd: number;
  readonly epsilonDecaySteps: number;
  readonly randomSteps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly learningRateEnd: number | null;
  readonly optimizer: 'adam' | 'radam';
  readonly adamEpsilon: number;
  readonly adamEpsilonHat: boolean;
  readonly clipNorm: number | null;
  readonly globalClipNorm: number | null;
  readonly loss: 'huber' | 'mse';
  readonly atoms: number | null;
  readonly valueMin: number;
  readonly valueMax: number;
  readonly clipRewards: boolean;
  readonly lifeLossIsTerminal: boolean;
  readonly pressFire: boolean;
  readonly repeatActionProbability: number;
  readonly inputDivisor: number;
  readonly networkWidth: number;
  readonly layerNorm: boolean;
  readonly initializer: 'glorotUniform' | 'heNormal';
  readonly maxEpisodeSteps: number;
  readonly solvedReturn: number | null;
  readonly solvedEpisodes: number;
  readonly engine: 'auto' | 'native' | 'graph' | 'tensorflow';
}

/** How an agent learns from a replay memory: DQN. All fields are needed; `createConfig` fills them. */
export interface DqnConfig extends CommonConfig {
  readonly method: 'dqn';
  readonly learningStarts: number;
  readonly bufferSize: number;
  readonly trainFrequency: number;
  readonly targetUpdateInterval: number;
  readonly nSteps: number;
  readonly doubleDqn: boolean;
  readonly terminalTarget: number | null;
}

/** How an agent learns from many games at once, without a replay memory: PQN (Gallici et al. 2024). */
export interface PqnConfig extends CommonConfig {
  readonly method: 'pqn';
  readonly numEnvs: number;
  readonly rolloutSteps: number;
  readonly epochs: number;
  readonly lambda: number;
}

export type TrainingConfig = DqnConfig | PqnConfig;

export type ConfigKey = keyof DqnConfig | keyof PqnConfig;

export type ConfigValue = DqnConfig[keyof DqnConfig] | PqnConfig[keyof PqnConfig];

/**
 * Options in which a word may be any text, as a variable's type has it after `const options = { preset: 'fast' }`.
 * Whoever takes such options checks them. Editors still offer the words: the compiler keeps them beside
 * a `string` that is written as another type.
 */
export type Unchecked<T> = T extends string
  ? T | (string & Record<never, never>)
  : T extends object
    ? { [Key in keyof T]: Unchecked<T[Key]> }
    : T;

/** Values to change in a config of either method; each knows its own fields only. */
export type ConfigEdits = Partial<Omit<DqnConfig, 'method'> & Omit<PqnConfig, 'method'>>;

/** What a field may hold. Numbers include both bounds, but for `above`; `nullable` allows null for "off". */
type Allowed =
  | { readonly kind: 'integer' | 'number'; readonly min: number; readonly max?: number }
  | { readonly kind: 'number'; readonly above: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly of: readonly string[] };

export interface ConfigField {
  readonly unit: string;
  readonly meaning: string;
  readonly allowed: Allowed;
  readonly nullable?: true;
  /** The only method that has it; default: both have it. */
  readonly method?: TrainingConfig['method'];
  /** Whether the field may change while a training runs. */
  readonly changeable?: true;
}

const STEPS = 'agent steps';
const count = (min: number): Allowed => ({ kind: 'integer', min });
const real = (min: number, max?: number): Allowed =>
  max === undefined ? { kind: 'number', min } : { kind: 'number', min, max };
const above = (bound: number): Allowed => ({ kind: 'number', above: bound });

/** All fields in the order in which tables show them. One agent step is 4 emulator frames. */
export const CONFIG_FIELDS: Readonly<Record<ConfigKey, ConfigField>> = {
  method: {
    unit: 'name',
    meaning: 'dqn: learn from a replay memory; pqn: from many games played at once',
    allowed: { kind: 'choice', of: ['dqn', 'pqn'] },
  },
  totalSteps: {
    unit: STEPS,
    meaning: 'length of the training',
    allowed: count(1),
    changeable: true,
  },
  gamma: { unit: '1', meaning: 'discount per agent step of future rewards', allowed: real(0, 1) },
  epsilonStart: {
    unit: 'probability',
    meaning: 'of a random action, at first',
    allowed: real(0, 1),
    changeable: true,
  },
  epsilonEnd: {
    unit: 'probability',
    meaning: 'of a random action, at last',
    allowed: real(0, 1),
    changeable: true,
  },
  epsilonDecaySteps: {
    unit: STEPS,
    meaning: 'from epsilonStart to epsilonEnd on a straight line',
    allowed: count(1),
    changeable: true,
  },
  randomSteps: {
    unit: STEPS,
    meaning: 'all actions before this one are random',
    allowed: count(0),
    changeable: true,
  },
  numEnvs: {
    unit: 'games',
    meaning: 'played at the same time; a step in one of them is an agent step',
    allowed: count(1),
    method: 'pqn',
  },
  rolloutSteps: {
    unit: 'steps of each game',
    meaning: 'played between two phases of learning',
    allowed: count(1),
    method: 'pqn',
  },
  epochs: {
    unit: 'passes',
    meaning: 'over what was played, in each phase of learning',
    allowed: count(1),
    method: 'pqn',
    changeable: true,
  },
  lambda: {
    unit: '1',
    meaning: 'how far returns look ahead: 0 one step, 1 to the end of what was played',
    allowed: real(0, 1),
    method: 'pqn',
    changeable: true,
  },
  learningStarts: {
    unit: STEPS,
    meaning: 'no update before this one',
    allowed: count(1),
    method: 'dqn',
  },
  bufferSize: {
    unit: 'pictures',
    meaning: 'kept in the replay buffer, about one a step; more than a stack of 4',
    allowed: count(5),
    method: 'dqn',
  },
  batchSize: { unit: 'transitions', meaning: 'in one update', allowed: count(1) },
  trainFrequency: {
    unit: STEPS,
    meaning: 'from one update to the next',
    allowed: count(1),
    changeable: true,
    method: 'dqn',
  },
  targetUpdateInterval: {
    unit: STEPS,
    meaning: 'from one copy of the network into the target network to the next',
    allowed: count(1),
    changeable: true,
    method: 'dqn',
  },
  nSteps: {
    unit: STEPS,
    meaning: 'rewards that a TD target adds up before it asks the target network',
    allowed: { kind: 'integer', min: 1, max: 255 },
    method: 'dqn',
  },
  learningRate: {
    unit: '1',
    meaning: "Adam's step size",
    allowed: real(0, 1),
    changeable: true,
  },
  learningRateEnd: {
    unit: '1',
    meaning: 'which learningRate reaches on a straight line at totalSteps; null: it stays',
    allowed: real(0, 1),
    nullable: true,
    changeable: true,
  },
  optimizer: {
    unit: 'name',
    meaning: 'adam, or radam (rectified Adam), whose first few thousand updates are smaller',
    allowed: { kind: 'choice', of: ['adam', 'radam'] },
  },
  adamEpsilon: { unit: '1', meaning: "added in the denominator of Adam's step", allowed: above(0) },
  adamEpsilonHat: {
    unit: 'yes/no',
    meaning: 'add it before bias correction, as Keras; otherwise after, as the paper and PyTorch',
    allowed: { kind: 'boolean' },
  },
  clipNorm: {
    unit: 'norm',
    meaning: "limit for each variable's gradient by itself",
    allowed: above(0),
    nullable: true,
  },
  globalClipNorm: {
    unit: 'norm',
    meaning: 'limit for all gradients taken together',
    allowed: above(0),
    nullable: true,
  },
  loss: {
    unit: 'name',
    meaning: 'of the TD error: huber (linear beyond 1) or mse (its square)',
    allowed: { kind: 'choice', of: ['huber', 'mse'] },
  },
  doubleDqn: {
    unit: 'yes/no',
    meaning: 'the network chooses the next action, the target network values it',
    allowed: { kind: 'boolean' },
    method: 'dqn',
  },
  terminalTarget: {
    unit: 'reward',
    meaning: 'TD target at the end of an episode in place of the last reward',
    allowed: real(Number.NEGATIVE_INFINITY),
    nullable: true,
    method: 'dqn',
  },
  atoms: {
    unit: 'bins of returns',
    meaning: 'whose probabilities are learned for each action, by cross-entropy; null: values only',
    allowed: count(2),
    nullable: true,
  },
  valueMin: {
    unit: 'reward',
    meaning: 'the lowest of these returns, without effect when atoms is null',
    allowed: real(Number.NEGATIVE_INFINITY),
  },
  valueMax: {
    unit: 'reward',
    meaning: 'the highest of these returns, without effect when atoms is null',
    allowed: real(Number.NEGATIVE_INFINITY),
  },
  clipRewards: {
    unit: 'yes/no',
    meaning: 'learn from the sign of each reward; returns stay whole',
    allowed: { kind: 'boolean' },
  },
  lifeLossIsTerminal: {
    unit: 'yes/no',
    meaning: 'the TD target treats a lost life as the end, while the game goes on',
    allowed: { kind: 'boolean' },
  },
  pressFire: {
    unit: 'yes/no',
    meaning: 'FIRE is pressed for the agent at the start and after each lost life',
    allowed: { kind: 'boolean' },
  },
  repeatActionProbability: {
    unit: 'probability',
    meaning: 'in each emulator frame, that the console keeps the action before (sticky actions)',
    allowed: real(0, 1),
  },
  inputDivisor: {
    unit: '1',
    meaning: "divides the pictures' bytes 0 ... 255",
    allowed: real(1e-3),
  },
  networkWidth: {
    unit: '1',
    meaning: "multiplies the widths of the paper's layers, 32, 64, 64 and 512",
    allowed: { kind: 'number', min: 1 / 32, max: 8 },
  },
  layerNorm: {
    unit: 'yes/no',
    meaning: 'layer normalization before each relu',
    allowed: { kind: 'boolean' },
  },
  initializer: {
    unit: 'name',
    meaning: 'of the first weights: uniform after Glorot and Bengio, or normal after He et al.',
    allowed: { kind: 'choice', of: ['glorotUniform', 'heNormal'] },
  },
  maxEpisodeSteps: {
    unit: STEPS,
    meaning: 'after which an episode is cut off',
    allowed: count(1),
    changeable: true,
  },
  solvedReturn: {
    unit: 'points',
    meaning: 'solved, and ended, when the mean return exceeds it',
    allowed: real(0),
    nullable: true,
    changeable: true,
  },
  solvedEpisodes: {
    unit: 'episodes',
    meaning: 'over which that mean is taken',
    allowed: count(1),
    changeable: true,
  },
  engine: {
    unit: 'name',
    meaning: 'computes the updates; auto: native, or graph where that is faster on a GPU',
    allowed: { kind: 'choice', of: ['auto', 'native', 'graph', 'tensorflow'] },
  },
};

/** The fields that a method has, in the order of CONFIG_FIELDS. */
export function fieldsOf(method: TrainingConfig['method']): ConfigKey[] {
  const keys = Object.keys(CONFIG_FIELDS) as ConfigKey[];
  const isOther = (key: ConfigKey) => {
    const { method: only } = CONFIG_FIELDS[key];
    return only !== undefined && only !== method;
  };
  return keys.filter((key) => !isOther(key));
}
