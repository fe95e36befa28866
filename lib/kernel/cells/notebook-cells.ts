/** Finds the cell of the notebook that declares a name: the kernel itself only knows cells that ran. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { namesOf, parseCell } from './declared-names';
import type { Ts, TypeScript } from './typescript';

/** Lines of a declaration that inspection shows. */
const MOST_LINES = 20;

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

/** What a cell of the notebook declares, whether it has run or not. */
export interface NotebookDeclaration {
  readonly name: string;
  /** By number and id: `[2] settings`. */
  readonly cell: string;
  /** How it is declared, with the comment before it and without a function's body. */
  readonly text: string;
}

/** Says in which cell `name` is declared: `[2] settings`, by number and id. */
export function findDeclaringCell(ts: Ts, name: string, options: FindOptions): string | undefined {
  const isOther = (cell: NotebookCell) => cell.id === undefined || cell.id !== options.cellId;
  for (const cells of findNotebooks(options)) {
    const found = declarationsOf(
      ts,
      cells,
      (cell) => isOther(cell) && sourceOf(cell).includes(name),
    );
    for (const declaration of found) if (declaration.name === name) return declaration.cell;
  }
  return undefined;
}

/** All that the cells of the kernel's own notebook declare; nothing when Jupyter has not named it. */
export function listDeclarations(ts: Ts, folder: string): NotebookDeclaration[] {
  const file = ownNotebook(folder);
  return file === undefined ? [] : [...declarationsOf(ts, readCells(file), () => true)];
}

function* declarationsOf(
  ts: Ts,
  cells: readonly NotebookCell[],
  isWanted: (cell: NotebookCell) => boolean,
): Generator<NotebookDeclaration> {
  const codeCells = cells.filter(({ cell_type }) => cell_type === 'code');
  for (const [index, cell] of codeCells.entries()) {
    if (!isWanted(cell)) continue;
    const file = parseCell(ts, sourceOf(cell));
    const place = `[${cell.execution_count ?? index + 1}] \`${cell.id ?? 'without id'}\``;
    for (const statement of file.statements) {
      const text = headOf(ts, file, statement);
      for (const name of namesOf(ts, statement)) yield { name, cell: place, text };
    }
  }
}

/** A statement without a function's body, and not more than its first lines. */
function headOf(ts: Ts, file: TypeScript.SourceFile, statement: TypeScript.Statement): string {
  const body = ts.isFunctionDeclaration(statement) ? statement.body : undefined;
  const text = file.text.slice(statement.pos, body ? body.getStart(file) : statement.end).trim();
  const lines = text.split('\n');
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '...'].join('\n') : text;
}

function sourceOf({ source }: NotebookCell): string {
  return typeof source === 'string' ? source : source.join('');
}

/** The kernel's notebook, where Jupyter has named it. */
function ownNotebook(folder: string): string | undefined {
  const session = process.env.JPY_SESSION_NAME;
  return session?.endsWith('.ipynb') ? path.resolve(folder, session) : undefined;
}

/** The kernel's notebook, else those of the folder with the running cell: no other is the reader's. */
function findNotebooks({ folder, cellId }: FindOptions): (readonly NotebookCell[])[] {
  const own = ownNotebook(folder);
  if (own) return [readCells(own)];
  if (cellId === undefined) return [];
  return listFolder(folder)
    .filter((name) => name.endsWith('.ipynb'))
    .map((name) => readCells(path.join(folder, name)))
    .filter((cells) => cells.some(({ id }) => id === cellId));
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
    const { cells } = JSON.parse(readFileSync(file, 'utf8')) as { cells?: unknown };
    return Array.isArray(cells) ? cells.filter(isCell) : [];
  } catch {
    return []; // not there, or no notebook
  }
}

/** Whatever program has written it. */
function isCell(value: unknown): value is NotebookCell {
  const { cell_type, source } = (value ?? {}) as Partial<NotebookCell>;
  const isText = (text: unknown) => typeof text === 'string';
  return isText(cell_type) && (isText(source) || (Array.isArray(source) && source.every(isText)));
}
