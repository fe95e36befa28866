/**
 * A live game in JupyterLab in Chromium: from a key to its picture, and pictures a second.
 *
 *     npm run bench -- play
 *
 * Keys are held for a quarter of a second each, for a minute, alone and then beside a training in another
 * process. A key's time ends when the picture that knows of it is drawn. The last line is JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { buildNotebook, formatNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { attach } from '../../lib/runs/start';
import { launchChromium } from '../browser/chromium';
import { ROOT, startLab } from '../browser/lab';
import { NotebookPage } from '../browser/notebook-page';
import { median, printResult, runBench } from './peer';

const MINUTE_MS = 60_000;
const HOLD_MS = 250;
/** The training's process has begun to compute. */
const TRAINING_STARTS_MS = 15_000;

interface Measured {
  readonly pictures: number;
  readonly latencies: readonly number[];
}

/** Reads the view that belongs to an output. */
const see = (player: Locator): Promise<Measured> =>
  player.evaluate((root) => {
    const { measured } = (root as unknown as { breakoutPlayer: { measured: Measured } })
      .breakoutPlayer;
    return { pictures: measured.pictures, latencies: [...measured.latencies] };
  });

/** Plays for a minute. */
async function playMinute(page: NotebookPage, player: Locator): Promise<Record<string, number>> {
  const { keyboard } = page.page;
  await player.focus();
  await keyboard.press('r');
  const before = await see(player);
  const begin = performance.now();
  for (let i = 0; performance.now() - begin < MINUTE_MS; i++) {
    const key = i % 2 === 0 ? 'ArrowLeft' : 'ArrowRight';
    await keyboard.down(key);
    await page.page.waitForTimeout(HOLD_MS);
    await keyboard.up(key);
    if (i % 8 === 0) await keyboard.press(' '); // serves
    if (i % 100 === 99) await keyboard.press('r'); // a new game before all balls are lost
  }
  const seconds = (performance.now() - begin) / 1000;
  const after = await see(player);
  await keyboard.press('p');
  const latencies = after.latencies.slice(before.latencies.length).sort((a, b) => a - b);
  return {
    picturesPerSecond: (after.pictures - before.pictures) / seconds,
    keyToPictureMs: median(latencies),
    keyToPictureMs90: latencies[Math.floor(0.9 * latencies.length)]!,
  };
}

runBench(async () => {
  const source = join(ROOT, 'test/browser/play-fixture.ts');
  const cells = parsePercent(readFileSync(source, 'utf8'), { file: source });
  const browser = await launchChromium();
  const lab = await startLab();
  try {
    const file = join(lab.folder, 'play.ipynb');
    writeFileSync(file, formatNotebook(buildNotebook(cells)));
    const ids = cells.map(({ id }) => id);
    const page = await NotebookPage.open(browser, { url: lab.urlOf(file), ids });
    for (const id of ['imports', 'play']) await page.run(id);
    await page.whenIdle();
    const player = (await page.cell('play')).locator('.breakout-player');
    const alone = await playMinute(page, player);
    console.log('alone', alone);
    await page.run('train');
    await page.whenIdle();
    await page.page.waitForTimeout(TRAINING_STARTS_MS);
    await page.cell('play');
    const beside = await playMinute(page, player);
    console.log('beside a training', beside);
    await (await attach('beside', { runsFolder: lab.runs })).stop();
    const entries = Object.entries(beside).map(([name, value]) => [`${name}Beside`, value]);
    printResult({ ...alone, ...Object.fromEntries(entries) }, { digits: 1 });
  } finally {
    await browser.close();
    await lab.stop();
  }
});
