/** The course of a run has means worked out by hand and the command that repeats the run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MetricsRow } from '../../../lib/runs/record/metrics';
import {
  type Course,
  commandOf,
  encodeCourse,
  loadCourse,
  readCourse,
  thin,
} from '../../../lib/runs/results/course';
import { folderOfTest } from '../../helpers/folder';
import { describeToy } from '../toy';

const row = (episode: number, edits: Partial<MetricsRow> = {}): MetricsRow => ({
  agentStep: 10 * episode,
  episode,
  return: episode,
  length: 10,
  loss: episode,
  meanQ: null,
  epsilon: 0.1,
  stepsPerSecond: 1,
  memoryBytes: 1,
  seconds: episode,
  ...edits,
});

test('keeps the last row of each two-hundredth of the steps, with means over it', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => row(i + 1)); // 10,000 steps: 5 episodes a span
  const kept = thin(rows);
  expect(kept).toHaveLength(200);
  expect(kept[0]).toEqual({
    agentStep: 50,
    episodes: 5,
    meanReturn: 3, // of 1 ... 5
    bestReturn: 5,
    loss: 3,
    meanQ: null,
    epsilon: 0.1,
    seconds: 5,
  });
  // the mean return is that of 100 episodes, the loss that of the span
  expect(kept.at(-1)).toMatchObject({ agentStep: 10_000, meanReturn: 950.5, loss: 998 });
});

test('means leave out what there was not; the best stays', () => {
  const rows = [row(1, { return: 9, loss: null }), row(2, { agentStep: 11, return: 1, loss: 4 })];
  expect(thin(rows)).toMatchObject([
    { agentStep: 10, bestReturn: 9, loss: null },
    { agentStep: 11, bestReturn: 9, loss: 4, meanReturn: 5 },
  ]);
  expect(thin([])).toEqual([]);
});

test('the command starts a run with the same values', async () => {
  const edits = { totalSteps: 7, solvedReturn: null, engine: 'native' } as const;
  const config = await describeToy({ name: 'long', preset: 'fast', edits, seed: 3 });
  const start = 'npm run train -- --preset fast --name long --seed 3 --set totalSteps=7';
  const end = '--set solvedReturn=null --set engine=native';
  expect(commandOf(config)).toBe(`${start} ${end}`);

  // what was the preset's own value then, but is not today's, must be named; so must an edit to what
  // is the preset's own value today
  const values = {
    ...config.values,
    epochs: { value: 7, source: 'the preset of that day' },
    lambda: { value: config.values.lambda!.value, source: 'edited, was 0.5' },
  };
  expect(commandOf({ ...config, values })).toBe(`${start} --set epochs=7 --set lambda=0.65 ${end}`);
});

test('a course is read as it was written, and nothing else is taken for one', async () => {
  const folder = folderOfTest();
  const path = join(folder, 'x.json');
  const rows = thin([row(1), row(2)]);
  const course: Course = {
    command: 'c',
    changes: [],
    versions: { node: '20' },
    commit: null,
    rows,
  };
  writeFileSync(path, encodeCourse(course));
  expect(await readCourse(path)).toEqual(course);
  writeFileSync(path, encodeCourse({ ...course, rows: [] }));
  expect(await readCourse(path)).toEqual({ ...course, rows: [] });
  writeFileSync(path, '{}');
  await expect(readCourse(path)).rejects.toThrow(
    /x.json: command must be a text, got undefined: a course is what an export/,
  );
  await expect(loadCourse('none')).rejects.toThrow(
    /none.json cannot be read \(ENOENT\).*export it again/,
  );
});
