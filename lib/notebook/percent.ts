/**
 * The percent format: a notebook as plain TypeScript, one `// %%` line per cell, so that a diff is
 * text and both compilers check the cells. The lines are those of jupytext's `ts:percent`:
 *
 *     // %% [markdown] id="replay-buffer"
 *     // ## Replay buffer
 *     // %% id="define-td-targets" student=["tdTargets"]
 *     function tdTargets(outcomes: Outcomes, gamma: number): tf.Tensor1D { ... }
 */

import { conform, listOf, text } from '../files/schema';

/** One cell as it is written in the source. */
export interface SourceCell {
  readonly type: 'markdown' | 'code';
  /** Stable for the cell's life: letters, digits, - and _, at most 64 (nbformat 4.5). */
  readonly id: string;
  readonly tags: readonly string[];
  /** The functions of the cell whose bodies students write. */
  readonly student?: readonly string[];
  /** The text, without comment signs in markdown cells and without empty lines at either end. */
  readonly source: string;
  /** Line of the cell's marker in the source file, counted from 1. */
  readonly line: number;
}

const MARKER = /^\/\/ %%(.*)$/;
const OPTION = /([a-z]+)=("[^"]*"|\[[^\]]*\])/g;

export const CELL_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * Reads a percent source. Comment lines before the first marker are notes to its editors and belong
 * to no cell.
 * @throws SyntaxError naming file and line when a marker, an id or a markdown line is malformed.
 */
export function parsePercent(content: string, options: { readonly file: string }): SourceCell[] {
  const cells: SourceCell[] = [];
  const lines = content.split('\n');
  const fail = (line: number, message: string): never => {
    throw new SyntaxError(`${options.file}:${line}: ${message}`);
  };
  const starts = lines.flatMap((line, index) => (MARKER.test(line) ? [index] : []));
  if (starts.length === 0) fail(1, 'expected a cell marker such as // %% id="settings", got none');
  lines.slice(0, starts[0]).forEach((line, index) => {
    if (line !== '' && !line.startsWith('//')) {
      fail(index + 1, 'expected only comments before the first // %% marker');
    }
  });
  const seen = new Set<string>();
  starts.forEach((start, n) => {
    const marker = readMarker(MARKER.exec(lines[start]!)![1]!, (m) => fail(start + 1, m));
    if (seen.has(marker.id)) fail(start + 1, `cell id ${marker.id} is used twice: choose another`);
    seen.add(marker.id);
    const body = lines.slice(start + 1, starts[n + 1] ?? lines.length);
    const source = marker.type === 'code' ? body : body.map(uncomment);
    const bad = source.indexOf(undefined);
    if (bad >= 0) fail(start + 2 + bad, 'a line of a markdown cell must start with "// "');
    cells.push({ ...marker, source: trimEmptyLines(source.join('\n')), line: start + 1 });
  });
  return cells;
}

function readMarker(
  options: string,
  fail: (message: string) => never,
): Pick<SourceCell, 'type' | 'id' | 'tags' | 'student'> {
  const markdown = options.startsWith(' [markdown]');
  const rest = markdown ? options.slice(' [markdown]'.length) : options;
  let id = '';
  let tags: string[] = [];
  let student: string[] | undefined;
  for (const [, key, value] of rest.matchAll(OPTION)) {
    if (key === 'id') id = value!.slice(1, -1);
    else if (key === 'tags') tags = readTexts(value!, fail);
    else if (key === 'student') student = readTexts(value!, fail);
    else fail(`unknown option ${key}: expected id, tags or student`);
  }
  const unread = rest.replace(OPTION, '').trim();
  if (unread !== '') fail(`cannot read "${unread}": write options as id="..." tags=["..."]`);
  if (!CELL_ID.test(id)) fail(`expected id="..." of 1 to 64 letters, digits, - or _, got "${id}"`);
  const type = markdown ? 'markdown' : 'code';
  return { type, id, tags, ...(student !== undefined && { student }) };
}

function readTexts(value: string, fail: (message: string) => never): string[] {
  try {
    return [...conform(JSON.parse(value), listOf(text), value)];
  } catch {
    return fail(`expected a list of texts such as ["a", "b"], got ${value}`);
  }
}

/** The text behind a line's comment sign; undefined when the line is not a comment. */
function uncomment(line: string): string | undefined {
  if (line === '' || line === '//') return '';
  return line.startsWith('// ') ? line.slice(3) : undefined;
}

function trimEmptyLines(text: string): string {
  return text.replace(/^\n+|\s+$/g, '');
}
