/** A checksum by which tests compare pictures. */
import { crc32 } from 'node:zlib';

/** Stands for a picture in comparisons: deep equality of its thousands of numbers takes too long. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}
