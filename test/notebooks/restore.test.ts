import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { buildNotebook, formatNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { restoreNotebook } from '../../lib/notebook/restore';
import { folderOfTest } from '../helpers/folder';

const cells = parsePercent('// %% id="a"\n1;', { file: 'a.ts' });
const built = formatNotebook(buildNotebook(cells));

let folder: string;
let file: string;
let keepIn: string;
beforeEach(() => {
  folder = folderOfTest();
  file = join(folder, 'student/a.ipynb');
  keepIn = join(folder, 'mine/today');
  mkdirSync(join(folder, 'student'));
});
const restore = (committed?: string) =>
  restoreNotebook({ file, cells }, { keepIn, folder, committed: () => committed });

it('gives back the committed notebook and keeps the one that was there', async () => {
  writeFileSync(file, 'the work of an hour');
  const kept = await restore('with outputs');
  expect(kept).toBe(join(keepIn, 'student/a.ipynb'));
  expect(readFileSync(kept!, 'utf8')).toBe('the work of an hour');
  expect(readFileSync(file, 'utf8')).toBe('with outputs');
});

it.each([
  ['builds it from its source outside of a clone', 'edited'],
  ['writes one that was deleted', undefined],
])('%s', async (_, text) => {
  if (text !== undefined) writeFileSync(file, text);
  await restore();
  expect(readFileSync(file, 'utf8')).toBe(built);
  expect(existsSync(keepIn)).toBe(text !== undefined);
});

it('leaves an original as it is', async () => {
  writeFileSync(file, built);
  expect(await restore()).toBeUndefined();
  expect(existsSync(keepIn)).toBe(false);
});
