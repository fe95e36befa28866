/** The project works in a folder of any name: its own tests run where the path has spaces, umlauts and more. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeClone, offline, PARENT } from './clone';

/** One of each kind: plain code, the compiled engine, a run's process, a command, threads. */
const TESTS = [
  'test/atari/assembler.test.ts',
  'test/engine/graph.test.ts',
  'test/env/breakout-pool.test.ts',
  'test/kernel/check-cache.test.ts',
  'test/runs/earlier-version.test.ts',
  'test/runs/launch.test.ts',
];

it('passes its tests in a folder with a space, an umlaut and an emoji', {
  timeout: 600_000,
}, async () => {
  const parent = join(PARENT, 'mein Spiel äöü 🎮 (1)');
  const clone = makeClone({ products: true, sources: ['test', 'notebooks'], parent });
  expect((await clone.run(offline(clone))).code).toBe(0);
  const vitest = clone.path('node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.mts', '--maxWorkers=1', ...TESTS];
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, ...args], {
    cwd: clone.path('.'),
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  clone.delete();
  expect(stdout, stderr).toMatch(new RegExp(`Test Files +${TESTS.length} passed`));
  expect(status).toBe(0);
});
