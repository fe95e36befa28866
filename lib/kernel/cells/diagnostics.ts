/** Type and syntax errors of a cell, or of the library that it imports, as a notebook shows them. */
import { formatExcerpt, formatPosition, type Position } from './source-map';

/** One error that the compiler found. */
export interface CellDiagnostic {
  readonly message: string;
  /** The compiler's number, as in TS2322. */
  readonly code: number;
  readonly position: Position;
  /** The file, relative to the repository's root; absent in the cell itself. */
  readonly file?: string;
  /** The text lines of the cell or file. */
  readonly lines: readonly string[];
}

/** A cell that does not compile; nothing of it was run. */
export class CellCompileError extends Error {
  override readonly name = 'TypeScriptError';
  readonly diagnostics: readonly CellDiagnostic[];
  readonly label: string;

  /** What to do about it, in one sentence. */
  readonly advice: string | undefined;

  constructor(label: string, diagnostics: readonly CellDiagnostic[], advice?: string) {
    const first = diagnostics[0];
    const where = first ? `${formatPosition(first.file ?? label, first.position)}: ` : '';
    const what = first ? `${first.message} (TS${first.code})` : 'the cell does not compile';
    super(where + what + (advice ? `\n${advice}` : ''));
    this.advice = advice;
    this.diagnostics = diagnostics;
    this.label = label;
  }
}

/** How many errors are shown in full; the rest is only counted. */
const MAX_SHOWN = 5;

/** The text lines under a cell that does not compile. */
export function describeDiagnostics({ label, diagnostics, advice }: CellCompileError): string[] {
  const lines = diagnostics
    .slice(0, MAX_SHOWN)
    .flatMap((diagnostic) => [
      `${formatPosition(diagnostic.file ?? label, diagnostic.position)}: ` +
        `${diagnostic.message} (TS${diagnostic.code})`,
      ...formatExcerpt(diagnostic.lines, diagnostic.position),
    ]);
  if (advice) lines.unshift(advice);
  const more = diagnostics.length - MAX_SHOWN;
  if (more > 0) lines.push(`and ${more} more ${more === 1 ? 'error' : 'errors'}`);
  return lines;
}
