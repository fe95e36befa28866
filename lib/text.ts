/** Small pieces of text: values and errors as messages show them, names in markup. */
import { inspect } from 'node:util';

/** A value as messages show it: short, whatever it is. @param depth of lists in lists that are shown */
export function show(value: unknown, depth = 3): string {
  if (typeof value === 'string' && value.length <= 100) return `'${printable(value)}'`;
  if (Array.isArray(value) && value.length <= 10 && depth > 0) {
    return `[${value.map((each) => show(each, depth - 1)).join(', ')}]`;
  }
  if (typeof value !== 'object' && typeof value !== 'string') return String(value);
  return inspect(value, {
    depth: 0,
    maxArrayLength: 10,
    maxStringLength: 100,
    breakLength: Infinity,
  });
}

/**
 * Text for a terminal, which obeys what files and sockets may hold: a control character other than a line's
 * end or a tab, or one that turns the direction of writing, is shown by its number.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** What was thrown, in words; anything may be. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text for HTML and SVG; a character that XML forbids becomes a space. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!)
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, ' ');
}
