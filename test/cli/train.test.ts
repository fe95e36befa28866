import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

let runs = '';
beforeAll(() => {
  runs = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterAll(() => rmSync(runs, { recursive: true }));

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function call(command: 'train' | 'runs' | 'evaluate', ...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', join('lib/cli', `${command}.ts`), ...args],
      { cwd: ROOT, env: { ...process.env, BREAKOUT_RUNS: runs } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const TINY = ['--set', 'learningStarts=30', '--set', 'batchSize=2', '--set', 'bufferSize=50'];

test('trains Breakout, lists the run, and evaluates it', async () => {
  const trained = await call(
    'train',
    '--preset',
    'quick',
    '--name',
    'tiny',
    '--steps',
    '60',
    ...TINY,
  );
  expect(trained).toMatchObject({ code: 0, stderr: '' });
  const lines = trained.stdout.trim().split('\n');
  expect(lines[0]).toBe(`run tiny in ${join(runs, 'tiny')}`);
  expect(lines.at(-1)).toMatch(/^█+ {2}60 \/ 60 agent steps · 100% .* now finished .*$/);
  expect(trained.stdout).not.toContain('\r'); // plain lines: this is no terminal

  const longer = await call(
    'train',
    '--resume',
    'tiny',
    '--steps',
    '80',
    '--set',
    'learningRate=1e-5',
  );
  expect(longer.code).toBe(0);
  expect(longer.stdout).toContain('80 / 80 agent steps');

  const listed = await call('runs');
  expect(listed.stdout).toMatch(/^name .*\ntiny +finished +80 +80 /);

  const gif = join(runs, 'play.gif');
  // random play: the network is loaded, but not asked
  const options = ['--episodes', '3', '--epsilon', '1', '--seed', '5', '--gif', gif];
  const evaluated = await call('evaluate', 'tiny', ...options);
  const returns = [...evaluated.stdout.matchAll(/^episode \d: (\d+)$/gm)].map(([, n]) => Number(n));
  expect(returns).toHaveLength(3);
  const [a, b, c] = returns as [number, number, number];
  const mean = (a + b + c) / 3;
  const result = JSON.parse(evaluated.stdout.trim().split('\n').at(-1)!);
  expect(Object.keys(result)).toEqual(['mean', 'std', 'median', 'best', 'episodes', 'epsilon']);
  expect(result).toMatchObject({ median: [...returns].sort()[1], best: Math.max(a, b, c) });
  expect(result.mean).toBeCloseTo(mean, 12);
  expect(result.std ** 2).toBeCloseTo(
    ((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 2,
    12,
  );
  expect(readFileSync(gif).toString('latin1', 0, 6)).toBe('GIF89a');
}, 180_000);

describe('mistakes are told in a sentence', () => {
  const cases: ['train' | 'evaluate', string[], number, RegExp][] = [
    ['train', [], 2, /^give --preset and --name, or --resume\nusage: npm run train/],
    [
      'train',
      ['--preset', 'quick', '--name', 'x', '--set', 'a'],
      2,
      /^--set takes KEY=VALUE, got a/,
    ],
    [
      'train',
      ['--preset', 'quik', '--name', 'x'],
      1,
      /^preset must be one of keras, .*, got quik\n$/,
    ],
    ['train', ['--preset', 'quick', '--name', 'a/b'], 1, /^a run's name must be .*"a\/b".*\n$/],
    ['train', ['--resume', 'nobody'], 1, /^there is no run named nobody: .*\n$/],
    ['evaluate', ['x', '--epsilon', '2'], 2, /^--epsilon must be from 0 to 1, got 2\n/],
  ];
  test.each(cases)('%s %j', async (command, args, code, message) => {
    const result = await call(command, ...args);
    expect(result.stderr.replace(/^(WARNING|I0000).*\n/gm, '')).toMatch(message);
    expect(result.code).toBe(code);
  });
});
