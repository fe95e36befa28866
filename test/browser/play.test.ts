/** A live game in a real JupyterLab in a real browser: keys, pictures, rewind, an agent that is watched. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildNotebook, formatNotebook, readNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { launchBrowser } from './browser';
import { type Lab, ROOT, startLab } from './lab';
import { until } from './looks';
import { NotebookPage } from './notebook-page';

const SOURCE = join(ROOT, 'test/browser/play-fixture.ts');
const CELLS = parsePercent(readFileSync(SOURCE, 'utf8'), { file: SOURCE });
const IDS = CELLS.map(({ id }) => id);

let lab: Lab;
let browser: Browser;
let notebook: NotebookPage;
let file: string;

beforeAll(async () => {
  browser = await launchBrowser();
  lab = await startLab();
  file = join(lab.folder, 'play.ipynb');
  writeFileSync(file, formatNotebook(buildNotebook(CELLS)));
  notebook = await NotebookPage.open(browser, { url: lab.urlOf(file), ids: IDS });
});

afterEach(({ task }) => notebook.keepPicture(`play ${task.name}`));

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

/** What the page knows of its game. */
interface Seen {
  readonly status: { readonly frame: number; readonly paused: boolean; readonly pilot: string };
  readonly pictures: number;
  readonly latencies: readonly number[];
  /** Column of the paddle's left end. */
  readonly paddle: number;
}

/** Reads the view that belongs to an output. */
function lookAt(root: unknown): Seen {
  const { status, measured, screen } = (root as { breakoutPlayer: never }).breakoutPlayer as {
    status: Seen['status'];
    measured: { pictures: number; latencies: number[] };
    screen: { image: { data: Uint8ClampedArray } };
  };
  const row = 190 * 160;
  let paddle = 8;
  while (paddle < 152 && screen.image.data[4 * (row + paddle)]! < 100) paddle++;
  return { status, ...measured, paddle };
}

const playerOf = async (id: string): Promise<Locator> =>
  (await notebook.cell(id)).locator('.breakout-player');
const see = async (id: string): Promise<Seen> => (await playerOf(id)).evaluate(lookAt);

async function start(id: string): Promise<Locator> {
  for (const each of id === 'play' ? ['imports', id] : [id]) await notebook.run(each);
  await notebook.whenIdle();
  expect(await notebook.errors()).toEqual([]);
  const player = await playerOf(id);
  await until(async () => (await player.evaluate(lookAt)).status !== undefined);
  return player;
}

