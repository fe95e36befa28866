/** Starts a run's process, which then goes on without this one. */
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { ConfigEdits } from '../dqn/config/config';
import { withFile } from '../files/disk';
import { ROOT } from '../files/root';
import { show } from '../text';
import { readStartMessage, type StartMessage } from './control/messages';
import { noteStart, removeNote } from './control/starting';
import { RunError, type RunPaths } from './record/folder';

/** The program of a run on Breakout, as its config.json names it. */
export const BREAKOUT = 'breakout';

/** The files of named programs; a path as a name is from the config.json of version 0.1.0. */
const BREAKOUT_FILE = 'lib/runs/process/breakout-process.ts';
const PROGRAM_FILES: Readonly<Record<string, string>> = {
  [BREAKOUT]: BREAKOUT_FILE,
  'lib/runs/breakout-process.ts': BREAKOUT_FILE,
};

/** Programs of one's own: where neither runs nor results are kept, and no script of another kind by mistake. */
const OWN_PROGRAM = /^(lib\/runs|test)\/(.*\/)?[\w-]+-(process|program|run)\.(ts|mjs)$/;

/** How much of a failed process's output goes into the error. */
const TAIL_BYTES = 4000;

export interface LaunchOptions {
  readonly paths: RunPaths;
  /** The process's file, relative to the repository: what `programFile` gives. */
  readonly program: string;
  /** Changes before the first step. */
  readonly edits: ConfigEdits;
  /** Threads that compute; default one for each core. They change the speed and nothing else. */
  readonly threads?: number | undefined;
}

/**
 * Starts the process and waits until it trains.
 * @throws RunError with the process's own message when it cannot train.
 */
export async function launch({ paths, program, edits, threads }: LaunchOptions): Promise<void> {
  const { name, folder } = paths;
  const file = resolve(ROOT, program);
  await noteStart(paths);
  const output = await withFile(paths.output, 'written', () => open(paths.output, 'a+'));
  let pid: number | undefined;
  try {
    const { size } = await output.stat();
    const args = ['--import', 'tsx', file, folder, name, JSON.stringify(edits)];
    const child = spawn(process.execPath, args, {
      cwd: ROOT, // where tsx and tsconfig.json are
      env: { ...process.env, ...(threads === undefined ? {} : threadVariables(threads)) },
      // a session of its own: neither the notebook's kernel nor a closed terminal takes it along
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
    pid = child.pid;
    const answered = new Promise<StartMessage>((done) => {
      child.once('message', (content) => done(readStartMessage(content)));
      child.once('error', ({ message: error }) => done({ error }));
      child.once('exit', async (code, signal) => {
        const printed = await readTail(output, size);
        done({ error: `its process ended (${signal ?? `exit code ${code}`}), and ${printed}` });
      });
    });
    if (pid !== undefined) await noteStart(paths, pid); // this process may end before that one answers
    const message = await answered;
    if (child.connected) child.disconnect();
    child.removeAllListeners();
    child.unref();
    if ('error' in message) {
      throw new RunError(`the run ${name} cannot start: ${message.error}`);
    }
  } finally {
    await output.close();
    for (const starter of [process.pid, pid]) await removeNote(paths, starter);
  }
}

/**
 * The file that a run's process starts with, relative to the repository.
 * @param program from a config.json, which may come from anybody: it names no file that came with it, and
 *   none that is no program of a run
 * @throws RunError when it is not a file as `OWN_PROGRAM` says.
 */
export function programFile(program: string): string {
  if (Object.hasOwn(PROGRAM_FILES, program)) return PROGRAM_FILES[program]!;
  const root = realpathSync(ROOT);
  const path = resolve(root, program);
  const file = existsSync(path) ? relative(root, realpathSync(path)) : '';
  if (OWN_PROGRAM.test(file)) return file;
  throw new RunError(
    "a run's program must be a file in lib/runs or test whose name ends in -process, -program or -run, as " +
      `lib/runs/process/my-process.ts, got ${show(program)}: look at what it does, and copy it there`,
  );
}

/** The variables by which our engine and TensorFlow are told how many threads to use. */
export function threadVariables(threads: number): Record<string, string> {
  const names = ['BREAKOUT_THREADS', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'];
  return Object.fromEntries(names.map((name) => [name, String(threads)]));
}

/** What was printed after the first `from` bytes; only its end when it is long. */
async function readTail(output: FileHandle, from: number): Promise<string> {
  const { size } = await output.stat();
  const start = Math.max(from, size - TAIL_BYTES);
  const bytes = Buffer.alloc(size - start);
  await output.read(bytes, 0, bytes.length, start);
  const text = bytes.toString('utf8').trim();
  return text === '' ? 'it printed nothing' : `printed:\n${text}`;
}
