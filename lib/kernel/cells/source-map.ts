/** A compiled cell's way back from its JavaScript to its TypeScript. */
import { SourceMap, type SourceMapPayload } from 'node:module';
import { LINES_BEFORE } from './tslab';

/** A place in a file or cell, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface CellSourceOptions {
  /** What people see: `cell [3]`. */
  readonly label: string;
  readonly source: string;
  /** JSON of the compiler's source map; empty for a cell without code. */
  readonly sourceMap: string;
}

export class CellSource {
  readonly label: string;
  readonly lines: readonly string[];
  /** Its text is smaller than what is read from it, and most cells have no error. */
  private readonly mapText: string;
  private readMap: SourceMap | undefined;

  constructor(options: CellSourceOptions) {
    this.label = options.label;
    this.lines = options.source.split('\n');
    this.mapText = options.sourceMap;
  }

  private get map(): SourceMap | undefined {
    if (this.mapText === '') return undefined;
    this.readMap ??= new SourceMap(JSON.parse(this.mapText) as SourceMapPayload);
    return this.readMap;
  }

  /** Where in the cell the compiled `position` comes from; undefined for code that no line has. */
  find(position: Position): Position | undefined {
    const line = position.line - 1;
    let entry = this.map?.findEntry(line, position.column - 1);
    // Before a line's first mapping, an earlier line's last one is found: take this line's last.
    if (!entry || !('originalLine' in entry) || entry.generatedLine !== line) {
      entry = this.map?.findEntry(line, Number.MAX_SAFE_INTEGER);
    }
    if (!entry || !('originalLine' in entry) || entry.generatedLine !== line) return undefined;
    const original = entry.originalLine - LINES_BEFORE;
    if (original < 0 || original >= this.lines.length) return undefined;
    return { line: original + 1, column: entry.originalColumn + 1 };
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
