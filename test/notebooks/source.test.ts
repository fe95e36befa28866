/** The project's notebooks are built from their sources and keep to the rules, also as committed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { checkNotebook, limitsOf } from '../../lib/notebook/check';
import { listSources, notebooksOf } from '../../lib/notebook/files';
import {
  buildNotebook,
  formatNotebook,
  type Notebook,
  readNotebook,
  stripRun,
} from '../../lib/notebook/ipynb';

const sources = listSources();

it('there are these sources', () => {
  expect(sources.map((file) => basename(file))).toEqual([
    '00-start.ts',
    '01-q-learning.ts',
    '02-breakout.ts',
    '03-pqn.ts',
    '04-experiments.ts',
    '05-find-the-bug.ts',
    '06-why-the-original-fails.ts',
    '07-inside-the-agent.ts',
    '08-the-console.ts',
  ]);
});

/** What is committed must keep to the rules; what a reader's run left in the file need not. */
const notebooks = sources.flatMap(notebooksOf);
const names = notebooks.map(({ file }) => [relative(ROOT, file), file] as const);
describe.each(names)('%s', (_, target) => {
  const notebook = readNotebook(readFileSync(target, 'utf8'), { file: target });
  const built = buildNotebook(notebooks.find(({ file }) => file === target)!.cells);

  it('is what its source makes (npm run notebooks:build)', () => {
    expect(stripRun(notebook)).toEqual(stripRun(built));
  });

  it('makes a notebook that keeps to the rules', () => {
    const text = formatNotebook(built);
    const bytes = Buffer.byteLength(text);
    const read = readNotebook(text, { file: target });
    expect(checkNotebook(read, { bytes, limits: limitsOf(target) })).toEqual([]);
  });
});

/** A file as it will be committed next; undefined outside of a clone. */
function readCommitted(file: string): string | undefined {
  const place = `:${relative(ROOT, file)}`;
  const { status, stdout } = spawnSync('git', ['show', place], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 50e6,
  });
  return status === 0 ? stdout : undefined;
}

describe('as committed', () => {
  const readNotebooks = () =>
    notebooks.flatMap(({ file }) => {
      const text = readCommitted(file);
      return text === undefined ? [] : [{ file, text, notebook: readNotebook(text, { file }) }];
    });
  const isClone = existsSync(join(ROOT, '.git'));

  it.skipIf(!isClone)('notebooks keep to the rules, stored outputs included', () => {
    expect(readNotebooks()).toHaveLength(notebooks.length);
    for (const { file, text, notebook } of readNotebooks()) {
      const bytes = Buffer.byteLength(text);
      expect(checkNotebook(notebook, { bytes, limits: limitsOf(file) }), file).toEqual([]);
    }
  });

  it.skipIf(!isClone)('the main notebook shows a run: curves and play', () => {
    const { notebook } = readNotebooks().find(({ file }) => file.endsWith('02-breakout.ipynb'))!;
    const types = outputTypes(notebook);
    const count = (type: string) => types.filter((each) => each === type).length;
    expect(count('image/gif')).toBeGreaterThanOrEqual(3); // before, early, late
    expect(count('application/vnd.plotly.v1+json')).toBeGreaterThanOrEqual(3);
  });
});

function outputTypes(notebook: Notebook): string[] {
  return notebook.cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap(({ data = {} }) => Object.keys(data)),
  );
}
