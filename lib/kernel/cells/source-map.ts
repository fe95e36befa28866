/** A compiled cell's way back from its JavaScript to its TypeScript. */
import { SourceMap, type SourceMapPayload } from 'node:module';

/** A place in a file or cell, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** tslab puts one line, `export {};`, before a cell's first. */
const LINES_BEFORE = 1;

export interface CellSourceOptions {
  /** What people see: `cell [3]`. */
  readonly label: string;
  readonly source: string;
  /** JSON of the maps of the compiler's steps, in the order of the steps. */
  readonly sourceMaps: readonly string[];
}

export class CellSource {
  readonly label: string;
  readonly lines: readonly string[];
  private readonly maps: readonly SourceMap[];

  constructor(options: CellSourceOptions) {
    this.label = options.label;
    this.lines = options.source.split('\n');
    this.maps = options.sourceMaps
      .map((text) => new SourceMap(JSON.parse(text) as SourceMapPayload))
      .reverse();
  }

  /** Where in the cell the compiled `position` comes from; undefined for code that no line has. */
  find(position: Position): Position | undefined {
    let line = position.line - 1;
    let column = position.column - 1;
    for (const map of this.maps) {
      let entry = map.findEntry(line, column);
      // Before a line's first mapping, an earlier line's last one is found: take this line's last.
      if (!('originalLine' in entry) || entry.generatedLine !== line) {
        entry = map.findEntry(line, Number.MAX_SAFE_INTEGER);
      }
      if (!('originalLine' in entry) || entry.generatedLine !== line) return undefined;
      line = entry.originalLine;
      column = entry.originalColumn;
    }
    line -= LINES_BEFORE;
    if (line < 0 || line >= this.lines.length) return undefined;
    return { line: line + 1, column: column + 1 };
  }
}

/** `cell [3], line 5, column 9`. */
export function formatPosition(label: string, { line, column }: Position): string {
  return `${label}, line ${line}, column ${column}`;
}

/** The lines around a position with a caret under its column, as text lines. */
export function formatExcerpt(lines: readonly string[], position: Position): string[] {
  const last = position.line;
  const first = Math.max(1, last - 1);
  const width = String(last).length;
  const excerpt: string[] = [];
  for (let number = first; number <= last; number++) {
    const marker = number === last ? '>' : ' ';
    excerpt.push(`${marker} ${String(number).padStart(width)} | ${lines[number - 1] ?? ''}`);
  }
  const indent = (lines[last - 1] ?? '').slice(0, position.column - 1).replace(/[^\t]/g, ' ');
  excerpt.push(`  ${' '.repeat(width)} | ${indent}^`);
  return excerpt;
}
