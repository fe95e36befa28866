/** Starts a run's process, which then goes on without this one. */
import { spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfigEdits } from '../dqn/config/config';
import { ROOT } from '../files/root';
import { readStartMessage, type StartMessage } from './control/messages';
import { RunError, type RunPaths } from './record/folder';

/** The program of a run on Breakout, as its config.json names it. */
export const BREAKOUT = 'breakout';

/** The files of named programs; a path as a name is from the config.json of version 0.1.0. */
const BREAKOUT_FILE = 'lib/runs/process/breakout-process.ts';
const PROGRAM_FILES: Readonly<Record<string, string>> = {
  [BREAKOUT]: BREAKOUT_FILE,
  'lib/runs/breakout-process.ts': BREAKOUT_FILE,
};

/** How much of a failed process's output goes into the error. */
const TAIL_BYTES = 4000;

export interface LaunchOptions {
  readonly paths: RunPaths;
  /** `BREAKOUT`, or the process's file; relative to the repository. */
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
  const output = await open(paths.output, 'a+');
  try {
    const { size } = await output.stat();
    const file = resolve(ROOT, programFile(program));
    const args = ['--import', 'tsx', file, folder, name, JSON.stringify(edits)];
    const child = spawn(process.execPath, args, {
      cwd: ROOT, // where tsx and tsconfig.json are
      env: { ...process.env, ...(threads === undefined ? {} : threadVariables(threads)) },
      // a session of its own: neither the notebook's kernel nor a closed terminal takes it along
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
    const message = await new Promise<StartMessage>((done) => {
      child.once('message', (content) => done(readStartMessage(content)));
      child.once('error', ({ message: error }) => done({ error }));
      child.once('exit', async (code, signal) => {
        const printed = await readTail(output, size);
        done({ error: `its process ended (${signal ?? `exit code ${code}`}), and ${printed}` });
      });
    });
    if (child.connected) child.disconnect();
    child.removeAllListeners();
    child.unref();
    if ('error' in message) {
      throw new RunError(`the run ${name} cannot start: ${message.error}`);
    }
  } finally {
    await output.close();
  }
}

/** The file that a run's process starts with, relative to the repository. */
export function programFile(program: string): string {
  return PROGRAM_FILES[program] ?? program;
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
