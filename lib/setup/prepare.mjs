/**
 * The set-up up to the point where TypeScript runs: the record of a finished one, the lock, the npm
 * packages. The rest is setup.ts. All of this runs before any package is there, so the .mjs files
 * import nothing from outside this folder, not even small helpers of lib/files and lib/text.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireCompiler } from './compiler.mjs';
import { requireAll, SetupError } from './errors.mjs';
import { takeLock } from './lock.mjs';
import { areNpmPackagesInstalled, installNpmPackages } from './npm.mjs';
import { findPython } from './python.mjs';
import { isRecorded } from './record.mjs';
import { reportFailure } from './report.mjs';
import { runNode, stopWithSignals } from './run.mjs';
import { announceGpu, chooseBuild, isForGpu, kindThere } from './tensorflow-build.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * Completes the clone that this file is part of.
 * @returns {Promise<number>} exit code: 0 complete, 1 a failure was reported, 130 stopped
 */
export async function prepare() {
  process.env.INIT_CWD ??= process.cwd(); // where the user stands, also without npm
  const asked = process.env.npm_lifecycle_event === 'setup';
  if (isRecorded(root)) {
    if (asked) console.error('Set-up: everything is there.');
    return 0;
  }
  stopWithSignals();
  try {
    return await completeClone();
  } catch (error) {
    return reportFailure(error);
  }
}

/** @returns {Promise<number>} */
async function completeClone() {
  if (process.platform === 'win32') {
    throw new SetupError(
      'Windows itself is not supported: TensorFlow has no C library there.',
      'use WSL 2 (wsl --install), clone the project inside it and run the command there',
    );
  }
  const cache = join(root, '.cache/setup');
  mkdirSync(cache, { recursive: true });
  process.chdir(cache); // the address of a socket must be short
  const lock = await takeLock({
    folder: 'lock',
    onWait: () => console.error('Set-up: another one is at work in this folder, waiting ...'),
  });
  try {
    if (isRecorded(root)) return 0; // the other one did it all
    rmSync(join(cache, 'work'), { recursive: true, force: true }); // left by a set-up that was killed
    const lacksPackages = !areNpmPackagesInstalled(root);
    checkMachine({ lacksPackages });
    if (lacksPackages) {
      await installNpmPackages({ root, log: join(cache, 'npm.log'), lock: lock.fd });
    }
    return await runNode({
      args: ['--import', 'tsx', join(root, 'lib/setup/setup.ts'), root],
      cwd: root,
      lock: lock.fd,
    });
  } finally {
    lock.release();
  }
}

/**
 * Looks at what the machine must have before npm's 0.2 GB are fetched. Where the packages are there, the
 * stages look, each for itself.
 * @param {{ lacksPackages: boolean }} found
 * @throws SetupError
 */
function checkMachine({ lacksPackages }) {
  const { env } = process;
  /** @type {(() => unknown)[]} */
  const checks = [];
  if (lacksPackages && !existsSync(join(root, '.venv/.stamp'))) checks.push(() => findPython(env));
  if (lacksPackages) checks.push(() => requireCompiler(env));
  checks.push(() => {
    if (isForGpu(chooseBuild({ root, env })) && kindThere(root) !== 'cuda') announceGpu();
  });
  requireAll(checks);
}
