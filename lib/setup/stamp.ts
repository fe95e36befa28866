/** Stamps: a file inside a product, written last, that says from what it was made and how large it is. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP_FILE = '.stamp';

interface Stamp {
  /** A `stampOf`. */
  readonly madeFrom: string;
  /** Bytes of each file that matters, by its path inside the product. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** Digest of what a product is made from. */
export function stampOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const part of parts) hash.update(`\n${part.length}\n`).update(part);
  return hash.digest('hex');
}

/** Whether a product was made from this, and its files are as large as they were then. */
export function hasStamp({ folder, stamp }: { folder: string; stamp: string }): boolean {
  try {
    const { madeFrom, sizes } = JSON.parse(readFileSync(join(folder, STAMP_FILE), 'utf8')) as Stamp;
    const isWhole = ([file, size]: [string, number]) => statSync(join(folder, file)).size === size;
    return madeFrom === stamp && Object.entries(sizes).every(isWhole);
  } catch {
    return false; // no stamp, not one of ours, or a file is gone
  }
}

/** @param options.files what a later set-up looks at, relative to the folder */
export function writeStamp(options: {
  folder: string;
  stamp: string;
  files: readonly string[];
}): void {
  const { folder, stamp, files } = options;
  const sizes = Object.fromEntries(files.map((file) => [file, statSync(join(folder, file)).size]));
  writeFileSync(join(folder, STAMP_FILE), JSON.stringify({ madeFrom: stamp, sizes }, null, 1));
}
