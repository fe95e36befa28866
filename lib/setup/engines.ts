/** The stages "native engine" and "graph engine": the C++ of lib/engine. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  type CompiledEngine,
  compileCommand,
  enginePath,
  GRAPH_ENGINE,
  NATIVE_ENGINE,
} from '../engine/compiled';
import { compile, requireCompiler } from './compiler';
import { SetupError } from './errors.mjs';
import { makeWorkFolder, type Site, type Stage } from './stage';

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
  const target = enginePath(engine, site.root); // named after its sources, so never out of date
  return {
    name,
    bytes: 10e6,
    products: [relative(site.root, target)],
    isDone: () => existsSync(target) && loads(target),
    check() {
      requireCompiler(site.env);
    },
    async run() {
      const outFile = join(makeWorkFolder(site, 'engine'), 'engine.node');
      const { command, args } = compileCommand({ engine, root: site.root, outFile, env: site.env });
      await compile(site, { what: `the ${name}`, command: [command], args });
      mkdirSync(dirname(target), { recursive: true });
      renameSync(outFile, target);
    },
  };
}

/** Whether Node takes the addon; in a process of its own, which a damaged one may crash. */
function loads(addon: string): boolean {
  const load = 'process.dlopen({ exports: {} }, process.argv[1])';
  return spawnSync(process.execPath, ['-e', load, addon]).status === 0;
}
