/** The notebook file (nbformat 4.5) made from a percent source, and read back. */
import { parseJson } from '../files/json';
import {
  exactly,
  fields,
  listOf,
  object,
  optional,
  orNull,
  type Schema,
  schema,
  text,
  whole,
} from '../files/schema';
import type { SourceCell } from './percent';

/** One output as Jupyter stores it; only the fields that are read here are named. */
export interface Output {
  readonly output_type: 'stream' | 'display_data' | 'execute_result' | 'error';
  readonly data?: Readonly<Record<string, unknown>>;
  readonly text?: string | readonly string[];
  readonly [field: string]: unknown;
}

export interface Cell {
  readonly cell_type: 'markdown' | 'code' | 'raw';
  readonly id: string;
  readonly metadata: { readonly tags?: readonly string[]; readonly [field: string]: unknown };
  readonly source: string | readonly string[];
  readonly execution_count?: number | null;
  readonly outputs?: readonly Output[];
}

export interface Notebook {
  readonly nbformat: number;
  readonly nbformat_minor: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly cells: readonly Cell[];
}

/**
 * All metadata a committed notebook carries: which kernel runs it, and its language as the kernel
 * names it. JupyterLab writes the same, so that opening a notebook does not change it.
 */
export const NOTEBOOK_METADATA = {
  kernelspec: {
    display_name: 'TypeScript (breakout-dqn)',
    language: 'typescript',
    name: 'breakout-dqn',
  },
  language_info: {
    codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
    file_extension: '.ts',
    mimetype: 'text/typescript',
    name: 'typescript',
    nbconvert_exporter: 'script',
    pygments_lexer: 'typescript',
    version: '5.0.4',
  },
} as const;

/** A cell with this tag opens collapsed: it helps, and need not be read. */
export const HIDDEN = 'hidden';

/** A cell's metadata, all of which follows from its tags. */
export function metadataOf(tags: readonly string[]): Cell['metadata'] {
  if (tags.length === 0) return {};
  return tags.includes(HIDDEN) ? { jupyter: { source_hidden: true }, tags } : { tags };
}

/**
 * The notebook of a source. With `previous`, code cells keep their stored outputs and execution counts
 * up to the first code cell that changed: the ones behind it may rest on what it did.
 */
export function buildNotebook(
  cells: readonly SourceCell[],
  options: { readonly previous?: Notebook | undefined } = {},
): Notebook {
  const stored = options.previous?.cells.filter((cell) => cell.cell_type === 'code') ?? [];
  let isUnchanged = true;
  let count = 0;
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: NOTEBOOK_METADATA,
    cells: cells.map((cell) => {
      const metadata = metadataOf(cell.tags);
      const source = splitLines(cell.source);
      if (cell.type === 'markdown')
        return { cell_type: 'markdown', id: cell.id, metadata, source } as const;
      const old = stored[count++];
      isUnchanged &&= old?.id === cell.id && joinLines(old.source) === cell.source;
      const kept = isUnchanged ? old : undefined;
      return {
        cell_type: 'code',
        id: cell.id,
        metadata,
        source,
        execution_count: kept?.execution_count ?? null,
        outputs: kept?.outputs ?? [],
      } as const;
    }),
  };
}

/**
 * The notebook with the outputs of `executed` (the same notebook, run) and nothing else of it. Code
 * cells are numbered 1 ... n, in order.
 */
export function storeOutputs(notebook: Notebook, executed: Notebook): Notebook {
  const ran = new Map(executed.cells.map((cell) => [cell.id, cell]));
  let count = 0;
  return {
    ...notebook,
    cells: notebook.cells.map((cell) => {
      if (cell.cell_type !== 'code') return cell;
      count++;
      const outputs = ran.get(cell.id)?.outputs ?? [];
      return {
        ...cell,
        execution_count: count,
        outputs: outputs.map((output) =>
          output.output_type === 'execute_result' ? { ...output, execution_count: count } : output,
        ),
      };
    }),
  };
}

/**
 * The notebook as it was before a reader ran and saved it: what source and file are compared by. A run
 * leaves outputs, execution counts, and metadata of programs that showed or ran it; texts and tags of
 * cells stay as they are.
 */
export function stripRun(notebook: Notebook): Notebook {
  const { kernelspec } = notebook.metadata;
  return {
    ...notebook,
    metadata: { ...NOTEBOOK_METADATA, kernelspec },
    cells: notebook.cells.map(({ cell_type, id, source, metadata: { tags } }) => {
      const metadata = metadataOf(tags ?? []);
      const cell = { cell_type, id, metadata, source: splitLines(joinLines(source)) };
      return cell_type === 'code' ? { ...cell, execution_count: null, outputs: [] } : cell;
    }),
  };
}

/** The file's text as nbformat and JupyterLab write it: keys sorted, one space of indent. */
export function formatNotebook(notebook: Notebook): string {
  return `${JSON.stringify(sortKeys(notebook), null, 1)}\n`;
}

const LINES = schema<string | readonly string[]>('a text or a list of texts', (value) =>
  [value].flat().every((line) => typeof line === 'string'),
);
const METADATA = fields<Cell['metadata']>({ tags: optional(listOf(text)) });
const NOTEBOOK = fields<Notebook>({
  nbformat: exactly(4),
  nbformat_minor: whole,
  metadata: object,
  cells: listOf(
    fields<Cell>({
      cell_type: exactly('markdown', 'code', 'raw'),
      id: text,
      metadata: METADATA as Schema<Cell['metadata']>,
      source: LINES,
      execution_count: optional(orNull(whole)),
      outputs: optional(
        listOf(
          fields<Output>({
            output_type: exactly('stream', 'display_data', 'execute_result', 'error'),
            data: optional(object),
            text: optional(LINES),
          }),
        ),
      ),
    }),
  ),
});

/** @throws FileError naming what is not as in a notebook of nbformat 4.5. */
export function readNotebook(content: string, options: { readonly file: string }): Notebook {
  return parseJson(content, NOTEBOOK, options.file);
}

/** Jupyter stores text whole or as lines with their ends. */
export function joinLines(text: string | readonly string[]): string {
  return typeof text === 'string' ? text : text.join('');
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
