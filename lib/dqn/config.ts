/** Every number that decides a training: its name, unit, meaning and allowed values. */

/** How an agent learns. All fields are needed; `createConfig` fills them from a preset. */
export interface DqnConfig {
  readonly totalSteps: number;
  readonly gamma: number;
  readonly epsilonStart: number;
  readonly epsilonEnd: number;
  readonly epsilonDecaySteps: number;
  readonly randomSteps: number;
  readonly learningStarts: number;
  readonly bufferSize: number;
  readonly batchSize: number;
  readonly trainFrequency: number;
  readonly targetUpdateInterval: number;
  readonly learningRate: number;
  readonly adamEpsilon: number;
  readonly adamEpsilonHat: boolean;
  readonly clipNorm: number | null;
  readonly globalClipNorm: number | null;
  readonly loss: 'huber' | 'mse';
  readonly doubleDqn: boolean;
  readonly terminalTarget: number | null;
  readonly clipRewards: boolean;
  readonly lifeLossIsTerminal: boolean;
  readonly inputDivisor: number;
  readonly maxEpisodeSteps: number;
  readonly solvedReturn: number | null;
  readonly solvedEpisodes: number;
  readonly engine: 'auto' | 'native' | 'tensorflow';
}

export type ConfigKey = keyof DqnConfig;

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
  /** May change while a training runs. */
  readonly changeable?: true;
}

const STEPS = 'agent steps';
const count = (min: number): Allowed => ({ kind: 'integer', min });
const real = (min: number, max?: number): Allowed =>
  max === undefined ? { kind: 'number', min } : { kind: 'number', min, max };
const above = (bound: number): Allowed => ({ kind: 'number', above: bound });

/** All fields in the order in which tables show them. One agent step is 4 emulator frames. */
export const CONFIG_FIELDS: Readonly<Record<ConfigKey, ConfigField>> = {
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
  learningStarts: { unit: STEPS, meaning: 'no update before this one', allowed: count(1) },
  bufferSize: {
    unit: 'pictures',
    meaning: 'kept in the replay buffer, about one a step; more than a stack of 4',
    allowed: count(5),
  },
  batchSize: { unit: 'transitions', meaning: 'in one update', allowed: count(1) },
  trainFrequency: {
    unit: STEPS,
    meaning: 'from one update to the next',
    allowed: count(1),
    changeable: true,
  },
  targetUpdateInterval: {
    unit: STEPS,
    meaning: 'from one copy of the network into the target network to the next',
    allowed: count(1),
    changeable: true,
  },
  learningRate: {
    unit: '1',
    meaning: "Adam's step size",
    allowed: real(0),
    changeable: true,
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
  },
  terminalTarget: {
    unit: 'reward',
    meaning: 'TD target at the end of an episode in place of the last reward',
    allowed: real(Number.NEGATIVE_INFINITY),
    nullable: true,
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
  inputDivisor: {
    unit: '1',
    meaning: "divides the pictures' bytes 0 ... 255",
    allowed: real(1e-3),
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
    meaning: 'computes the updates; auto: tensorflow on a GPU, else native where it can',
    allowed: { kind: 'choice', of: ['auto', 'native', 'tensorflow'] },
  },
};

/** One thing wrong with a config. */
export interface ConfigProblem {
  readonly field: string;
  readonly expected: string;
  readonly got: unknown;
}

/** A config with wrong fields; the message lists all of them. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ field, expected, got }) => `  ${field}: expected ${expected}, got ${show(got)}`,
    );
    super(`the config has ${problems.length} wrong field(s), change them:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * The values as a config, when all are right.
 * @throws ConfigError naming every wrong, missing and unknown field at once.
 */
export function checkConfig(values: Readonly<Record<string, unknown>>): DqnConfig {
  const problems = [...unknownKeys(values), ...wrongFields(values)];
  if (problems.length === 0) problems.push(...contradictions(values as unknown as DqnConfig));
  if (problems.length > 0) throw new ConfigError(problems);
  return values as unknown as DqnConfig;
}

function unknownKeys(values: Readonly<Record<string, unknown>>): ConfigProblem[] {
  const known = Object.keys(CONFIG_FIELDS);
  return Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const nearest = nearestOf({ word: key, words: known });
      return { field: key, expected: `a known field, the nearest is ${nearest}`, got: values[key] };
    });
}

