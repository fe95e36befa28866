/**
 * Executes a notebook through the real kernel. The client is nbclient, the one `jupyter execute` and
 * nbconvert use: what passes here was judged by Jupyter's code, not by ours.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../files/root';
import { makeRuntime } from '../jupyter/runtime';
import { type Notebook, readNotebook } from './ipynb';

export type ExecutionEvent =
  | { readonly event: 'started'; readonly kernel: string }
  | { readonly event: 'cell'; readonly id: string; readonly seconds: number }
  | {
      readonly event: 'failed';
      readonly id: string;
      readonly kind: string;
      readonly message: string;
    };

export interface ExecuteOptions {
  /** Seconds a cell may take. */
  readonly timeout: number;
  /** Added to the kernel's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: ExecutionEvent) => void;
  /** Ends the run, kernel included. */
  readonly signal?: AbortSignal;
}

export interface ExecuteResult {
  readonly passed: boolean;
  /** The notebook with its outputs; undefined when the kernel never came up. */
  readonly notebook: Notebook | undefined;
}

/**
 * Runs all cells of the notebook file, which is left as it is.
 * @throws Error when JupyterLab's Python environment is missing, or the client itself broke.
 */
export async function executeNotebook(
  file: string,
  options: ExecuteOptions,
): Promise<ExecuteResult> {
  const python = join(ROOT, '.venv/bin/python');
  if (!existsSync(python)) {
    throw new Error(`expected JupyterLab's Python at ${python}, got no file: run npm run setup`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'breakout-dqn-'));
  const output = join(folder, 'executed.ipynb');
  const runtime = await makeRuntime(folder);
  try {
    const script = join(ROOT, 'lib/notebook/execute.py');
    const args = [file, String(options.timeout), output];
    const child = spawn(python, [script, ...args, runtime.transport, runtime.folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // so a Ctrl-C reaches it by `stop` only: a second SIGINT would cut the clean end short
      env: { ...process.env, ...kernelPath(), ...options.env },
    });
    const stop = () => child.kill('SIGINT'); // asyncio turns it into a clean end, kernel included
    options.signal?.addEventListener('abort', stop, { once: true });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-20_000);
    });
    let failed = false;
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('{"event"')) continue; // something a kernel printed to its own stdout
      const event: ExecutionEvent = JSON.parse(line);
      failed ||= event.event === 'failed';
      options.onEvent?.(event);
    }
    const code = await ended;
    options.signal?.removeEventListener('abort', stop);
    if (code !== 0 && !failed) {
      throw new Error(`the notebook client ended with code ${code}:\n${complaint.trim()}`);
    }
    const text = existsSync(output) ? readFileSync(output, 'utf8') : undefined;
    return {
      passed: code === 0,
      notebook: text === undefined ? undefined : readNotebook(text, { file: output }),
    };
  } finally {
    runtime.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The search path that finds our kernelspec before any other of the same name. */
function kernelPath(): { JUPYTER_PATH: string } {
  const path = [join(ROOT, 'lib/jupyter'), process.env.JUPYTER_PATH].filter(Boolean);
  return { JUPYTER_PATH: path.join(delimiter) };
}
