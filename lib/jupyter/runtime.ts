/** Where kernels listen for JupyterLab and `npm run notebooks`: on sockets in a folder that only their user can open. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, withFile } from '../files/disk';

export interface Runtime {
  /** Where Jupyter keeps connection files, and the sockets. */
  readonly folder: string;
  /** `tcp` where no folder has room for sockets: other users of the machine can then listen. */
  readonly transport: 'ipc' | 'tcp';
  /** Removes the folder if it was made for this server alone. */
  readonly close: () => void;
}

/** What Jupyter calls a kernel's socket. */
const SOCKET = 'kernel-01234567-0123-0123-0123-0123456789ab-ipc-1';
/** The longest path of a socket on macOS in bytes, with the 0 at its end; on Linux it is 108. */
const MAX_PATH = 104;

/**
 * Makes the folder for the sockets: the wanted one, or where it cannot be written, its path is too long
 * for a socket or its disk has none, one of this server's own in the folder of the session or of temporary files.
 * @throws FileError when none of them can be written.
 */
export async function makeRuntime(wanted: string): Promise<Runtime> {
  const problem = await makePrivate(wanted);
  if (!problem && (await takesSockets(wanted)))
    return { folder: wanted, transport: 'ipc', close() {} };
  for (const parent of [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp']) {
    const folder = parent && tryMakeFolder(parent);
    if (!folder) continue;
    const close = () => rmSync(folder, { recursive: true, force: true });
    if (await takesSockets(folder)) return { folder, transport: 'ipc', close };
    close();
  }
  if (problem) throw problem;
  return { folder: wanted, transport: 'tcp', close() {} };
}

/** Makes a folder that only its user can open, or says why that cannot be. */
async function makePrivate(folder: string): Promise<FileError | undefined> {
  try {
    await withFile(folder, 'written', async () => {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o700);
    });
    return undefined;
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
}

/** A folder for its user alone; undefined where none can be made. */
function tryMakeFolder(parent: string): string | undefined {
  try {
    return mkdtempSync(join(parent, 'breakout-dqn-'));
  } catch {
    return undefined;
  }
}

/** Whether a kernel's socket can be opened in a folder: its path is short enough, its disk has sockets. */
function takesSockets(folder: string): Promise<boolean> {
  const path = join(folder, SOCKET);
  if (Buffer.byteLength(path) >= MAX_PATH) return Promise.resolve(false);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(path, () => server.close(() => resolve(true)));
  });
}
