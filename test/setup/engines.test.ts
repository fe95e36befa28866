/** The engines' stages compile what the sources say, and accept only what Node loads. */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { compilerArguments, enginePath, NATIVE_ENGINE } from '../../lib/engine/compiled';
import { ROOT } from '../../lib/files/root';
import { compilerCommand } from '../../lib/setup/compiler.mjs';
import { nativeEngineStage } from '../../lib/setup/engines';
import { folderOfTest } from '../helpers/folder';
import { ensureEngines } from '../helpers/native-engine';

const SOURCES = 'lib/engine/native';
const engine = NATIVE_ENGINE;
let root: string;

beforeAll(ensureEngines);
beforeEach(() => {
  root = folderOfTest();
  cpSync(join(ROOT, SOURCES), join(root, SOURCES), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
});

const progress = { update() {}, done() {}, stop() {} };
const build = (env: NodeJS.ProcessEnv) => nativeEngineStage({ root, env }).run(progress);
const compiledFiles = () => readdirSync(dirname(enginePath(engine, root))).sort();

/** A command that leaves the content of a file where the compiler is asked to put its result. */
function copying(from: string): NodeJS.ProcessEnv {
  const script = join(root, 'compiler.mjs');
  writeFileSync(
    script,
    `import { copyFileSync } from 'node:fs';
    copyFileSync(${JSON.stringify(from)}, process.argv.at(-1));`,
  );
  return { ...process.env, CXX: `${process.execPath} ${script}` };
}

test.each([
  ['its default', '', ['c++']],
  ['arguments', 'ccache g++', ['ccache', 'g++']],
  ['a path with a space', 'a folder/g++', ['a folder/g++']],
])('CXX may be or have %s', (_title, CXX, expected) => {
  mkdirSync(join(root, 'a folder'));
  writeFileSync(join(root, 'a folder/g++'), '');
  const inRoot = (text: string) => text.replace('a folder', join(root, 'a folder'));
  expect(compilerCommand({ CXX: inRoot(CXX) })).toEqual(expected.map(inRoot));
});

test('no flag binds the addon to this processor', () => {
  const args = compilerArguments({ engine, root, outFile: 'x.node' });
  expect(args.filter((argument) => /^-m(arch|tune|cpu)/.test(argument))).toEqual([]);
});

test('a changed source gets a file of its own, and a mistake in it the compiler message', async () => {
  const before = enginePath(engine, root);
  appendFileSync(join(root, SOURCES, 'pool.cc'), '\nint broken = "text";\n');
  expect(enginePath(engine, root)).not.toBe(before);
  // reading the sources finds it; making code of the others would take most of the time
  const CXX = `${compilerCommand(process.env).join(' ')} -fsyntax-only`;
  await expect(build({ ...process.env, CXX })).rejects.toThrow('pool.cc');
});

test('a compiled engine that Node does not load is refused with its words', async () => {
  await expect(build(copying(join(root, SOURCES, 'pool.cc')))).rejects.toThrow(
    /^The native engine was compiled, but Node cannot load it: .*engine-.*: /,
  );
});

test('a build removes the addons of former sources and nothing else', async () => {
  const path = enginePath(engine, root);
  mkdirSync(dirname(path), { recursive: true });
  const others = ['engine-0123456789abcdef.node', 'engine-0123456789abcdef.node.1.tmp', 'notes'];
  for (const name of others) writeFileSync(join(dirname(path), name), '');
  await build(copying(enginePath(engine, ROOT)));
  expect(compiledFiles()).toEqual([basename(path), ...others.slice(1)].sort());
});
