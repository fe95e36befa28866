/** Each way in which a disk refuses is told by its name, also where Node has none for it. */
import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isDiskFull, makeFolder, saysDiskFull, withFile } from '../../lib/files/disk';
import { folderOfTest } from '../helpers/folder';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, mkdir: vi.fn(real.mkdir) };
});

let folder = '';
beforeEach(() => {
  folder = folderOfTest();
});
afterEach(() => vi.restoreAllMocks());

test.each([
  ['EDQUOT', 'share of the disk is full', true],
  ['ESTALE', 'its server no longer knows it', false],
] as const)('%s, which Node has no name for', async (name, reason, isFull) => {
  const code = `Unknown system error -${constants.errno[name]}`;
  const error = Object.assign(new Error(`${code}: ${code}, write`), { code });
  expect([isDiskFull(error), saysDiskFull(error.message)]).toEqual([isFull, isFull]);
  const told = await withFile('/x', 'written', () => Promise.reject(error)).catch((each) => each);
  expect(told.message).toMatch(`/x cannot be written (${name}): `);
  expect(told.message).toContain(reason);
  expect([told.code, isDiskFull(told), saysDiskFull(told.message)]).toEqual([name, isFull, isFull]);
});

test('a folder is made with those above it, once', async () => {
  const path = join(folder, 'a/b');
  for (let i = 0; i < 2; i++) await makeFolder(path, 0o700);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('none', join(folder, 'link'));
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow('EEXIST');
  await expect(makeFolder(join(folder, 'file/x'))).rejects.toThrow('ENOTDIR');
  await expect(makeFolder(join(folder, 'link'))).rejects.toThrow('ENOENT');
});

test('a folder on a read-only disk is refused for that reason', async () => {
  vi.mocked(mkdir).mockImplementation((_, options) => {
    // as Node has it: with `recursive` it looks for the folder, and tells what came of that
    const isRecursive = typeof options === 'object' && options?.recursive;
    const code = isRecursive ? 'ENOENT' : 'EROFS';
    return Promise.reject(Object.assign(new Error(code), { code }));
  });
  const path = join(folder, 'control');
  await expect(makeFolder(path)).rejects.toThrow(
    `${path} cannot be written (EROFS): the disk is read-only`,
  );
  expect(existsSync(path)).toBe(false);
});
