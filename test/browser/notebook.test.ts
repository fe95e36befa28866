/** The course's notebook in a real JupyterLab in a real browser, as a reader steps through it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  buildNotebook,
  type Cell,
  formatNotebook,
  HIDDEN,
  joinLines,
  type Notebook,
} from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { launchBrowser } from './browser';
import { type Lab, ROOT, startLab } from './lab';
import { drawnPoints, rgbOf, until } from './looks';
import { ERROR, NotebookPage } from './notebook-page';

const SOURCE = join(ROOT, 'notebooks/02-breakout.ts');
/** More agent steps than a test waits for: each training goes on until it is interrupted. */
const TOTAL_STEPS = 50_000;

let lab: Lab;
let browser: Browser;
let page: NotebookPage;
let notebook: Notebook;

beforeAll(async () => {
  // from the source: the notebook file may hold what a reader left in it
  notebook = buildNotebook(parsePercent(readFileSync(SOURCE, 'utf8'), { file: SOURCE }));
  browser = await launchBrowser();
  lab = await startLab();
  const copy = join(lab.folder, '02-breakout.ipynb');
  writeFileSync(copy, formatNotebook(notebook));
  const ids = notebook.cells.map(({ id }) => id);
  page = await NotebookPage.open(browser, { url: lab.urlOf(copy), ids });
});

afterEach(({ task }) => page.keepPicture(`notebook ${task.name}`));

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

/** The code cells that are not folded, and so have a prompt. */
function shown({ cells }: Notebook) {
  const isFolded = ({ metadata }: Cell) => metadata.tags?.includes(HIDDEN) ?? false;
  return cells.filter((cell) => cell.cell_type === 'code' && !isFolded(cell));
}

/** Replaces one part of a cell's text, as it is in the original. */
async function edit(id: string, change: { readonly from: string; readonly to: string }) {
  const source = joinLines(notebook.cells.find((cell) => cell.id === id)!.source);
  expect(source).toContain(change.from);
  await page.type(id, source.replace(change.from, change.to));
}

// the tests tell one reader's session, each goes on where the last one ended
describe.sequential('the notebook', { timeout: 300_000 }, () => {
  it('draws a learning curve that grows beside a game in progress while it trains', async () => {
    await edit('settings', { from: 'totalSteps: 120_000', to: `totalSteps: ${TOTAL_STEPS}` });
    await page.choose('Edit', 'Clear Outputs of All Cells');
    await page.runAll();
    const cell = await page.cell('train');
    const plot = cell.locator('.js-plotly-plot .main-svg');
    const hasFailed = async () => (await page.errors()).length > 0;
    await until(async () => (await plot.count()) > 0 || (await hasFailed()), 200_000);
    expect(await page.errors()).toEqual([]);
    const picture = cell.locator('.jp-OutputArea-output img');
    const first = await picture.getAttribute('src');
    const points = (await drawnPoints(cell))[0] ?? 0;
    await until(async () => (await picture.getAttribute('src')) !== first);
    await until(async () => ((await drawnPoints(cell))[0] ?? 0) > points);
    await (await page.outputs('train')).getByText(/50,000 steps · \d+% · \d+/).waitFor();
  });

  it('ends the training softly on Interrupt and goes on with the next cell', async () => {
    await page.interrupt();
    await (await page.outputs('train')).getByText(/^mean of the last 50/).waitFor();
    expect(await (await page.cell('train')).locator(ERROR).count()).toBe(0);
  });

  it('draws the run with another setting into the same plot', async () => {
    const cell = await page.cell('train-again');
    const legend = cell.locator('.js-plotly-plot .legendtext');
    await until(async () => (await legend.count()) === 2);
    await until(async () => (await drawnPoints(cell)).length === 2);
    await page.interrupt();
  });

  it('comes to its end without an error', async () => {
    await page.whenIdle(240_000);
    expect(await page.errors()).toEqual([]);
    for (const { id } of shown(notebook)) {
      expect(await page.prompt(id), id).toMatch(/^\[\d+\]:$/);
    }
  });

  it('plays the games before and after training as animations', async () => {
    for (const id of ['play-before', 'play-after']) {
      const image = (await page.cell(id)).locator('img');
      const first = await image.screenshot();
      await until(async () => !(await image.screenshot()).equals(first));
    }
  });

  it('shows no picture or plot wider than its cell', async () => {
    for (const { id, cell_type } of notebook.cells) {
      if (cell_type !== 'code') continue;
      const cell = await page.cell(id);
      const { x, width } = (await cell.boundingBox())!;
      for (const shown of await cell.locator('.jp-OutputArea-output img, .main-svg').all()) {
        const box = (await shown.boundingBox())!;
        expect(box.x + box.width, id).toBeLessThanOrEqual(x + width);
      }
      await page.keepPicture(`cell ${id}`);
    }
  });

  it('trains again with an edited parameter and keeps the other curves', async () => {
    await page.type(
      'train-again',
      "void (await train('half the batch', { ...config, batchSize: 16 }, seed));",
    );
    await page.run('train-again');
    const cell = await page.cell('train-again');
    const legend = cell.locator('.js-plotly-plot .legendtext');
    await until(async () => (await legend.allTextContents()).includes('half the batch'));
    expect(await legend.count()).toBe(3);
    await page.interrupt();
    await page.whenIdle();
    expect(await cell.locator(ERROR).count()).toBe(0);
  });

  it('shows a wrong setting in red and runs nothing behind it', async () => {
    await edit('settings', {
      from: 'trainFrequency: 8',
      to: 'trainFrequency: 0',
    });
    await page.runAll();
    await page.whenIdle();
    const code = shown(notebook);
    const behind = code.slice(code.findIndex(({ id }) => id === 'settings') + 1);
    for (const { id } of behind) expect(await page.prompt(id), id).toBe('[ ]:');
    const error = (await page.cell('settings')).locator(ERROR);
    await error
      .getByText(/trainFrequency/)
      .first()
      .waitFor();
    const [red, green, blue] = await rgbOf(error);
    expect(red).toBeGreaterThan(Math.max(green!, blue!) + 10);
  });

  it('leaves the console clean and asks no other machine', () => {
    expect(page.consoleErrors).toEqual([]);
    expect(page.foreignRequests).toEqual([]);
  });
});
