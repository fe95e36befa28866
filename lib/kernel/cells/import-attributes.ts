/** `with { type: 'json' }` is younger than the compiler; neither it nor tsx needs it. */
import { parseCell } from './declared-names';
import type { Ts } from './typescript';

const ATTRIBUTES = /^\s*\bwith\s*\{[^}]*\}/;

/** Blanks in place of a text, whose lines stay lines. */
export function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** The text with blanks in place of what stands behind the module's name of imports and exports. */
export function blankAttributes(ts: Ts, source: string): string {
  if (!source.includes('with')) return source;
  for (const statement of parseCell(ts, source).statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const start = statement.moduleSpecifier?.end ?? source.length;
    const [attributes] = ATTRIBUTES.exec(source.slice(start)) ?? [];
    if (attributes === undefined) continue;
    const blanks = blank(attributes);
    // What follows was parsed as a part of it.
    return blankAttributes(
      ts,
      source.slice(0, start) + blanks + source.slice(start + blanks.length),
    );
  }
  return source;
}
