/** Finds the cell of the notebook that declares a name: the kernel itself only knows cells that ran. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { declaredNames, parseCell } from './declared-names';
import type { Ts } from './typescript';

interface NotebookCell {
  readonly id?: string;
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly execution_count?: number | null;
}

export interface FindOptions {
  /** The folder that cells belong to. */
  readonly folder: string;
  /** The id of the cell that runs, where the front end has sent it. */
  readonly cellId: string | undefined;
}

/** Says in which cell `name` is declared: `[2] settings`, by number and id. */
export function findDeclaringCell(ts: Ts, name: string, options: FindOptions): string | undefined {
  for (const cells of findNotebooks(options)) {
    const codeCells = cells.filter(({ cell_type }) => cell_type === 'code');
    for (const [index, cell] of codeCells.entries()) {
      if (cell.id !== undefined && cell.id === options.cellId) continue;
      const source = typeof cell.source === 'string' ? cell.source : cell.source.join('');
      if (!source.includes(name) || !declaredNames(ts, parseCell(ts, source)).includes(name))
        continue;
      return `[${cell.execution_count ?? index + 1}] \`${cell.id ?? 'without id'}\``;
    }
  }
  return undefined;
}

/** The kernel's notebook as Jupyter names it, else those of the folder with the running cell. */
function findNotebooks({ folder, cellId }: FindOptions): (readonly NotebookCell[])[] {
  const session = process.env.JPY_SESSION_NAME;
  const files = session?.endsWith('.ipynb')
    ? [path.resolve(folder, session)]
    : listFolder(folder).filter((name) => name.endsWith('.ipynb'));
  return files
    .map((file) => readCells(path.resolve(folder, file)))
    .filter((cells) => cellId === undefined || cells.some(({ id }) => id === cellId));
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readCells(file: string): readonly NotebookCell[] {
  try {
    const { cells } = JSON.parse(readFileSync(file, 'utf8')) as { cells?: NotebookCell[] };
    return cells ?? [];
  } catch {
    return []; // not there, or no notebook
  }
}
