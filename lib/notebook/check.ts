/** What a committed notebook must keep to: the rules its readers' patience and code hosts set. */
import { isDeepStrictEqual } from 'node:util';
import {
  type Cell,
  HIDDEN,
  joinLines,
  metadataOf,
  NOTEBOOK_METADATA,
  type Notebook,
  type Output,
} from './ipynb';
import { CELL_ID } from './percent';

export interface Limits {
  /** Lines of code a cell may have. */
  readonly cellLines: number;
  /** Lines of code of the cells tagged `core` (network, gradient step, training loop) or `hidden`. */
  readonly coreCellLines: number;
  readonly medianCellLines: number;
  /** Characters in a line of code: what fits beside JupyterLab's side bar. */
  readonly columns: number;
  /** Bytes of the whole file. */
  readonly fileBytes: number;
  /** Bytes of one GIF. */
  readonly gifBytes: number;
}

export const LIMITS: Limits = {
  cellLines: 25,
  coreCellLines: 45,
  medianCellLines: 12,
  columns: 88,
  fileBytes: 5_000_000,
  gifBytes: 300_000,
};

/** Limits for answers and experiments, each a short program: as above, without one for the median. */
export const PROGRAM_LIMITS: Limits = { ...LIMITS, medianCellLines: LIMITS.cellLines };

/** The limits of a notebook file. */
export function limitsOf(file: string): Limits {
  return file.endsWith('notebooks/02-breakout.ipynb') ? LIMITS : PROGRAM_LIMITS;
}

/** Something that a page would fetch or run from elsewhere; links to follow by hand are allowed. */
const REMOTE = /!\[[^\]]*\]\(https?:|\b(?:src|srcset|data)\s*=\s*["']?https?:|@import|<link\b/i;

/** A path that only the machine of the run has. */
const PATH =
  /(?<![\w.:/-])(?:file:\/\/)?(?:\/(?:home|root|tmp|Users|var|opt|mnt|srv|data|private|work|workspace)\/|[A-Z]:\\\\?Users\\)[^\s"'<]*/;

/** Every rule the notebook breaks, as sentences that name the cell; empty when all is well. */
export function checkNotebook(
  notebook: Notebook,
  options: { readonly bytes: number; readonly limits?: Limits },
): string[] {
  const limits = options.limits ?? LIMITS;
  const problems: string[] = [];
  if (options.bytes > limits.fileBytes) {
    problems.push(`the file has ${options.bytes} bytes, at most ${limits.fileBytes} are allowed`);
  }
  if (!isDeepStrictEqual(notebook.metadata, NOTEBOOK_METADATA)) {
    problems.push('the notebook metadata must be the kernelspec and the language, nothing else');
  }
  const ids = new Set<string>();
  for (const cell of notebook.cells) {
    if (!CELL_ID.test(cell.id ?? '')) problems.push(`cell id "${cell.id}" is not valid`);
    else if (ids.has(cell.id)) problems.push(`cell id ${cell.id} is used twice`);
    ids.add(cell.id);
    problems.push(...checkCell(cell, limits).map((problem) => `cell ${cell.id}: ${problem}`));
  }
  const code = notebook.cells.filter((cell) => cell.cell_type === 'code');
  problems.push(...checkCounts(code));
  const median = medianOf(code.map((cell) => countLines(joinLines(cell.source))));
  if (median > limits.medianCellLines) {
    problems.push(`the median cell has ${median} lines, at most ${limits.medianCellLines}`);
  }
  return problems;
}

function checkCell(cell: Cell, limits: Limits): string[] {
  const problems: string[] = [];
  const source = joinLines(cell.source);
  if (!isDeepStrictEqual(cell.metadata, metadataOf(cell.metadata.tags ?? []))) {
    problems.push(`metadata may hold tags only, got ${Object.keys(cell.metadata).join(', ')}`);
  }
  if (cell.cell_type !== 'code') {
    if (REMOTE.test(source)) problems.push('the text loads something from the network');
    return problems;
  }
  const isLong = ['core', HIDDEN].some((tag) => cell.metadata.tags?.includes(tag));
  const most = isLong ? limits.coreCellLines : limits.cellLines;
  const lines = countLines(source);
  if (lines > most) problems.push(`${lines} lines of code, at most ${most} are allowed`);
  const widest = Math.max(0, ...source.split('\n').map((line) => line.length));
  if (widest > limits.columns) problems.push(`${widest} columns, at most ${limits.columns}`);
  for (const output of cell.outputs ?? []) problems.push(...checkOutput(output, limits));
  return problems;
}

/** A part of an output that ought to be a text or its lines, and may be anything. */
function textOf(part: unknown): string {
  return Array.isArray(part) ? part.join('') : String(part);
}

function checkOutput(output: Output, limits: Limits): string[] {
  if (output.output_type === 'error') return [`it stores an error: ${String(output.evalue)}`];
  const problems: string[] = [];
  const data = output.data ?? {};
  const html = data['text/html'];
  if (html !== undefined && REMOTE.test(textOf(html))) {
    problems.push('its output loads something from the network');
  }
  const texts = Object.entries(data).filter(([type]) => !type.startsWith('image/'));
  const path = PATH.exec(joinLines(output.text ?? '') + JSON.stringify(Object.fromEntries(texts)));
  if (path) problems.push(`its output names a path of the machine that ran it: ${path[0]}`);
  const gif = data['image/gif'];
  if (gif !== undefined) {
    const bytes = Math.floor((textOf(gif).replace(/\s/g, '').length * 3) / 4);
    if (bytes > limits.gifBytes)
      problems.push(`a GIF of ${bytes} bytes, at most ${limits.gifBytes}`);
  }
  for (const type of ['application/vnd.plotly.v1+json', 'image/gif']) {
    if (!(type in data) || 'image/png' in data) continue;
    problems.push(`${type} without the image/png that code hosts show instead`);
  }
  return problems;
}

/** Either nothing was run, or everything was, once and in order. */
function checkCounts(code: readonly Cell[]): string[] {
  const counts = code.map((cell) => cell.execution_count ?? null);
  const none = counts.every((count) => count === null);
  const all = counts.every((count, index) => count === index + 1);
  if (none || all) return [];
  return [`execution counts must be 1 ... ${code.length} or all empty, got ${counts.join(' ')}`];
}

function countLines(source: string): number {
  return source === '' ? 0 : source.split('\n').length;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
