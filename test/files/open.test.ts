/** What is read is a file and of a size that can be: all else is refused at once, and by name. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { digestFile, readInto } from '../../lib/files/flushed';
import { readText } from '../../lib/files/json';
import { readBytes } from '../../lib/files/open';
import { MetricsLog, readMetrics } from '../../lib/runs/record/metrics';
import { writeSparse } from '../helpers/disk';
import { folderOfTest } from '../helpers/folder';

let path = '';
beforeEach(() => {
  path = join(folderOfTest(), 'file');
});

const READERS = {
  readBytes: () => readBytes(path),
  readText: () => readText(path),
  digestFile: () => digestFile(path, 10),
  readInto: () => readInto({ path, into: new Uint8Array(1) }),
  readMetrics: () => readMetrics(path),
  'MetricsLog.open': () => MetricsLog.open({ path, agentStep: 0 }),
};

test.each<[string, () => void, RegExp]>([
  ['a folder', () => mkdirSync(path), /\/file must be a file, and is none$/],
  ['a pipe', () => execFileSync('mkfifo', [path]), /\/file must be a file, and is none$/],
  ['a device', () => symlinkSync('/dev/zero', path), /\/file must be a file, and is none$/],
  ['a link to itself', () => symlinkSync(path, path), /\/file cannot be .* \(ELOOP\)/],
  ['3 GB', () => writeSparse(path), /\/file must have at most \d+ bytes, it has 3000000000$/],
])('%s is no file to read', async (what, make, message) => {
  make();
  for (const [name, read] of Object.entries(READERS)) {
    if (what === '3 GB' && name === 'readInto') continue; // it knows how much it reads
    await expect(read(), name).rejects.toThrow(message);
  }
});

test('a file is read up to its end', async () => {
  writeFileSync(path, 'words');
  expect(await readText(path)).toBe('words');
  expect(String(await readBytes(path, 5))).toBe('words');
  await expect(readBytes(path, 4)).rejects.toThrow('must have at most 4 bytes, it has 5');
});
