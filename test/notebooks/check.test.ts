/** Each rule for a committed notebook finds its one problem, and a clean notebook has none. */
import { describe, expect, it } from 'vitest';
import { checkNotebook } from '../../lib/notebook/check';
import {
  buildNotebook,
  type Cell,
  NOTEBOOK_METADATA,
  type Notebook,
} from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';

const good = buildNotebook(
  parsePercent(
    '// %% [markdown] id="m"\n// [a paper](https://arxiv.org/abs/1312.5602)\n// %% id="c"\n1;',
    { file: 'a.ts' },
  ),
);
const check = (notebook: Notebook, bytes = 1000) => checkNotebook(notebook, { bytes });

/** The good notebook with its code cell changed. */
function withCode(change: Partial<Cell>): Notebook {
  return { ...good, cells: [good.cells[0]!, { ...good.cells[1]!, ...change }] };
}
/** Two short cells beside the notebook's own: they keep the median low. */
function withShortCells(notebook: Notebook): Notebook {
  const short = (id: string) => ({ ...good.cells[1]!, id });
  return { ...notebook, cells: [...notebook.cells, short('d'), short('e')] };
}
const output = (data: Record<string, unknown>): Partial<Cell> => ({
  execution_count: 1,
  outputs: [{ output_type: 'display_data', data, metadata: {} }],
});
const lines = (n: number) => Array.from({ length: n }, (_, i) => `${i};`).join('\n');

describe('checkNotebook', () => {
  it('takes any JSON for an output', () => {
    for (const part of [5, null, [5], {}]) {
      const data = { 'text/html': part, 'image/gif': part, 'image/png': part };
      expect(check(withCode(output(data)))).toEqual([]);
    }
  });

  it('finds nothing in a clean notebook', () => {
    expect(check(good)).toEqual([]);
    expect(check(withCode(output({ 'image/gif': 'A'.repeat(399_000), 'image/png': 'A' })))).toEqual(
      [],
    );
    expect(check(withCode(output({ 'image/png': 'A/tmp/AA' })))).toEqual([]); // bytes, no path
    const texts = 'https://example.org/home/me and notebooks/work/x.ts';
    expect(check(withCode(output({ 'text/plain': texts })))).toEqual([]);
  });

  const markdown = (source: string): Notebook => ({
    ...good,
    cells: [{ ...good.cells[0]!, source }, good.cells[1]!],
  });
  it.each<[string, Notebook, RegExp]>([
    ['foreign metadata', { ...good, metadata: { ...NOTEBOOK_METADATA, widgets: {} } }, /metadata/],
    ['cell metadata', withCode({ metadata: { collapsed: true } }), /cell c: .*collapsed/],
    ['a doubled id', withCode({ id: 'm' }), /cell id m is used twice/],
    ['an invalid id', withCode({ id: 'a b' }), /"a b" is not valid/],
    [
      'a long cell',
      withShortCells(withCode({ source: lines(26) })),
      /cell c: 26 lines of code, at most 25/,
    ],
    [
      'a long core cell',
      withShortCells(withCode({ source: lines(46), metadata: { tags: ['core'] } })),
      /46 lines of code, at most 45/,
    ],
    ['cells that are long in the median', withCode({ source: lines(13) }), /median cell has 13/],
    ['wide code', withCode({ source: `'${'a'.repeat(87)}'` }), /89 columns, at most 88/],
    [
      'a stored error',
      withCode({ outputs: [{ output_type: 'error', evalue: 'bad' }], execution_count: 1 }),
      /stores an error: bad/,
    ],
    ['counts that do not start at 1', withCode({ execution_count: 7 }), /1 \.\.\. 1 or all empty/],
    ['a remote picture', markdown('![x](https://example.org/x.png)'), /cell m: .*network/],
    ['a remote frame', markdown('<iframe src="https://example.org">'), /cell m: .*network/],
    [
      'a remote script in an output',
      withCode(output({ 'text/html': ['<script src=', '"https://example.org/x.js">'] })),
      /cell c: its output loads/,
    ],
    [
      'a big GIF',
      withCode(output({ 'image/gif': 'A'.repeat(401_000), 'image/png': 'A' })),
      /a GIF of 300750 bytes/,
    ],
    [
      'a path in what was printed',
      withCode({
        outputs: [{ output_type: 'stream', text: ['at /home/me/x.ts\n'] }],
        execution_count: 1,
      }),
      /cell c: its output names a path of the machine that ran it: \/home\/me\/x.ts$/,
    ],
    ['a path in an output', withCode(output({ 'text/html': '<i>/tmp/x</i>' })), /: \/tmp\/x$/],
    [
      'a plot without a picture',
      withCode(output({ 'application/vnd.plotly.v1+json': {} })),
      /plotly.v1\+json without the image\/png/,
    ],
    ['a GIF without a picture', withCode(output({ 'image/gif': 'A' })), /gif without the image/],
  ])('reports %s', (_, notebook, message) => {
    const problems = check(notebook);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('reports a file that is too big for its readers', () => {
    expect(check(good, 5_000_001)).toEqual([
      'the file has 5000001 bytes, at most 5000000 are allowed',
    ]);
  });
});
