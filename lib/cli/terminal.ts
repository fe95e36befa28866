/** What long commands have in common: a status line, and the two meanings of Ctrl-C. */
import { printable } from '../text';

/** Time between two lines where the output is no terminal. */
const PLAIN_MS = 10_000;
/** npm passes Ctrl-C on to a process that has it from the terminal already: within this time it is the same. */
const SAME_CTRL_C_MS = 1000;

export interface StatusText {
  /** Makes the line, for a terminal so that it fits. */
  readonly line: (options: { readonly columns?: number }) => string;
  /** Each is printed once, below the line, for as long as it stays among them. */
  readonly messages: readonly string[];
  /** Whether it is to be printed in any case where the output is no terminal. */
  readonly isNews: boolean;
  /** Whether it is the last one. */
  readonly isOver: boolean;
}

/** A line in place on a terminal, and a line now and then elsewhere. */
export class StatusLine {
  private printedAt = Number.NEGATIVE_INFINITY;
  private said: readonly string[] = [];

  show({ line, messages, isNews, isOver }: StatusText): void {
    const unsaid = messages.filter((message) => !this.said.includes(message));
    this.said = messages;
    const now = performance.now();
    if (process.stdout.isTTY === true) {
      const columns = (process.stdout.columns || 80) - 1; // a terminal without a size reports 0
      process.stdout.write(`\r\x1b[K${line({ columns }).slice(0, columns)}`);
      if (isOver || unsaid.length > 0) process.stdout.write('\n');
    } else if (isNews || unsaid.length > 0 || now - this.printedAt >= PLAIN_MS) {
      console.log(line({}));
      this.printedAt = now;
    }
    for (const message of unsaid) console.error(printable(message));
  }
}

/** Says what the first Ctrl-C does, which may take its time, and the one after it. */
export function onCtrlC({ first, second }: { first: () => void; second: () => void }): void {
  let firstAt: number | undefined;
  process.on('SIGINT', () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      first();
    } else if (now - firstAt > SAME_CTRL_C_MS) second();
  });
}
