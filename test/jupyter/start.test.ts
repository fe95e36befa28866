/** A real JupyterLab, started by `npm start`, is private, offers our kernel only and ends with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ROOT } from '../../lib/files/root';

const TIMEOUT = 300_000;

interface Lab {
  readonly process: ChildProcess;
  /** Where it prints that it listens, with the token. */
  readonly url: URL;
  readonly folder: string;
  /** All that it has printed so far. */
  output(): string;
}

/** Resolves when it answers: it prints its address a moment before it does. */
async function startLab(
  options: readonly string[],
  env: { deep?: string } & NodeJS.ProcessEnv = {},
): Promise<Lab> {
  const { deep = '', ...variables } = env;
  const folder = mkdtempSync(join(tmpdir(), 'lab-'));
  const script = join(ROOT, 'lib/jupyter/start.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, '--no-browser', ...options], {
    cwd: ROOT,
    env: {
      ...process.env,
      BREAKOUT_JUPYTER_DIR: join(folder, deep),
      JUPYTER_CONFIG_DIR: '/nowhere',
      JUPYTER_PREFER_ENV_PATH: '0',
      ...variables,
    },
  });
  let output = '';
  const url = await new Promise<URL>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+\/lab\S*\?token=\w+/.exec(output);
      if (found) resolve(new URL(found[0]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`ended with code ${code}:\n${output}`)));
  });
  const lab = { process: child, url, folder, output: () => output };
  try {
    await vi.waitFor(() => ask(lab, '/api/status'), { timeout: 30_000, interval: 100 });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return lab;
}

function end(lab: Lab, signal: NodeJS.Signals): Promise<number | null> {
  const code = new Promise<number | null>((resolve) => lab.process.once('exit', resolve));
  lab.process.kill(signal);
  return code;
}

/** Asks the server's REST interface. */
async function ask(lab: Lab, path: string, method = 'GET'): Promise<unknown> {
  const headers = { authorization: `token ${lab.url.searchParams.get('token')}` };
  const response = await fetch(new URL(path, lab.url), { method, headers });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return response.json();
}

/** The connection file of the server's kernel, once the kernel listens on all its sockets in `folder`. */
async function socketsIn(folder: string): Promise<{ connection: Connection; modes: number[] }> {
  await vi.waitFor(() => expect(readdirSync(folder).filter(isSocket)).toHaveLength(5), 60_000);
  const file = readdirSync(folder).find((name) => /^kernel-.*\.json$/.test(name))!;
  const connection = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Connection;
  return { connection, modes: ['', file].map((name) => statSync(join(folder, name)).mode & 0o777) };
}

const isSocket = (name: string) => /^kernel-.*-ipc-\d$/.test(name);

interface Connection {
  readonly transport: string;
  readonly ip: string;
}

/** Command lines of all processes that name a text. */
function processesWith(text: string): string[] {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine);
  return commands.filter((command) => command.includes(text));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // ended meanwhile
  }
}

describe('npm start', { timeout: TIMEOUT }, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab([]);
  }, TIMEOUT);
  afterAll(async () => {
    if (lab.process.exitCode === null) await end(lab, 'SIGKILL');
    rmSync(lab.folder, { recursive: true, force: true });
  });

  it('opens the notebook', () => {
    expect(lab.url.pathname).toBe('/lab/tree/notebooks/00-start.ipynb');
  });

  it('asks for its token', async () => {
    const response = await fetch(new URL('/api/contents', lab.url));
    expect(response.status).toBe(403);
  });

  it('cannot be reached from other machines', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
    const host = outside?.address ?? '127.0.0.2';
    await expect(fetch(`http://${host}:${lab.url.port}/api`)).rejects.toThrow('fetch failed');
  });

  it('offers our kernel and no other', async () => {
    const specs = (await ask(lab, '/api/kernelspecs')) as {
      default: string;
      kernelspecs: Record<string, { spec: { display_name: string } }>;
    };
    expect(specs.default).toBe('breakout-dqn');
    expect(Object.keys(specs.kernelspecs)).toEqual(['breakout-dqn']);
    expect(specs.kernelspecs['breakout-dqn']?.spec.display_name).toBe('TypeScript (breakout-dqn)');
  });

  it('does not ask about news', async () => {
    const id = '@jupyterlab/apputils-extension:notification';
    const { schema } = (await ask(lab, `/lab/api/settings/${id}`)) as {
      schema: { properties: Record<string, { default: unknown }> };
    };
    expect(schema.properties.fetchNews?.default).toBe('false');
    expect(schema.properties.checkForUpdates?.default).toBe(false);
  });

  it('lets its kernel listen where only its user can', async () => {
    await ask(lab, '/api/kernels', 'POST');
    const folder = join(lab.folder, 'runtime');
    const { connection, modes } = await socketsIn(folder);
    expect([connection.transport, modes]).toEqual(['ipc', [0o700, 0o600]]);
    expect(connection.ip.startsWith(folder)).toBe(true);
  });

  it.runIf(process.platform === 'linux')('ends its kernels with itself on Ctrl-C', async () => {
    await expect.poll(() => processesWith(lab.folder), { timeout: 30_000 }).not.toEqual([]);
    expect(await end(lab, 'SIGINT'), lab.output()).toBe(0);
    await expect.poll(() => processesWith(lab.folder), { timeout: 30_000 }).toEqual([]);
  });
});

it('puts the sockets elsewhere where the path to its folder is too long for one, and tidies up', {
  timeout: TIMEOUT,
}, async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'short-'));
  const deep = 'deep/'.repeat(20);
  const lab = await startLab([], { deep, TMPDIR: temporary, XDG_RUNTIME_DIR: '' });
  onTestFinished(() => void lab.process.kill('SIGTERM'));
  await ask(lab, '/api/kernels', 'POST');
  const [own = ''] = readdirSync(temporary).filter((name) => name.startsWith('breakout-dqn-'));
  const { connection, modes } = await socketsIn(join(temporary, own));
  expect([connection.transport, modes]).toEqual(['ipc', [0o700, 0o600]]);
  expect(await end(lab, 'SIGTERM'), lab.output()).toBe(0);
  expect(readdirSync(temporary).filter((name) => name.startsWith('breakout-dqn-'))).toEqual([]);
  for (const folder of [lab.folder, temporary]) rmSync(folder, { recursive: true, force: true });
});

it('takes the next port when its own is taken, and options of the user', {
  timeout: TIMEOUT,
}, async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  const address = squatter.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  const lab = await startLab([`--port=${taken}`, '--LabApp.default_url=/lab/tree/README.md']);
  expect(Number(lab.url.port)).not.toBe(taken);
  expect(lab.url.pathname).toBe('/lab/tree/README.md');
  expect(await end(lab, 'SIGTERM'), lab.output()).toBe(0);
  squatter.close();
  rmSync(lab.folder, { recursive: true, force: true });
});
