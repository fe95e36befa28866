/**
 * Makes the stacks of all errors in this process name TypeScript: lines of cells by the maps of
 * their compilation, other files by the source maps that Node keeps for what tsx compiled.
 */
import { findSourceMap } from 'node:module';
import type { CellSource, Position } from './source-map';

/** Frames that are neither the reader's nor the library's: Node's own and the kernel's. */
export function isForeign(frame: string): boolean {
  return /\(?node:|[\\/]lib[\\/]kernel[\\/]|[\\/]tsx[\\/]dist[\\/]|at cell \[\d+\]$/.test(frame);
}

/** How many frames an error keeps: enough to reach the calling cell through a library. */
const STACK_DEPTH = 60;

export class StackTraces {
  private readonly cells = new Map<string, CellSource>();

  /** Takes over the formatting of `error.stack`: of a cell's error it shows no foreign frames. */
  install(): void {
    Error.stackTraceLimit = STACK_DEPTH;
    Error.prepareStackTrace = (error, frames) => {
      const mapped = frames.map((frame) => `    at ${this.mapFrame(frame)}`);
      const own = mapped.filter((frame) => !isForeign(frame));
      // without a frame of a cell or library it is the kernel's error: its frames say where
      return [describe(error), ...(own.length > 0 ? own : mapped)].join('\n');
    };
  }

  addCell(source: CellSource): void {
    this.cells.set(source.label, source);
  }

  findCell(label: string): CellSource | undefined {
    return this.cells.get(label);
  }

  /** The frame with its place in TypeScript, where that is known. */
  private mapFrame(frame: NodeJS.CallSite): string {
    const text = String(frame);
    const name = frame.getFileName();
    const position = {
      line: Number(frame.getLineNumber()),
      column: Number(frame.getColumnNumber()),
    };
    const place = `${name}:${position.line}:${position.column}`;
    const start = text.lastIndexOf(place); // `/path/file.ts:4:11`, in parentheses or not
    if (!name || start < 0) return text;
    const file = name.replace(/^file:\/\//, '');
    const found = this.find(file, position);
    const end = text.slice(start + place.length);
    if (found) return `${text.slice(0, start)}${file}:${found.line}:${found.column}${end}`;
    // no line is better than a compiled one
    return this.cells.has(file) ? text.slice(0, start) + file + end : text;
  }

  private find(file: string, position: Position): Position | undefined {
    const cell = this.cells.get(file);
    if (cell) return cell.find(position);
    const entry = findSourceMap(file)?.findEntry(position.line - 1, position.column - 1);
    if (!entry || !('originalLine' in entry)) return undefined;
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }
}

function describe(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error'; // a message or name that throws when read
  }
}
