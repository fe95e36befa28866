/** The solutions, pasted into the student versions, must give a notebook that does all its source does. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSources, notebooksOf, versionOf } from '../../lib/notebook/files';
import { joinLines, type Notebook, readNotebook } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';
import { YOUR_CODE } from '../../lib/notebook/versions';

const read = (file: string) => readNotebook(readFileSync(file, 'utf8'), { file });
const withGaps = listSources().filter((source) => notebooksOf(source).length > 1);

/** A student version with each cell of the solutions pasted over the one with its id. */
export function pasted(source: string): Notebook {
  const [student, solutions] = (['student', 'solutions'] as const).map((version) =>
    read(versionOf(source, version)),
  );
  const answers = new Map(
    solutions!.cells
      .filter(({ cell_type }) => cell_type === 'code')
      .map((cell) => [cell.id, cell.source]),
  );
  const cells = student!.cells.map((cell) => {
    const answer = answers.get(cell.id);
    answers.delete(cell.id);
    return answer === undefined ? cell : { ...cell, source: answer };
  });
  expect([...answers.keys()], 'answers without a gap').toEqual([]);
  return { ...student!, cells };
}

it('there are notebooks with gaps', () => expect(withGaps.length).toBeGreaterThanOrEqual(2));

describe.each(withGaps.map((source) => [basename(source), source]))('%s', (_, source) => {
  it('has gaps, and answers that fill all of them with what the source has', () => {
    const student = read(versionOf(source, 'student'));
    const code = (notebook: Notebook) =>
      notebook.cells.flatMap((cell) =>
        cell.cell_type === 'code' ? [[cell.id, joinLines(cell.source)]] : [],
      );
    expect(code(student).filter(([, text]) => text!.includes(YOUR_CODE)).length).toBeGreaterThan(5);
    const cells = parsePercent(readFileSync(source, 'utf8'), { file: source });
    expect(code(pasted(source))).toEqual(
      cells.filter(({ type }) => type === 'code').map(({ id, source }) => [id, source]),
    );
  });
});
