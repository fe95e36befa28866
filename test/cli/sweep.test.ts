/** The real command trains a sweep's file, shows its table, and says all that is wrong with a file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOfAll } from '../helpers/folder';
import { TOY } from '../runs/toy';
import { call } from './call';

const runs = folderOfAll();

function write(name: string, content: unknown): string {
  const path = join(runs, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('trains, and shows the same table again', async () => {
  const set = { learningStarts: 50, bufferSize: 200, batchSize: 4 };
  const toys = { program: TOY, vary: [{}], seeds: [1, 2], steps: 200, set };
  const path = write('toys.json', toys);
  const first = await call(runs, 'sweep', path);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const lines = first.stdout.trim().split('\n');
  expect(lines[0]).toBe('sweep toys: 1 setting x 2 seeds, 2 runs');
  expect(lines.at(-4)).toMatch(/^█+ {2}400 \/ 400 agent steps · 100% .* · trials 2 of 2 done$/);
  expect(lines.at(-2)).toMatch(/^quick +2 of 2 +-?[\d.]+ +-?[\d.]+ \.\.\. -?[\d.]+ +0.0 +- +-$/);
  expect(lines.at(-1)).toBe(join(runs, 'toys.sweep.json'));
  const again = await call(runs, 'sweep', path);
  expect(again.stdout.trim().split('\n').slice(-3)).toEqual(lines.slice(-3));

  // a trial that cannot be is no success
  const other = write('toys.json', { ...toys, seeds: [2], steps: 300 });
  const refused = await call(runs, 'sweep', other);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^toys-base-seed2: .* \(totalSteps 200, not 300\): give the sweep another name/,
  );
  expect(refused.stdout).toContain('0 of 1 trials have finished');
});

test.each([
  [[], 2, 'name one SWEEP.json, or give --worker alone\nusage:'],
  [['a.json', '--ray', 'here'], 2, '--ray must be local or HOST:PORT, got here\nusage:'],
  [['a.json', '--worker', '1'], 2, 'or give --worker alone'],
  [[write('text.json', '{')], 1, 'text.json cannot be read as JSON'],
  [
    [write('wrong.json', { vary: { learnRate: [1] }, seeds: [], steps: 10 })],
    1,
    'wrong.json has 2 wrong field(s), change them:\n' +
      '  seeds: expected a list of different whole numbers of at least 0, got []\n' +
      '  vary.learnRate: expected a known field, the nearest is learningRate, got 1\n',
  ],
])('%j is refused', async (args, code, message) => {
  const { stderr, ...rest } = await call(runs, 'sweep', ...args);
  expect(rest.code).toBe(code);
  expect(stderr).toContain(message);
});
