/** The moves between a run's states are those of a table written out here. */
import { describe, expect, test } from 'vitest';
import { MOVES, move, type ProcessStateName } from '../../../lib/runs/process/run-state';

// rows: from; columns: to, in the same order
const NAMES = 'starting running paused waiting stopped finished failed'.split(' ');
const TABLE = `
  starting  . x . x . . x
  running   . . x x x x x
  paused    . x . x x x x
  waiting   x x x . . . .
  stopped   . . . . . . .
  finished  . . . . . . .
  failed    . . . . . . .`;

describe.each(TABLE.trim().split('\n'))('%s', (line) => {
  const [from, ...cells] = line.trim().split(/ +/) as [ProcessStateName, ...string[]];
  test.each(cells.map((cell, i) => [NAMES[i] as ProcessStateName, cell === 'x'] as const))(
    'to %s: %s',
    (name, isAllowed) => {
      const next = { name, message: 'why' };
      const moving = () => move({ name: from, message: null }, next);
      if (isAllowed) expect(moving()).toBe(next);
      else expect(moving).toThrow(`after ${from} a run's state must be `);
    },
  );
});

test('a refused move says which ones there are', () => {
  expect(Object.keys(MOVES)).toEqual(NAMES);
  const moving = (from: ProcessStateName) => () =>
    move({ name: from, message: null }, { name: 'stopped', message: null });
  expect(moving('starting')).toThrow('must be running, waiting, failed, got stopped');
  expect(moving('failed')).toThrow('must be no other, got stopped');
});
