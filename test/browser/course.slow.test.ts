/** The notebooks with live games, run whole in a real JupyterLab in a real browser. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readNotebook } from '../../lib/notebook/ipynb';
import { launchBrowser } from './browser';
import { type Lab, ROOT, startLab } from './lab';
import { NotebookPage } from './notebook-page';

const MOST_MS = 600_000;

let lab: Lab;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  lab = await startLab();
});

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

it.each([
  ['07-inside-the-agent', 2],
  ['08-the-console', 0],
])(
  'Run All of %s ends without an error, with %d live games',
  { timeout: 2 * MOST_MS },
  async (name, games) => {
    const file = join(lab.folder, `${name}.ipynb`);
    copyFileSync(join(ROOT, `notebooks/${name}.ipynb`), file);
    const ids = readNotebook(readFileSync(file, 'utf8'), { file }).cells.map(({ id }) => id);
    const page = await NotebookPage.open(browser, { url: lab.urlOf(file), ids });
    await page.runAll();
    await page.whenIdle(MOST_MS);
    expect(await page.errors()).toEqual([]);
    const players = ['watch', 'your-play'].filter((id) => ids.includes(id));
    expect(players).toHaveLength(games);
    for (const id of players) {
      const player = (await page.cell(id)).locator('.breakout-player');
      await player.focus();
      await player.getByRole('button', { name: 'New game (R)' }).click();
      const timeline = player.getByLabel('Moment of the game');
      await expect
        .poll(async () => Number(await timeline.inputValue()), { timeout: 60_000 })
        .toBeGreaterThan(60);
      await page.page.keyboard.press('p');
    }
    expect(page.consoleErrors).toEqual([]);
    expect(page.foreignRequests).toEqual([]);
    await page.close();
  },
);
