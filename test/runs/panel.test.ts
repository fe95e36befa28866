/** The panel shows a run's state, curve and play, and its buttons reach the run's real socket. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Figure } from '../../lib/display/figure';
import { encodePng } from '../../lib/display/frames';
import type { Picture } from '../../lib/display/picture';
import { encodeImage } from '../../lib/runs/control/messages';
import { type Control, openControl } from '../../lib/runs/control/ownership';
import { compareRuns, showRun } from '../../lib/runs/panel';
import { pathsIn, type RunPaths } from '../../lib/runs/record/folder';
import { emptyStatus, type RunState, type RunStatus } from '../../lib/runs/record/status';
import { ButtonHost, FakeClock } from '../display/fake-host';
import { folderOfTest } from '../helpers/folder';
import { describeToy, metricsRow } from './toy';

let runsFolder = '';
let control: Control | undefined;
let state: RunState = 'running';
let picture: Picture | undefined;
const asked: string[] = [];

beforeEach(() => {
  runsFolder = folderOfTest();
  state = 'running';
  picture = undefined;
  asked.length = 0;
});
afterEach(async () => {
  await control?.close();
});

/** What a run says of itself: half-way. */
function statusOf(name: string): RunStatus {
  const progress = { agentStep: 500, totalSteps: 1000, meanReturn: 1.5, epsilon: 0.5 };
  const speed = { stepsPerSecond: 100, secondsLeft: 5, memoryBytes: 7e8 };
  return { ...emptyStatus(name), state, ...progress, ...speed };
}

/** A folder as a run makes it. */
async function createRun(name: string, returns: readonly number[], seed = 1): Promise<RunPaths> {
  const paths = pathsIn(join(runsFolder, name), name);
  mkdirSync(paths.folder);
  writeFileSync(paths.config, JSON.stringify(await describeToy({ name, seed })));
  writeFileSync(paths.status, JSON.stringify({ ...statusOf(name), state: 'stopped' }));
  const rows = returns.map((value, i) => metricsRow(100 * (i + 1), value));
  writeFileSync(paths.metrics, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return paths;
}

/** Its process, as far as a panel sees it. */
async function answerFor(paths: RunPaths): Promise<void> {
  control = await openControl({
    paths,
    handle: async ({ command }) => {
      asked.push(command);
      if (command === 'picture') {
        if (picture === undefined) throw new Error('none');
        return encodeImage(await encodePng(picture));
      }
      if (command === 'stop') state = 'stopped';
      if (command === 'pause') state = 'paused';
      if (command === 'resume') state = 'running';
      return statusOf(paths.name);
    },
  });
}

/** The panel of a run with these returns; without `isEnded` its process answers. */
async function openPanel(returns: readonly number[], { isEnded = false } = {}) {
  const paths = await createRun('one', returns);
  if (!isEnded) await answerFor(paths);
  const [host, clock] = [new ButtonHost(), new FakeClock()];
  const panel = await showRun('one', { runsFolder, host, clock, window: 2 });
  return { paths, host, clock, panel };
}

/** The process ends, as far as a panel sees it. */
async function endProcess(): Promise<void> {
  await control?.close();
  control = undefined;
}

/** How often panels look at a run while half a second passes. */
async function looksInAPeriod(clock: FakeClock): Promise<number> {
  await settle();
  asked.length = 0;
  await clock.advance(500);
  await settle();
  return asked.filter((command) => command === 'status').length;
}

const curveOf = (host: ButtonHost) => host.latest('application/vnd.plotly.v1+json') as Figure;

/** Real sockets, files and PNGs, on a machine that may be busy. */
const PATIENCE = { timeout: 20_000, interval: 50 };

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150));
}

test('shows line, buttons and the whole curve, and follows the run', async () => {
  const { paths, host, clock, panel } = await openPanel([1, 2]);
  await vi.waitFor(() => expect(curveOf(host)).toBeDefined(), PATIENCE);
  expect(host.texts().find((text) => String(text).startsWith('run one'))).toMatch(
    /^run one\n█+░+ {2}500 \/ 1,000 agent steps · 50% · 100 \/s · 5 s left · mean return 1.5 · ε 0.500 · memory 0.70 GB$/,
  );
  expect(host.enabled()).toEqual(['pause', 'stop']);
  expect(curveOf(host).data[0]).toMatchObject({ x: [100, 200], y: [1, 2] });

  writeFileSync(paths.metrics, `${JSON.stringify(metricsRow(300, 9))}\n`, { flag: 'a' });
  await vi.waitFor(async () => {
    await clock.advance(500);
    expect(curveOf(host).data[0]).toMatchObject({ x: [100, 200, 300], y: [1, 2, 9] });
  }, PATIENCE);
  const ids = new Set(host.shown.map(({ options }) => options.displayId));
  expect(ids.size).toBe(3); // line, buttons, curve: each in its place
  expect(inspect(panel)).toBe('the panel of the run one'); // as the value of a cell
  panel.close();
  await settle();
  const looks = asked.length;
  await clock.advance(5000);
  await settle();
  expect(asked).toHaveLength(looks);
});

test('looks once, however often it is asked at once', async () => {
  const { panel } = await openPanel([1]);
  asked.length = 0;
  await Promise.all([panel.look(), panel.look(), panel.look()]);
  expect(asked.filter((command) => command === 'status')).toHaveLength(1);
  panel.close();
});

