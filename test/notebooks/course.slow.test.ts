/** Each notebook of the course runs from top to bottom, and so does each student version once it is filled. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { type ExecutionEvent, executeNotebook } from '../../lib/notebook/execute';
import { listSources, notebookOf, notebooksOf } from '../../lib/notebook/files';
import { formatNotebook } from '../../lib/notebook/ipynb';
import { folderOfAll } from '../helpers/folder';
import { pasted } from './paste';

const folder = folderOfAll();

/** Seconds that a cell may take on a busy machine. */
const TIMEOUT = 1800;
const sources = listSources();
const filled = sources.filter((source) => notebooksOf(source).length > 1);
const jobs: [string, () => string][] = [
  ...sources.map((source): [string, () => string] => [
    basename(source, '.ts'),
    () => notebookOf(source),
  ]),
  ...filled.map((source): [string, () => string] => [
    `${basename(source, '.ts')}, student version with the solutions pasted`,
    () => {
      const file = join(folder, `${basename(source, '.ts')}.ipynb`);
      writeFileSync(file, formatNotebook(pasted(source)));
      return file;
    },
  ]),
];

it.each(jobs)('%s', { timeout: 3 * 3_600_000 }, async (_, make) => {
  const failures: ExecutionEvent[] = [];
  const onEvent = (event: ExecutionEvent) => {
    if (event.event === 'failed') failures.push(event);
  };
  const env = { BREAKOUT_PROFILE: 'quick' };
  const { passed } = await executeNotebook(make(), { timeout: TIMEOUT, env, onEvent });
  expect(failures).toEqual([]);
  expect(passed).toBe(true);
});
