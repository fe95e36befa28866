/** The notebook's cells for long runs, in a real kernel, start, change and compare real runs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLive } from '../../lib/runs/record/status';
import type { Run } from '../../lib/runs/run';
import { attach, startRun } from '../../lib/runs/start';
import { folderOfAll } from '../helpers/folder';
import { TestKernel } from '../kernel/client';
import { cellSource } from './cells';

const cell = (id: string) => cellSource('04-experiments', id);

const runsFolder = folderOfAll();
let kernel: TestKernel;
let run: Run | undefined;

beforeAll(() => {
  process.env.BREAKOUT_RUNS = runsFolder; // the kernel's, too
  delete process.env.BREAKOUT_PROFILE;
});
afterAll(async () => {
  await kernel?.stop();
  if (run && isLive((await run.status()).state)) await run.stop();
});

/** Replaces a part of a cell that must be there. */
function edit(id: string, from: string, to: string): string {
  expect(cell(id)).toContain(from);
  return cell(id).replace(from, to);
}

async function execute(code: string) {
  const done = await kernel.execute(code);
  expect(done.traceback).toBe('');
  return done;
}

test('start a run with values of its own, change it under way, and compare it with another', async () => {
  const tiny = { preset: 'quick', learningStarts: 40, bufferSize: 400, batchSize: 2 } as const;
  await startRun({ ...tiny, name: 'other', runsFolder, totalSteps: 600 });
  kernel = await TestKernel.start();
  await execute("import { showFigure } from 'breakout-dqn';");
  const options = { ...tiny, name: 'long', totalSteps: 1_000_000, doubleDqn: true };
  const start = edit(
    'train-long',
    "{ name: '', preset: 'fast' }",
    JSON.stringify({ ...options, engine: 'tensorflow' }),
  );
  await execute(start);
  run = await attach('long', { runsFolder });
  const { values, seed } = await run.config();
  expect(values).toMatchObject({
    doubleDqn: { value: true },
    engine: { value: 'tensorflow' },
    learningRate: { value: 1e-4 },
  });
  expect(seed).toBe(1);
  const { pid } = await run.status();

  const again = await execute(start);
  expect(again.text('stdout')).toBe('long is there: shown with the values that it began with\n');
  expect((await run.status()).pid).toBe(pid);

  const changed = await execute(
    edit('control-run', 'null as number | null', '5e-5 as number | null').replace(
      'otherRuns: string[] = []',
      "otherRuns = ['other']",
    ),
  );
  expect(await run.status()).toMatchObject({ state: 'running', learningRate: 5e-5, pid });
  const shown = changed.contents('display_data').map(({ data }) => data as Record<string, unknown>);
  const gif = shown.find((data) => 'image/gif' in data)!['image/gif'] as string;
  expect(Buffer.from(gif, 'base64').toString('latin1', 0, 6)).toBe('GIF89a');
  const plots = shown.map((data) => data['application/vnd.plotly.v1+json']).filter(Boolean);
  const { data } = plots.at(-1) as { data: { name: string; mode: string }[] };
  expect(data.filter(({ mode }) => mode === 'lines').map(({ name }) => name)).toEqual([
    'long',
    'other',
  ]);
});
