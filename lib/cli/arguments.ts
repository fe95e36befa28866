/** What the commands read from their command lines in the same way. */

/** A mistake in the command line. */
export class UsageError extends Error {}

export interface WholeNumberOptions {
  /** As the user types it: '--seed'. */
  readonly option: string;
  readonly text: string;
  readonly min: number;
}

/** @throws UsageError when it is none, or the text is empty. */
export function readWholeNumber({ option, text, min }: WholeNumberOptions): number {
  const value = readNumber(text);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`${option} must be a whole number of at least ${min}, got ${shown(text)}`);
}

/** @throws UsageError when it is none, or the text is empty. */
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

/** Runs a command; it ends with the command's exit code, 1 after an error, 2 after a mistake in its arguments. */
export function runCommand(main: () => Promise<number>, { usage }: { usage: string }): void {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: NodeJS.ErrnoException) => {
      const isUsage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
      console.error(isUsage ? `${error.message}\n${usage}` : error.message);
      process.exitCode = isUsage ? 2 : 1;
    },
  );
}
