/** Programs of Jupyter's in Python, with this repository's kernel and nothing of the user's. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { folderOfAll } from '../helpers/folder';
import { ROOT } from './client';

const PYTHON = path.join(ROOT, '.venv/bin/python');
/** Milliseconds that such a program may take. */
export const TIMEOUT = 180_000;

/** A folder of the test file, with Jupyter's settings; it goes when the file is done. */
export const folder = folderOfAll();

export function runPython(args: string[]): Promise<{ code: number; output: string }> {
  const env = {
    ...process.env,
    JUPYTER_PATH: path.join(ROOT, 'lib/jupyter'),
    JUPYTER_CONFIG_DIR: path.join(folder, 'config'),
    JUPYTER_RUNTIME_DIR: path.join(folder, 'runtime'),
    IPYTHONDIR: path.join(folder, 'ipython'),
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
  };
  return new Promise((resolve) => {
    const cwd = path.join(ROOT, 'notebooks');
    execFile(PYTHON, args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}
