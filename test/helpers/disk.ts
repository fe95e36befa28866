/** Fills disks. */
import { writeFileSync } from 'node:fs';

/** Writes a file until its disk is full. */
export function fill(path: string): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(65_536), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
