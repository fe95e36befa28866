/** Stamps: a file inside a product that says from what it was made, written last. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP_FILE = '.stamp';

/** Digest of what a product is made from. */
export function stampOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const part of parts) hash.update(`\n${part.length}\n`).update(part);
  return hash.digest('hex');
}

export function hasStamp({ folder, stamp }: { folder: string; stamp: string }): boolean {
  try {
    return readFileSync(join(folder, STAMP_FILE), 'utf8') === stamp;
  } catch {
    return false;
  }
}

export function writeStamp({ folder, stamp }: { folder: string; stamp: string }): void {
  writeFileSync(join(folder, STAMP_FILE), stamp);
}
