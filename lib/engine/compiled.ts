/** How the C++ of an engine becomes an addon, and how it is loaded; for set-up, and for whoever works on it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../files/root';
import { messageOf } from '../text';

export interface CompiledEngine {
  /** As "the native engine" in sentences. */
  readonly name: 'native engine' | 'graph engine';
  /** Folder of its sources, relative to the project's. */
  readonly sources: string;
  /** Folder of its addon, relative to the project's. */
  readonly folder: string;
  readonly flags: readonly string[];
  readonly linksTensorFlow: boolean;
}

export interface CompileCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The project's folder: the paths in `args` are relative to it. */
  readonly cwd: string;
}

/** Folder of TensorFlow's libraries and of its `include/`, relative to the project's. */
export const TENSORFLOW_FOLDER = '.tensorflow/tensorflow';

const isMac = process.platform === 'darwin';

export const NATIVE_ENGINE: CompiledEngine = {
  name: 'native engine',
  sources: 'lib/engine/native',
  folder: '.cache/native-engine',
  // Without the last two, loops with sqrt or with a condition cannot become vector code.
  flags: ['-O3', '-pthread', '-fno-math-errno', '-fno-trapping-math'],
  linksTensorFlow: false,
};

export const GRAPH_ENGINE: CompiledEngine = {
  name: 'graph engine',
  sources: 'lib/engine/graph',
  folder: '.cache/graph-engine',
  flags: [
    ...['-O2', '-I', `${TENSORFLOW_FOLDER}/include`],
    `-Wl,-rpath,${isMac ? '@loader_path' : '$ORIGIN'}/../../${TENSORFLOW_FOLDER}`,
  ],
  linksTensorFlow: true,
};

/**
 * Where the addon of the present sources belongs.
 *
 * The name is made from the sources and flags, so a file of that name is never out of date.
 * @param root the project's folder, absolute
 */
export function enginePath(engine: CompiledEngine, root: string): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([process.platform, process.arch, sourceArguments(engine, root)]));
  for (const name of sourceNames(engine, root)) {
    hash.update(readFileSync(join(root, engine.sources, name)));
  }
  return join(root, engine.folder, `engine-${hash.digest('hex').slice(0, 16)}.node`);
}

/** The C++ compiler; CXX may name another one, with arguments as in "ccache g++". */
export function compilerCommand(env: NodeJS.ProcessEnv): string[] {
  return (env.CXX || 'c++').split(/\s+/).filter(Boolean);
}

/** Names of the two libraries to link with, found by what lies there: their endings differ between systems. */
export function tensorflowLibraries(root: string): string[] {
  const folder = join(root, TENSORFLOW_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.startsWith('libtensorflow_'));
}

/**
 * The one command that compiles an addon, within seconds: no node-gyp.
 *
 * No flag names a processor: the native kernels bring their instruction sets along and choose at run time.
 */
export function compileCommand({
  engine,
  root,
  outFile,
  env = process.env,
}: {
  engine: CompiledEngine;
  root: string;
  outFile: string;
  env?: NodeJS.ProcessEnv;
}): CompileCommand {
  const [command = '', ...args] = compilerCommand(env);
  const libraries = engine.linksTensorFlow
    ? tensorflowLibraries(root).map((name) => `${TENSORFLOW_FOLDER}/${name}`)
    : [];
  const own = [...sourceArguments(engine, root), ...libraries, '-o', outFile];
  return { command, args: [...args, ...own], cwd: root };
}

/**
 * Compiles an addon unless it is there, and then removes those of former sources.
 * @returns its path
 * @throws Error when there is no compiler or it fails.
 */
export function buildEngine({
  engine,
  root,
  env = process.env,
}: {
  engine: CompiledEngine;
  /** The project's folder, absolute. */
  root: string;
  env?: NodeJS.ProcessEnv;
}): string {
  const path = enginePath(engine, root);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  // Renamed at the end: two builds at once, or one that is interrupted, leave no half a file.
  const unfinished = `${path}.${process.pid}.tmp`;
  const { command, args, cwd } = compileCommand({ engine, root, outFile: unfinished, env });
  const { status, error, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    const reason = error?.message ?? stderr.split('\n').slice(0, 20).join('\n');
    throw new Error(
      `the ${engine.name} needs a C++17 compiler, "${command}" failed: ${reason}\n` +
        'Install one (Debian: g++, macOS: xcode-select --install), or name yours in CXX.',
    );
  }
  renameSync(unfinished, path);
  removeOlder(path);
  return path;
}

const loaded = new Map<CompiledEngine, unknown>();

/**
 * The functions of a compiled addon.
 * @throws Error when it has not been compiled, or cannot be loaded.
 */
export function loadEngine<Addon>(engine: CompiledEngine): Addon {
  const known = loaded.get(engine);
  if (known !== undefined) return known as Addon;
  const path = enginePath(engine, ROOT);
  if (!existsSync(path)) {
    throw new Error(
      `the ${engine.name} is not compiled: expected ${path}. Run "npm run setup" in the project folder.`,
    );
  }
  const holder = { exports: {} as Addon }; // not require: it is missing in ES modules
  process.dlopen(holder, path);
  loaded.set(engine, holder.exports);
  return holder.exports;
}

/** Why an engine cannot be used here, or undefined when it can. */
export function findObstacle(engine: CompiledEngine): string | undefined {
  try {
    loadEngine(engine);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Addons of former sources; a process that has one loaded keeps it. */
function removeOlder(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (!/^engine-[0-9a-f]+\.node$/.test(name) || name === basename(path)) continue;
    rmSync(join(dirname(path), name), { force: true });
  }
}

function sourceNames({ sources }: CompiledEngine, root: string): string[] {
  const names = readdirSync(join(root, sources));
  return names.filter((name) => /\.(cc|h)$/.test(name)).sort();
}

function sourceArguments(engine: CompiledEngine, root: string): string[] {
  const sources = sourceNames(engine, root).filter((name) => name.endsWith('.cc'));
  return [
    ...['-std=c++17', '-fPIC', '-fvisibility=hidden'],
    ...(isMac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    ...engine.flags,
    ...['-I', 'node_modules/node-api-headers/include'],
    ...sources.map((name) => `${engine.sources}/${name}`),
  ];
}
