/** The displays in a real JupyterLab in a real browser, on a small notebook made for it. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildNotebook, formatNotebook, readNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { launchBrowser } from './browser';
import { type Lab, ROOT, startLab } from './lab';
import { drawnPoints, rgbOf, until } from './looks';
import { ERROR, NotebookPage } from './notebook-page';

const SOURCE = join(ROOT, 'test/browser/display-fixture.ts');
const CELLS = parsePercent(readFileSync(SOURCE, 'utf8'), { file: SOURCE });
const IDS = CELLS.map(({ id }) => id);

let lab: Lab;
let browser: Browser;
let notebook: NotebookPage;
let file: string;

beforeAll(async () => {
  browser = await launchBrowser();
  lab = await startLab();
  file = join(lab.folder, 'display.ipynb');
  writeFileSync(file, formatNotebook(buildNotebook(CELLS)));
  notebook = await NotebookPage.open(browser, { url: lab.urlOf(file), ids: IDS });
});

afterEach(({ task }) => notebook.keepPicture(task.name));

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

async function attributeOf(locator: Locator, name: string): Promise<string> {
  return (await locator.getAttribute(name)) ?? '';
}

// the tests tell one reader's session, each goes on where the last one ended
describe.sequential('a notebook with displays', { timeout: 180_000 }, () => {
  it('draws a live curve and a live picture while the cell runs', async () => {
    await notebook.runAll();
    const cell = await notebook.cell('train');
    await cell.locator('.js-plotly-plot .main-svg').first().waitFor();
    const picture = cell.locator('.jp-OutputArea-output img');
    const first = { points: await drawnPoints(cell), image: await attributeOf(picture, 'src') };
    await until(async () => ((await drawnPoints(cell))[0] ?? 0) > (first.points[0] ?? 0) + 10);
    await until(async () => (await attributeOf(picture, 'src')) !== first.image);
    expect(await cell.locator('.js-plotly-plot').count()).toBe(1);
    expect(await picture.count()).toBe(1);
    await (await notebook.outputs('train'))
      .getByText(/\d+ \/ 100,000 agent steps · \d+% · \d+ \/s · .+ left/)
      .waitFor();
  });

  it('keeps the zoom of the reader while the curve grows', async () => {
    const cell = await notebook.cell('train');
    const grid = await cell.locator('.js-plotly-plot .nsewdrag').boundingBox();
    const { x, y, width, height } = grid!;
    await notebook.page.mouse.move(x + width * 0.25, y + height * 0.2);
    await notebook.page.mouse.down();
    await notebook.page.mouse.move(x + width * 0.6, y + height * 0.8, { steps: 5 });
    await notebook.page.mouse.up();
    const limits = () => cell.locator('.js-plotly-plot').evaluate(xLimits);
    await until(async () => (await limits())[0]! > 5);
    const zoomed = await limits();
    const progress = cell.locator('.jp-OutputArea-output pre').first();
    const before = await progress.innerText();
    await until(async () => (await progress.innerText()) !== before);
    await notebook.page.waitForTimeout(1000); // three more pictures of the curve
    expect(await limits()).toEqual(zoomed);
    await cell.locator('.js-plotly-plot .nsewdrag').dblclick(); // the whole curve again
    await until(async () => (await limits())[0]! < 5);
  });

  it('takes button presses to the running cell and shows what they throw', async () => {
    const cell = await notebook.cell('train');
    const progress = cell.locator('.jp-OutputArea-output pre').first();
    await cell.getByRole('button', { name: 'Pause' }).click();
    await until(async () => cell.getByRole('button', { name: 'Pause' }).isDisabled());
    await notebook.page.waitForTimeout(1000); // what was pending arrives
    const paused = await progress.innerText();
    await notebook.page.waitForTimeout(1000);
    expect(await progress.innerText()).toBe(paused);
    await cell.getByRole('button', { name: 'Fail' }).click();
    await (await notebook.outputs('train')).getByText('This button always fails').waitFor();
    await cell.getByRole('button', { name: 'Resume' }).click();
    await until(async () => (await progress.innerText()) !== paused);
  });

  it('ends the cell softly on Interrupt, shows the failing cell in red and stops there', async () => {
    await notebook.interrupt();
    await notebook.whenIdle();
    const train = await notebook.cell('train');
    await (await notebook.outputs('train')).getByText(/ended after \d+ steps/).waitFor();
    expect(await train.locator(ERROR).count()).toBe(0);
    const fail = await notebook.cell('fail');
    const error = fail.locator(ERROR);
    await error.getByText('batchSize must be at most the 12').first().waitFor();
    const [red, green, blue] = await rgbOf(error);
    expect(red).toBeGreaterThan(Math.max(green!, blue!) + 10);
    expect(await notebook.prompt('after')).toBe('[ ]:');
    expect(await (await notebook.cell('after')).locator('.jp-OutputArea-output').count()).toBe(0);
  });

  it('draws both curves in one plot after an edit and a second run', async () => {
    const source = CELLS.find(({ id }) => id === 'train')!.source;
    await notebook.type('train', source.replace('rate: number = 1', 'rate: number = 2'));
    await notebook.run('train');
    await notebook.whenIdle();
    const cell = await notebook.cell('train');
    await (await notebook.outputs('train')).getByText('ended after 60 steps').waitFor();
    const legend = cell.locator('.js-plotly-plot .legendtext');
    expect(await legend.allTextContents()).toEqual(['rate 1', 'rate 2']);
    const [, second] = await drawnPoints(cell);
    expect(second).toBe(60);
  });

  it('offers no button that would send a figure to another machine', async () => {
    const bar = (await notebook.cell('figure')).locator('.modebar');
    const titles = await bar.locator('[data-title]').evaluateAll(dataTitles);
    expect(titles).toContain('Download plot as a PNG');
    expect(titles.join()).not.toMatch(/cloud|share|upload|chart studio/i);
  });

  it('plays the GIF', async () => {
    const image = (await notebook.cell('gif')).locator('img');
    const first = await image.screenshot();
    await until(async () => !(await image.screenshot()).equals(first));
  });

  it('shows pictures at the size they were made for', async () => {
    const picture = await (await notebook.cell('picture')).locator('img').boundingBox();
    expect([picture!.width, picture!.height]).toEqual([320, 420]);
    const panels = await (await notebook.cell('panels')).locator('img').boundingBox();
    expect(panels!.width).toBeGreaterThan(2 * 160);
    expect(panels!.height).toBeGreaterThan(210);
  });

  it.each([1280, 800, 1500])('fits the plot into a window %d pixels wide', async (width) => {
    await notebook.page.setViewportSize({ width, height: 1000 });
    const cell = await notebook.cell('figure');
    const frame = cell.locator('.breakout-plot');
    const svg = cell.locator('.js-plotly-plot .main-svg').first();
    const titles = cell.locator('.js-plotly-plot .infolayer text');
    // a new size reaches frame, plot and texts one after the other
    await until(async () => {
      const [outer, inner] = [(await frame.boundingBox())!, (await svg.boundingBox())!];
      if (Math.abs(outer.width - inner.width) >= 2 || inner.height > outer.height + 1) return false;
      const boxes = await Promise.all((await titles.all()).map((title) => title.boundingBox()));
      return boxes.every(
        (box) =>
          !box ||
          box.width === 0 ||
          (box.x >= outer.x &&
            box.x + box.width <= outer.x + outer.width &&
            box.y + box.height <= outer.y + outer.height),
      );
    });
  });

  it('follows the dark theme', async () => {
    await notebook.page.setViewportSize({ width: 1280, height: 1000 });
    const cell = await notebook.cell('figure');
    const title = cell.locator('.js-plotly-plot .gtitle');
    const brightness = async () => Math.max(...(await rgbOf(title, 'fill')));
    expect(await brightness()).toBeLessThan(100);
    await notebook.page.locator('.lm-MenuBar-item', { hasText: /^Settings$/ }).click();
    await notebook.page.locator('.lm-Menu-itemLabel').getByText('Theme', { exact: true }).hover();
    await notebook.page.locator('.lm-Menu-itemLabel').getByText('JupyterLab Dark').first().click();
    await until(async () => (await brightness()) > 150);
  });

  it('saves a small notebook whose stills show the curve to other viewers', async () => {
    await notebook.save();
    expect(statSync(file).size).toBeLessThan(200_000);
    const saved = readNotebook(readFileSync(file, 'utf8'), { file });
    const figure = saved.cells.find(({ id }) => id === 'figure')!.outputs![0]!.data!;
    expect(Object.keys(figure).sort()).toEqual([
      'application/vnd.plotly.v1+json',
      'image/png',
      'text/plain',
    ]);
    const still = sharp(Buffer.from(String(figure['image/png']), 'base64'));
    expect(await still.metadata()).toMatchObject({ format: 'png', width: 800, height: 440 });
    const { data } = figure['application/vnd.plotly.v1+json'] as { data: { x: number[] }[] };
    expect(data.map(({ x }) => x.length)).toEqual([600, 600]);
    // plotly writes into the figures it draws: nothing of that may be saved
    expect(JSON.stringify(figure)).not.toContain('uid');
  });

  it('draws the figures of a notebook that nobody has run or trusted', async () => {
    const copy = join(lab.folder, 'untrusted.ipynb');
    writeFileSync(copy, readFileSync(file, 'utf8').replaceAll('ended after', 'stopped after'));
    const reader = await NotebookPage.open(browser, { url: lab.urlOf(copy), ids: IDS });
    const cell = await reader.cell('figure');
    await cell.locator('.js-plotly-plot .main-svg').first().waitFor();
    expect(await drawnPoints(cell)).toEqual([600]);
    await (await reader.cell('gif')).locator('img').waitFor();
    expect(reader.consoleErrors).toEqual([]);
    await reader.page.route('**/plotly.js', (route) => route.abort());
    await reader.page.reload();
    await (await reader.cell('figure')).getByText('run npm start again').waitFor();
    await reader.close();
  });

  it('tells a reader who presses a button of a kernel that is gone', async () => {
    await notebook.choose('Kernel', 'Restart Kernel…');
    await notebook.page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
    await notebook.whenIdle();
    const cell = await notebook.cell('train');
    await cell.getByRole('button', { name: 'Fail' }).click();
    await cell.getByText('The kernel was restarted: run this cell again').waitFor();
  });

  it('leaves the console clean and asks no other machine', () => {
    expect(notebook.consoleErrors).toEqual([]);
    expect(notebook.foreignRequests).toEqual([]);
  });
});

/** Runs in the browser: the limits of the horizontal axis that plotly shows. */
function xLimits(plot: unknown): number[] {
  return (plot as { layout: { xaxis: { range: number[] } } }).layout.xaxis.range;
}

/** Runs in the browser: what the buttons are called. */
function dataTitles(buttons: { getAttribute(name: string): string | null }[]): string[] {
  return buttons.map((button) => button.getAttribute('data-title') ?? '');
}
