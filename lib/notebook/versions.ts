/** One source, three notebooks: whole, with gaps for students to fill, and the answers to paste there. */
import ts from '@tslab/typescript-for-tslab';
import type { SourceCell } from './percent';

/** The folders beside the whole notebooks in which the two others lie. */
export type Version = 'student' | 'solutions';

/** A code cell with this tag answers an exercise: only the solutions show it. */
export const SOLUTION = 'solution';
/** What stands where students write. */
export const YOUR_CODE = '// your code here';

/** Whether students write anything in this cell. */
const hasGap = ({ student, tags }: SourceCell) => student !== undefined || tags.includes(SOLUTION);

/** Whether there are versions of this source beside the whole one. */
export function hasVersions(cells: readonly SourceCell[]): boolean {
  return cells.some(hasGap);
}

/** The whole notebook: all code, but for the answers to its exercises. */
export function wholeVersion(cells: readonly SourceCell[]): SourceCell[] {
  return cells.map((cell) =>
    cell.tags.includes(SOLUTION) ? { ...cell, source: YOUR_CODE } : cell,
  );
}

/**
 * The student version: the whole one, with the bodies of the named functions taken out.
 * @throws SyntaxError when a cell has no function of the name, or one without a return type.
 */
export function studentVersion(cells: readonly SourceCell[]): SourceCell[] {
  return wholeVersion(cells)
    .map(linkUp)
    .map((cell, i) => {
      if (i === 0) return { ...cell, source: addNote(cell.source, STUDENT_NOTE) };
      const { student, ...rest } = cell;
      return student === undefined ? cell : { ...rest, source: emptyBodies(cell, student) };
    });
}

/** The cells to paste over those of the same id, each under the heading of its section. */
export function solutionsVersion(cells: readonly SourceCell[]): SourceCell[] {
  let heading = '';
  let isShown = true;
  return cells.flatMap((cell, i): SourceCell[] => {
    if (i === 0) return [{ ...cell, source: `${titleOf(cell)}: solutions\n\n${SOLUTIONS_NOTE}` }];
    const lines = cell.type === 'markdown' ? cell.source.split('\n') : [];
    const last = lines.filter((line) => /^#{2,} /.test(line)).at(-1);
    if (last !== undefined) [heading, isShown] = [last, false];
    if (!hasGap(cell)) return [];
    const { student, ...code } = cell;
    if (isShown) return [code];
    isShown = true;
    const id = `heading-${cell.id}`;
    return [{ type: 'markdown', id, tags: [], source: heading, line: cell.line }, code];
  });
}

const STUDENT_NOTE =
  '**This is the version to write in.** Where a cell says `// your code here`, write the missing ' +
  'code: the text above the cell says what it must do. The check cell below says what is wrong, if ' +
  'anything is.';
const SOLUTIONS_NOTE =
  'Each cell fits into the student version of the notebook: copy it over the one that declares the ' +
  'same name, or over the `// your code here` of the same section. It does not run by itself.';

/** A text whose links to files beside the whole notebook still lead there, from the folder of a version. */
function linkUp(cell: SourceCell): SourceCell {
  if (cell.type === 'code') return cell;
  const source = cell.source.replace(/\]\((?![a-z]+:|[#/])([^)]+)\)/g, '](../$1)');
  return { ...cell, source };
}

function titleOf({ source }: SourceCell): string {
  return source.split('\n', 1)[0]!;
}

/** A text with a paragraph below its title. */
function addNote(source: string, note: string): string {
  const [title, ...rest] = source.split('\n');
  return [title, '', note, ...rest].join('\n');
}

/** A cell's code in which the named functions wait to be written. */
function emptyBodies(cell: SourceCell, names: readonly string[]): string {
  const file = ts.createSourceFile('cell.ts', cell.source, ts.ScriptTarget.ESNext, true);
  const gaps = names.map((name) => {
    const found = findFunction(file, name);
    if (found?.body && found.type) return { name, body: found.body };
    const missing = found ? 'has no return type' : 'is not there';
    throw new SyntaxError(`cell ${cell.id}: expected a function ${name} to empty, it ${missing}`);
  });
  gaps.sort((a, b) => b.body.getStart() - a.body.getStart()); // from the end, so that places stay
  return gaps.reduce((source, { name, body }) => {
    const before = source.slice(0, body.getStart());
    const indent = /^ */.exec(before.slice(before.lastIndexOf('\n') + 1))![0];
    const lines = [YOUR_CODE, `throw new Error('${name} is not written yet');`];
    const gap = ['{', ...lines.map((line) => `${indent}  ${line}`), `${indent}}`].join('\n');
    return before + gap + source.slice(body.end);
  }, cell.source);
}

type Found = ts.FunctionLikeDeclaration;

/** The function, method or arrow function that is declared with a name, at any depth. */
function findFunction(node: ts.Node, name: string): Found | undefined {
  const isNamed = (n: ts.Node): boolean =>
    (n as Partial<ts.NamedDeclaration>).name?.getText() === name;
  return ts.forEachChild(node, (child): Found | undefined => {
    if (isNamed(child)) {
      if (ts.isFunctionDeclaration(child) || ts.isMethodDeclaration(child)) return child;
      const value = ts.isVariableDeclaration(child) ? child.initializer : undefined;
      if (value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))) return value;
    }
    return findFunction(child, name);
  });
}
