/** The errors of environments, and checks that throw them. */

import { show } from '../text';

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
