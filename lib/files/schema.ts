/** Says what a value from a file or a socket must be, and names the field that is something else. */
import { show } from '../text';

/** Returns the value when it fits. `field` is where it stands in the whole; '' for the whole itself. */
export type Schema<T> = (value: unknown, field: string) => T;

/** The schemas of an object's fields. */
export type Fields<T> = { readonly [Field in keyof T]-?: Schema<T[Field]> };

/** A value is not what it must be. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

class Mismatch extends Error {
  readonly field: string;
  readonly expected: string;

  constructor(field: string, expected: string, got: unknown) {
    super(`must be ${expected}, got ${show(got)}`);
    this.field = field;
    this.expected = expected;
  }
}

/**
 * The value, once it is known to fit.
 * @param name what it is, at the beginning of the message: a file's path
 * @throws SchemaError naming the first field that does not fit, what was expected and what came.
 */
export function conform<T>(value: unknown, schema: Schema<T>, name: string): T {
  try {
    return schema(value, '');
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const where = error.field === '' ? name : `${name}: ${error.field}`;
    throw new SchemaError(`${where} ${error.message}`);
  }
}

/** A schema of one question. @param expected after "must be" in the message */
export function schema<T>(expected: string, fits: (value: unknown) => boolean): Schema<T> {
  return (value, field) => {
    if (fits(value)) return value as T;
    throw new Mismatch(field, expected, value);
  };
}

/** Whether it is an object as JSON has them. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const object = schema<Record<string, unknown>>('an object', isObject);
export const text = schema<string>('a text', (value) => typeof value === 'string');
export const number = schema<number>('a number', Number.isFinite);
export const truth = schema<boolean>('true or false', (value) => typeof value === 'boolean');
export const whole = schema<number>(
  'a whole number of at least 0',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
const array = schema<unknown[]>('a list', Array.isArray);

/** One value and no other. */
export function exactly<T extends string | number>(...values: readonly T[]): Schema<T> {
  const expected = values.length === 1 ? show(values[0]) : `one of ${values.join(', ')}`;
  return schema(expected, (value) => values.some((each) => each === value));
}

export function orNull<T>(inner: Schema<T>): Schema<T | null> {
  return (value, field) => {
    try {
      return value === null ? null : inner(value, field);
    } catch (error) {
      if (!(error instanceof Mismatch) || error.field !== field) throw error;
      throw new Mismatch(field, `${error.expected} or null`, value);
    }
  };
}

/** A field that may be left out. */
export function optional<T>(inner: Schema<T>): Schema<T> {
  return (value, field) => (value === undefined ? (undefined as T) : inner(value, field));
}

export function listOf<T>(inner: Schema<T>): Schema<readonly T[]> {
  return (value, field) => {
    const list = array(value, field);
    for (const [i, each] of list.entries()) inner(each, `${field}[${i}]`);
    return list as T[];
  };
}

/** An object with any names, whose values are all of one kind. */
export function recordOf<T>(inner: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return (value, field) => {
    const whole = object(value, field);
    for (const key of Object.keys(whole)) inner(whole[key], join(field, key));
    return whole as Record<string, T>;
  };
}

/** An object with these fields; it may have others, which are ignored. */
export function fields<T extends object>(schemas: Fields<T>): Schema<T> {
  return (value, field) => {
    const whole = object(value, field);
    for (const key in schemas) {
      const own = Object.hasOwn(whole, key) ? whole[key] : undefined;
      schemas[key](own, join(field, key));
    }
    return whole as T;
  };
}

function join(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`;
}
