/** What a student does who copies each answer over its gap. */
import { readFileSync } from 'node:fs';
import { versionOf } from '../../lib/notebook/files';
import { type Notebook, readNotebook } from '../../lib/notebook/ipynb';

export const read = (file: string) => readNotebook(readFileSync(file, 'utf8'), { file });

/**
 * The student version of a source, with each cell of the solutions pasted over the one of its id.
 * @throws Error when there is no cell for one of them.
 */
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
  if (answers.size > 0) throw new Error(`answers without a gap: ${[...answers.keys()].join(', ')}`);
  return { ...student!, cells };
}
