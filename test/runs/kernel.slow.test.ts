import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach } from '../../lib/runs/start';
import { TestKernel } from '../kernel/client';

let runsFolder = '';
beforeAll(() => {
  runsFolder = mkdtempSync(join(tmpdir(), 'kernel-runs-'));
});
afterAll(() => rmSync(runsFolder, { recursive: true }));

test("a run on Breakout started in a cell outlives the kernel and is shown by the next one's panel", async () => {
  const first = await TestKernel.start();
  const started = await first.execute(`
    import { startRun } from 'breakout-dqn';
    const run = await startRun({
      name: 'long', preset: 'quick', runsFolder: ${JSON.stringify(runsFolder)},
      totalSteps: 1_000_000, learningStarts: 100, batchSize: 2, bufferSize: 500,
    });
    (await run.status()).state`);
  expect(started.traceback).toBe('');
  expect(started.result).toBe("'running'");
  const run = await attach('long', { runsFolder });
  const { pid } = await run.status();
  await first.stop();
  expect(await run.status()).toMatchObject({ state: 'running', pid });

  const second = await TestKernel.start();
  const shown = await second.execute(`
    import { showRun } from 'breakout-dqn';
    await showRun('long', { runsFolder: ${JSON.stringify(runsFolder)} });
    await new Promise((resolve) => setTimeout(resolve, 3000));`);
  expect(shown.traceback).toBe('');
  const updates = shown
    .contents('update_display_data')
    .map(({ data }) => Object.keys(data as object));
  const kinds = new Set(updates.flat());
  expect([...kinds]).toEqual(
    expect.arrayContaining(['image/png', 'application/vnd.plotly.v1+json']),
  );
  // four displays: line, buttons, curve, play; each at most twice a second
  expect(shown.contents('display_data')).toHaveLength(4);
  expect(updates.length).toBeLessThan(4 * 2 * 10);
  const paused = await second.execute(`
    import { attach } from 'breakout-dqn';
    const found = await attach('long', { runsFolder: ${JSON.stringify(runsFolder)} });
    (await found.pause()).state`);
  expect(paused.result).toBe("'paused'");
  await second.stop();
  expect((await run.stop()).state).toBe('stopped');
});
