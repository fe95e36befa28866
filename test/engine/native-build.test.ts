/** Compiling the native engine, and what a machine that cannot is told. */
import { appendFileSync, cpSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildEngine, compileCommand, enginePath, NATIVE_ENGINE } from '../../lib/engine/compiled';
import { ROOT } from '../../lib/files/root';
import { folderOfAll } from '../helpers/folder';

const SOURCES = 'lib/engine/native';
const engine = NATIVE_ENGINE;
const root = folderOfAll();

beforeAll(() => {
  cpSync(join(ROOT, SOURCES), join(root, SOURCES), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
});

function compiledFiles(): string[] {
  return readdirSync(dirname(enginePath(engine, root)));
}

test('no compiler: the error names it and says what to install', () => {
  const build = () =>
    buildEngine({ engine, root, env: { ...process.env, CXX: 'no-such-compiler' } });
  expect(build).toThrow('a C++17 compiler, "no-such-compiler" failed: spawnSync no-such-compiler');
  expect(build).toThrow('Debian: g++');
  expect(compiledFiles()).toEqual([]);
});

test('CXX may carry arguments; no flag binds the addon to this processor', () => {
  const { command, args, cwd } = compileCommand({
    engine,
    root,
    outFile: 'x.node',
    env: { CXX: 'ccache g++' },
  });
  expect([command, args[0], cwd]).toEqual(['ccache', 'g++', root]);
  expect(args.filter((argument) => /^-m(arch|tune|cpu)/.test(argument))).toEqual([]);
});

test('a changed source gets a file of its own, and a mistake in it the compiler message', () => {
  const before = enginePath(engine, root);
  appendFileSync(join(root, SOURCES, 'pool.cc'), '\nint broken = "text";\n');
  expect(enginePath(engine, root)).not.toBe(before);
  // reading the sources finds the mistake; making code of the others would take most of the time
  const { command } = compileCommand({ engine, root, outFile: 'x.node' });
  const env = { ...process.env, CXX: `${command} -fsyntax-only` };
  expect(() => buildEngine({ engine, root, env })).toThrow('pool.cc');
  expect(compiledFiles()).toEqual([]);
});

test('a build removes the addons of former sources and nothing else', () => {
  const folder = dirname(enginePath(engine, root));
  const others = ['engine-0123456789abcdef.node', 'engine-0123456789abcdef.node.1.tmp', 'notes'];
  for (const name of others) writeFileSync(join(folder, name), '');
  // A compiler that makes an empty file: what is compiled does not matter here.
  const compiler = join(root, 'compiler.mjs');
  writeFileSync(
    compiler,
    `import { writeFileSync } from 'node:fs'; writeFileSync(process.argv.at(-1), '');`,
  );
  const path = buildEngine({ engine, root, env: { CXX: `${process.execPath} ${compiler}` } });
  expect(compiledFiles().sort()).toEqual([basename(path), ...others.slice(1)].sort());
  buildEngine({ engine, root, env: { CXX: 'no-such-compiler' } }); // it is there
});
