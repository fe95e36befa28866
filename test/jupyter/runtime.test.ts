/** What JupyterLab writes goes where it can be written, or it is said that it cannot. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { makeRuntime } from '../../lib/jupyter/runtime';
import { folderOfTest } from '../helpers/folder';

it('finds another folder for sockets where the wanted one cannot be made', async () => {
  const file = join(folderOfTest(), 'file');
  writeFileSync(file, '');
  const { folder, transport, close } = await makeRuntime(join(file, 'runtime'));
  expect(transport).toBe('ipc');
  expect(dirname(folder)).not.toBe(file);
  close();
  expect(existsSync(folder)).toBe(false);
});

it('says in a sentence which folder npm start cannot write', () => {
  const file = join(folderOfTest(), 'file');
  writeFileSync(file, '');
  const env = { ...process.env, BREAKOUT_JUPYTER_DIR: file };
  const args = ['--import', 'tsx', join(ROOT, 'lib/jupyter/start.ts'), '--no-browser'];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  expect(stderr.split('\n')[0]).toBe(
    `JupyterLab cannot be started: ${file}/config cannot be written (ENOTDIR): a file stands where a folder must be, look at the path.`,
  );
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(1);
});
