/** Room on the disk, looked at before a download and not after half of it. */
import { statfsSync } from 'node:fs';
import { SetupError } from './errors.mjs';

/**
 * @param {object} options
 * @param {string} options.folder an existing folder on the disk in question
 * @param {number} options.bytes what will be written there
 * @param {string} options.what
 * @throws SetupError when there is less free than needed
 */
export function requireSpace({ folder, bytes, what }) {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new SetupError(
    `${what} needs ${gigabytes(bytes)} of free disk space, ${folder} has ${gigabytes(free)}.`,
    'free some space or clone to another disk, then run the command again',
  );
}

/** @param {number} bytes */
function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
