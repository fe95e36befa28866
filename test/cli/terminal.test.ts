/** `npm run train` in a terminal, on a run whose process is played by this one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Control, openControl } from '../../lib/runs/control/ownership';
import { pathsIn } from '../../lib/runs/record/folder';
import type { RunStatus } from '../../lib/runs/record/status';
import { folderOfTest } from '../helpers/folder';
import { describeToy } from '../runs/toy';
import { callInTerminal } from './call';

const PATIENCE = { timeout: 60_000, interval: 50 };

let runs = '';
let control: Control;
let status: RunStatus;
/** How often the process was asked to stop; it never answers. */
let stops = 0;

beforeEach(async () => {
  runs = folderOfTest();
  const paths = pathsIn(join(runs, 'one'), 'one');
  mkdirSync(paths.folder);
  writeFileSync(paths.config, JSON.stringify(await describeToy({ name: 'one' })));
  stops = 0;
  status = {
    name: 'one',
    state: 'running',
    message: null,
    agentStep: 1500,
    totalSteps: 10_000,
    episode: 3,
    updates: 100,
    meanReturn: 1.5,
    epsilon: 0.5,
    learningRate: 1e-3,
    stepsPerSecond: 100,
    seconds: 15,
    secondsLeft: 85,
    memoryBytes: 7e8,
    checkpointStep: null,
    pid: process.pid,
  };
  control = await openControl({
    paths,
    handle: async ({ command }) => {
      if (command === 'stop') {
        stops++;
        await new Promise(() => {});
      }
      return status;
    },
  });
});
afterEach(async () => {
  await control.close();
});

/** The lines as they stand at last: the terminal's own rules for return and erase applied. */
function screen(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.split('\r\x1b[K').at(-1)!);
}

test.each([60, 80, 140])(
  'draws one line in %d columns again and again',
  async (columns) => {
    const session = callInTerminal({ runs, columns }, 'train', '--resume', 'one');
    await vi.waitFor(() => expect(session.text()).toContain('\r\x1b[K'), PATIENCE);
    status = { ...status, state: 'paused', agentStep: 1600 };
    await vi.waitFor(() => expect(session.text()).toContain('now paused'), PATIENCE);
    status = { ...status, state: 'finished', agentStep: 10_000 };
    expect(await session.ended).toBe(0);
    const drawn = session
      .text()
      .split('\r\x1b[K')
      .slice(1)
      .map((line) => line.trimEnd());
    for (const line of drawn) expect(line.length).toBeLessThan(columns); // a full line would wrap
    expect(drawn[0]).toMatch(
      columns < 100
        ? /^█░{7} {2}1,500 \/ 10,000 agent steps · 15% · 100 \/s/
        : /^█{3}░{21} {2}1,500 \/ 10,000 agent steps · 15% · 100 \/s · .*memory 0.70 GB$/,
    );
    expect(drawn.find((line) => line.includes('paused'))).toMatch(
      /^█+░* {2}now paused · 1,600 \/ /,
    );
    expect(screen(session.text()).filter((line) => line !== '')).toEqual([
      `run one in ${join(runs, 'one')}`,
      expect.stringMatching(/^█+ {2}now finished · 10,000 \/ 10,000 agent steps · 100%/),
    ]);
  },
  120_000,
);

test('reports a full disk, once, and lets go of the run at a second Ctrl-C', async () => {
  const message = 'the disk is full: free some space, the run then goes on by itself';
  const session = callInTerminal({ runs, columns: 80 }, 'train', '--resume', 'one');
  await vi.waitFor(() => expect(session.text()).toContain('1,500 / 10,000'), PATIENCE);
  status = { ...status, state: 'waiting', message };
  await vi.waitFor(() => expect(session.text()).toContain(message), PATIENCE);
  session.type('\x03');
  await vi.waitFor(() => expect(stops).toBe(1), PATIENCE);
  session.type('\x03'); // as npm repeats it
  await setTimeout(1500);
  expect(session.text()).toContain('stopping after a checkpoint; Ctrl-C leaves the run to itself');
  session.type('\x03');
  expect(await session.ended).toBe(130);
  expect(session.text()).toMatch(
    /left: the run one goes on until it can stop; npm run train -- --resume one follows it\r?\n$/,
  );
  expect(session.text().split(message)).toHaveLength(2);
  expect(stops).toBe(1);
}, 120_000);
