/** Calls the commands behind `npm run` as a shell does. */
import { execFile, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../lib/files/root';

export type Command = 'train' | 'sweep' | 'runs' | 'evaluate' | 'export' | 'bench' | 'notebooks';

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const lineOf = (command: Command, args: readonly string[]) => [
  '--import',
  'tsx',
  join('lib/cli', `${command}.ts`),
  ...args,
];

/** INIT_CWD, which npm sets, is the user's folder: here the repository. */
const surroundings = (runs: string) =>
  ({
    cwd: ROOT,
    env: { ...process.env, BREAKOUT_RUNS: runs, INIT_CWD: ROOT },
  }) satisfies SpawnOptions;

/** Calls a command with its output going to pipes, and waits for its end. */
export function call(runs: string, command: Command, ...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, lineOf(command, args), surroundings(runs), (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), stdout: out, stderr: err }),
    );
  });
}

/** A command that runs in a terminal. */
export interface Session {
  /** What the terminal has got so far, standard output and error alike. */
  text(): string;
  type(keys: string): void;
  /** The exit code. */
  readonly ended: Promise<number>;
}

export function callInTerminal(
  { runs, columns }: { readonly runs: string; readonly columns: number },
  command: Command,
  ...args: string[]
): Session {
  const line = [process.execPath, ...lineOf(command, args)];
  const terminal = join(ROOT, 'test/cli/terminal.py');
  const child = spawn('python3', [terminal, String(columns), ...line], surroundings(runs));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  return { text: () => text, type: (keys) => child.stdin.write(keys), ended };
}
