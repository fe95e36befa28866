/** Tables become text and HTML as written out by hand, where no value is taken for markup. */
import { describe, expect, it } from 'vitest';
import { encodeTable } from '../../lib/display/table';

describe('encodeTable', () => {
  const rows = [
    { name: 'nature', steps: 50_000_000, 'r < 1 & more': true },
    { name: 'q', steps: 3, 'r < 1 & more': null },
  ];

  it('aligns text to the left and numbers to the right', () => {
    expect(encodeTable(rows).bundle['text/plain']).toBe(
      ['name       steps  r < 1 & more', 'nature  50000000  true', 'q              3  null'].join(
        '\n',
      ),
    );
  });

  it('writes HTML in which no text is markup', () => {
    const html = encodeTable(rows).bundle['text/html'] as string;
    expect(html).toContain('<th style="text-align: left">r &lt; 1 &amp; more</th>');
    expect(html).toContain(
      '<tr><td style="text-align: left">q</td><td style="text-align: right">3</td>' +
        '<td style="text-align: left">null</td></tr>',
    );
  });

  it('refuses tables without rows and rows without a column', () => {
    expect(() => encodeTable([])).toThrow('at least one row');
    expect(() => encodeTable([{ a: 1, b: 2 }, { a: 1 }])).toThrow('got no "b" in row 1');
  });
});
