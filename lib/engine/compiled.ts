/** Where the addon of a compiled engine lies, what it is compiled from, and how it is loaded. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Names of the two libraries to link with, found by what lies there: their endings differ between systems. */
export function tensorflowLibraries(root: string): string[] {
  const folder = join(root, TENSORFLOW_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.startsWith('libtensorflow_'));
}

/**
 * Arguments of the one command that compiles an addon, within seconds: no node-gyp. Its paths are relative
 * to `root`.
 *
 * No flag names a processor: the native kernels bring their instruction sets along and choose at run time.
 */
export function compilerArguments(options: {
  readonly engine: CompiledEngine;
  /** The project's folder, absolute. */
  readonly root: string;
  readonly outFile: string;
}): string[] {
  const { engine, root, outFile } = options;
  const libraries = engine.linksTensorFlow
    ? tensorflowLibraries(root).map((name) => `${TENSORFLOW_FOLDER}/${name}`)
    : [];
  return [...sourceArguments(engine, root), ...libraries, '-o', outFile];
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

function sourceNames({ sources }: CompiledEngine, root: string): string[] {
  const names = readdirSync(join(root, sources));
  return names.filter((name) => /\.(cc|h)$/.test(name)).sort();
}

function sourceArguments(engine: CompiledEngine, root: string): string[] {
  const sources = sourceNames(engine, root).filter((name) => name.endsWith('.cc'));
  return [
    // Without the last one, clang before 14 does not fuse multiply-adds.
    ...['-std=c++17', '-fPIC', '-fvisibility=hidden', '-ffp-contract=fast'],
    ...(isMac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    ...engine.flags,
    ...['-I', 'node_modules/node-api-headers/include'],
    ...sources.map((name) => `${engine.sources}/${name}`),
  ];
}
