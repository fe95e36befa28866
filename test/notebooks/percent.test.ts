/** Notebook sources in percent format are read into the cells written out by hand. */
import { describe, expect, it } from 'vitest';
import { parsePercent } from '../../lib/notebook/percent';

const parse = (text: string) => parsePercent(text, { file: 'a.ts' });

describe('parsePercent', () => {
  it('reads markdown without its comment signs and code as it is', () => {
    const cells = parse(
      [
        '// a note to editors',
        '',
        '// %% [markdown] id="title"',
        '// # Title',
        '//',
        '// $y = r + \\gamma$',
        '',
        '// %% id="sum" tags=["core", "exercise"]',
        '// a comment stays',
        'const sum = 1 + 2;',
        '',
        'sum;',
        '',
      ].join('\n'),
    );
    expect(cells).toEqual([
      {
        type: 'markdown',
        id: 'title',
        tags: [],
        source: '# Title\n\n$y = r + \\gamma$',
        line: 3,
      },
      {
        type: 'code',
        id: 'sum',
        tags: ['core', 'exercise'],
        source: '// a comment stays\nconst sum = 1 + 2;\n\nsum;',
        line: 8,
      },
    ]);
  });

  it('reads the functions that students write', () => {
    const [cell] = parse('// %% id="a" student=["f", "g"]\n1;');
    expect(cell).toMatchObject({ id: 'a', student: ['f', 'g'] });
  });

  it('keeps the indentation of a first line and drops empty lines at both ends', () => {
    const [cell] = parse('// %% id="a"\n\n  1;\n\n\n');
    expect(cell!.source).toBe('  1;');
  });

  it.each([
    ['an id missing', '// %%\n1;', /a\.ts:1: expected id="\.\.\."/],
    ['an id of other signs', '// %% id="a b"\n1;', /a\.ts:1: expected id=.*got "a b"/],
    ['an id used twice', '// %% id="a"\n1;\n// %% id="a"\n2;', /a\.ts:3: cell id a is used twice/],
    ['an unquoted id', '// %% id=a\n1;', /a\.ts:1: cannot read "id=a"/],
    ['an unknown option', '// %% id="a" name="b"\n1;', /a\.ts:1: unknown option name/],
    ['code in a markdown cell', '// %% [markdown] id="a"\n// b\nlet c;', /a\.ts:3: .*must start/],
    ['a comment without its blank', '// %% [markdown] id="a"\n//b', /a\.ts:2: .*must start/],
    ['code before the first cell', 'let a;\n// %% id="a"', /a\.ts:1: expected only comments/],
    ['no cell at all', '// nothing', /a\.ts:1: expected a cell marker/],
  ])('refuses %s with file and line', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
