/** The browser tests, run by a real vitest without Chromium, are skipped; in CI they fail. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './lab';

/** Runs a test file of the browser on a machine that has none. */
function runWithout(env: NodeJS.ProcessEnv) {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.mts', 'test/browser/display.test.ts'];
  const { CI: _ci, CHROMIUM_PATH: _path, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...inherited, NO_COLOR: '1', PATH: tmpdir(), ...env },
  });
  return { status, output: stdout + stderr };
}

describe('without a Chromium', () => {
  it('the tests in the browser are skipped, and say how to have them', () => {
    const { status, output } = runWithout({});
    expect(output).toMatch(/Skipped: .*apt-get install chromium.*CHROMIUM_PATH/);
    expect(output).toMatch(/Tests +\d+ skipped \(/);
    expect(status).toBe(0);
  });

  it('they fail in CI', () => {
    const { status, output } = runWithout({ CI: 'true' });
    expect(output).toMatch(/Error: .*apt-get install chromium/);
    expect(status).toBe(1);
  });
});
