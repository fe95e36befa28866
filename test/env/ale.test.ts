/** The emulator refuses states, strengths and seeds that cannot be, and stays as it was. */
import { describe, expect, it } from 'vitest';
import { Ale } from '../../lib/env/ale';
import { OptionError } from '../../lib/env/errors';
import { readRom } from '../../lib/env/rom';

describe('Ale.restoreState', () => {
  it.each([
    [{ mode: 999 }, /^mode must be one of 0, 4, .*, got 999$/],
    [{ difficulty: 2 }, /^difficulty must be one of 0, 1, got 2$/],
  ])('refuses %j, which no reset could reach', (change, message) => {
    const ale = new Ale(readRom());
    const restore = () => ale.restoreState({ ...ale.cloneState(), ...change });
    expect(restore).toThrow(OptionError);
    expect(restore).toThrow(message);
    ale.resetGame();
  });
});

describe('Ale', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, '1'])('refuses the strength %s', (strength) => {
    const ale = new Ale(readRom());
    const before = ale.cloneState();
    expect(() => ale.act(3, strength as number)).toThrow(OptionError);
    expect(ale.cloneState()).toEqual(before);
  });

  it.each(['x', 0.5, 2 ** 32])('refuses the seed %s', (randomSeed) => {
    const create = () => new Ale(readRom(), { randomSeed: randomSeed as number });
    expect(create).toThrow(/^randomSeed must be a whole number from -2147483648 to 4294967295/);
  });
});
