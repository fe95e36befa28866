/** Rows of the metrics survive kills and resumes, and readers follow the file while it changes. */
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  MetricsLog,
  MetricsReader,
  type MetricsRow,
  readMetrics,
} from '../../../lib/runs/record/metrics';
import { folderOfTest } from '../../helpers/folder';
import { metricsRow } from '../toy';

let folder = '';
let path = '';
beforeEach(() => {
  folder = folderOfTest();
  path = join(folder, 'metrics.jsonl');
});

const line = (agentStep: number, note = 0) => `${JSON.stringify(metricsRow(agentStep, note))}\n`;
const steps = (rows: readonly MetricsRow[]) => rows.map(({ agentStep }) => agentStep);

async function write({
  agentStep,
  rows,
}: {
  agentStep: number;
  rows: MetricsRow[];
}): Promise<void> {
  const log = await MetricsLog.open({ path, agentStep });
  for (const each of rows) log.add(each);
  await log.flush();
  await log.close();
}

describe('going on after a checkpoint', () => {
  test('rows after it are cut off, those up to it stay', async () => {
    writeFileSync(path, line(10) + line(20) + line(30) + line(40));
    await write({ agentStep: 20, rows: [metricsRow(30, 7)] });
    expect(readFileSync(path, 'utf8')).toBe(line(10) + line(20) + line(30, 7));
  });

  const torn: [string, string | Buffer][] = [
    ['a torn last line', line(30).slice(0, -9)],
    ['a last line without its end', line(30).slice(0, -1)],
    ['blocks that never reached the disk', Buffer.alloc(4096)],
    ['something else', 'hello\n'],
  ];
  for (const [name, tail] of torn) {
    test(`${name} is cut off`, async () => {
      writeFileSync(path, line(10) + line(20));
      appendFileSync(path, tail);
      expect(steps(await readMetrics(path))).toEqual([10, 20]);
      await write({ agentStep: 1000, rows: [metricsRow(30)] });
      expect(readFileSync(path, 'utf8')).toBe(line(10) + line(20) + line(30));
    });
  }

  test('a bad line in the middle costs itself only', async () => {
    const bad = '{"agentStep":25,"epi\n';
    writeFileSync(path, line(10) + line(20) + bad + line(30) + line(40));
    expect(steps(await readMetrics(path))).toEqual([10, 20, 30, 40]);
    await write({ agentStep: 30, rows: [metricsRow(40, 7)] });
    expect(readFileSync(path, 'utf8')).toBe(line(10) + line(20) + bad + line(30) + line(40, 7));
    expect(steps(await readMetrics(path))).toEqual([10, 20, 30, 40]);
  });

  test('a new run begins with an empty file', async () => {
    await write({ agentStep: 0, rows: [] });
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

test('a row is written by flush, once', async () => {
  const log = await MetricsLog.open({ path, agentStep: 0 });
  log.add(metricsRow(10));
  expect(readFileSync(path, 'utf8')).toBe('');
  await log.flush();
  await log.flush();
  expect(readFileSync(path, 'utf8')).toBe(line(10));
  await log.close();
});

describe('a reader', () => {
  test('follows a file from before it is there, and waits for whole lines', async () => {
    const reader = new MetricsReader(path);
    expect(await reader.read()).toEqual([]);
    writeFileSync(path, line(10) + line(20).slice(0, 30));
    const first = await reader.read();
    expect(steps(first)).toEqual([10]);
    appendFileSync(path, line(20).slice(30) + line(30));
    expect(steps(await reader.read())).toEqual([10, 20, 30]);
    expect(steps(first)).toEqual([10]);
  });

  test('goes on past a line that cannot be read', async () => {
    const reader = new MetricsReader(path);
    writeFileSync(path, `${line(10)}hello\n`);
    expect(steps(await reader.read())).toEqual([10]);
    appendFileSync(path, line(20) + line(30));
    expect(steps(await reader.read())).toEqual([10, 20, 30]);
  });

  test('begins again when a resume has cut the file, even if it is longer again', async () => {
    writeFileSync(path, line(10) + line(20) + line(30));
    const reader = new MetricsReader(path);
    await reader.read();
    truncateSync(path, line(10).length);
    expect(steps(await reader.read())).toEqual([10]);
    writeFileSync(path, line(10) + line(20, 1));
    await reader.read();
    writeFileSync(path, line(10) + line(20, 2) + line(40, 2) + line(50, 2));
    expect(steps(await reader.read())).toEqual([10, 20, 40, 50]);
  });
});
