/** Small tables under a cell: HTML where it is drawn, columns of text elsewhere. */
import { escapeMarkup } from '../text';
import type { Output } from './bundle';
import { requireHost } from './show';

export type TableValue = string | number | boolean | null;
/** One row: a value for each column's title. */
export type TableRow = Readonly<Record<string, TableValue>>;

/**
 * Encodes rows as a table. The first row's keys are the columns, in their order.
 * @throws RangeError when there is no row, or a row lacks a column.
 */
export function encodeTable(rows: readonly TableRow[]): Output {
  const [first] = rows;
  if (first === undefined) throw new RangeError('a table must have at least one row, got none');
  const columns = Object.keys(first).map((title) => {
    const cells = rows.map((row, i) => formatValue({ row, title, i }));
    const isNumeric = rows.every((row) => typeof row[title] === 'number');
    const width = Math.max(title.length, ...cells.map((cell) => cell.length));
    return { title, cells, isNumeric, width };
  });
  const textLine = (texts: readonly string[]) =>
    columns
      .map(({ isNumeric, width }, c) =>
        isNumeric ? texts[c]!.padStart(width) : texts[c]!.padEnd(width),
      )
      .join('  ')
      .trimEnd();
  const htmlRow = (tag: 'th' | 'td', texts: readonly string[]) => {
    const cells = columns.map(({ isNumeric }, c) => {
      const align = isNumeric ? 'right' : 'left';
      return `<${tag} style="text-align: ${align}">${escapeMarkup(texts[c]!)}</${tag}>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  };
  const titles = columns.map(({ title }) => title);
  const lines = rows.map((_, r) => columns.map(({ cells }) => cells[r]!));
  const head = htmlRow('th', titles);
  const body = lines.map((line) => htmlRow('td', line)).join('\n');
  return {
    bundle: {
      'text/html': `<table>\n<thead>\n${head}\n</thead>\n<tbody>\n${body}\n</tbody>\n</table>`,
      'text/plain': [titles, ...lines].map(textLine).join('\n'),
    },
  };
}

/** Shows rows as a table. @throws Error outside a notebook, RangeError as `encodeTable` does. */
export function showTable(rows: readonly TableRow[]): void {
  requireHost('showTable()').display(encodeTable(rows).bundle);
}

function formatValue({ row, title, i }: { row: TableRow; title: string; i: number }): string {
  const value = row[title];
  if (value === undefined) {
    throw new RangeError(
      `each row needs the columns of the first one, got no "${title}" in row ${i}`,
    );
  }
  return String(value);
}
