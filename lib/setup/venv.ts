/** Python environments of the project's own, made from lists of versions and hashes. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './errors.mjs';
import { findPython } from './python.mjs';
import type { Progress } from './report.mjs';
import { runTool } from './run.mjs';
import { logPath, makeWorkFolder, replaceFolder, type Site, type Stage } from './stage';
import { hasStamp, stampOf, writeStamp } from './stamp.mjs';

/** The interpreter of the environment in a folder, as `.venv`. */
export function venvPython(folder: string): string {
  return join(folder, 'bin/python');
}

export interface VenvOptions {
  /** What it is for, and the name of its log in small letters. */
  readonly name: string;
  /** Relative to the project's. */
  readonly folder: string;
  /** List of versions and hashes, relative to the project's folder. */
  readonly requirements: string;
  /** A module that must be found in it. */
  readonly module: string;
  /** Free disk space needed while it is made. */
  readonly bytes: number;
}

/** The stage that makes an environment. */
export function venvStage(site: Site, options: VenvOptions): Stage {
  const { name, module, bytes } = options;
  const folder = join(site.root, options.folder);
  const requirements = join(site.root, options.requirements);
  const stamp = stampOf([readFileSync(requirements)]);
  return {
    name,
    bytes,
    products: ['.stamp', 'pyvenv.cfg', 'bin/python'].map((file) => join(options.folder, file)),
    isDone: () => hasStamp({ folder, stamp }) && findsModule(folder, module),
    check() {
      findPython(site.env);
    },
    async run(progress) {
      const made = join(makeWorkFolder(site, 'venv'), options.folder);
      await createVenv({ site, folder: made });
      await installRequirements({ site, name, folder: made, requirements, progress });
      moveScripts({ from: made, to: folder });
      writeStamp({ folder: made, stamp, files: ['pyvenv.cfg'] });
      replaceFolder(site, { from: made, to: folder });
    },
  };
}

/**
 * Whether the environment's Python runs and finds what is installed in it. It does not once the Python
 * that the environment was made from is gone or has become another version.
 */
function findsModule(folder: string, module: string): boolean {
  const look = `import importlib.util as u, sys; sys.exit(u.find_spec("${module}") is None)`;
  return spawnSync(venvPython(folder), ['-I', '-c', look]).status === 0;
}

async function createVenv({ site, folder }: { site: Site; folder: string }): Promise<void> {
  const log = logPath(site, 'venv');
  const { code, output } = await runTool({
    command: findPython(site.env).path,
    args: ['-I', '-m', 'venv', folder],
    cwd: site.root,
    env: site.env,
    log,
  });
  if (code !== 0) throw explainFailure({ what: 'Making the Python environment', output, log });
}

interface InstallOptions {
  site: Site;
  name: string;
  folder: string;
  requirements: string;
  progress: Progress;
}

async function installRequirements(options: InstallOptions): Promise<void> {
  const { site, name, folder, requirements, progress } = options;
  const total = readFileSync(requirements, 'utf8').match(/==/g)?.length ?? 1;
  const log = logPath(site, name.toLowerCase());
  let collected = 0;
  const { code, output } = await runTool({
    command: venvPython(folder),
    args: [
      ...['-I', '-m', 'pip', 'install', '--require-hashes', '--only-binary=:all:', '--no-compile'],
      ...['--no-input', '--disable-pip-version-check', '--no-warn-script-location'],
      ...['-r', requirements],
    ],
    cwd: site.root,
    env: pipEnvironment(site.env),
    log,
    onLine(line) {
      if (line.startsWith('Installing collected')) progress.update(0.7, 'installing');
      const wheel = /^Collecting ([\w.-]+)/.exec(line)?.[1];
      if (!wheel) return;
      collected += 1;
      progress.update((0.7 * collected) / total, wheel);
    },
  });
  if (code !== 0) throw explainFailure({ what: `Installing ${name}`, output, log });
}

/** The user's settings for pip (index, proxy, cache), less those that would install elsewhere. */
export function pipEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PIP_USER: '0', PIP_TARGET: '', PIP_PREFIX: '', PIP_ROOT: '' };
}

/** Puts the final place of an environment into its scripts, which name their interpreter by its path. */
function moveScripts({ from, to }: { from: string; to: string }): void {
  const scripts = readdirSync(join(from, 'bin')).map((name) => join(from, 'bin', name));
  for (const path of [...scripts, join(from, 'pyvenv.cfg')]) {
    if (!statSync(path).isFile() || statSync(path).size > 100_000) continue; // the interpreter
    const text = readFileSync(path, 'utf8');
    if (text.includes(from)) writeFileSync(path, text.replaceAll(from, to));
  }
}
