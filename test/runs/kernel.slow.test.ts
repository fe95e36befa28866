/** A run on Breakout started in a real kernel outlives it, and another kernel's panel shows it. */
import { expect, test } from 'vitest';
import { attach } from '../../lib/runs/start';
import { folderOfAll } from '../helpers/folder';
import { TestKernel } from '../kernel/client';

const BUTTONS_MIME = 'application/vnd.breakout-dqn.buttons+json';

interface Update {
  readonly data: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id: string };
}

const runsFolder = folderOfAll();

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
    const begun = performance.now();
    await showRun('long', { runsFolder: ${JSON.stringify(runsFolder)} });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    performance.now() - begun`);
  expect(shown.traceback).toBe('');
  const updates = shown.contents('update_display_data') as unknown as Update[];
  const kinds = new Set(updates.flatMap(({ data }) => Object.keys(data)));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['image/png', 'application/vnd.plotly.v1+json']),
  );
  // four displays: line, buttons, curve, play; each at once and then at most twice a second
  expect(shown.contents('display_data')).toHaveLength(4);
  const seconds = Number(shown.result) / 1000;
  const ids = updates.map(({ transient }) => transient.display_id);
  for (const id of new Set(ids)) {
    const count = ids.filter((each) => each === id).length;
    const isButtons = updates.some(
      ({ data, transient }) => transient.display_id === id && BUTTONS_MIME in data,
    );
    // the buttons are told one by one which of them may be pressed
    expect(count).toBeLessThanOrEqual(isButtons ? 3 : 2 * seconds + 1);
  }
  const paused = await second.execute(`
    import { attach } from 'breakout-dqn';
    const found = await attach('long', { runsFolder: ${JSON.stringify(runsFolder)} });
    (await found.pause()).state`);
  expect(paused.result).toBe("'paused'");
  await second.stop();
  expect((await run.stop()).state).toBe('stopped');
});
