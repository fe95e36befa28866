/** The cartridge: its bytes as the CPU sees them. */

import { createHash } from 'node:crypto';

/** A ROM of 2 or 4 KiB, without bank switching. */
export interface Cartridge {
  /** 4,096 bytes as the CPU sees them; a 2 KiB ROM appears twice. */
  readonly rom: Uint8Array;
  /** MD5 of the bytes as given, in lower-case hexadecimal digits. */
  readonly md5: string;
}

/** @throws RangeError when there are not 2,048 or 4,096 bytes. */
export function createCartridge(bytes: Uint8Array): Cartridge {
  if (bytes.length !== 2048 && bytes.length !== 4096) {
    throw new RangeError(`a cartridge must have 2048 or 4096 bytes, got ${bytes.length}`);
  }
  const rom = new Uint8Array(4096);
  rom.set(bytes);
  if (bytes.length === 2048) rom.set(bytes, 2048);
  return { rom, md5: createHash('md5').update(bytes).digest('hex') };
}
