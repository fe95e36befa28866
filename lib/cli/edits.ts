/** The values that `npm run train` is given by --set and --steps. */
import { CONFIG_FIELDS, type ConfigKey, fieldsOf, type TrainingConfig } from '../dqn/config/config';
import { nearestOf } from '../dqn/config/nearest-word';
import { DEFAULT_SETTINGS } from '../runs/record/run-config';
import { UsageError } from './arguments';

/** Values by name, unchecked: `startRun` and `Run.resume` do that. */
export type Edits = Readonly<Record<string, unknown>>;

/** Keys that have options of their own: what a run is called and made from. */
const OPTIONS: readonly string[] = ['preset', 'name', 'seed'];

/** @throws UsageError for a text that is not KEY=VALUE, and for a key that is given twice. */
export function readEdits({
  texts,
  steps,
}: {
  readonly texts: readonly string[];
  readonly steps: string | undefined;
}): Edits {
  const edits = new Map<string, unknown>();
  const all = steps === undefined ? texts : [...texts, `totalSteps=${steps}`];
  for (const text of all) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--set takes KEY=VALUE, got ${text}`);
    const key = text.slice(0, at);
    if (edits.has(key)) {
      const also = key === 'totalSteps' ? ' (--steps is totalSteps)' : '';
      throw new UsageError(`${key} is given twice${also}: give it once`);
    }
    edits.set(key, readValue(text.slice(at + 1)));
  }
  return Object.fromEntries(edits);
}

/** Reads numbers, true, false and null as such, and anything else as text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface KeyOptions {
  readonly edits: Edits;
  readonly method: TrainingConfig['method'];
  /** Whether the run is new; one that has begun takes fewer keys. */
  readonly isNew: boolean;
}

/** @throws UsageError for the first key that such a run does not take. */
export function checkKeys({ edits, method, isNew }: KeyOptions): void {
  const fields = fieldsOf(method).filter((field) => field !== 'method');
  const settings = Object.keys(DEFAULT_SETTINGS);
  const words = isNew
    ? [...fields, ...settings]
    : [...fields.filter((field) => CONFIG_FIELDS[field].changeable), 'epsilon'];
  for (const key of Object.keys(edits)) {
    if (words.includes(key)) continue;
    if (OPTIONS.includes(key)) throw new UsageError(`--set does not take ${key}: use --${key}`);
    if (key === 'method') throw new UsageError('--set does not take method: choose a --preset');
    if ([...fields, ...settings].includes(key)) {
      throw new UsageError(
        `${key} cannot change in a run that has begun; what can: ${words.join(', ')}`,
      );
    }
    if (Object.hasOwn(CONFIG_FIELDS, key)) {
      const other = CONFIG_FIELDS[key as ConfigKey].method;
      throw new UsageError(`--set ${key} is for a preset of the method ${other}, not ${method}`);
    }
    throw new UsageError(
      `--set does not know ${key}, the nearest is ${nearestOf({ word: key, words })}`,
    );
  }
}
