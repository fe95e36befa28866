/**
 * Who runs a run, and how to talk to it: a Unix socket that only its owner may open.
 *
 * Each process of a run listens on a socket of its own and appends a line about it to the file
 * `control/processes`. The run belongs to the first process of that file whose socket answers: the
 * kernel closes a dead process's socket, so nothing is left behind that could lock a run for ever,
 * and of two that start at once the one with the later line yields.
 *
 * The sockets lie in the run's folder `control`, mode 0700, and a line is the socket's name. A path of
 * more than 103 bytes does not fit a socket address (104 bytes on macOS, 108 on Linux): then the socket
 * is in a new private folder of the system's temporary one, and the line is its path. A copy of the
 * run's folder has that line, too; so each request names the folder that it is about, and a process
 * answers for its own one only.
 */
import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  lstat,
  mkdtemp,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FileError, isMissing, withFile } from '../../files/disk';
import { readText } from '../../files/json';
import { RunError, type RunPaths } from '../record/folder';
import { identifyFolder } from '../record/process-mark';
import { findWriter } from '../record/status';
import { ask, type Handler, OtherVersionError, type Request, SILENCE_MS, serve } from './exchange';
import { makeControlFolder } from './starting';

/** What a process of version 0.1.0 answers to a command that it does not know. */
const IN_WORDS = /^there is no command /;

const MAX_PATH_BYTES = 103;
/** A line of `processes`: a socket in the folder, or one in a private folder as `choosePath` makes. */
const SOCKET = /^([0-9a-f]{8}\.sock|\/.*\/breakout-dqn-\w{6}\/control\.sock)$/;
/** Time in which clients may take their last answer when the control closes. */
const LAST_ANSWER_MS = 1000;

/** A process's end of the control socket. */
export interface Control {
  /** Takes no more requests, and removes the socket's file. */
  close(): Promise<void>;
}

/**
 * Makes this process the run's.
 * @throws RunError when another process is.
 */
