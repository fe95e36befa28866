/**
 * A lock between set-ups of the same clone: a queue of listening Unix sockets.
 *
 * Each set-up listens on a socket of its own and appends the socket's name to a file; the lock is the
 * first one's whose socket answers. The system closes a socket with the last process that has it,
 * however that ends, so a dead set-up locks nobody out. A set-up gives its socket to its tools: if it
 * alone is killed, the lock stays until its orphaned tool has ended. No name is used twice, so the
 * order in the file decides, and a socket once found dead can be removed by anybody.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { stopped, throwIfStopped } from './run.mjs';

/**
 * @typedef {object} Lock
 * @property {number} fd the socket's file descriptor, for processes that must end before others begin
 * @property {() => void} release
 */

/**
 * Waits for the lock and takes it.
 * @param {object} options
 * @param {string} options.folder of sockets and queue; its path is short, as a socket's address must be
 * @param {() => void} options.onWait called when another process holds the lock
 * @returns {Promise<Lock>}
 */
export async function takeLock({ folder, onWait }) {
  const name = randomBytes(4).toString('hex');
  mkdirSync(folder, { recursive: true });
  const lock = await listen(join(folder, name));
  const queue = join(folder, 'queue');
  appendFileSync(queue, `${name}\n`);
  const names = readFileSync(queue, 'utf8').split('\n');
  let hasWaited = false;
  const onHeld = () => {
    if (!hasWaited) onWait();
    hasWaited = true;
  };
  try {
    for (const earlier of names.slice(0, names.indexOf(name))) {
      const path = join(folder, earlier);
      if (!existsSync(path)) continue; // released, and not worth a connection
      while (await waitForEnd(path, onHeld)); // again: it may have left the socket to its tool
      rmSync(path, { force: true });
    }
  } catch (error) {
    lock.release();
    throw error;
  }
  return lock;
}

/**
 * @param {string} path of a socket that does not exist
 * @returns {Promise<Lock>}
 */
async function listen(path) {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set();
  const server = createServer((waiter) => {
    waiting.add(waiter.on('error', () => {}));
  });
  await new Promise((resolve, reject) => {
    server.on('error', reject).listen(path, () => resolve(undefined));
  });
  // Node shows the file descriptor by this name only.
  const { fd } = /** @type {{ _handle: { fd: number } }} */ (/** @type {unknown} */ (server))
    ._handle;
  const release = () => {
    server.close(); // and removes the socket
    for (const waiter of waiting) waiter.destroy();
  };
  return { fd, release };
}

/**
 * Waits while a process answers on a socket.
 * @param {string} path
 * @param {() => void} onHeld
 * @returns {Promise<boolean>} false when nobody answers
 * @throws Error when the socket is another user's
 */
async function waitForEnd(path, onHeld) {
  const error = await new Promise((resolve) => {
    const socket = connect({ path, signal: stopped });
    socket.on('connect', onHeld).on('error', resolve).on('close', resolve).resume();
  });
  throwIfStopped();
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (['ECONNREFUSED', 'ENOENT'].includes(code)) return false;
  if (['', 'ECONNRESET', 'EPIPE'].includes(code)) return true;
  throw error;
}
