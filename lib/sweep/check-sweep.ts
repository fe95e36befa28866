/** Checks a sweep as a whole, and says all that is wrong with it at once. */
import { ConfigError, type ConfigProblem } from '../dqn/config/check-config';
import { CONFIG_FIELDS, type ConfigEdits } from '../dqn/config/config';
import { nearestOf } from '../dqn/config/nearest-word';
import { createConfig, PRESETS, type PresetName } from '../dqn/config/presets';
import { isRunName } from '../runs/record/folder';
import { DEFAULT_SETTINGS, findSettingProblems, isSeed } from '../runs/record/run-config';
import {
  combine,
  commonEdits,
  defaultName,
  labelOf,
  listTrials,
  type RayOptions,
  type Sweep,
  type SweepOptions,
} from './spec';

/** Longest name of a sweep, as those of its runs go on with setting and seed. */
const NAME_LENGTH = 32;

const MOST_SETTINGS = 1000;

type Values = Readonly<Record<string, unknown>>;
type Rule = readonly [expected: string, fits: (value: unknown) => boolean];

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length > 0;
const areDifferent = (values: readonly unknown[]) =>
  new Set(values.map((value) => JSON.stringify(value))).size === values.length;
const sizeOf = (value: unknown) => (isList(value) ? value.length : 1);
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
const isAbove0 = (value: unknown) => Number.isFinite(value) && (value as number) > 0;

const RULES: Readonly<Record<Exclude<keyof SweepOptions, 'ray' | 'runsFolder'>, Rule>> = {
  name: [
    `at most ${NAME_LENGTH} letters, digits, '.', '_' or '-', a letter or digit first`,
    (value) => isRunName(value) && value.length <= NAME_LENGTH,
  ],
  preset: [
    `one of ${Object.keys(PRESETS).join(', ')}`,
    (value) => typeof value === 'string' && Object.hasOwn(PRESETS, value),
  ],
  vary: [
    `lists of values by field, {"learningRate": [0.001, 0.0001]}, or a list of different settings, ` +
      `in all at most ${MOST_SETTINGS}`,
    (value) =>
      isObject(value)
        ? Object.values(value).reduce<number>((product, list) => product * sizeOf(list), 1) <=
          MOST_SETTINGS
        : isList(value) &&
          value.length <= MOST_SETTINGS &&
          value.every(isObject) &&
          areDifferent(value),
  ],
  seeds: [
    'a list of different whole numbers of at least 0',
    (value) => isList(value) && value.every(isSeed) && areDifferent(value),
  ],
  steps: ['a whole number of at least 1', isCount],
  set: ['an object of values by field', isObject],
  parallel: ['a whole number of at least 1', isCount],
  program: ["a program's file", (value) => typeof value === 'string'],
  // findSettingProblems has the rules of these
  checkpointSeconds: ['', () => true],
  keepReplay: ['', () => true],
  replay: ['', () => true],
};

const RAY_RULES: Readonly<Record<keyof RayOptions, Rule>> = {
  cpus: ['a whole number of at least 1', isCount],
  gpus: ['a number of at least 0', (value) => value === 0 || isAbove0(value)],
  gigabytes: ['a number above 0', isAbove0],
  asha: [
    'null, or {"graceSteps": a whole number of at least 1, "reduction": a number above 1}',
    (value) =>
      value === null ||
      (isObject(value) &&
        Object.keys(value).sort().join() === 'graceSteps,reduction' &&
        isCount(value.graceSteps) &&
        isAbove0(value.reduction) &&
        (value.reduction as number) > 1),
  ],
};

const NEEDED = ['vary', 'seeds', 'steps'];

/**
 * A sweep as asked for, when all is right.
 * @param options subject: what has the mistakes, in an error; name: the sweep's, where it has none of its own
 * @throws ConfigError naming every wrong, missing and unknown field at once.
 */
