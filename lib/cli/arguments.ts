/** What the commands have in common: their arguments, --help, and how they end. */
import { messageOf, printable } from '../text';

/** A mistake in the command line. */
export class UsageError extends Error {}

export interface WholeNumberOptions {
  /** The option as the user types it: '--seed'. */
  readonly option: string;
  readonly text: string;
  readonly min: number;
}

/** @throws UsageError when the text is not a whole number of at least `min`. */
export function readWholeNumber({ option, text, min }: WholeNumberOptions): number {
  const value = readNumber(text);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`${option} must be a whole number of at least ${min}, got ${shown(text)}`);
}

/** @throws UsageError when the text is not a number from 0 to 1. */
export function readProbability({ option, text }: Omit<WholeNumberOptions, 'min'>): number {
  const value = readNumber(text);
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(`${option} must be a number from 0 to 1, got ${shown(text)}`);
}

function readNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text); // Number('') is 0
}

function shown(text: string): string {
  return text.trim() === '' ? 'nothing' : text;
}

/**
 * Runs a command with the process's arguments, or shows its usage for --help and -h. The process ends
 * with the command's exit code, 1 after an error, 2 after a mistake in the arguments.
 */
export async function runCommand(
  main: (args: string[]) => number | Promise<number>,
  { usage }: { readonly usage: string },
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return;
  }
  try {
    process.exitCode = await main(args);
  } catch (error) {
    const isUsage =
      error instanceof UsageError ||
      (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
    const message = printable(messageOf(error));
    console.error(isUsage ? `${message}\n${usage.trimEnd()}` : message);
    process.exitCode = isUsage ? 2 : 1;
  }
}