export async function openControl(options: { paths: RunPaths; handle: Handler }): Promise<Control> {
  const { paths, handle } = options;
  await makeControlFolder(paths);
  // it may come from a copy
  await withFile(paths.control, 'written', () => chmod(paths.control, 0o700));
  const folder = await identifyFolder(paths);
  const path = await choosePath(paths);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve({ socket, folder, handle });
  });
  await withFile(path, 'written', () => listen(server, path));
  const close = async () => {
    for (const socket of sockets) socket.end();
    // whoever keeps its end open does not keep the run
    const late = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, LAST_ANSWER_MS);
    await new Promise<void>((closed) => server.close(() => closed()));
    clearTimeout(late);
    await removeSocket(paths, path);
  };
  try {
    await takeOver({ paths, path, folder });
    // an earlier version made it, or a copy of it, for all to read
    await withFile(paths.folder, 'written', () => chmod(paths.folder, 0o700));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

/**
 * The socket of the run's process, or undefined when none is running.
 * @throws SilentError when it is there and gives no sign of life, or its socket was removed.
 */
export async function findSocket(paths: RunPaths): Promise<string | undefined> {
  const folder = await identifyFolder(paths);
  for (const path of await listSockets(paths)) {
    const holder = await askHolder({ path, folder });
    if (holder === 'silent') throw new SilentError(paths.name, SILENCE_MS);
    if (holder === 'here') return path;
  }
  await expectNobody(paths);
  return undefined;
}

/** Whether the process that listened on a socket is still the run's. */
export async function isRunning(paths: RunPaths, path: string): Promise<boolean> {
  return (await askHolder({ path, folder: await identifyFolder(paths) })) !== 'gone';
}

/**
 * Sends a request to a run's process and waits for its answer.
 * @param silenceMs longest time without a sign of life
 * @throws RunError when no process is running, when it ends meanwhile, or with what it answers.
 * @throws OtherVersionError when it does not know the command.
 * @throws SilentError when it is there and gives no sign of life, or its socket was removed.
 */
export async function sendRequest(
  paths: RunPaths,
  request: Request,
  silenceMs = SILENCE_MS,
): Promise<unknown> {
  const folder = await identifyFolder(paths);
  for (const path of await listSockets(paths)) {
    const answer = await ask({ path, request: { ...request, folder }, silenceMs });
    if (answer === 'silent') throw new SilentError(paths.name, silenceMs);
    if (answer === 'ended') throw new NotRunningError(paths.name);
    if (answer === 'nobody' || 'otherFolder' in answer) continue;
    if ('error' in answer) {
      const { error, otherVersion = IN_WORDS.test(error) } = answer;
      throw otherVersion ? new OtherVersionError(error) : new RunError(error);
    }
    return answer.result;
  }
  await expectNobody(paths);
  throw new NotRunningError(paths.name);
}

export class NotRunningError extends RunError {
  constructor(name: string) {
    super(`the run ${name} is not running: resume it first`);
    this.name = 'NotRunningError';
  }
}

/** The process is there, but it is held (SIGSTOP, a debugger), or the machine is far too busy. */
export class SilentError extends RunError {
  constructor(name: string, silenceMs: number) {
    super(
      `the process of the run ${name} has given no sign of life for ${silenceMs / 1000} s: let it go on ` +
        "(kill -CONT PID) or end it (kill -9 PID), the run's status.json has its PID",
    );
    this.name = 'SilentError';
  }
}

/** The process is there, but nobody can ask it anything. */
class UnreachableError extends SilentError {
  constructor(name: string, pid: number) {
    super(name, 0);
    this.message =
      `the process ${pid} of the run ${name} is at work, but its socket was removed: end it ` +
      `(kill ${pid}, it then saves a checkpoint) and resume the run`;
  }
}

/** @throws UnreachableError when no socket answers, and the run's process lives all the same. */
async function expectNobody(paths: RunPaths): Promise<void> {
  const pid = await findWriter(paths);
  if (pid !== undefined && pid !== process.pid) throw new UnreachableError(paths.name, pid);
}

/** Claims the run for the process that listens on `path`. @throws RunError when it is another's. */
async function takeOver(options: { paths: RunPaths; path: string; folder: string }): Promise<void> {
  const { paths, path, folder } = options;
  await expectNobody(paths);
  const processes = processesFile(paths);
  const line = dirname(path) === paths.control ? path.slice(paths.control.length + 1) : path;
  for (let isListed = false; !isListed; ) {
    await withFile(processes, 'written', () => appendFile(processes, `${line}\n`, { mode: 0o600 }));
    for (const earlier of await listSockets(paths)) {
      isListed = earlier === path;
      if (isListed) break;
      // a process that holds a run may be too busy to say so: only a refusal or a wrong folder is a no
      if ((await askHolder({ path: earlier, folder })) !== 'gone') {
        throw new RunError(
          `the run ${paths.name} is already running: attach('${paths.name}') to it`,
        );
      }
      // a private folder may be the one of the run that this folder is a copy of
      if (dirname(earlier) === paths.control) await removeSocket(paths, earlier);
    }
    // else the line went into a file that an owner, dead by now, has just replaced: try once more
  }
  // only the owner shortens the file: it answers, so whoever reads the old or the new one yields
  const shorter = `${processes}.${randomBytes(4).toString('hex')}.tmp`;
  await withFile(processes, 'written', async () => {
    await writeFile(shorter, `${line}\n`, { mode: 0o600 });
    await rename(shorter, processes);
  });
}

/** Whether the process that listens on a socket is the run's. */
async function askHolder(options: {
  path: string;
  folder: string;
}): Promise<'here' | 'gone' | 'silent'> {
  const { path, folder } = options;
  const answer = await ask({ path, request: { command: 'ping', folder }, silenceMs: SILENCE_MS });
  if (answer === 'silent') return answer;
  return answer === 'nobody' || answer === 'ended' || 'otherFolder' in answer ? 'gone' : 'here';
}

async function choosePath(paths: RunPaths): Promise<string> {
  const path = join(paths.control, `${randomBytes(4).toString('hex')}.sock`);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  const make = () => mkdtemp(join(tmpdir(), 'breakout-dqn-')); // mode 0700
  return join(await withFile(tmpdir(), 'written', make), 'control.sock');
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((listening, reject) => {
    server.once('error', reject);
    server.listen(path, listening);
  });
  await chmod(path, 0o600);
}

function processesFile(paths: RunPaths): string {
  return join(paths.control, 'processes');
}

async function listSockets(paths: RunPaths): Promise<string[]> {
  const text = await readText(processesFile(paths)).catch((error: unknown) => {
    if (isMissing(error)) return '';
    if (error instanceof FileError && error.code === 'EACCES') throw notYours(paths);
    throw error;
  });
  const lines = text.split('\n').filter((line) => SOCKET.test(line));
  const sockets = lines.map((line) => resolve(paths.control, line));
  const isOwn = await Promise.all(sockets.map((path) => isOfOwner(paths, path)));
  return sockets.filter((_, i) => isOwn[i]);
}

/** Whether a socket lies in the run's folder, or in a private one of the same user: a copy may name any. */
async function isOfOwner({ folder, control }: RunPaths, path: string): Promise<boolean> {
  if (dirname(path) === control) return true;
  try {
    const [run, other] = await Promise.all([stat(folder), lstat(dirname(path))]);
    return other.isDirectory() && other.uid === run.uid && (other.mode & 0o077) === 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
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
