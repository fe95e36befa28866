/** What the benchmarks share: their Python peers, medians, and how they begin and end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { ROOT } from '../../lib/files/root';

/** A process of Python that answers each line with a line of JSON. */
export class Peer {
  private readonly child: ChildProcess;
  private readonly lines: Interface;

  /**
   * @param script name in test/bench/peers
   * @param options.args of the script
   * @throws Error when the peers are not installed.
   */
  constructor(script: string, { args = [] }: { args?: readonly string[] } = {}) {
    const python = join(ROOT, '.cache/peers/bin/python');
    if (!existsSync(python)) {
      throw new Error(
        `the peers are not installed: expected ${python}. Run "npm run bench:peers".`,
      );
    }
    const command = [join(ROOT, 'test/bench/peers', script), ...args];
    this.child = spawn(python, command, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! });
  }

  /** Sends a command and waits for its answer. @throws Error when the peer ends instead. */
  async ask<Answer>(command: string): Promise<Answer> {
    const answer = new Promise<string>((resolve, reject) => {
      const ended = () => reject(new Error(`the peer ended instead of answering "${command}"`));
      this.child.once('close', ended);
      this.lines.once('line', (line) => {
        this.child.off('close', ended);
        resolve(line);
      });
    });
    this.child.stdin!.write(`${command}\n`);
    return JSON.parse(await answer) as Answer;
  }

  close(): void {
    this.child.stdin!.end();
  }
}

/** Middle value; the mean of the two middle ones for an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median of the milliseconds that a piece of work takes. */
export function medianMs(times: number, work: () => void): number {
  return median(
    Array.from({ length: times }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  );
}

/** Prints a benchmark's last line: its numbers as JSON. */
export function printResult(result: Record<string, number>, { digits = 2 } = {}): void {
  const rounded = Object.entries(result).map(([name, value]) => [
    name,
    Number(value.toFixed(digits)),
  ]);
  console.log(JSON.stringify(Object.fromEntries(rounded)));
}

/** Runs a benchmark; an error ends it with its message and exit code 1. */
export function runBench(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