export function checkSweep(
  asked: unknown,
  { subject = 'the sweep', name }: { readonly subject?: string; readonly name?: string } = {},
): Sweep {
  if (!isObject(asked)) {
    throw new ConfigError([{ field: 'all of it', expected: 'a JSON object', got: asked }], subject);
  }
  const { runsFolder, ...values } = asked;
  const { ray = {}, ...fields } = values;
  const given = { preset: 'quick', ...(name === undefined ? {} : { name }), ...fields };
  const problems = [
    ...obeyRules(given, RULES, { needed: NEEDED, also: ['ray'] }),
    ...(isObject(ray)
      ? obeyRules(ray, RAY_RULES, { prefix: 'ray.' })
      : [{ field: 'ray', expected: 'an object of options', got: ray }]),
    ...findSettingProblems({ ...DEFAULT_SETTINGS, ...keepingOf(fields as Partial<SweepOptions>) }),
  ];
  if (isObject(fields.vary)) problems.push(...findListProblems(fields.vary));
  const wrong = new Set(problems.map(({ field }) => field));
  problems.push(...findConfigProblems(given as unknown as SweepOptions, wrong));
  if (problems.length > 0) throw new ConfigError(problems, subject);
  return build(given as unknown as SweepOptions & { readonly preset: PresetName }, ray as object);
}

function build(
  options: SweepOptions & { readonly preset: PresetName },
  ray: Partial<RayOptions>,
): Sweep {
  const { preset, set = {}, seeds, steps, parallel, program } = options;
  const common = commonEdits(options);
  const name = options.name ?? defaultName(preset, { preset, common, program });
  const settings = settingsOf(options).map((edits) => ({ label: labelOf(edits, preset), edits }));
  return {
    ...{ name, preset, set, settings, seeds, steps, parallel, program },
    keeping: keepingOf(options),
    trials: listTrials({ name, preset, settings, seeds, common }),
    ray: { cpus: 1, gpus: 0, asha: null, ...ray },
  };
}

function settingsOf({ vary }: Pick<SweepOptions, 'vary'>): ConfigEdits[] {
  if (Array.isArray(vary)) return [...vary];
  const lists = Object.entries(vary).map(([field, values]) => [
    field,
    isList(values) ? values : [values],
  ]);
  return combine(Object.fromEntries(lists));
}

function keepingOf(options: Partial<SweepOptions>) {
  const kept = Object.keys(DEFAULT_SETTINGS) as (keyof typeof DEFAULT_SETTINGS)[];
  return Object.fromEntries(kept.filter((key) => key in options).map((key) => [key, options[key]]));
}

function obeyRules(
  values: Values,
  rules: Readonly<Record<string, Rule>>,
  { needed = [] as readonly string[], also = [] as readonly string[], prefix = '' },
): ConfigProblem[] {
  const words = [...Object.keys(rules), ...also];
  const problemOf = (field: string): ConfigProblem[] => {
    const [expected, fits] = Object.hasOwn(rules, field)
      ? rules[field]!
      : [`a known field, the nearest is ${nearestOf({ word: field, words })}`, () => false];
    const got = values[field];
    return fits(got) ? [] : [{ field: prefix + field, expected, got }];
  };
  const missing = needed.filter((field) => !(field in values));
  return [...Object.keys(values), ...missing].flatMap(problemOf);
}

function findListProblems(vary: Values): ConfigProblem[] {
  return Object.entries(vary)
    .filter(([, values]) => !isList(values) || !areDifferent(values))
    .map(([field, got]) => ({
      field: `vary.${field}`,
      expected: 'a list of different values',
      got,
    }));
}

/** What is wrong with the settings as configs; each mistake once, under the field of the sweep that has it. */
function findConfigProblems(options: SweepOptions, wrong: ReadonlySet<string>): ConfigProblem[] {
  const { preset = 'quick', vary } = options;
  const set = wrong.has('set') ? {} : (options.set ?? {});
  const steps = wrong.has('steps') ? 1 : options.steps;
  const isPreset = !wrong.has('preset');
  const found = new Map<string, ConfigProblem>();
  for (const edits of wrong.has('vary') ? [{}] : settingsOf({ vary })) {
    const whose = (field: string) =>
      field in edits ? `vary.${field}` : field in set ? `set.${field}` : field;
    const own = { ...set, ...edits };
    for (const { field, expected, got } of problemsOf(isPreset ? preset : 'quick', own, steps)) {
      const isKnown = Object.hasOwn(CONFIG_FIELDS, field);
      // without the preset only a name that no method has is certainly wrong
      if (!isPreset && isKnown) continue;
      found.set(JSON.stringify([field, expected, isKnown && got]), {
        field: whose(field),
        expected,
        got,
      });
    }
  }
  return [...found.values()];
}

function problemsOf(
  preset: PresetName,
  edits: ConfigEdits,
  steps: number,
): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if ('totalSteps' in edits) {
    const expected = 'steps in its place, as all trials take the same';
    problems.push({ field: 'totalSteps', expected, got: edits.totalSteps });
  }
  try {
    createConfig(preset, commonEdits({ steps, set: edits }));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  return problems;
}
