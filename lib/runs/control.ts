/**
 * Who runs a run, and how to talk to it: a Unix socket that only its owner may open.
 *
 * Each process of a run listens on a socket of its own and appends the socket's path to the file
 * `control/processes`. The run belongs to the first process of that file whose socket answers: the
 * kernel closes a dead process's socket, so nothing is left behind that could lock a run for ever,
 * and of two that start at once the later line gives way.
 *
 * The sockets lie in the run's folder `control`, mode 0700. A path of more than 103 bytes does not
 * fit a socket address (104 bytes on macOS, 108 on Linux): then in a new private folder of the
 * system's temporary one.
 *
 * A request is one line of JSON, and so is its answer: `{"result": ...}` or `{"error": "..."}`.
 */
import { randomBytes } from 'node:crypto';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RunError, type RunPaths } from './folder';

const MAX_PATH_BYTES = 103;
/** Far above any request. */
const MAX_REQUEST_BYTES = 1 << 20;

export interface Request {
  readonly command: string;
  readonly [argument: string]: unknown;
}

type Handler = (request: Request) => Promise<unknown>;

/** A process's end of the control socket. */
export interface Control {
  /** No more requests; the socket's file is removed. */
  close(): Promise<void>;
}

/**
 * Makes this process the run's.
 * @throws RunError when another process is.
 */
export async function openControl({
  paths,
  handle,
}: {
  paths: RunPaths;
  handle: Handler;
}): Promise<Control> {
  await mkdir(paths.control, { recursive: true, mode: 0o700 });
  await chmod(paths.control, 0o700); // it may come from a copy
  const path = await choosePath(paths);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, handle);
  });
  await listen(server, path);
  const close = async () => {
    for (const socket of sockets) socket.end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await removeSocket(paths, path);
  };
  await appendFile(processesFile(paths), `${path}\n`, { mode: 0o600 });
  for (const earlier of await listSockets(paths)) {
    if (earlier === path) break;
    if (await isAnswering(earlier)) {
      await close();
      throw new RunError(`the run ${paths.name} is already running: attach('${paths.name}') to it`);
    }
    await removeSocket(paths, earlier);
  }
  return { close };
}

/** The socket of the run's process, or undefined when none is running. */
export async function findSocket(paths: RunPaths): Promise<string | undefined> {
  for (const path of await listSockets(paths)) if (await isAnswering(path)) return path;
  return undefined;
}

/**
 * Sends a request to a run's process and waits for its answer.
 * @throws RunError when no process is running, when it ends meanwhile, or with what it answers.
 */
export async function sendRequest(paths: RunPaths, request: Request): Promise<unknown> {
  const path = await findSocket(paths);
  if (path === undefined) throw new NotRunningError(paths.name);
  const answer = await exchange({ path, name: paths.name, line: JSON.stringify(request) });
  const { result, error } = JSON.parse(answer) as { result?: unknown; error?: string };
  if (error !== undefined) throw new RunError(error);
  return result;
}

export class NotRunningError extends RunError {
  constructor(name: string) {
    super(`the run ${name} is not running: resume it first`);
    this.name = 'NotRunningError';
  }
}

function exchange(options: { path: string; name: string; line: string }): Promise<string> {
  const { path, name, line } = options;
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(path, () => socket.write(`${line}\n`));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!text.endsWith('\n')) return;
      socket.end();
      resolve(text);
    });
    const gone = () => reject(new NotRunningError(name));
    socket.on('error', gone);
    socket.on('close', gone); // too late after an answer
  });
}

function serve(socket: Socket, handle: Handler): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy()); // whoever asked has gone
  socket.on('data', async (chunk: string) => {
    text += chunk;
    if (text.length > MAX_REQUEST_BYTES) socket.destroy();
    const end = text.indexOf('\n');
    if (end < 0) return;
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    const answer = await answerTo(line, handle);
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  });
}

async function answerTo(line: string, handle: Handler): Promise<unknown> {
  try {
    const result = await handle(JSON.parse(line) as Request);
    return { result: result ?? null };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function choosePath(paths: RunPaths): Promise<string> {
  const path = join(paths.control, `${randomBytes(4).toString('hex')}.sock`);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  return join(await mkdtemp(join(tmpdir(), 'breakout-dqn-')), 'control.sock'); // mode 0700
}

async function listen(server: Server, path: string): Promise<AddressInfo | string | null> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return server.address();
}

function processesFile(paths: RunPaths): string {
  return join(paths.control, 'processes');
}

async function listSockets(paths: RunPaths): Promise<string[]> {
  const text = await readFile(processesFile(paths), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      if (error.code === 'EACCES') throw notYours(paths);
      throw error;
    },
  );
  return text.split('\n').filter((line) => line !== '');
}

async function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN')
        resolve(true); // busy, so alive
      else if (error.code === 'EACCES') reject(error);
      else resolve(false);
    });
  });
}

function notYours({ name, control }: RunPaths): RunError {
  return new RunError(
    `the run ${name} belongs to another user: only its owner may open ${control}`,
  );
}

async function removeSocket(paths: RunPaths, path: string): Promise<void> {
  await rm(path, { force: true });
  if (dirname(path) !== paths.control) await rmdir(dirname(path)).catch(() => {}); // a private folder
}
