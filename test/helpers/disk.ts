/** Fills disks, and writes files that are long and take no room. */
import { truncateSync, writeFileSync } from 'node:fs';

/** Writes a file until its disk is full. */
export function fill(path: string): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(65_536), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Writes a file of 3 GB of zeros, none of which is on the disk. */
export function writeSparse(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 3e9);
}
