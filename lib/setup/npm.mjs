/** The stage "npm packages": exactly those of package-lock.json, no install script run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireSpace } from './disk.mjs';
import { explainFailure, SetupError } from './errors.mjs';
import { glibcVersion } from './machine.mjs';
import { startStage } from './report.mjs';
import { runTool } from './run.mjs';
import { hasStamp, stampOf, writeStamp } from './stamp.mjs';

/** node_modules takes 0.62 GB on Linux x64. */
const NPM_BYTES = 0.8e9;

/** @typedef {{ os?: string[], cpu?: string[] }} LockedPackage */

/**
 * Files that are there when the packages are, relative to node_modules: npm's own list, written as its
 * last step, and each package that the project names.
 * @param {string} root
 * @returns {string[]}
 */
export function npmProducts(root) {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return ['.package-lock.json', ...names.map((name) => `${name}/package.json`)];
}

/**
 * Whether node_modules was installed from this package-lock.json, on a machine like this one.
 * @param {string} root
 */
export function areNpmPackagesInstalled(root) {
  return hasStamp(stampFor(root));
}

/** @param {string} root */
function stampFor(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const cLibrary = glibcVersion() ? 'glibc' : 'none or another';
  return { folder: join(root, 'node_modules'), stamp: stampOf([lock, cLibrary]) };
}

/**
 * Installs them.
 * @param {object} options
 * @param {string} options.root
 * @param {string} options.log
 * @param {number} options.lock file descriptor of the lock, for npm
 * @throws SetupError
 */
export async function installNpmPackages({ root, log, lock }) {
  const stage = startStage('npm packages');
  try {
    requireSpace({ folder: root, bytes: NPM_BYTES, what: 'The set of npm packages' });
    const total = countPackages(root);
    let fetched = 0;
    const { code, output } = await runTool({
      command: 'npm',
      // Development packages too: the tests and the compilers are part of the project.
      args: ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=http'],
      cwd: root,
      log,
      lock,
      onLine(line) {
        if (/npm http (fetch \S+ (200|304)|cache)/.test(line)) fetched += 1;
        else if (!/npm http fetch .*attempt \d+ failed/.test(line)) return;
        const waiting = /failed/.test(line) ? ', no answer, trying again' : '';
        stage.update(fetched / total, `${fetched} of ${total} packages${waiting}`);
      },
    });
    if (code !== 0) throw explainFailure({ what: 'Installing the npm packages', output, log });
    writeStamp({ ...stampFor(root), files: npmProducts(root) });
    stage.done();
  } catch (error) {
    stage.stop();
    if (error instanceof Error && 'syscall' in error && error.syscall === 'spawn npm') {
      throw new SetupError(
        'npm was not found on the PATH.',
        'install Node with npm from https://nodejs.org, or put the folder of npm on the PATH',
      );
    }
    throw error;
  }
}

/**
 * How many packages of package-lock.json are for this machine, roughly: it is for a progress bar.
 * @param {string} root
 */
function countPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  /** @type {LockedPackage[]} */
  const locked = Object.values(packages);
  return locked.filter(
    ({ os = [process.platform], cpu = [process.arch] }) =>
      os.includes(process.platform) && cpu.includes(process.arch),
  ).length;
}
