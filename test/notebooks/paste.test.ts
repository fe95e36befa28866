/** The solutions, pasted into the student versions, must give a notebook that does all its source does. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSources, notebooksOf, versionOf } from '../../lib/notebook/files';
import { joinLines, type Notebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { YOUR_CODE } from '../../lib/notebook/versions';
import { pasted, read } from './paste';

const withGaps = listSources().filter((source) => notebooksOf(source).length > 1);

it('there are notebooks with gaps', () => expect(withGaps.length).toBeGreaterThanOrEqual(2));

describe.each(withGaps.map((source) => [basename(source), source]))('%s', (_, source) => {
  it('has gaps, and answers that fill all of them with what the source has', () => {
    const student = read(versionOf(source, 'student'));
    const code = (notebook: Notebook) =>
      notebook.cells.flatMap((cell) =>
        cell.cell_type === 'code' ? [[cell.id, joinLines(cell.source)]] : [],
      );
    expect(code(student).filter(([, text]) => text!.includes(YOUR_CODE)).length).toBeGreaterThan(3);
    const cells = parsePercent(readFileSync(source, 'utf8'), { file: source });
    expect(code(pasted(source))).toEqual(
      cells.filter(({ type }) => type === 'code').map(({ id, source }) => [id, source]),
    );
  });
});
