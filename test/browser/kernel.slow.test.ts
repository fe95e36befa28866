/** Kernels that die, restart or train side by side, in a real JupyterLab in a real browser. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildNotebook, formatNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { launchBrowser } from './browser';
import { type Lab, startLab } from './lab';
import { drawnPoints, until } from './looks';
import { NotebookPage } from './notebook-page';

/** A real training in the cell, longer than the test, with its curve. */
const SOURCE = `
// %% id="imports"
import { createConfig, DqnTraining, interruptSignal, learningCurve, LiveFigure, makeBreakout, train } from 'breakout-dqn';
// %% id="pid"
console.log(\`process \${process.pid}.\`);
// %% id="train"
const config = createConfig('quick', { totalSteps: 1_000_000, learningStarts: 64, trainFrequency: 16, engine: 'tensorflow' });
const training = new DqnTraining({ env: makeBreakout(), config, seed: 1 });
const curve = new LiveFigure({ periodMs: 300 });
const series = { name: 'step', agentSteps: [] as number[], values: [] as number[] };
for await (const event of train({ training, clock: () => performance.now(), signal: interruptSignal() })) {
  if (event.type !== 'progress') continue;
  series.agentSteps.push(training.agentStep);
  series.values.push(training.updates);
  curve.update(() => learningCurve(series));
}
// %% id="after"
console.log(\`trained \${training.agentStep > 0}\`);
`;
const CELLS = parsePercent(SOURCE, { file: 'kernel.ts' });
const IDS = CELLS.map(({ id }) => id);

let lab: Lab;
let browser: Browser;
const pages: NotebookPage[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  lab = await startLab();
  for (const name of ['first', 'second']) {
    const file = join(lab.folder, `${name}.ipynb`);
    writeFileSync(file, formatNotebook(buildNotebook(CELLS)));
    pages.push(await NotebookPage.open(browser, { url: lab.urlOf(file), ids: IDS }));
  }
});

afterEach(async ({ task }) => {
  for (const [i, page] of pages.entries()) await page.keepPicture(`kernel ${i} ${task.name}`);
});

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

async function points(page: NotebookPage): Promise<number> {
  return (await drawnPoints(await page.cell('train')))[0] ?? 0;
}

async function pidOf(page: NotebookPage): Promise<number> {
  await page.run('pid');
  const output = (await page.outputs('pid')).filter({ hasText: /process \d+\./ });
  await output.first().waitFor();
  return Number(/\d+/.exec(await output.first().innerText()));
}

async function startTraining(page: NotebookPage): Promise<void> {
  const before = await page.errors();
  await page.run('imports');
  await page.run('train');
  const isWrong = async () => (await page.errors()).length > before.length;
  await until(async () => (await points(page)) > 2 || (await isWrong()));
  expect(await page.errors()).toEqual(before);
}

// the tests tell one session, each goes on where the last one ended
describe.sequential('kernels', { timeout: 240_000 }, () => {
  const pids: number[] = [];

  it('train side by side in two notebooks', async () => {
    pids.push(...(await Promise.all(pages.map(pidOf))));
    expect(new Set(pids).size).toBe(2);
    await Promise.all(pages.map(startTraining));
    const before = await Promise.all(pages.map(points));
    for (const [i, page] of pages.entries()) {
      await until(async () => (await points(page)) > before[i]! + 2);
    }
  });

  it('a restart during a training ends it; a cell that needs it names the cell to run first', async () => {
    const [page, other] = pages as [NotebookPage, NotebookPage];
    await page.choose('Kernel', 'Restart Kernel…');
    await page.page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
    await page.whenIdle();
    await page.run('after');
    const message = (await page.outputs('after')).getByText(
      /training is declared in the cell .*train.*run it first/,
    );
    await message.waitFor();
    expect(await pidOf(page)).not.toBe(pids[0]);
    const before = await points(other);
    await until(async () => (await points(other)) > before);
  });

  it('a kernel killed in its training is said to have died, and a new one is idle and trains', async () => {
    const [, page] = pages as [NotebookPage, NotebookPage];
    process.kill(pids[1]!, 'SIGKILL');
    await page.page.getByText('appears to have died').waitFor();
    await page.page.getByRole('button', { name: 'Ok' }).click();
    await page.page.locator('.jp-StatusBar-Widget', { hasText: '| Idle' }).waitFor();
    expect(await pidOf(page)).not.toBe(pids[1]);
    await startTraining(page);
  });

  it('an interrupt ends a training softly, and the next cell runs', async () => {
    const [, page] = pages as [NotebookPage, NotebookPage];
    await page.interrupt();
    await page.whenIdle();
    await page.run('after');
    await (await page.outputs('after')).getByText('trained true').waitFor();
    expect(await page.errors()).toEqual([]);
  });
});