function wrongFields(values: Readonly<Record<string, unknown>>): ConfigProblem[] {
  return Object.entries(CONFIG_FIELDS)
    .filter(([key, field]) => !isAllowed(values[key], field))
    .map(([key, field]) => ({ field: key, expected: describeAllowed(field), got: values[key] }));
}

/** Fields that are right by themselves but not beside each other. */
function contradictions(config: DqnConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const expect = (holds: boolean, field: ConfigKey, expected: string) => {
    if (!holds) problems.push({ field, expected, got: config[field] });
  };
  const { epsilonStart, batchSize, clipNorm } = config;
  expect(config.epsilonEnd <= epsilonStart, 'epsilonEnd', `at most epsilonStart (${epsilonStart})`);
  expect(batchSize < config.bufferSize, 'bufferSize', `more than batchSize (${batchSize})`);
  expect(config.learningStarts >= batchSize, 'learningStarts', `at least batchSize (${batchSize})`);
  expect(
    clipNorm === null || config.globalClipNorm === null,
    'globalClipNorm',
    `null, because clipNorm is ${clipNorm}`,
  );
  return problems;
}

function isAllowed(value: unknown, { allowed, nullable }: ConfigField): boolean {
  if (value === null) return nullable === true;
  if (allowed.kind === 'boolean') return typeof value === 'boolean';
  if (allowed.kind === 'choice') return allowed.of.includes(value as string);
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (allowed.kind === 'integer' && !Number.isSafeInteger(value)) return false;
  if ('above' in allowed) return value > allowed.above;
  return value >= allowed.min && value <= (allowed.max ?? Number.POSITIVE_INFINITY);
}

function describeAllowed({ allowed, nullable }: ConfigField): string {
  const orNull = nullable ? ' or null' : '';
  if (allowed.kind === 'boolean') return `true or false${orNull}`;
  if (allowed.kind === 'choice') return `${allowed.of.join(' or ')}${orNull}`;
  if ('above' in allowed) return `a number above ${allowed.above}${orNull}`;
  const noun = allowed.kind === 'integer' ? 'a whole number' : 'a number';
  const low = Number.isFinite(allowed.min) ? ` of at least ${allowed.min}` : '';
  const range = allowed.max === undefined ? low : ` from ${allowed.min} to ${allowed.max}`;
  return noun + range + orNull;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value); // JSON has no NaN
  return JSON.stringify(value) ?? String(value);
}

/** The word that begins with this one or is shortened to it, or else the one with the fewest differences. */
function nearestOf({ word, words }: { word: string; words: readonly string[] }): string {
  const begun = words.find((each) => each.toLowerCase().startsWith(word.toLowerCase()));
  if (begun !== undefined) return begun;
  const letters = word.replace(/[^a-z]/gi, '').toLowerCase();
  const long = words.find((each) => abbreviates(letters, each.split(/(?=[A-Z])/)));
  if (long !== undefined) return long;
  return words.reduce((a, b) => (editDistance(word, b) < editDistance(word, a) ? b : a));
}

/** Whether letters are beginnings of all the parts put together: `lr` of `learning`, `Rate`. */
function abbreviates(letters: string, parts: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return letters === '';
  for (let n = 1; n <= part.length && letters.startsWith(part.slice(0, n).toLowerCase()); n++) {
    if (abbreviates(letters.slice(n), rest)) return true;
  }
  return false;
}

/** Levenshtein's distance: letters to insert, delete or change, upper and lower case alike. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1]!.toLowerCase() === b[j - 1]!.toLowerCase();
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (same ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
