import { describe, expect, it } from 'vitest';
import { parsePercent } from '../../lib/notebook/percent';
import {
  hasVersions,
  solutionsVersion,
  studentVersion,
  wholeVersion,
} from '../../lib/notebook/versions';

const parse = (text: string) => parsePercent(text, { file: 'a.ts' });
const SOURCE = `// %% [markdown] id="title"
// # Sums
//
// About [sums](sums.md), [others](https://example.org) and [this](#this).
// %% [markdown] id="section"
// text
//
// ## 1 Adding
// %% id="define-add" tags=["core"] student=["add", "twice"]
/** a + b */
function add(a: number, b: number): number {
  return a + b;
}
const outer = () => {
  const twice = (a: number): number => 2 * a;
  return twice(1);
};
// %% id="use"
add(1, 2);
// %% id="solve" tags=["solution"]
add(2, 3);
`;
const cells = parse(SOURCE);
const sources = (version: ReturnType<typeof parse>) =>
  Object.fromEntries(version.map(({ id, source }) => [id, source]));

describe('versions of a notebook', () => {
  it('are made where there is a gap to fill', () => {
    expect([hasVersions(cells), hasVersions(cells.slice(0, 2))]).toEqual([true, false]);
  });

  it('show the answers to exercises in the solutions only', () => {
    expect(sources(wholeVersion(cells))).toEqual({
      ...sources(cells),
      solve: '// your code here',
    });
  });

  it('leave the bodies of the named functions to students, at any depth', () => {
    const { title, 'define-add': add, use, solve } = sources(studentVersion(cells));
    expect(title).toMatch(/^# Sums\n\n\*\*This is the version to write in\.\*\*/);
    expect(title).toContain(
      '\n\nAbout [sums](../sums.md), [others](https://example.org) and [this](#this).',
    );
    expect(add).toBe(`/** a + b */
function add(a: number, b: number): number {
  // your code here
  throw new Error('add is not written yet');
}
const outer = () => {
  const twice = (a: number): number => {
    // your code here
    throw new Error('twice is not written yet');
  };
  return twice(1);
};`);
    expect([use, solve]).toEqual(['add(1, 2);', '// your code here']);
  });

  it('give each answer under its heading, with the id and text of the cell to replace', () => {
    const solutions = solutionsVersion(cells);
    expect(solutions.map(({ id }) => id)).toEqual([
      'title',
      'heading-define-add',
      'define-add',
      'solve',
    ]);
    expect(solutions[1]!.source).toBe('## 1 Adding');
    expect(sources(solutions)).toMatchObject({
      'define-add': cells[2]!.source,
      solve: 'add(2, 3);',
    });
  });

  it.each([
    ['a name that is not there', 'student=["sum"]', /a: expected a function sum .* not there/],
    ['a function without a return type', 'student=["bare"]', /bare .* has no return type/],
  ])('refuse %s', (_, option, message) => {
    const source = `// %% [markdown] id="t"\n// # T\n// %% id="a" ${option}\nfunction bare() {}`;
    expect(() => studentVersion(parse(source))).toThrow(message);
  });
});
