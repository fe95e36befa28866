/** Completion and inspection, answered by the compiler. */
import type { CellCompiler } from '../cells/compiler';
import type { JsonObject } from '../io/message';
import { textOf } from './content';

/** Jupyter counts code points, JavaScript UTF-16 units. */
function toOffset(source: string, cursor: number): number {
  let offset = 0;
  for (let points = 0; points < cursor && offset < source.length; points++) {
    offset += (source.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

function toCursor(source: string, offset: number): number {
  return Array.from(source.slice(0, offset)).length;
}

function readRequest(content: JsonObject): { source: string; offset: number } {
  const source = textOf(content, 'code', '');
  const cursor = typeof content.cursor_pos === 'number' ? content.cursor_pos : source.length;
  return { source, offset: toOffset(source, cursor) };
}

/** The kind of a name whose cell has not run, beside which JupyterLab shows it in grey. */
const WAITING = 'cell not run';

/** Content of a complete_reply; JupyterLab shows the kinds beside the names. */
export function complete(compiler: CellCompiler, content: JsonObject): JsonObject {
  const { source, offset } = readRequest(content);
  const found = compiler.complete(source, offset);
  const kinds = new Map(found.original?.entries.map((entry) => [entry.name, entry.kind as string]));
  const matches = [...found.candidates];
  const isMember = /\.\s*$/.test(source.slice(0, found.start));
  const begun = source.slice(found.start, offset);
  for (const { name } of begun === '' || isMember ? [] : compiler.waiting()) {
    if (!name.startsWith(begun) || matches.includes(name)) continue;
    matches.push(name);
    kinds.set(name, WAITING);
  }
  const start = toCursor(source, found.start);
  const end = toCursor(source, found.end);
  return {
    status: 'ok',
    matches,
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: matches.map((text) => ({
        ...{ text, start, end },
        type: kinds.get(text) ?? '',
      })),
    },
  };
}

/** Content of an inspect_reply: the signature and the documentation of what the cursor is at. */
export function inspect(compiler: CellCompiler, content: JsonObject): JsonObject {
  const { source, offset } = readRequest(content);
  const { ts } = compiler;
  const found = (parts: readonly string[]): JsonObject => ({
    ...{ status: 'ok', found: true, metadata: {} },
    data: { 'text/plain': parts.join('\n\n') },
  });
  let waiting: ReturnType<CellCompiler['waiting']> | undefined; // read from the notebook's file, once
  for (const candidate of inspectionOffsets(source, offset)) {
    const info = compiler.inspect(source, candidate);
    const type = info && ts.displayPartsToString(info.displayParts);
    if (!info || type === 'any') {
      const word = wordAt(source, candidate);
      waiting ??= compiler.waiting();
      const declaration = waiting.find(({ name }) => name === word);
      if (declaration) {
        const { text, name, cell } = declaration;
        return found([text, `${name} is declared in the cell ${cell}, which has not run yet.`]);
      }
    }
    // A name that the compiler does not know is `any` to it, without a word before.
    if (!info || type === undefined || type === 'any') continue;
    const parts = [type];
    const documentation = ts.displayPartsToString(info.documentation);
    if (documentation) parts.push(documentation);
    for (const tag of info.tags ?? []) {
      parts.push(`@${tag.name} ${ts.displayPartsToString(tag.text)}`.trimEnd());
    }
    return found(parts);
  }
  return { status: 'ok', found: false, data: {}, metadata: {} };
}

/** The name around a place, unless it is a member of something. */
function wordAt(source: string, offset: number): string | undefined {
  const before = /(^|[^\p{ID_Continue}$.])([\p{ID_Continue}$]*)$/u.exec(source.slice(0, offset));
  return before ? before[2]! + /^[\p{ID_Continue}$]*/u.exec(source.slice(offset))![0] : undefined;
}

const HELP = /^\s*(?:\?{1,2}\s*([\p{ID_Continue}.$]+)|([\p{ID_Continue}.$]+)\s*\?{1,2})\s*$/u;

/**
 * A cell of the form `name?`, `name??` or `?name`, which IPython's users know, asks for help: the payload of
 * its execute_reply. Undefined for any other cell.
 * @throws Error when nothing is known about the name.
 */
export function help(compiler: CellCompiler, source: string): JsonObject | undefined {
  const [, before, after] = HELP.exec(source) ?? [];
  const code = before ?? after;
  if (code === undefined) return undefined;
  const { found, data } = inspect(compiler, { code, cursor_pos: code.length });
  if (!found) throw new Error(`nothing is known about ${code}: is its cell already run?`);
  return { source: 'page', data, start: 0 };
}

/** The cursor's place, the name that ends there, and the function whose arguments it is in. */
function inspectionOffsets(source: string, offset: number): number[] {
  const offsets = [offset, offset - 1];
  let depth = 0;
  for (let index = offset - 1; index > 0; index--) {
    const character = source[index]!;
    if (character === ')') depth += 1;
    else if (character === '(' && depth > 0) depth -= 1;
    else if (character === '(') {
      offsets.push(source.slice(0, index).trimEnd().length - 1);
      break;
    }
  }
  return offsets.filter((candidate) => candidate >= 0);
}
