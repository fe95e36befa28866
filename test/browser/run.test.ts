/** A run that is started, left, found again and controlled in a real JupyterLab in a real browser. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildNotebook, formatNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { isLive } from '../../lib/runs/record/status';
import type { Run } from '../../lib/runs/run';
import { attach } from '../../lib/runs/start';
import { isAlive } from '../runs/kill';
import { launchBrowser } from './browser';
import { type Lab, ROOT, startLab } from './lab';
import { drawnPoints, until } from './looks';
import { NotebookPage } from './notebook-page';

const SOURCE = join(ROOT, 'test/browser/run-fixture.ts');
const CELLS = parsePercent(readFileSync(SOURCE, 'utf8'), { file: SOURCE });
const IDS = CELLS.map(({ id }) => id);

let lab: Lab;
let browser: Browser;
let page: NotebookPage;
/** The notebook's run, looked at past the notebook. */
let run: Run | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
  lab = await startLab();
  const file = join(lab.folder, 'run.ipynb');
  writeFileSync(file, formatNotebook(buildNotebook(CELLS)));
  page = await NotebookPage.open(browser, { url: lab.urlOf(file), ids: IDS });
});

afterEach(({ task }) => page.keepPicture(`run ${task.name}`));

afterAll(async () => {
  await browser?.close();
  run ??= await findRun().catch(() => undefined);
  if (run && isLive((await run.status()).state)) await run.stop();
  await lab?.stop();
});

async function findRun(): Promise<Run> {
  return attach('watched', { runsFolder: lab.runs });
}

/** Points of the returns: the first trace. */
async function points(cell: Locator): Promise<number> {
  return (await drawnPoints(cell))[0] ?? 0;
}

/** Runs a cell and waits for a text among its outputs; what fails is told instead. */
async function runFor(id: string, text: RegExp): Promise<string> {
  await page.run(id);
  const output = (await page.outputs(id)).filter({ hasText: text }).first();
  await until(async () => (await output.count()) > 0 || (await page.errors()).length > 0);
  expect(await page.errors()).toEqual([]);
  return output.innerText();
}

const button = (cell: Locator, name: string) => cell.getByRole('button', { name, exact: true });

// the tests tell one reader's session, each goes on where the last one ended
describe.sequential('a run in the notebook', { timeout: 180_000 }, () => {
  let pid = 0;
  let seen = 0;

  it('is started by a cell and shown with a growing curve and play in progress', async () => {
    for (const id of ['imports', 'start', 'show']) await page.run(id);
    const cell = await page.cell('show');
    const plot = cell.locator('.js-plotly-plot .main-svg').first();
    await until(async () => (await plot.count()) > 0 || (await page.errors()).length > 0);
    expect(await page.errors()).toEqual([]);
    await cell.getByText('the panel of the run watched', { exact: true }).waitFor();
    const picture = cell.locator('.jp-OutputArea-output img');
    await picture.waitFor();
    const first = { points: await points(cell), image: await picture.getAttribute('src') };
    await until(async () => (await points(cell)) > first.points);
    await until(async () => (await picture.getAttribute('src')) !== first.image);
    run = await findRun();
    ({ pid } = await run.status());
  });

  it('leaves other cells usable', async () => {
    expect(await runFor('other', /process/)).toContain(`process ${pid}, learning rate 0.0001`);
    const cell = await page.cell('show');
    const before = await points(cell);
    await until(async () => (await points(cell)) > before);
    seen = (await run!.status()).agentStep;
  });

  it('goes on while the kernel restarts, and is then shown whole', async () => {
    const rows = (await run!.metrics()).length;
    await page.choose('Kernel', 'Restart Kernel…');
    await page.page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
    await page.whenIdle();
    await page.run('imports');
    await runFor('show-again', /run watched/);
    const cell = await page.cell('show-again');
    await until(async () => (await points(cell)) > rows);
    const picture = cell.locator('.jp-OutputArea-output img');
    await picture.waitFor();
    const image = await picture.getAttribute('src');
    await until(async () => (await picture.getAttribute('src')) !== image);
    const status = await run!.status();
    expect(status).toMatchObject({ state: 'running', pid });
    expect(status.agentStep).toBeGreaterThan(seen);
  });

  it('shows its newest network at play by its button', async () => {
    const cell = await page.cell('show-again');
    await button(cell, 'Watch').click();
    const player = cell.locator('.breakout-player');
    await player.waitFor();
    await until(
      async () => Number(await player.locator('input[type=range]').first().inputValue()) > 60,
    );
    await player.getByRole('button', { name: 'Play or pause (P)', exact: true }).click();
    expect(await page.errors()).toEqual([]);
    expect(await run!.status()).toMatchObject({ state: 'running', pid });
  });

  it('pauses by its button, and takes a change from a cell', async () => {
    const cell = await page.cell('show-again');
    await button(cell, 'Pause').click();
    await cell.getByText('now paused').waitFor();
    const { agentStep } = await run!.status();
    expect(await runFor('change', /learning rate/)).toBe('paused, learning rate 0.00005\n');
    const { state, agentStep: later } = await run!.status();
    expect({ state, later }).toEqual({ state: 'paused', later: agentStep });
    seen = agentStep;
  });

  it('goes on and stops by its buttons, complete to the last game', async () => {
    const cell = await page.cell('show-again');
    await button(cell, 'Resume').click();
    await until(async () => (await run!.status()).agentStep > seen + 500);
    expect(await run!.status()).toMatchObject({ state: 'running', pid, learningRate: 5e-5 });
    await button(cell, 'Stop').click();
    await cell.getByText('now stopped').waitFor();
    expect(await run!.status()).toMatchObject({ state: 'stopped', pid });
    const rows = (await run!.metrics()).length;
    await until(async () => (await points(cell)) === rows);
    expect(await button(cell, 'Resume').isEnabled()).toBe(true);
    expect(await button(cell, 'Stop').isEnabled()).toBe(false);
    const config = JSON.parse(readFileSync(run!.paths.config, 'utf8'));
    expect(config.changes).toEqual([{ agentStep: seen, values: { learningRate: 5e-5 } }]);
    await until(async () => !isAlive(pid));
  });

  it('leaves the console clean and asks no other machine', () => {
    expect(page.consoleErrors).toEqual([]);
    expect(page.foreignRequests).toEqual([]);
  });
});
