/** A run that somebody is starting is known as starting until its process answers, and not for ever. */
import { spawnSync } from 'node:child_process';
import { cpSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { findStarter, noteStart, removeNote } from '../../../lib/runs/control/starting';
import { pathsIn, type RunPaths } from '../../../lib/runs/record/folder';
import { Run } from '../../../lib/runs/run';
import { folderOfTest } from '../../helpers/folder';

let paths: RunPaths;
beforeEach(() => {
  paths = pathsIn(folderOfTest(), 'toy');
});

test('a run is starting while a process that starts it lives', async () => {
  expect(await findStarter(paths)).toBeUndefined();
  await noteStart(paths);
  expect(statSync(paths.control).mode & 0o777).toBe(0o700);
  expect(await findStarter(paths)).toBe(process.pid);
  const starting = { state: 'starting', message: null, pid: process.pid };
  expect(await new Run(paths).status()).toMatchObject(starting);
  await removeNote(paths);
  expect(await new Run(paths).status()).toMatchObject({ state: 'lost' });
});

test('a note of a process that has ended, of long ago, or of none does not count', async () => {
  const { pid } = spawnSync('true');
  await noteStart(paths, pid);
  writeFileSync(join(paths.control, 'starting-'), '');
  writeFileSync(join(paths.control, 'starting-0'), '');
  writeFileSync(join(paths.control, 'starting-1'), ''); // lives for ever, and starts nothing
  expect(await findStarter(paths)).toBeUndefined();
  await noteStart(paths);
  const past = Date.now() / 1000 - 61;
  utimesSync(join(paths.control, `starting-${process.pid}`), past, past);
  expect(await findStarter(paths)).toBeUndefined();
});

test("a copy of a starting run's folder is not starting", async () => {
  await noteStart(paths);
  const copy = pathsIn(join(paths.folder, 'copy'), 'copy');
  cpSync(paths.control, copy.control, { recursive: true });
  expect(await findStarter(paths)).toBe(process.pid);
  expect(await findStarter(copy)).toBeUndefined();
});
