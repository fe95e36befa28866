/**
 * The record of a finished set-up, by which the next one sees in milliseconds that nothing is to
 * be done. It is only a shortcut: where it is missing or wrong, each stage looks for itself.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasNvidiaDriver } from './machine.mjs';
import { userPath } from './user-path.mjs';

/** Files and folders that decide it, relative to root: the set-up, the lock files, our C++. */
const SOURCES = ['package-lock.json', 'lib/setup', 'lib/engine/native'];

/** @param {string} root the project's folder */
function recordPath(root) {
  return join(root, '.cache/setup/done.json');
}

/**
 * Digest of all that decides what is set up: sources, machine, environment.
 * @param {string} root
 */
function inputKey(root) {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((path) => listFiles(join(root, path)));
  for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file));
  hash.update(`${process.platform} ${process.arch} ${hasNvidiaDriver()}`);
  const { BREAKOUT_TENSORFLOW = '', BREAKOUT_ROM = '' } = process.env;
  hash.update(`${BREAKOUT_TENSORFLOW}\n${BREAKOUT_ROM && userPath(BREAKOUT_ROM)}`);
  return hash.digest('hex');
}

/**
 * Whether the set-up was finished for these inputs and all its products are as it left them.
 * @param {string} root
 * @returns {boolean}
 */
export function isRecorded(root) {
  try {
    const record = JSON.parse(readFileSync(recordPath(root), 'utf8'));
    return record.key === inputKey(root) && record.products.every(isUnchanged(root));
  } catch {
    return false; // no record, or not one of ours
  }
}

/** @param {string} path a file or a folder */
function listFiles(path) {
  if (statSync(path).isFile()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => join(path, name)).filter((file) => statSync(file).isFile());
}

/**
 * @param {string} root
 * @returns {(product: { path: string, size: number, modified: number }) => boolean}
 */
function isUnchanged(root) {
  return ({ path, size, modified }) => {
    const found = statSync(join(root, path));
    return found.size === size && found.mtimeMs === modified;
  };
}

/**
 * Notes that the set-up is finished.
 * @param {string} root
 * @param {string[]} paths files that must stay as they are, relative to root
 */
export function writeRecord(root, paths) {
  const products = paths.map((path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    return { path, size, modified: mtimeMs };
  });
  const path = recordPath(root);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, JSON.stringify({ key: inputKey(root), products }, null, 1));
  renameSync(`${path}.tmp`, path);
}
