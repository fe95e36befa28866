/**
 * A lock between set-ups of the same clone: a folder that names its holders.
 *
 * A folder, because renaming a full folder into place is atomic on every file system. Holders are
 * the set-up and the tool it runs: if the set-up alone is killed, the lock stays until its orphaned
 * tool has ended too.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { throwIfStopped } from './run.mjs';

const POLL_MS = 300;

/**
 * @typedef {{ pid: number, started: string }} Holder
 * @typedef {object} Lock
 * @property {(pid: number) => void} add names one more process that must end before others begin
 * @property {() => void} release
 */

/**
 * Waits for the lock and takes it.
 * @param {object} options
 * @param {string} options.folder path of the lock; its parent exists
 * @param {(pid: number) => void} options.onWait called once when a living process holds the lock
 * @returns {Promise<Lock>}
 */
export async function takeLock({ folder, onWait }) {
  const holders = [holderOf(process.pid)];
  let waited = false;
  while (!tryTake(folder, holders)) {
    const found = readHolders(folder);
    const alive = found.holders.find(isAlive);
    if (!alive) {
      removeStale(folder, found.text);
      continue;
    }
    if (!waited) onWait(alive.pid);
    waited = true;
    await delay(POLL_MS);
    throwIfStopped();
  }
  return {
    add(pid) {
      holders.push(holderOf(pid));
      writeHolders(folder, holders);
    },
    release() {
      const gone = moveAway(folder);
      if (gone) rmSync(gone, { recursive: true, force: true });
    },
  };
}

/**
 * @param {string} folder
 * @param {Holder[]} holders
 */
function tryTake(folder, holders) {
  const mine = `${folder}.${process.pid}`;
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine);
  writeHolders(mine, holders);
  try {
    renameSync(mine, folder);
    return true;
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errorCode(error))) return false;
    throw error;
  }
}

/**
 * Removes the lock of dead holders, unless another set-up was faster and holds a new one by now.
 * @param {string} folder
 * @param {string} text the holders judged to be dead, as read
 */
function removeStale(folder, text) {
  if (readHolders(folder).text !== text) return;
  const gone = moveAway(folder);
  if (!gone) return;
  if (readHolders(gone).text === text) rmSync(gone, { recursive: true, force: true });
  else renameSync(gone, folder); // it was a new lock: put it back
}

/**
 * Takes the lock out of sight in one step, so that nobody sees it without its holders.
 * @param {string} folder
 * @returns {string | undefined} where it is now; undefined when there was none
 */
function moveAway(folder) {
  const gone = `${folder}.${process.pid}.gone`;
  try {
    renameSync(folder, gone);
    return gone;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * @param {string} folder
 * @param {Holder[]} holders
 */
function writeHolders(folder, holders) {
  const next = join(folder, 'holders.next');
  writeFileSync(next, JSON.stringify(holders));
  renameSync(next, join(folder, 'holders.json'));
}

/**
 * @param {string} folder
 * @returns {{ text: string, holders: Holder[] }}
 */
function readHolders(folder) {
  try {
    const text = readFileSync(join(folder, 'holders.json'), 'utf8');
    return { text, holders: JSON.parse(text) };
  } catch {
    return { text: '', holders: [] }; // released in this moment, or not written by us
  }
}

/**
 * @param {number} pid
 * @returns {Holder}
 */
function holderOf(pid) {
  return { pid, started: startTime(pid) };
}

/** @param {Holder} holder */
function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  return startTime(pid) === started; // a number that another process has now is not the holder
}

/**
 * Start of a process in ticks since boot, empty where the system does not tell (macOS) or a zombie.
 * @param {number} pid
 */
function startTime(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? ''); // 22nd field of proc(5), two cut off
  } catch {
    return '';
  }
}

/** @param {unknown} error */
function errorCode(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
