/** Built notebooks are what Jupyter's own nbformat writes, and keep outputs of unchanged cells. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/files/root';
import {
  buildNotebook,
  type Cell,
  formatNotebook,
  joinLines,
  type Notebook,
  readNotebook,
  storeOutputs,
  stripRun,
} from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { folderOfTest } from '../helpers/folder';

const SOURCE = `// %% [markdown] id="title"
// # Größe
//
// text
// %% id="one" tags=["core"]
const a = 1;
a;
// %% id="two"
a + 1;
`;
const cells = parsePercent(SOURCE, { file: 'a.ts' });
const result = (text: string, count: number) => ({
  output_type: 'execute_result' as const,
  data: { 'text/plain': [text] },
  metadata: {},
  execution_count: count,
});

function withOutputs(notebook: Notebook, counts: readonly number[]): Notebook {
  let n = 0;
  return {
    ...notebook,
    cells: notebook.cells.map((cell) => {
      if (cell.cell_type !== 'code') return cell;
      const count = counts[n++]!;
      return { ...cell, execution_count: count, outputs: [result(String(n), count)] };
    }),
  };
}

describe('buildNotebook', () => {
  it('writes what nbformat accepts and writes back byte for byte', () => {
    const folder = folderOfTest();
    const file = join(folder, 'a.ipynb');
    const text = formatNotebook(withOutputs(buildNotebook(cells), [1, 2]));
    writeFileSync(file, text);
    const script = `
import nbformat, sys
notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
sys.stdout.reconfigure(encoding="utf-8")
print(nbformat.writes(notebook))`;
    const python = spawnSync(join(ROOT, '.venv/bin/python'), ['-c', script, file], {
      encoding: 'utf8',
    });
    expect(python.stderr).toBe('');
    expect(python.stdout).toBe(text);
  });

  it('keeps the outputs of cells that did not change, and of no other', () => {
    const previous = withOutputs(buildNotebook(cells), [1, 2]);
    const edited = parsePercent(SOURCE.replace('a + 1', 'a + 2'), { file: 'a.ts' });
    const [, one, two] = buildNotebook(edited, { previous }).cells;
    expect(one).toMatchObject({ execution_count: 1, outputs: [result('1', 1)] });
    expect(two).toMatchObject({ execution_count: null, outputs: [], source: ['a + 2;'] });
  });

  it('drops the outputs behind a cell that changed', () => {
    const previous = withOutputs(buildNotebook(cells), [1, 2]);
    const edited = parsePercent(SOURCE.replace('a = 1', 'a = 2'), { file: 'a.ts' });
    for (const cell of buildNotebook(edited, { previous }).cells.slice(1)) {
      expect(cell).toMatchObject({ execution_count: null, outputs: [] });
    }
  });

  it('carries tags and nothing else as cell metadata', () => {
    expect(buildNotebook(cells).cells.map((cell) => cell.metadata)).toEqual([
      {},
      { tags: ['core'] },
      {},
    ]);
  });

  it('collapses hidden cells, whether or not a reader has opened them', () => {
    const hidden = buildNotebook(
      parsePercent('// %% id="a" tags=["hidden"]\n1;', { file: 'a.ts' }),
    );
    const metadata = { jupyter: { source_hidden: true }, tags: ['hidden'] };
    expect(hidden.cells[0]!.metadata).toEqual(metadata);
    const opened = { ...hidden, cells: [{ ...hidden.cells[0]!, metadata: { tags: ['hidden'] } }] };
    expect(stripRun(opened)).toEqual(stripRun(hidden));
  });
});

describe('storeOutputs', () => {
  it('numbers the cells from 1 and takes nothing but outputs', () => {
    const notebook = buildNotebook(cells);
    const executed = withOutputs(notebook, [5, 6]);
    const dirty = { ...executed, metadata: { widgets: {} } };
    const stored = storeOutputs(notebook, dirty);
    expect(stored.cells.slice(1)).toMatchObject([
      { execution_count: 1, outputs: [result('1', 1)] },
      { execution_count: 2, outputs: [result('2', 2)] },
    ]);
    expect(stripRun(stored)).toEqual(notebook);
  });
});

describe('stripRun', () => {
  const notebook = buildNotebook(cells);
  const saved = {
    ...withOutputs(notebook, [4, 9]),
    metadata: {
      ...notebook.metadata,
      language_info: { name: 'typescript', version: '9.9.9' },
      'a program': { zoom: 2 },
    },
  };

  it('undoes what running and saving does', () => {
    const collapsed = saved.cells.map((cell) => ({
      ...cell,
      source: joinLines(cell.source),
      metadata: { ...cell.metadata, collapsed: true, execution: {} },
    }));
    expect(stripRun({ ...saved, cells: collapsed })).toEqual(notebook);
  });

  it('lets edited texts, tags and kernels be seen', () => {
    const [title, one, two] = saved.cells as [Cell, Cell, Cell];
    const edited: Notebook[] = [
      { ...saved, cells: [title, one, { ...two, source: 'a + 2;' }] },
      { ...saved, cells: [title, one] },
      { ...saved, cells: [title, { ...one, metadata: {} }, two] },
      { ...saved, metadata: { ...saved.metadata, kernelspec: { name: 'python3' } } },
    ];
    for (const notebookEdited of edited) expect(stripRun(notebookEdited)).not.toEqual(notebook);
  });
});

describe('readNotebook', () => {
  it('refuses other formats', () => {
    const read = (content: unknown) => () =>
      readNotebook(JSON.stringify(content), { file: 'a.ipynb' });
    const whole = { nbformat: 4, nbformat_minor: 5, metadata: {} };
    const cell = { cell_type: 'markdown', id: 'a', metadata: {}, source: ['a'] };
    expect(read({ ...whole, cells: [cell] })()).toMatchObject({ cells: [cell] });
    for (const [wrong, message] of [
      [null, 'a.ipynb must be an object, got null'],
      [{ nbformat: 3, cells: [] }, 'a.ipynb: nbformat must be 4, got 3'],
      [{ ...whole, cells: [cell, 7] }, 'a.ipynb: cells[1] must be an object, got 7'],
      [
        { ...whole, cells: [{ ...cell, source: ['a', 1] }] },
        "a.ipynb: cells[0].source must be a text or a list of texts, got ['a', 1]",
      ],
    ] as const) {
      expect(read(wrong)).toThrow(message);
    }
  });
});
