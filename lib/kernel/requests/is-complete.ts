/** Whether a console may run what was typed so far. */
import { blankAttributes } from '../cells/import-attributes';
import type { Ts, TypeScript } from '../cells/typescript';
import type { JsonObject } from '../io/message';

const INDENT = '  ';

/** Messages of errors that more text can mend, when they stand at the text's end. */
const UNFINISHED = /expected\.$|^Unterminated |^Expression expected|has no corresponding closing/;

/** Content of an is_complete_reply. */
export function isComplete(ts: Ts, source: string): JsonObject {
  const text = blankAttributes(ts, source);
  const file = ts.createSourceFile('cell.ts', text, ts.ScriptTarget.ESNext, true);
  const { parseDiagnostics } = file as unknown as {
    parseDiagnostics: readonly TypeScript.DiagnosticWithLocation[];
  };
  if (parseDiagnostics.length === 0) return { status: 'complete' };
  const end = source.trimEnd().length;
  const unfinished = parseDiagnostics.some(({ start, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    return start >= end && UNFINISHED.test(message);
  });
  if (!unfinished) return { status: 'invalid' };
  return { status: 'incomplete', indent: indentOfNextLine(source) };
}

/** The last line's indent, and one step more after an opening bracket. */
function indentOfNextLine(source: string): string {
  const line = source.split('\n').at(-1) ?? '';
  const current = /^\s*/.exec(line)?.[0] ?? '';
  return /[{([]\s*$/.test(line) ? current + INDENT : current;
}
