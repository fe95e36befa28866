/** The stage "native engine": the C++ of lib/engine/native. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { compileCommand, nativeEnginePath } from '../engine/native/build';
import { compile, requireCompiler } from './compiler';
import { makeWorkFolder, type Site, type Stage } from './stage';

export function nativeEngineStage(site: Site): Stage {
  const target = nativeEnginePath(site.root); // named after its sources, so never out of date
  return {
    name: 'native engine',
    bytes: 10e6,
    products: [relative(site.root, target)],
    isDone: () => existsSync(target) && loads(target),
    check() {
      requireCompiler(site.env);
    },
    async run() {
      const outFile = join(makeWorkFolder(site, 'engine'), 'engine.node');
      const { command, args } = compileCommand({ root: site.root, outFile, env: site.env });
      await compile(site, { what: 'the native engine', command: [command], args });
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
