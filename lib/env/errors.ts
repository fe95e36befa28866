/** The errors of environments, and checks that throw them. */

import { inspect } from 'node:util';

/** An option, seed or action that is not allowed. */
export class OptionError extends RangeError {
  override readonly name = 'OptionError';
  readonly option: string;
  readonly value: unknown;
  readonly expectation: string;

  /** @param expectation completes "OPTION must be ..." */
  constructor(option: string, value: unknown, expectation: string) {
    super(`${option} must be ${expectation}, got ${show(value)}`);
    this.option = option;
    this.value = value;
    this.expectation = expectation;
  }
}

/** `step` came before the first `reset`, or after the end of an episode. */
export class ResetNeededError extends Error {
  override readonly name = 'ResetNeededError';
}

/** The file given as the Breakout cartridge cannot be read or is another one. */
export class RomError extends Error {
  override readonly name = 'RomError';
}

/** The bytes given to `restore` are not a state that this environment can go on from. */
export class SavedStateError extends Error {
  override readonly name = 'SavedStateError';
}

/** Shows any value in a message, briefly. */
export function show(value: unknown): string {
  if (typeof value === 'string' && value.length <= 100) return `'${value}'`;
  if (Array.isArray(value) && value.length <= 10) return `[${value.map(show).join(', ')}]`;
  if (typeof value !== 'object' && typeof value !== 'string') return String(value);
  return inspect(value, {
    depth: 0,
    maxArrayLength: 10,
    maxStringLength: 100,
    breakLength: Infinity,
  });
}

/** @throws OptionError when `value` is not a whole number in [low, high]. */
export function checkInteger(option: string, value: number, low: number, high = Infinity): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    const range = high === Infinity ? `of at least ${low}` : `from ${low} to ${high}`;
    throw new OptionError(option, value, `a whole number ${range}`);
  }
  return value;
}

/** @throws OptionError when `value` is not one of `allowed`. */
export function checkOneOf<T>(option: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) {
    throw new OptionError(option, value, `one of ${allowed.map(show).join(', ')}`);
  }
  return value;
}

/** @throws OptionError when `value` is neither true nor false. */
export function checkBoolean(option: string, value: boolean): boolean {
  return checkOneOf(option, value, [true, false]);
}