test('shows the spread around the mean of the last episodes', async () => {
  const { host, panel } = await openPanel([1, 3, 5]);
  await vi.waitFor(() => expect(curveOf(host)).toBeDefined(), PATIENCE);
  const lines = curveOf(host).data.filter(({ mode }) => mode === 'lines');
  const courses = lines.map(({ y }) => Array.from(y as Iterable<number>));
  // means of two 1, 2, 4, deviations 0, 1, 1; the area goes along its lower edge and back
  expect(courses).toEqual([
    [1, 1, 3, 5, 3, 1],
    [1, 2, 4],
  ]);
  panel.close();
});

test('shows the play, and a newer picture at the next look', async () => {
  const filled = (value: number) => ({ data: new Uint8Array(12).fill(value), shape: [2, 2, 3] });
  picture = filled(10);
  const { host, clock, panel } = await openPanel([1]);
  const colour = async () => {
    const shown = host.shown.filter(
      ({ bundle }) => 'image/png' in bundle && /at play/.test(String(bundle['text/plain'])),
    );
    const png = shown.at(-1)?.bundle['image/png'];
    if (png === undefined) return undefined;
    const data = Buffer.from(png as string, 'base64');
    return (await sharp(data).raw().toBuffer())[0];
  };
  await vi.waitFor(async () => expect(await colour()).toBe(10), PATIENCE);
  picture = filled(200);
  await vi.waitFor(async () => {
    await clock.advance(500);
    expect(await colour()).toBe(200);
  }, PATIENCE);
  panel.close();
});

test('the stop button ends the run, and the panel shows its end', async () => {
  const { host, clock } = await openPanel([1]);
  const pressed = host.press('stop');
  await vi.waitFor(() => expect(asked).toContain('stop'), PATIENCE);
  await endProcess();
  await pressed;
  expect(host.enabled()).toEqual(['resume']);
  expect(host.texts().some((text) => String(text).includes('now stopped'))).toBe(true);
  expect(clock.pending).toBe(0);
});

test('a panel whose run is removed says so, and ends', async () => {
  const { paths, host, clock } = await openPanel([1]);
  await endProcess();
  rmSync(paths.folder, { recursive: true });
  await vi.waitFor(async () => {
    await clock.advance(500);
    expect(
      host
        .texts()
        .filter((text) => String(text).startsWith('run one'))
        .at(-1),
    ).toMatch(
      /^run one\nthe run one was removed: .*\nthis panel has ended, showRun\('one'\) opens another$/,
    );
  }, PATIENCE);
  expect(clock.pending).toBe(0);
});

test('buttons pause and resume', async () => {
  const { host, panel } = await openPanel([1]);
  await host.press('pause');
  expect(state).toBe('paused');
  expect(host.enabled()).toEqual(['resume', 'stop']);
  await host.press('resume');
  expect(state).toBe('running');
  panel.close();
});

test('a run that has ended is shown complete and not looked at again', async () => {
  const { host, clock } = await openPanel([5, 6, 7], { isEnded: true });
  expect(curveOf(host).data[0]).toMatchObject({ y: [5, 6, 7] });
  expect(host.texts().some((text) => String(text).includes('now stopped'))).toBe(true);
  expect(host.enabled()).toEqual(['resume']);
  expect(clock.pending).toBe(0);
});

test('a newer panel takes the place of the older one', async () => {
  const { host, clock } = await openPanel([1]);
  const second = await showRun('one', { runsFolder, host, clock });
  expect(await looksInAPeriod(clock)).toBe(1);
  second.close();
});

test('of two panels of an ended run the one that resumes it follows it', async () => {
  const paths = await createRun('one', [1]);
  const clock = new FakeClock();
  const hosts = [new ButtonHost(), new ButtonHost()] as const;
  const panels = [];
  for (const host of hosts) panels.push(await showRun('one', { runsFolder, host, clock }));
  await answerFor(paths);
  for (const host of hosts) {
    await host.press('resume');
    expect(await looksInAPeriod(clock)).toBe(1);
  }
  for (const panel of panels) panel.close();
});

test('several runs are compared in one figure', async () => {
  await createRun('one', [1, 3]);
  await createRun('other', [2], 1);
  const { data } = await compareRuns(['one', 'other'], { runsFolder });
  const lines = data.filter(({ mode }) => mode === 'lines');
  expect(lines.map(({ name, y }) => [name, y])).toEqual([
    ['one', [1, 2]],
    ['other', [2]],
  ]);
  await expect(compareRuns(['none'], { runsFolder })).rejects.toThrow('no run named none');
});

test('runs that differ in their seeds only are one line with a band', async () => {
  await createRun('rate-1-seed1', [1, 3], 1);
  await createRun('rate-1-seed2', [3, 5], 2);
  await createRun('again', [9], 2); // no third seed
  const names = ['rate-1-seed1', 'rate-1-seed2', 'again'];
  const { data, layout } = await compareRuns(names, { runsFolder, window: 1 });
  expect(layout.title.text).toContain('IQM over seeds, area: 95 % interval');
  const [area, line, , single] = data;
  expect([area, line, single].map((trace) => trace!.name)).toEqual([
    'rate-1, 2 seeds',
    'rate-1, 2 seeds',
    'again',
  ]);
  expect(area!.fill).toBe('toself');
  expect([line!.x[0], line!.x.at(-1)]).toEqual([100, 200]);
  expect([line!.y[0], line!.y.at(-1)]).toEqual([2, 4]);
});
