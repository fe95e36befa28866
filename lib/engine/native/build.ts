/** How the C++ of this folder becomes the addon; for set-up, and for whoever works on it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const SOURCE_FOLDER = 'lib/engine/native';
const OUTPUT_FOLDER = '.cache/native-engine';

export interface CompileCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The project's folder: the paths in `args` are relative to it. */
  readonly cwd: string;
}

/**
 * Where the addon of the present sources belongs.
 *
 * The name is made from the sources and flags, so a file of that name is never out of date.
 * @param root the project's folder, absolute
 */
export function nativeEnginePath(root: string): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([process.platform, process.arch, compilerArguments(root, '')]));
  for (const name of sourceNames(root)) hash.update(readFileSync(join(root, SOURCE_FOLDER, name)));
  return join(root, OUTPUT_FOLDER, `engine-${hash.digest('hex').slice(0, 16)}.node`);
}

/** The C++ compiler; CXX may name another one, with arguments as in "ccache g++". */
export function compilerCommand(env: NodeJS.ProcessEnv): string[] {
  return (env.CXX || 'c++').split(/\s+/).filter(Boolean);
}

/**
 * The one command that compiles the addon, about 6 s: no node-gyp, no library to link.
 *
 * No flag names a processor: the kernels bring their instruction sets along and choose at run time.
 */
export function compileCommand({
  root,
  outFile,
  env = process.env,
}: {
  root: string;
  outFile: string;
  env?: NodeJS.ProcessEnv;
}): CompileCommand {
  const [command = '', ...args] = compilerCommand(env);
  return { command, args: [...args, ...compilerArguments(root, outFile)], cwd: root };
}

/**
 * Compiles the addon unless it is there, and then removes those of former sources.
 * @returns its path
 * @throws Error when there is no compiler or it fails.
 */
export function buildNativeEngine({
  root,
  env = process.env,
}: {
  /** The project's folder, absolute. */
  root: string;
  env?: NodeJS.ProcessEnv;
}): string {
  const path = nativeEnginePath(root);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  // Renamed at the end: two builds at once, or one that is interrupted, leave no half a file.
  const unfinished = `${path}.${process.pid}.tmp`;
  const { command, args, cwd } = compileCommand({ root, outFile: unfinished, env });
  const { status, error, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    const reason = error?.message ?? stderr.split('\n').slice(0, 20).join('\n');
    throw new Error(
      `the native engine needs a C++17 compiler, "${command}" failed: ${reason}\n` +
        'Install one (Debian: g++, macOS: xcode-select --install), or name yours in CXX.',
    );
  }
  renameSync(unfinished, path);
  removeOlder(path);
  return path;
}

/** Addons of former sources; a process that has one loaded keeps it. */
function removeOlder(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (!/^engine-[0-9a-f]+\.node$/.test(name) || name === basename(path)) continue;
    rmSync(join(dirname(path), name), { force: true });
  }
}

function sourceNames(root: string): string[] {
  const names = readdirSync(join(root, SOURCE_FOLDER));
  return names.filter((name) => /\.(cc|h)$/.test(name)).sort();
}

function compilerArguments(root: string, outFile: string): string[] {
  const sources = sourceNames(root).filter((name) => name.endsWith('.cc'));
  const system =
    process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  return [
    ...['-std=c++17', '-O3', '-fPIC', '-fvisibility=hidden', '-pthread', ...system],
    // Without these two, loops with sqrt or with a condition cannot become vector code.
    ...['-fno-math-errno', '-fno-trapping-math'],
    ...['-I', 'node_modules/node-api-headers/include'],
    ...sources.map((name) => `${SOURCE_FOLDER}/${name}`),
    ...['-o', outFile],
  ];
}
