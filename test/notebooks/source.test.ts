import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkNotebook, limitsOf } from '../../lib/notebook/check';
import { listSources, notebookOf } from '../../lib/notebook/files';
import { buildNotebook, formatNotebook, readNotebook, stripRun } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';

const sources = listSources();

it('there are the notebook and its solutions', () => {
  expect(sources.map((file) => basename(file))).toEqual(['breakout-dqn.ts', 'solutions.ts']);
});

/** What is committed must keep to the rules; what a reader's run left in the file need not. */
describe.each(sources.map((file) => [basename(file), file]))('%s', (_, source) => {
  const target = notebookOf(source);
  const notebook = readNotebook(readFileSync(target, 'utf8'), { file: target });
  const built = buildNotebook(parsePercent(readFileSync(source, 'utf8'), { file: source }));

  it('is what its notebook was built from (npm run notebooks:build)', () => {
    expect(stripRun(notebook)).toEqual(stripRun(built));
  });

  it('makes a notebook that keeps to the rules', () => {
    const text = formatNotebook(built);
    const bytes = Buffer.byteLength(text);
    const read = readNotebook(text, { file: target });
    expect(checkNotebook(read, { bytes, limits: limitsOf(target) })).toEqual([]);
  });
});