// the tests tell one reader's session, each goes on where the last one ended
describe.sequential('a live game', { timeout: 240_000 }, () => {
  it('starts by a click, and arrow keys move the paddle', async () => {
    const player = await start('play');
    await player.locator('.stage').click({ position: { x: 160, y: 200 } });
    await until(async () => (await see('play')).status.frame > 30);
    const { keyboard } = notebook.page;
    await keyboard.down('ArrowLeft');
    await until(async () => (await see('play')).paddle <= 10);
    await keyboard.up('ArrowLeft');
    await keyboard.down('ArrowRight');
    await until(async () => (await see('play')).paddle >= 120);
    await keyboard.up('ArrowRight');
    const { paddle } = await see('play');
    await notebook.page.waitForTimeout(500);
    expect(Math.abs((await see('play')).paddle - paddle)).toBeLessThan(20);
  });

  it('keeps keys from the notebook, and goes back', async () => {
    const cells = notebook.page.locator('.jp-Notebook .jp-Cell');
    const count = await cells.count();
    const player = await playerOf('play');
    await player.focus();
    for (const key of ['a', 'b', 'x', 'd', 'Enter']) await notebook.page.keyboard.press(key);
    expect(await cells.count()).toBe(count);
    await notebook.page.keyboard.press('p');
    await until(async () => (await see('play')).status.paused);
    const { status } = await see('play');
    await notebook.page.keyboard.press('Backspace');
    await until(async () => (await see('play')).status.frame === Math.max(0, status.frame - 30));
    await notebook.page.keyboard.press('.');
    await until(async () => (await see('play')).status.frame === Math.max(0, status.frame - 29));
  });

  it('shows new pictures while keys are pressed, and knows which of them a key made', async () => {
    const player = await playerOf('play');
    await player.focus();
    await notebook.page.keyboard.press('r');
    await notebook.page.waitForTimeout(1000);
    const before = await see('play');
    for (let i = 0; i < 20; i++) {
      const key = i % 2 === 0 ? 'ArrowLeft' : 'ArrowRight';
      await notebook.page.keyboard.down(key);
      await notebook.page.waitForTimeout(200);
      await notebook.page.keyboard.up(key);
      if (i % 5 === 0) await notebook.page.keyboard.press(' ');
    }
    const after = await see('play');
    expect(after.pictures).toBeGreaterThan(before.pictures + 30);
    expect(after.latencies.length).toBeGreaterThan(before.latencies.length);
    await notebook.page.keyboard.press('p');
  });

  it('moves the paddle to a finger that stays down after its serve', async () => {
    const player = await playerOf('play');
    const box = (await player.locator('.stage').boundingBox())!;
    const session = await notebook.page.context().newCDPSession(notebook.page);
    /** A finger below the bricks at a column of the picture; none lifts it. */
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', column?: number) => {
      const at = { x: box.x + ((column ?? 0) * box.width) / 160, y: box.y + 0.6 * box.height };
      const touchPoints = column === undefined ? [] : [at];
      return session.send('Input.dispatchTouchEvent', { type, touchPoints });
    };
    await touch('touchStart', 80); // goes on, too: the game was paused
    for (const [target, least, most] of [
      [30, 16, 28],
      [130, 116, 128],
    ] as const) {
      await touch('touchMove', 80);
      await touch('touchMove', target);
      await until(async () => {
        const { paddle } = await see('play');
        return paddle >= least && paddle <= most;
      });
    }
    await touch('touchEnd');
    await player.focus();
    await notebook.page.keyboard.press('p');
    await until(async () => (await see('play')).status.paused);
  });

  it('goes on after a cell that held it up was interrupted', async () => {
    await notebook.page.keyboard.press('p');
    await notebook.run('endless');
    await notebook.page.waitForTimeout(1000);
    await notebook.interrupt();
    await notebook.whenIdle();
    const { status } = await see('play');
    await (await playerOf('play')).focus();
    if (status.paused) await notebook.page.keyboard.press('p');
    await until(async () => (await see('play')).status.frame > status.frame + 30);
    await notebook.page.keyboard.press('p');
    await until(async () => (await see('play')).status.paused);
    await notebook.type('endless', ''); // its error is not one of the next tests
    await notebook.run('endless');
    await notebook.whenIdle();
  });

  it('keeps the game for the cells behind', async () => {
    await notebook.run('score');
    await (await notebook.outputs('score')).getByText('played, true').waitFor();
  });

  it('watches an agent, whose paddle is taken over and handed back', async () => {
    const player = await start('watch');
    await until(async () => (await see('watch')).status.frame > 200);
    expect((await see('watch')).status.pilot).toBe('agent');
    await player.getByRole('button', { name: 'gradient' }).click();
    await notebook.page.waitForTimeout(1500);
    await player.focus();
    await notebook.page.keyboard.press('ArrowLeft');
    await until(async () => (await see('watch')).status.pilot === 'you');
    await player.getByRole('button', { name: 'Hand back' }).click();
    await until(async () => (await see('watch')).status.pilot === 'agent');
    await player.getByLabel('epsilon').click({ position: { x: 5, y: 5 } });
    await notebook.page.keyboard.press('a');
    await until(async () => (await see('watch')).status.pilot === 'you');
    await notebook.keepPicture('play watched');
    await notebook.page.keyboard.press('p');
    await until(async () => (await see('watch')).status.paused);
  });

  it('is saved as a still picture of at most 50 kB a game', async () => {
    await notebook.page.waitForTimeout(3000);
    await notebook.save();
    expect(statSync(file).size).toBeLessThan(2 * 50_000 + 10_000);
    const cells = readNotebook(readFileSync(file, 'utf8'), { file }).cells;
    const outputs = cells.flatMap((cell) => cell.outputs ?? []);
    const types = outputs.flatMap(({ data = {} }) => Object.keys(data));
    expect(types.filter((type) => type === 'image/png')).toHaveLength(2);
  });

  it('is there again after the page was loaded anew, and says so when its kernel is another', async () => {
    const { status } = await see('watch');
    await notebook.page.reload();
    await notebook.page.locator('.jp-Notebook .jp-Cell').first().waitFor();
    await notebook.whenIdle();
    await until(async () => (await see('watch')).status?.frame === status.frame);
    await notebook.choose('Kernel', 'Restart Kernel…');
    await notebook.page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
    await notebook.whenIdle();
    const player = await playerOf('watch');
    await player.locator('.stage').click({ position: { x: 160, y: 300 } });
    await player.getByText('Run this cell to play.').waitFor();
  });

  it('leaves the console clean and asks no other machine', () => {
    expect(notebook.consoleErrors).toEqual([]);
    expect(notebook.foreignRequests).toEqual([]);
  });
});
