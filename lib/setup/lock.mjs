/**
 * A lock between set-ups of the same clone: a listening Unix socket, alone in a folder.
 *
 * The system closes the socket with the last process that has it, however that ends, so a dead set-up
 * locks nobody out. The tools of a set-up are given it, too: if the set-up alone is killed, the lock
 * stays until its orphaned tool has ended. The folder is there because renaming a full folder into
 * place is atomic on every file system, and because nobody sees the socket before it listens.
 */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { stopped, throwIfStopped } from './run.mjs';

/** Its path must fit a socket's address: about 100 bytes with the folder's. */
const SOCKET = 'socket';

/**
 * @typedef {object} Lock
 * @property {number} fd the socket's file descriptor, for processes that must end before others begin
 * @property {() => void} release
 */

/**
 * Waits for the lock and takes it.
 * @param {object} options
 * @param {string} options.folder path of the lock, short; its parent exists
 * @param {() => void} options.onWait called for each other process that holds the lock
 * @returns {Promise<Lock>}
 */
export async function takeLock({ folder, onWait }) {
  for (;;) {
    if (!(await waitForEnd(folder, onWait))) await removeDead(folder);
    const lock = await tryTake(folder);
    if (lock) return lock;
  }
}

/**
 * @param {string} folder
 * @returns {Promise<Lock | undefined>} undefined when another process was faster
 */
async function tryTake(folder) {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set();
  const socket = createServer((waiter) => {
    waiting.add(waiter.on('error', () => {}));
  });
  const mine = mkdtempSync(`${folder}.`);
  const release = () => {
    moveTo(folder, mine, ['ENOENT']); // out of sight in one step
    rmSync(mine, { recursive: true, force: true });
    socket.close();
    for (const waiter of waiting) waiter.destroy();
  };
  await new Promise((resolve, reject) => {
    socket.on('error', reject).listen(join(mine, SOCKET), () => resolve(undefined));
  });
  if (moveTo(mine, folder, ['ENOTEMPTY', 'EEXIST'])) return { fd: fdOf(socket), release };
  socket.close();
  rmSync(mine, { recursive: true, force: true });
  return undefined;
}

/**
 * @param {string} from
 * @param {string} to
 * @param {string[]} codes of the errors that are expected
 * @returns {boolean} false after one of them
 */
function moveTo(from, to, codes) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (codes.includes(errorCode(error))) return false;
    throw error;
  }
}

/**
 * Waits while a process holds the lock.
 * @param {string} folder
 * @param {() => void} onWait
 * @returns {Promise<boolean>} false when nobody holds it
 * @throws Error when the lock is another user's
 */
async function waitForEnd(folder, onWait) {
  const error = await new Promise((resolve) => {
    const socket = connect({ path: join(folder, SOCKET), signal: stopped });
    socket.on('connect', onWait).on('error', resolve).on('close', resolve).resume();
  });
  throwIfStopped();
  const code = errorCode(error);
  if (['ECONNREFUSED', 'ENOENT'].includes(code)) return false;
  if (['', 'ECONNRESET', 'EPIPE'].includes(code)) return true;
  throw error;
}

/**
 * Removes a lock that nobody holds, or puts it back: another set-up may have a new one there by now.
 * @param {string} folder
 */
async function removeDead(folder) {
  const gone = `${folder}.${process.pid}.gone`;
  if (!moveTo(folder, gone, ['ENOENT'])) return;
  const isHeld = await waitForEnd(gone, () => moveTo(gone, folder, ['ENOTEMPTY', 'EEXIST']));
  if (!isHeld) rmSync(gone, { recursive: true, force: true });
}

/**
 * Node shows it by this name only.
 * @param {unknown} socket
 */
function fdOf(socket) {
  return /** @type {{ _handle: { fd: number } }} */ (socket)._handle.fd;
}

/** @param {unknown} error */
function errorCode(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
