/**
 * A long training in a cell of the course's notebook, watched in a real browser all the time.
 * LONG_MINUTES sets how long; default 10.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildNotebook, formatNotebook } from '../../lib/notebook/ipynb';
import { parsePercent, type SourceCell } from '../../lib/notebook/percent';
import { launchBrowser } from './browser';
import { type Lab, ROOT, startLab } from './lab';
import { drawnPoints, until } from './looks';
import { growthOf, kernelPid, PID_CELL, residentMb } from './memory';
import { NotebookPage } from './notebook-page';

const MINUTES = Number(process.env.LONG_MINUTES ?? 10);
const SAMPLE_MS = 2_000;

/** TensorFlow, the JIT compiler and the heap take what they need: the first minute of training. */
const WARM_UP_MS = 60_000;

/**
 * In six minutes, of ten, one picture of 100 kB for each of two displays a second makes 72 MB; one
 * observation of 28 kB for each of 20 steps a second 200 MB.
 */
const MAX_GROWTH_MB = 50;

const MAX_FILE_BYTES = 1_000_000;

let lab: Lab;
let browser: Browser;
let page: NotebookPage;
let file: string;

beforeAll(async () => {
  const source = join(ROOT, 'notebooks/02-breakout.ts');
  const cells = [PID_CELL, ...cellsUpToTraining(readFileSync(source, 'utf8'), source)];
  browser = await launchBrowser();
  lab = await startLab();
  file = join(lab.folder, 'long.ipynb');
  writeFileSync(file, formatNotebook(buildNotebook(cells)));
  page = await NotebookPage.open(browser, { url: lab.urlOf(file), ids: cells.map(({ id }) => id) });
});

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

/**
 * The course from its beginning to its training, which then goes on until it is interrupted. Its replay memory
 * is full within the first minute: what it holds is no leak.
 */
function cellsUpToTraining(text: string, source: string): SourceCell[] {
  let edited = text;
  for (const [from, to] of [
    ['totalSteps: 120_000', 'totalSteps: 1_000_000_000'],
    ['bufferSize: 100_000', 'bufferSize: 10_000'],
  ] as const) {
    expect(edited).toContain(from);
    edited = edited.replace(from, to);
  }
  const cells = parsePercent(edited, { file: source });
  return cells.slice(0, cells.findIndex(({ id }) => id === 'train') + 1);
}

test(`${MINUTES} minutes of training leave the kernel's memory flat and the notebook small`, {
  timeout: (MINUTES + 10) * 60_000,
}, async () => {
  await page.runAll();
  const pid = await kernelPid(page);
  const cell = await page.cell('train');
  const plot = cell.locator('.js-plotly-plot .main-svg').first();
  await until(async () => (await plot.count()) > 0 || (await page.errors()).length > 0, 300_000);
  expect(await page.errors()).toEqual([]);

  await setTimeout(WARM_UP_MS);
  const samples: number[] = [];
  const end = performance.now() + MINUTES * 60_000 - WARM_UP_MS;
  while (performance.now() < end) {
    samples.push(residentMb(pid));
    await setTimeout(SAMPLE_MS);
  }
  const [points] = await drawnPoints(cell);
  await page.interrupt();
  await (await page.outputs('train')).getByText(/^mean of the last 50/).waitFor();
  await page.whenIdle();
  await page.save();

  const growth = growthOf(samples);
  const range = [Math.min(...samples), Math.max(...samples)].map((mb) => mb.toFixed(0));
  const bytes = statSync(file).size;
  console.log(
    `${points} episodes drawn; kernel ${range.join(' to ')} MB, its lows grown by ${growth.toFixed(1)} MB; ` +
      `notebook ${(bytes / 1000).toFixed(0)} kB`,
  );
  expect(points).toBeGreaterThan(MINUTES); // it did train, and was watched
  expect(growth).toBeLessThan(MAX_GROWTH_MB);
  expect(bytes).toBeLessThan(MAX_FILE_BYTES);
  expect(page.consoleErrors).toEqual([]);
});
