/** A JupyterLab of its own for a test file, started the way `npm start` starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Lab {
  /** A folder inside the repository, ignored by git, that goes away with the server. */
  readonly folder: string;
  /** Where its kernels keep runs: in that folder. */
  readonly runs: string;
  /** Where JupyterLab shows a file, with the token. */
  urlOf(file: string): string;
  /** Ends the server and its kernels and removes the folder. */
  stop(): Promise<void>;
}

/** Starts JupyterLab on a free port. @throws Error with the server's output when it does not come up. */
export async function startLab(): Promise<Lab> {
  const folder = join(ROOT, `test/browser/${process.pid}.tmp`);
  const settings = join(folder, 'settings');
  const runs = join(folder, 'runs');
  mkdirSync(settings, { recursive: true });
  const port = await freePort();
  const server = spawn(
    process.execPath,
    ['--import', 'tsx', 'lib/jupyter/start.ts', '--no-browser', `--port=${port}`],
    {
      cwd: ROOT,
      // settings, workspaces and runs of the project stay untouched; a token that is set is not printed
      env: {
        ...process.env,
        BREAKOUT_JUPYTER_DIR: settings,
        BREAKOUT_RUNS: runs,
        JUPYTER_TOKEN: undefined,
      },
    },
  );
  const url = await printedUrl(server);
  return {
    folder,
    runs,
    urlOf(file) {
      // a workspace of its own keeps the tabs of one test out of the next
      const workspace = relative(ROOT, file).replaceAll(/\W/g, '-');
      const path = relative(ROOT, file).split('\\').join('/');
      return `${url.origin}/lab/workspaces/${workspace}/tree/${path}${url.search}`;
    },
    async stop() {
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** The address with the token that the server prints when it is ready. */
function printedUrl(server: ChildProcess): Promise<URL> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const match = /http:\/\/(?:127\.0\.0\.1|localhost):\d+\/\S*\?token=\w+/.exec(output);
      if (match) resolve(new URL(match[0]));
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('error', reject);
    server.once('exit', (code) => {
      reject(new Error(`JupyterLab ended with code ${code} before it was ready:\n${output}`));
    });
  });
}

function end(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    server.once('exit', () => resolve());
    server.kill('SIGTERM');
  });
}
