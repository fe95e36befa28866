/** Files larger than one write come back whole, with the SHA-256 that Node computes of them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { digestFile, readInto, writeFlushed } from '../../lib/files/flushed';
import { folderOfTest } from '../helpers/folder';

let folder = '';
beforeEach(() => {
  folder = folderOfTest();
});

test('files of several times four million bytes are written, read and digested in parts', async () => {
  const path = join(folder, 'large');
  const numbers = Int32Array.from({ length: 2_500_000 }, (_, i) => i * i);
  const odd = Uint8Array.of(1, 2, 3);
  const record = await writeFlushed({ path, parts: [odd, numbers, odd] });
  const whole = readFileSync(path);
  expect(whole.length).toBe(10_000_006);
  expect(record).toEqual({
    bytes: whole.length,
    sha256: createHash('sha256').update(whole).digest('hex'),
  });
  expect(Buffer.compare(whole.subarray(3, -3), Buffer.from(numbers.buffer))).toBe(0);
  expect(await digestFile(path)).toEqual(record);
  const into = new Uint8Array(whole.length - 1);
  await readInto({ path, into });
  expect(Buffer.compare(into, whole.subarray(0, -1))).toBe(0);
});

test('a file that is too short does not fill an array, and one that is missing has no checksum', async () => {
  const path = join(folder, 'short');
  await writeFlushed({ path, parts: [Uint8Array.of(1, 2)] });
  const reading = readInto({ path, into: new Uint16Array(2) });
  await expect(reading).rejects.toThrow(`${path} must have at least 4 bytes, got 2`);
  await expect(digestFile(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
