/** Empty folders for tests, removed when they are no longer needed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A folder for the running test; removed after its `afterEach` hooks. */
export function folderOfTest(): string {
  const folder = makeFolder();
  onTestFinished(() => remove(folder));
  return folder;
}

/** A folder for all tests of a file or `describe`; call it before any `afterAll` that needs the folder. */
export function folderOfAll(): string {
  const folder = makeFolder();
  afterAll(() => remove(folder));
  return folder;
}

const makeFolder = () => mkdtempSync(join(tmpdir(), 'breakout-test-'));
const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });
