/** The stages "native engine" and "graph engine": the C++ of lib/engine. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import {
  type CompiledEngine,
  compilerArguments,
  enginePath,
  GRAPH_ENGINE,
  NATIVE_ENGINE,
} from '../engine/compiled';
import { compile, requireCompiler } from './compiler.mjs';
import { SetupError } from './errors.mjs';
import { logPath, type Site, type Stage } from './stage';

export function nativeEngineStage(site: Site): Stage {
  return engineStage(site, NATIVE_ENGINE);
}

/** Optional: TensorFlow.js learns where it cannot be compiled. */
export function graphEngineStage(site: Site): Stage {
  const { check: _demandsNothing, ...stage } = engineStage(site, GRAPH_ENGINE);
  const target = enginePath(GRAPH_ENGINE, site.root);
  const missing = `${target}.missing`; // has the reason, and keeps set-up from trying again
  return {
    ...stage,
    get products() {
      return existsSync(missing) ? [relative(site.root, missing)] : stage.products;
    },
    isDone: () => existsSync(missing) || stage.isDone(),
    async run(progress) {
      try {
        await stage.run(progress);
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        console.error(`${error.message} It is left out: TensorFlow.js learns in its place.`);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(missing, error.message);
      }
    },
  };
}

function engineStage(site: Site, engine: CompiledEngine): Stage {
  const { name } = engine;
  const { root, env } = site;
  const target = enginePath(engine, root); // named after its sources, so never out of date
  return {
    name,
    bytes: 10e6,
    products: [relative(root, target)],
    isDone: () => existsSync(target) && whyNotLoaded(target) === undefined,
    check() {
      requireCompiler(env);
    },
    async run() {
      mkdirSync(dirname(target), { recursive: true });
      const outFile = `${target}.${process.pid}.tmp`; // beside it: the way to TensorFlow is relative
      try {
        const args = compilerArguments({ engine, root, outFile });
        await compile({ root, env, what: `the ${name}`, args, log: logPath(site, 'compiler') });
        requireLoadable({ name, path: outFile, env });
        renameSync(outFile, target);
      } finally {
        rmSync(outFile, { force: true });
      }
      removeOlder(target);
    },
  };
}

function requireLoadable(options: { name: string; path: string; env: NodeJS.ProcessEnv }): void {
  const { name, path, env } = options;
  const reason = whyNotLoaded(path);
  if (reason === undefined) return;
  throw new SetupError(
    `The ${name} was compiled, but Node cannot load it: ${reason}.`,
    `name a compiler for this machine: ${env.CXX ? 'unset CXX, or ' : ''}CXX=g++ npm run setup`,
  );
}

/** Why Node does not take the addon; found in a process of its own, which a damaged one may crash. */
function whyNotLoaded(addon: string): string | undefined {
  const load = `try { process.dlopen({ exports: {} }, process.argv[1]); }
    catch (error) { console.error(error.message); process.exit(1); }`;
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', load, addon], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : stderr.trim().split('\n')[0] || `it ended by ${signal}`;
}

/** Removes addons of former sources; a process that has one loaded keeps it. */
function removeOlder(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (!/^engine-[0-9a-f]+\.node$/.test(name) || name === basename(path)) continue;
    rmSync(join(dirname(path), name), { force: true });
  }
}
