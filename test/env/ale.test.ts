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
