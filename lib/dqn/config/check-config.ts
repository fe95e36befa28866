/** Checks a config as a whole, and says all that is wrong with it at once. */

import { show as showValue } from '../../text';
import {
  CONFIG_FIELDS,
  type ConfigField,
  type ConfigKey,
  fieldsOf,
  type TrainingConfig,
} from './config';
import { nearestOf } from './nearest-word';

type Values = Readonly<Record<string, unknown>>;

/** One thing wrong with a config. */
export interface ConfigProblem {
  readonly field: string;
  readonly expected: string;
  readonly got: unknown;
}

/** A config, or what holds one, with wrong fields; the message lists all of them. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  /** @param subject what has the wrong fields, in a sentence */
  constructor(problems: readonly ConfigProblem[], subject = 'the config') {
    const lines = problems.map(
      ({ field, expected, got }) => `  ${field}: expected ${expected}, got ${show(got)}`,
    );
    super(`${subject} has ${problems.length} wrong field(s), change them:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * The values as a config, when all are right.
 * @throws ConfigError naming every wrong, missing and unknown field at once.
 */
export function checkConfig(values: Values): TrainingConfig {
  const isObject = typeof values === 'object' && values !== null;
  const whole = { field: 'config', expected: 'an object with a field for each value', got: values };
  const problems = isObject ? findProblems(values) : [whole];
  if (problems.length > 0) throw new ConfigError(problems);
  return values as unknown as TrainingConfig;
}

/**
 * A config from a file: one from before a field was added lacks it, and means what there was then.
 * @throws ConfigError as `checkConfig`.
 */
export function checkSavedConfig(values: Values): TrainingConfig {
  const added = { atoms: null, valueMin: -10, valueMax: 10, repeatActionProbability: 0 };
  return checkConfig({ optimizer: 'adam', initializer: 'glorotUniform', ...added, ...values });
}

/** All that is wrong with the values as a config; empty when they are right. */
export function findProblems(values: Values): ConfigProblem[] {
  const { method } = values;
  const isKnown = method === 'dqn' || method === 'pqn';
  const common = fieldsOf('dqn').filter((key) => fieldsOf('pqn').includes(key));
  const all = Object.keys(CONFIG_FIELDS) as ConfigKey[];
  // with an unknown method, a field that only one method has is neither missing nor unknown
  const fields = isKnown ? fieldsOf(method) : all;
  const needed = isKnown ? fields : all.filter((key) => common.includes(key) || key in values);
  const problems = [...unknownKeys(values, fields), ...wrongFields(values, needed)];
  const wrong = new Set(problems.map(({ field }) => field));
  const isRight = (key: ConfigKey) => needed.includes(key) && !wrong.has(key);
  // a wrong value may be anything, even what cannot be compared or shown
  const right = Object.entries(values).filter(([key]) => isRight(key as ConfigKey));
  const config = Object.fromEntries(right) as unknown as TrainingConfig;
  return [...problems, ...contradictions(config, isRight)];
}

/** What is allowed and yet hardly meant, as sentences. */
export function findDoubts(config: TrainingConfig): string[] {
  if (config.method !== 'dqn') return [];
  const { learningStarts, totalSteps } = config;
  if (learningStarts <= totalSteps) return [];
  return [
    `learningStarts (${learningStarts}) is beyond totalSteps (${totalSteps}): the training would play and ` +
      'never learn; lower learningStarts or raise totalSteps',
  ];
}

function unknownKeys(values: Values, fields: readonly string[]): ConfigProblem[] {
  return Object.keys(values)
    .filter((key) => !fields.includes(key))
    .map((key) => {
      const expected = Object.hasOwn(CONFIG_FIELDS, key)
        ? `no such field, as the method is ${values.method}`
        : `a known field, the nearest is ${nearestOf({ word: key, words: fields })}`;
      return { field: key, expected, got: values[key] };
    });
}

function wrongFields(values: Values, fields: readonly ConfigKey[]): ConfigProblem[] {
  return fields
    .map((key) => [key, CONFIG_FIELDS[key]] as const)
    .filter(([key, field]) => !isAllowed(values[key], field))
    .map(([key, field]) => ({ field: key, expected: describeAllowed(field), got: values[key] }));
}

/** Fields that are right by themselves but not beside each other. */
function contradictions(
  config: TrainingConfig,
  isRight: (key: ConfigKey) => boolean,
): ConfigProblem[] {
  const values = config as unknown as Values;
  const problems: ConfigProblem[] = [];
  /** The first of the fields is the one to change. */
  const expect = (
    fields: readonly [ConfigKey, ...ConfigKey[]],
    holds: boolean,
    expected: string,
  ) => {
    const [field] = fields;
    if (!holds && fields.every(isRight)) problems.push({ field, expected, got: values[field] });
  };
  const { epsilonStart, epsilonEnd, batchSize, clipNorm } = config;
  expect(
    ['epsilonEnd', 'epsilonStart'],
    epsilonEnd <= epsilonStart,
    `at most epsilonStart (${epsilonStart})`,
  );
  expect(
    ['globalClipNorm', 'clipNorm'],
    clipNorm === null || config.globalClipNorm === null,
    `null, because clipNorm is ${clipNorm}`,
  );
  const { atoms, valueMin, valueMax } = config;
  expect(
    ['valueMax', 'valueMin', 'atoms'],
    atoms === null || valueMin < valueMax,
    `more than valueMin (${valueMin})`,
  );
  if (config.method === 'dqn') {
    const { bufferSize, learningStarts } = config;
    const batch = `batchSize (${batchSize})`;
    expect(['bufferSize', 'batchSize'], batchSize < bufferSize, `more than ${batch}`);
    expect(['learningStarts', 'batchSize'], learningStarts >= batchSize, `at least ${batch}`);
  }
  if (config.method === 'pqn') {
    const played = config.numEnvs * config.rolloutSteps;
    expect(
      ['batchSize', 'numEnvs', 'rolloutSteps'],
      played % batchSize === 0,
      `a divisor of the ${played} steps that numEnvs games play in rolloutSteps`,
    );
  }
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
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 200);
  } catch {
    return showValue(value); // a BigInt, or what contains itself
  }
}
