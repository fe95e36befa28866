/** The log of a run keeps its lines in order, on a full disk too, and writes to no other run's. */
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { EventLog } from '../../../lib/runs/process/event-log';
import { folderOfTest } from '../../helpers/folder';

let folder = '';
let path = '';
beforeEach(() => {
  folder = folderOfTest();
  path = join(folder, 'events.log');
});

const LINES = ['one', 'two', 'three'].map(
  (text, i) => `1970-01-01T00:00:00.000Z step ${i}: ${text}`,
);

test('lines appear in the order of the calls, each once', async () => {
  const log = new EventLog({ path, now: () => new Date(0) });
  await Promise.all(['one', 'two', 'three'].map((text, i) => log.add(i, text)));
  expect(readFileSync(path, 'utf8')).toBe(`${LINES.join('\n')}\n`);
});

test('nothing is written to a file that is no longer the log of this run', async () => {
  const check = () => Promise.reject(new Error('removed'));
  const log = new EventLog({ path, now: () => new Date(0), check });
  await expect(log.add(0, 'one')).rejects.toThrow('removed');
  expect(existsSync(path)).toBe(false);
});

test.skipIf(!existsSync('/dev/full'))('lines of a full disk come with a later one', async () => {
  symlinkSync('/dev/full', path); // each write fails with ENOSPC
  const log = new EventLog({ path, now: () => new Date(0) });
  await log.add(0, 'one');
  await log.add(1, 'two');
  rmSync(path);
  await log.add(2, 'three');
  expect(readFileSync(path, 'utf8')).toBe(`${LINES.join('\n')}\n`);
});

test('a log that cannot be written is named', async () => {
  const log = new EventLog({ path: folder, now: () => new Date(0) });
  await expect(log.add(0, 'one')).rejects.toThrow(
    `${folder} cannot be written (EISDIR): it is a folder, name a file`,
  );
});
