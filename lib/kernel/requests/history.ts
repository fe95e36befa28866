/** What was executed in this session, for the history requests of consoles. */
import type { JsonObject } from '../io/message';
import { numberOf, textOf } from './content';

interface Entry {
  readonly line: number;
  readonly input: string;
  output: string | null;
}

/** The kernel keeps the history of its own session only, which has this number. */
const SESSION = 0;

export class History {
  private readonly entries: Entry[] = [];

  add(line: number, input: string): void {
    this.entries.push({ line, input, output: null });
  }

  /** Notes the text of a cell's value. */
  setOutput(line: number, output: string): void {
    const entry = this.entries.at(-1);
    if (entry?.line === line) entry.output = output;
  }

  /** Content of a history_reply. */
  reply(content: JsonObject): JsonObject {
    const history = this.select(content).map(({ line, input, output }) => [
      SESSION,
      line,
      content.output === true ? [input, output] : input,
    ]);
    return { status: 'ok', history };
  }

  private select(content: JsonObject): Entry[] {
    const count = typeof content.n === 'number' ? content.n : undefined;
    switch (content.hist_access_type) {
      case 'tail':
        return lastOf(this.entries, count);
      case 'range': {
        if (content.session !== SESSION) return [];
        const start = numberOf(content, 'start', 0);
        const stop = numberOf(content, 'stop', Number.POSITIVE_INFINITY);
        return this.entries.filter(({ line }) => line >= start && line < stop);
      }
      case 'search': {
        const pattern = globPattern(textOf(content, 'pattern', '*'));
        const found = this.entries.filter(({ input }) => pattern.test(input));
        if (content.unique !== true) return lastOf(found, count);
        return lastOf([...new Map(found.map((entry) => [entry.input, entry])).values()], count);
      }
      default:
        return [];
    }
  }
}

function lastOf(entries: Entry[], count: number | undefined): Entry[] {
  return count === undefined ? entries : entries.slice(Math.max(0, entries.length - count));
}

/** `*` stands for any text, `?` for one character. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
