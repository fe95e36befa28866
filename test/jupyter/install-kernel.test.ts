/** The registered kernel is found and started by the real Jupyter, and removed again. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { folderOfTest } from '../helpers/folder';

let folder: string;
beforeEach(() => {
  folder = folderOfTest();
});

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, root = ROOT) {
  const script = join(root, 'lib/jupyter/install-kernel.ts');
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

describe('kernel:install', () => {
  it('registers a kernel that a Jupyter elsewhere finds and starts', () => {
    const { stdout, status } = run([`--prefix=${folder}`]);
    expect(status).toBe(0);
    const kernel = join(folder, 'share/jupyter/kernels/breakout-dqn');
    expect(stdout).toContain(kernel);
    const { argv } = JSON.parse(readFileSync(join(kernel, 'kernel.json'), 'utf8'));
    const [, launcher, node, connectionFile] = argv as string[];
    expect(isAbsolute(node ?? '') && existsSync(node ?? '')).toBe(true);
    expect(isAbsolute(launcher ?? '') && existsSync(launcher ?? '')).toBe(true);
    expect(connectionFile).toBe('{connection_file}');

    // The kernel runs from there: Jupyter's own client asks for the value of an expression.
    const python = join(ROOT, '.venv/bin/python');
    const client = `
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="breakout-dqn", startup_timeout=120)
client.execute_interactive("6 * 7", timeout=120)
manager.shutdown_kernel()
`;
    const env = {
      JUPYTER_PATH: join(folder, 'share/jupyter'),
      JUPYTER_DATA_DIR: join(folder, 'data'),
    };
    const ran = spawnSync(python, ['-c', client], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    expect(ran.stdout, ran.stderr).toContain('42');
  }, 300_000);

  it('uses the folder of the user, and removes what it registered', () => {
    const env = { JUPYTER_DATA_DIR: folder };
    expect(run([], env).status).toBe(0);
    expect(existsSync(join(folder, 'kernels/breakout-dqn/kernel.json'))).toBe(true);
    expect(existsSync(join(folder, 'labextensions/breakout-display/package.json'))).toBe(true);
    const removed = run(['--remove'], env);
    expect(removed.stdout).toContain(`Removed ${join(folder, 'kernels/breakout-dqn')}`);
    expect(readdirSync(join(folder, 'kernels'))).toEqual([]);
    expect(run(['--remove'], env).stdout).toContain('Nothing to remove');
  });

  it('replaces and removes one whose kernel.json is damaged', () => {
    const env = { JUPYTER_DATA_DIR: folder };
    const file = join(folder, 'kernels/breakout-dqn/kernel.json');
    mkdirSync(dirname(file), { recursive: true });
    for (const content of ['null', '{"argv', '{"argv": [null]}']) {
      writeFileSync(file, content);
      expect(run([], env).status).toBe(0);
      expect(JSON.parse(readFileSync(file, 'utf8')).argv).toBeDefined();
      writeFileSync(file, content);
      expect(run(['--remove'], env).stdout).toContain('Removed');
      expect(existsSync(file)).toBe(false);
      mkdirSync(dirname(file), { recursive: true });
    }
  });

  it('says when it replaces the kernel of another clone, and does not remove that of one', {
    timeout: 120_000,
  }, () => {
    const other = join(folder, 'other clone');
    cpSync(join(ROOT, 'lib'), join(other, 'lib'), { recursive: true });
    const prefix = `--prefix=${folder}`;
    expect(run([prefix]).stdout).not.toContain('replaces');
    expect(run([prefix], {}, other).stdout).toContain(`This replaces the kernel of ${ROOT}, `);
    const foreign = run([prefix, '--remove']);
    expect(foreign.stderr).toContain(`is the kernel of ${other}: run the command there`);
    expect(foreign.status).toBe(1);
    expect(existsSync(join(folder, 'share/jupyter/kernels/breakout-dqn'))).toBe(true);
    rmSync(other, { recursive: true });
    expect(run([prefix, '--remove']).stdout).toContain('Removed');
  });

  it('takes a relative folder from where its user stands, and refuses an empty one', () => {
    const { status } = run(['--prefix=mine'], { INIT_CWD: folder });
    expect(status).toBe(0);
    expect(existsSync(join(folder, 'mine/share/jupyter/kernels/breakout-dqn'))).toBe(true);
    const empty = run(['--prefix='], { JUPYTER_DATA_DIR: folder });
    expect(empty.stderr).toContain('--prefix must name a folder, got an empty text');
    expect(empty.status).toBe(1);
    expect(existsSync(join(folder, 'kernels'))).toBe(false);
  });

  it('explains itself when an option is unknown', () => {
    const { stderr, status } = run(['--global']);
    expect(stderr).toContain('Usage: npm run kernel:install -- [--prefix=DIR] [--remove]');
    expect(status).toBe(1);
  });
});
