/** Stamps: a file inside a product, written last, that says from what it was made and how large it is. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP_FILE = '.stamp';

/**
 * @typedef {object} Stamp
 * @property {string} madeFrom a `stampOf`
 * @property {Record<string, number>} sizes bytes of each file that matters, by its path in the product
 */

/**
 * Digest of what a product is made from, and of the machine.
 * @param {readonly (string | Uint8Array)[]} parts
 */
export function stampOf(parts) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const part of parts) hash.update(`\n${part.length}\n`).update(part);
  return hash.digest('hex');
}

/**
 * Whether a product was made from this, and its files are as large as they were then.
 * @param {{ folder: string, stamp: string }} options
 */
export function hasStamp({ folder, stamp }) {
  try {
    /** @type {Stamp} */
    const { madeFrom, sizes } = JSON.parse(readFileSync(join(folder, STAMP_FILE), 'utf8'));
    return (
      madeFrom === stamp &&
      Object.entries(sizes).every(([file, size]) => statSync(join(folder, file)).size === size)
    );
  } catch {
    return false; // no stamp, not one of ours, or a file is gone
  }
}

/**
 * @param {object} options
 * @param {string} options.folder
 * @param {string} options.stamp
 * @param {readonly string[]} options.files what a later set-up looks at, relative to the folder
 */
export function writeStamp({ folder, stamp, files }) {
  const sizes = Object.fromEntries(files.map((file) => [file, statSync(join(folder, file)).size]));
  writeFileSync(join(folder, STAMP_FILE), JSON.stringify({ madeFrom: stamp, sizes }, null, 1));
}
