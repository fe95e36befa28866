/** The stage "npm packages": exactly those of package-lock.json, no install script run. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireSpace } from './disk.mjs';
import { explainFailure, SetupError } from './errors.mjs';
import { glibcVersion } from './machine.mjs';
import { startStage } from './report.mjs';
import { runTool } from './run.mjs';

/** node_modules takes 0.62 GB on Linux x64. */
const NPM_BYTES = 0.8e9;
/** What npm writes as its last step, so half-installed packages never have it. */
const HIDDEN_LOCK = 'node_modules/.package-lock.json';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage */

/**
 * Files that are there when the packages are, relative to root.
 * @param {string} root
 * @returns {string[]}
 */
export function npmProducts(root) {
  const { dependencies, devDependencies } = readJson(join(root, 'package.json'));
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return [HIDDEN_LOCK, ...names.map((name) => `node_modules/${name}/package.json`)];
}

/**
 * Whether node_modules holds what package-lock.json lists for this machine.
 * @param {string} root
 */
export function areNpmPackagesInstalled(root) {
  if (!existsSync(join(root, HIDDEN_LOCK))) return false;
  /** @type {Record<string, LockedPackage>} */
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  /** @type {Record<string, LockedPackage>} */
  const found = readJson(join(root, HIDDEN_LOCK)).packages ?? {};
  return Object.entries(wanted).every(([path, locked]) => {
    if (path === '' || !fitsMachine(locked)) return true;
    const installed = found[path];
    if (!installed && locked.optional && !locked.os && !locked.cpu) return true; // npm may leave it out
    return (
      installed?.version === locked.version &&
      installed?.integrity === locked.integrity &&
      versionIn(join(root, path)) === locked.version
    );
  });
}

/**
 * Version of the package in a folder; undefined where there is none or its package.json is damaged.
 * @param {string} folder
 * @returns {string | undefined}
 */
function versionIn(folder) {
  try {
    return readJson(join(folder, 'package.json')).version;
  } catch {
    return undefined;
  }
}

/**
 * Installs them.
 * @param {object} options
 * @param {string} options.root
 * @param {string} options.log
 * @param {(pid: number) => void} options.onStart told the process id of npm
 * @throws SetupError
 */
export async function installNpmPackages({ root, log, onStart }) {
  const stage = startStage('npm packages');
  try {
    requireSpace({ folder: root, bytes: NPM_BYTES, what: 'The set of npm packages' });
    const packages = Object.entries(readJson(join(root, 'package-lock.json')).packages);
    const total = packages.filter(([path, locked]) => path !== '' && fitsMachine(locked)).length;
    let fetched = 0;
    const { code, output } = await runTool({
      command: 'npm',
      // Development packages too: the tests and the compilers are part of the project.
      args: ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=http'],
      cwd: root,
      log,
      onStart,
      onLine(line) {
        if (!/npm http (fetch|cache)/.test(line)) return;
        fetched += 1;
        stage.update(fetched / total, `${fetched} of ${total} packages`);
      },
    });
    if (code !== 0) throw explainFailure({ what: 'Installing the npm packages', output, log });
    if (!areNpmPackagesInstalled(root)) {
      throw new SetupError(
        'npm ended well, but packages of package-lock.json are missing in node_modules.',
        `read ${log}; then run the command again`,
      );
    }
    stage.done();
  } catch (error) {
    stage.stop();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new SetupError(
        'npm was not found on the PATH.',
        'install Node with npm from https://nodejs.org, or put the folder of npm on the PATH',
      );
    }
    throw error;
  }
}

/** @param {LockedPackage} locked */
function fitsMachine({ os, cpu, libc }) {
  return matches(os, process.platform) && matches(cpu, process.arch) && matches(libc, cLibrary());
}

/**
 * Reads npm's lists of names, in which "!name" excludes.
 * @param {string[] | undefined} list
 * @param {string | undefined} name
 */
function matches(list, name) {
  if (!list || !name) return true;
  const excluded = list.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1));
  return excluded.length > 0 ? !excluded.includes(name) : list.includes(name);
}

/**
 * The C library by npm's name for it; undefined outside Linux.
 * @returns {string | undefined}
 */
function cLibrary() {
  if (process.platform !== 'linux') return undefined;
  return glibcVersion() ? 'glibc' : 'musl';
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
