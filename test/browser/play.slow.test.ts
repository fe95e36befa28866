/** Minutes of play in a real browser: memory of kernel and page stays flat, the notebook small. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildNotebook, formatNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { launchBrowser } from './browser';
import { type Lab, ROOT, startLab } from './lab';
import { growthOf, kernelPid, PID_CELL, residentMb } from './memory';
import { NotebookPage } from './notebook-page';

const MINUTES = Number(process.env.LONG_MINUTES ?? 10);
/** The first minute fills caches and the list of states for rewinding. */
const WARM_UP_MS = 60_000;
/** In six minutes of ten, 60 pictures of 33 kB a second make 720 MB, one state of 2 kB a step 10 MB. */
const MAX_GROWTH_MB = { kernel: 50, page: 20 };

const source = join(ROOT, 'test/browser/play-fixture.ts');
const cells = [
  PID_CELL,
  ...parsePercent(readFileSync(source, 'utf8'), { file: source }).slice(0, 2),
];

let lab: Lab;
let browser: Browser;
let notebook: NotebookPage;
let file: string;

beforeAll(async () => {
  browser = await launchBrowser();
  lab = await startLab();
  file = join(lab.folder, 'play.ipynb');
  writeFileSync(file, formatNotebook(buildNotebook(cells)));
  const ids = cells.map(({ id }) => id);
  notebook = await NotebookPage.open(browser, { url: lab.urlOf(file), ids });
});

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

/** What the page's objects take after a collection, in MB. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / 1e6;
}

test(`${MINUTES} minutes of play`, { timeout: (MINUTES + 10) * 60_000 }, async () => {
  await notebook.runAll();
  await notebook.whenIdle();
  expect(await notebook.errors()).toEqual([]);
  const pid = await kernelPid(notebook);
  const player = (await notebook.cell('play')).locator('.breakout-player');
  await player.locator('.stage').click({ position: { x: 160, y: 200 } });
  const session = await notebook.page.context().newCDPSession(notebook.page);
  await session.send('Performance.enable');

  const { keyboard } = notebook.page;
  const [kernelMb, pageMb] = [[] as number[], [] as number[]];
  const begin = performance.now();
  for (let turn = 0; performance.now() - begin < MINUTES * 60_000; turn++) {
    const key = turn % 2 === 0 ? 'ArrowLeft' : 'ArrowRight';
    await keyboard.down(key);
    await notebook.page.waitForTimeout(400);
    await keyboard.up(key);
    await keyboard.press(' '); // serves the next ball
    if (turn % 200 === 199) await keyboard.press('r'); // a new game
    if (performance.now() - begin < WARM_UP_MS || turn % 10 !== 0) continue;
    kernelMb.push(residentMb(pid));
    pageMb.push(await heapMb(session));
  }
  await keyboard.press('p');
  const { pictures } = await player.evaluate(
    (root) =>
      (root as unknown as { breakoutPlayer: { measured: { pictures: number } } }).breakoutPlayer
        .measured,
  );
  await notebook.page.waitForTimeout(3000);
  await notebook.save();

  const [kernelGrowth, pageGrowth] = [growthOf(kernelMb), growthOf(pageMb)];
  const seconds = (performance.now() - begin) / 1000;
  console.log(
    `${(pictures / seconds).toFixed(1)} pictures a second; kernel ${Math.max(...kernelMb).toFixed(0)} MB, grown by ` +
      `${kernelGrowth.toFixed(1)}; page ${Math.max(...pageMb).toFixed(0)} MB, grown by ${pageGrowth.toFixed(1)}; ` +
      `notebook ${statSync(file).size} bytes`,
  );
  expect(pictures).toBeGreaterThan(10 * seconds);
  expect(kernelGrowth).toBeLessThan(MAX_GROWTH_MB.kernel);
  expect(pageGrowth).toBeLessThan(MAX_GROWTH_MB.page);
  expect(statSync(file).size).toBeLessThan(60_000);
  expect(notebook.consoleErrors).toEqual([]);
});
