/** What readers of other notebooks, of TypeScript and of Node type: one case or more for each kind. */
import { mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestKernel } from './client';

let kernel: TestKernel;
let folder = '';
beforeAll(async () => {
  // a notebook outside of the project
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'notebooks-')));
  save('m.mjs', 'export const late = await Promise.resolve(5);');
  save('typed.mts', "import { late } from './m.mjs';\nexport const typed: number = late;");
  save('tla.ts', 'export const v: number = await Promise.resolve(9);');
  save('over-tla.ts', "import { v } from './tla';\nexport const over: number = v;");
  save('over-m.ts', "export { late } from './m.mjs';");
  save('shapes.d.ts', 'interface Shape { id: string }');
  save('data.json', '{ "size": 84 }');
  save(
    'counter.ts',
    'export let count = 0;\nexport const add = () => { count += 1; };\nexport default 3;',
  );
  kernel = await TestKernel.start({ cwd: folder });
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true, force: true });
});

function save(name: string, text: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  saved += 1;
  utimesSync(file, saved, saved); // two in the same millisecond are two states
}
let saved = 1_700_000_000;

async function run(...cells: string[]) {
  let last = await kernel.execute('undefined');
  for (const cell of cells) {
    expect(last.traceback, cell).toBe('');
    last = await kernel.execute(cell);
  }
  return last;
}

describe('a cell may contain', () => {
  it.each([
    ['WebAssembly', ['WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))'], 'true'],
    [
      'symbols as keys of weak collections',
      [
        "const key = Symbol('k');\nconst weak = new WeakMap([[key, 7]]);\n[weak.get(key), new WeakSet([key]).has(key)]",
      ],
      '[ 7, true ]',
    ],
    ['the flag v', ["new RegExp('[\\\\p{L}--[a-z]]', 'v').unicodeSets"], 'true'],
    [
      'a cell that is not to be checked',
      ["// @ts-nocheck\nconst unchecked: number = 'x';\nunchecked"],
      "'x'",
    ],
    [
      'a reference in the first line',
      [
        '/// <reference path="./shapes.d.ts" />\nconst idOf = (shape: Shape) => shape.id;\nidOf({ id: "a" })',
      ],
      "'a'",
    ],
    ['an export list', ['const a = 1;\nexport { a };\na + 1', 'a'], '1'],
    ['an export list with other names', ['const b = 1;\nexport { b as default };', 'b'], '1'],
    [
      'an exported function without a name',
      ['export default function () { return 1; }\n5', '6'],
      '6',
    ],
    [
      'an exported class without a name',
      ['const seen: number[] = []; export default class { static { seen.push(7); } }', 'seen'],
      '[ 7 ]',
    ],
    [
      'attributes of an import in a text',
      [
        "const code = `\nimport data from './d.json' with { type: 'json' };\n`;\ncode.includes('with {')",
      ],
      'true',
    ],
    [
      'attributes of imports and exports',
      [
        "import './data.json' with { type: 'json' }\nimport data from './data.json'\nwith { type: 'json' }\n" +
          "export { default as again } from './data.json' with {type: 'json'};\ndata.size",
      ],
      '84',
    ],
    [
      'var in blocks and loops',
      [
        'for (var i = 0; i < 3; i++) { var { found, more: [last] } = { found: new Map([[i, 1]]), more: [i] }; }\n' +
          'if (i > 2) { var text = String(i); }\nconst inner = () => { var hidden = 1; return hidden; };',
        '[i, found, last, text.length]',
      ],
      '[ 3, Map(1) { 2 => 1 }, 2, 1 ]',
    ],
    [
      'a var that no function shares',
      ['{ var outer = 1; }\nconst set = () => { outer = 5; };', 'set(); outer'],
      '5',
    ],
    ['the name __proto__', ['const __proto__ = 5;', '__proto__'], '5'],
    ['this of a module', ['typeof this'], "'undefined'"],
    [
      "the cell's file",
      [
        "import { createRequire } from 'node:module'; import { fileURLToPath } from 'node:url';\n" +
          "[typeof createRequire(__filename)('node:path').join, fileURLToPath(import.meta.url) === __filename]",
      ],
      "[ 'function', true ]",
    ],
    [
      'a function behind a type',
      [
        "const fnB = (() => 'B1') as () => string;\nconst fnA = () => fnB();\nfnA()",
        "const fnB = (() => 'B2') as () => string;",
        'fnA()',
      ],
      "'B2'",
    ],
    [
      'a function that a call makes',
      [
        "const once = (f: () => string) => () => f();\nconst [fnC] = [once(() => 'C1')];\nconst callC = () => fnC!();\ncallC()",
        "const fnC = once(() => 'C2');",
        'callC()',
      ],
      "'C2'",
    ],
    [
      'a class that is a value',
      [
        'const Ball = class { v = 1 };\nconst make = () => new Ball().v;\nmake()',
        'const Ball = class { v = 2 };',
        'make()',
      ],
      '2',
    ],
    ['an array that later cells fill', ['const losses = [];', 'losses.push(1); losses'], '[ 1 ]'],
    [
      'a class with private members as a value',
      ['const Foo = class { private x = 1; get y() { return this.x; } };', 'new Foo().y'],
      '1',
    ],
    [
      'a function of a local class',
      ['function make() { class A { n = 2 } return new A(); }', 'make().n'],
      '2',
    ],
    ['a unique symbol', ['const key = Symbol("k"); const box = { [key]: 4 };', 'box[key]'], '4'],
    [
      'a module without types',
      ["declare module 'picomatch';\nimport match from 'picomatch'; typeof match", 'typeof match'],
      "'function'",
    ],
    [
      'globals of its own',
      ['declare global { var shared: number; }\nglobalThis.shared = 6;', 'shared + 1'],
      '7',
    ],
    ['an await of a module that awaits', ["(await import('./m.mjs')).late"], '5'],
    [
      'import() of TypeScript',
      ["const found = await import('./counter');\n[found.default, typeof found.add]"],
      "[ 3, 'function' ]",
    ],
    [
      'import() of a package of CommonJS',
      ["(await import('tslab')).versions.typescript"],
      "'5.0.4'",
    ],
    ['an import of a module that awaits', ["import { late } from './m.mjs'; late"], '5'],
    [
      'imports of TypeScript that awaits, or imports what awaits',
      [
        "import { v } from './tla';\nimport { over } from './over-tla';\nimport { late } from './over-m';\n[v, over, late]",
      ],
      '[ 9, 9, 5 ]',
    ],
    [
      'import() of TypeScript that awaits, or imports what awaits',
      ["[(await import('./tla')).v, (await import('./over-tla.ts')).over]"],
      '[ 9, 9 ]',
    ],
    [
      'an import of JSON with attributes',
      ["import data from './data.json' with { type: 'json' };\ndata.size"],
      '84',
    ],
    [
      'an import whose module changes it',
      ["import three, { count, add } from './counter'; add(); count + three", 'add(); count'],
      '2',
    ],
    [
      'import.meta',
      ["import.meta.url.endsWith('/notebook.ts') && import.meta.dirname === __dirname"],
      'true',
    ],
    [
      'standard decorators',
      [
        'const twice = (method: () => number, _: ClassMethodDecoratorContext) => () => 2 * method();\nclass D { @twice five() { return 5; } }\nnew D().five()',
      ],
      '10',
    ],
    ['what ECMAScript 2023 has', ['[1, 2, 3].findLast((x) => x < 3)'], '2'],
    [
      'its methods that copy',
      ["[[2, 1].toSorted(), ['a'].with(0, 'b'), new Uint8Array([1, 2]).toReversed()]"],
      "[ [ 1, 2 ], [ 'b' ], Uint8Array(2) [ 2, 1 ] ]",
    ],
    [
      'import() with attributes',
      ["(await import('./data.json', { with: { type: 'json' } })).default"],
      '{ size: 84 }',
    ],
    [
      'import() of a text',
      ["(await import('data:text/javascript,export default 6')).default"],
      '6',
    ],
    [
      'endings of TypeScript',
      ["import three from './counter.ts';\n[three, (await import('./typed.mts')).typed]"],
      '[ 3, 5 ]',
    ],
    [
      'a package whose types are another',
      ["import { expect } from 'chai'; typeof expect(1).equal"],
      "'function'",
    ],
    ['the line that makes a file a program', ['#!/usr/bin/env node\n5'], '5'],
    ['what Node has beyond', ["'a\\ud800'.isWellFormed()"], 'false'],
    [
      'a function that calls another cell’s, which is then changed',
      [
        'function fnB() { return "B1"; }\nconst arrow = () => 1;\nconst fnA = () => fnB() + arrow();\nfnA()',
        'function fnB() { return "B2"; }\nconst arrow = () => 2;',
        'fnA()',
      ],
      "'B22'",
    ],
  ])('%s', async (_, cells, expected) => {
    const { result, traceback } = await run(...cells);
    expect(traceback).toBe('');
    expect(result).toBe(expected);
  });
});

it("a function's text is what was typed", async () => {
  await run('const factor = 3;', 'const work = (n: number) => { for (;;) return n * factor; };');
  expect((await run('String(work).replace(/\\s+/g, " ")')).result).toBe(
    "'(n) => { for (;;) return n * factor; }'",
  );
  expect((await run("new Function('n', 'return (' + work + ')(n)')(4)")).result).toBe('12');
});

it('changed files are loaded anew, with those that use them', async () => {
  save('deep.ts', 'export const depth = 1;');
  save('helper.ts', "import { depth } from './deep';\nexport const v = depth * 10;");
  save('changing.json', '{ "a": 1 }');
  const cell = "import { v } from './helper';\nimport json from './changing.json';\n[v, json]";
  expect((await run(cell)).result).toBe('[ 10, { a: 1 } ]');
  save('deep.ts', 'export const depth = 2;');
  save('changing.json', '{ "b": 2 }');
  expect((await run(cell)).result).toBe('[ 20, { b: 2 } ]');
  save('m.mjs', 'export const late = await Promise.resolve("new");');
  expect((await run("import { late } from './m.mjs'; late")).result).toBe("'new'");
  expect((await run("(await import('./typed.mts')).typed")).result).toBe("'new'");
  save('plain.cjs', 'module.exports = 1;');
  expect((await run("require('./plain.cjs')")).result).toBe('1');
  save('plain.cjs', 'module.exports = 2;');
  expect((await run("require('./plain.cjs')")).result).toBe('2');
});

it('changed modules that await are loaded anew, also for names that are imported already', async () => {
  save('waiting.ts', 'export const v: number = await Promise.resolve(1);');
  save('over-waiting.ts', "import { v } from './waiting';\nexport const over = (): number => v;");
  const cell = "import { v as now } from './waiting';\nimport { over } from './over-waiting';";
  expect((await run(cell, '[now, over()]')).result).toBe('[ 1, 1 ]');
  save('waiting.ts', 'export const v: number = await Promise.resolve(2);');
  expect((await run('[now, over()]')).result).toBe('[ 2, 2 ]');
  save('waiting.ts', 'export const v: number = 3;'); // an ordinary file
  expect((await run('[now, over()]')).result).toBe('[ 3, 3 ]');
  save('waiting.ts', 'export const v: number = await Promise.reject(new Error("broken"));');
  expect((await run('1 + 1')).result).toBe('2');
  expect((await run('now')).reply.evalue).toBe('broken');
});

it.each(['./tla', './over-m.ts', './m.mjs'])('says that require cannot load %s', async (file) => {
  expect((await run(`require('${file}')`)).reply.evalue).toBe(
    `require cannot load ${file}, an ES module: write import ... from '${file}', or await import('${file}')`,
  );
});

describe('what is shown', () => {
  it.each([
    ['a promise', 'console.log(Promise.resolve(1))', 'Promise { 1 }\n'],
    ['half a character', "console.log('😀abc'.slice(0, 1))", '\ufffd\n'],
    [
      'output of a child',
      "import { execSync } from 'node:child_process'; void execSync('echo x', { stdio: 'inherit' });",
      'x\n',
    ],
    [
      'output past streams',
      "import { writeSync } from 'node:fs'; writeSync(1, 'é'); writeSync(1, '2');",
      'é2',
    ],
  ])('%s', async (_, code, expected) => {
    const { text, traceback } = await run(code);
    expect(traceback).toBe('');
    expect(text('stdout')).toBe(expected);
  });

  it('errors of children on stderr', async () => {
    const code = "require('node:child_process').execSync('echo no >&2', { stdio: 'inherit' });";
    expect((await run(code)).text('stderr')).toBe('no\n');
  });

  it('a figure without an await, before the cell is over', async () => {
    const { published, result } = await kernel.execute(
      "import { showFigure } from 'breakout-dqn';\nshowFigure({ data: [{ type: 'bar', x: ['a', 'b'], y: [1, 2] }], layout: {} })",
    );
    const types = published.map(({ header }) => header.msg_type);
    expect(types.slice(-2)).toEqual(['display_data', 'status']); // the last says that it is idle
    expect(result).toBeUndefined();
  });

  it('an error of a figure without an await', async () => {
    const { reply } = await kernel.execute('showFigure(3 as any); 1');
    expect(reply).toMatchObject({ status: 'error', ename: 'TypeError' });
  });

  it('nothing of the kernel on the global object', async () => {
    const { result } = await kernel.execute(
      'Object.getOwnPropertySymbols(globalThis).filter((each) => /breakout/.test(String(each)) && Object.getOwnPropertyDescriptor(globalThis, each)!.enumerable).length',
    );
    expect(result).toBe('0');
  });

  it('a hint for a forgotten await', async () => {
    expect((await run('new Promise(() => {})')).result).toMatch(
      /^Promise \{ <pending> \}\n.*`await` forgotten/,
    );
    expect((await run('setTimeout(() => {}, 0)')).result).not.toContain('Symbol(kResourceStore)');
    const waiting = "new (require('node:async_hooks').AsyncResource)('x')";
    expect((await run(waiting)).result).not.toContain('msg_id');
  });

  it.each([
    [
      'nested arrays',
      'Array.from({ length: 30 }, () => Array.from({ length: 30 }, () => Array(30).fill([1, 2, 3])))',
    ],
    ['200,000 keys', 'Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => ["k" + i, i]))'],
    ['a long text', "'x'.repeat(1e7)"],
    ['a long text of wide characters', "Array(11).fill('名'.repeat(9000))"],
    ['wide characters', "'名'.repeat(1e5)"],
    [
      'a long text of its own',
      "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'x'.repeat(3e6) }) })",
    ],
    ['a long error', "throw new Error('x'.repeat(1e7))"],
    ['many errors in one', 'throw new AggregateError(Array(1e5).fill(new Error("x")), "all")'],
    [
      'a long stack',
      'throw Object.assign(new Error(""), { stack: "    at x (y:1:1)\\n".repeat(1e5) })',
    ],
    ['a long name', "throw Object.assign(new Error(''), { name: 'n'.repeat(1e7) })"],
    ['a long line that does not compile', `const s = '${'z'.repeat(2e5)}'; missing`],
    ['a long thrown value', "throw Array(30).fill('y'.repeat(1e6))"],
  ])('%s in at most 100 kB', async (_, code) => {
    const all = (await run(code)).published;
    const published = all.filter(({ header }) => header.msg_type !== 'execute_input');
    const size = Buffer.byteLength(JSON.stringify(published.map(({ content }) => content)));
    expect(size).toBeLessThan(210_000); // an error comes twice: as its message and as its text
    expect(JSON.stringify(published.map(({ content }) => content))).toMatch(/more (?:char|item)/);
  });

  it.each([
    [
      'a proxy that throws',
      "new Proxy({ a: 1 }, { get() { throw new Error('no'); } })",
      '{ a: 1 }',
    ],
    ['a proxy that has everything', 'new Proxy({ d: 1 }, { get: () => () => 1 })', '{ d: 1 }'],
    [
      'a proxy that calls names',
      "new Proxy({} as Record<string, () => string>, { get: (_, key) => () => 'call ' + (key as string) })",
      '{}',
    ],
    [
      'a proxy whose promises never settle',
      'new Proxy({} as Record<string, unknown>, { get: () => () => new Promise(() => {}) })',
      '{}',
    ],
    [
      'a revoked proxy',
      'const gone = Proxy.revocable({}, {}); gone.revoke(); gone.proxy',
      'Revoked',
    ],
    ['a getter that throws', "({ get shape() { throw new Error('no'); }, b: 2 }).b", '2'],
    [
      'an inspection that throws',
      "({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no'); }, c: 3 })",
      'c: 3',
    ],
  ])('%s', async (_, code, expected) => {
    const { result, traceback } = await run(code);
    expect(traceback).toBe('');
    expect(result).toContain(expected);
  });

  it.each([
    ['throws', "() => { throw new Error('no'); }", 'has failed: Error: no'],
    ['rejects', 'async () => { throw undefined; }', 'has failed: undefined'],
    [
      'gives a circle',
      "() => { const a = { a: {} }; a.a = a; return { 'a/b': a }; }",
      'a/b that is not shown: TypeError: Converting circular',
    ],
    [
      'throws in its bundle',
      "() => ({ get 'a/b'() { throw new Error('no'); } })",
      'a/b that is not shown: Error: no',
    ],
    ['gives too much', "() => ({ 'text/html': 'x'.repeat(3e7) })", 'at most 20000000 bytes are'],
  ])('a value whose own display %s, with a hint', async (_, method, hint) => {
    const { contents, reply } = await run(`({ n: 5, [Symbol.for('Jupyter.display')]: ${method} })`);
    expect(reply.status).toBe('ok');
    const [{ data } = {}] = contents('execute_result');
    expect(Object.keys(data as object)).toEqual(['text/plain']);
    const { 'text/plain': text } = data as Record<string, string>;
    expect(text).toContain('n: 5');
    expect(text).toContain(hint);
  });

  it('a large page as it is', async () => {
    const { contents } = await run(
      "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': 'x'.repeat(2e6) }) })",
    );
    const [{ data } = {}] = contents('execute_result');
    expect((data as Record<string, string>)['text/html']).toBe('x'.repeat(2e6));
  });

  it('all of display and newDisplay of tslab', async () => {
    const { published } = await run(`
      import * as tslab from 'tslab';
      const { display } = tslab;
      display.html('<b>h</b>'); display.markdown('m'); display.png(Uint8Array.of(1, 2, 3));
      display.raw('application/json', '{}');
      const place = tslab.newDisplay();
      place.text('first'); place.text('second');`);
    const shown = published
      .filter(({ header }) => header.msg_type.includes('display_data'))
      .map(({ header, content }) => [header.msg_type, content.data]);
    expect(shown).toEqual([
      ['display_data', { 'text/html': '<b>h</b>' }],
      ['display_data', { 'text/markdown': 'm' }],
      ['display_data', { 'image/png': 'AQID' }],
      ['display_data', { 'application/json': '{}' }],
      ['display_data', { 'text/plain': 'first' }],
      ['update_display_data', { 'text/plain': 'second' }],
    ]);
  });
});

it.each([
  ['%time x', 'console.time('],
  ['%%html\n<b>x</b>', 'display.html('],
  ['!ls -la', "execSync('ls -la'"],
  ['!pip install numpy', 'npm install'],
  ['counter = 1', 'const counter = 1;'],
  ['print("x")', 'console.log('],
  ['import numpy as np', "import * as np from 'numpy'"],
  ['def f(x):\n  return x', 'function f('],
  ['const odd = [x * 2 for x in [1, 2, 3]];', 'list.map((x) => ...)'],
  ['gain <- 5', 'const gain = 5'],
  ['println("x")', 'console.log('],
  ['_ + 1', 'const result ='],
  ['x, y = 1, 2', 'const [x, y] = [1, 2];'],
  ['counter += 1', 'let counter ='],
  ['let n: int = 5', 'Instead of int write: number'],
  ['print x', 'console.log('],
  ['True and False', 'true'],
  ['# a comment', '//'],
  ['const files = !ls', 'execSync('],
  ...['pip install numpy', 'npm install x'].map((code) => [code, 'in a terminal: npm install']),
  ['ls -la', "execSync('ls -la'"],
  ['git status', "execSync('git status'"],
  ['pwd', "execSync('pwd'"],
  ['cd ..', "process.chdir('..')"],
  ['#%%\nconst a = 1;', 'each cell of the notebook is one already'],
  ['1 if x else 2', 'x ? 1 : 2'],
  ["const sign = 'up' if counter > 0 else 'down'", "counter > 0 ? 'up' : 'down'"],
  ['library(ggplot2)', "R's import; in TypeScript: import * as ggplot2 from 'ggplot2'"],
  ['using Plots', "Julia's import; in TypeScript: import * as Plots from 'Plots'"],
  ['let t: List[int]', 'Instead of List[int] write: number[]'],
  ['let t: Dict[str, List[Optional[int]]] = {};', 'write: Record<string, (number | null)[]>'],
  ['function f(t: Tuple[int, str]) {}', 'Instead of Tuple[int, str] write: [number, string]'],
  ['x: int = 5', 'let x: number = 5'],
  ['done: bool = False', 'let done: boolean = false'],
  ['xs: list[float] = [1]', 'let xs: number[] = [1]'],
  ["import _ from 'npm:lodash@4'", "from 'lodash'"],
  ["import _ from 'lodash'", 'npm install lodash in a terminal'],
  [
    "import _ from 'breakout-dqn/lodash'",
    'The package breakout-dqn has no lodash, or is not there',
  ],
  ['$$.html("x")', 'display.html('],
  ['{ using file = open(); }', 'TypeScript 5.0 does not know `using`'],
])('says what to write instead of %s', async (code, advice) => {
  const { reply, traceback } = await run(code);
  expect(reply.ename).toBe('TypeScriptError');
  expect(String(reply.evalue).split('\n')[1]).toContain(advice);
  expect(traceback.split('\n')[1]).toContain(advice);
});

it.each([
  ['const agent = { isReady: true };\n!agent.isRedy', 'isReady'],
  ["const page = { text: 'x' };\npage.print()", 'print'],
  ['const cat = { age: 1 };\ncat.aged', 'aged'],
  ['const v = 1;\nif (v) v.x; else if (v) v.y; else v.z;', "'x'"],
  ['const store = { load: (name: string) => name };\nstore\n  .load(5);', 'number'],
])('gives no advice about what is TypeScript, as %s', async (code, named) => {
  const { traceback } = await run(code);
  expect(traceback.split('\n')[1]).toMatch(new RegExp(`^cell \\[.*${named}`));
});

it.each([
  ['cells are no list', { cells: {} }],
  ['nothing', null],
  [
    'cells are nothing or have no text',
    { cells: [null, { cell_type: 'code' }, { cell_type: 'code', source: [5] }] },
  ],
])('survives a notebook beside it in which %s', async (_, notebook) => {
  save('odd.ipynb', JSON.stringify(notebook));
  const { reply } = await run('someNameThatNobodyKnows');
  expect(reply.evalue).toContain("Cannot find name 'someNameThatNobodyKnows'");
});

it.each([
  ['a value', 'steps + 1', 'steps'],
  ['a type', 'const options: StartOptions = {};', 'StartOptions'],
  ['a short property', '({ steps })', 'steps'],
  ['an import', 'basename("/a")', 'basename'],
])('names the cell that declares %s and has not run', async (_, code, name) => {
  const source = "import { basename } from 'node:path';\nconst { steps } = { steps: 1 };\n";
  const cells = [
    { id: 'settings', cell_type: 'code', execution_count: 2, source },
    { id: 'types', cell_type: 'code', source: ['interface StartOptions {}\n'] },
    { id: 'mine', cell_type: 'code', source: code },
  ];
  save('book.ipynb', JSON.stringify({ cells }));
  const id = await kernel.send('execute_request', { code }, { metadata: { cellId: 'mine' } });
  const { traceback } = await kernel.finish(id);
  expect(traceback).toContain(
    `${name} is declared in the cell [2] \`${name === 'StartOptions' ? 'types' : 'settings'}\`, which has not run since the kernel started`,
  );
});

it("names no cell of another's notebook", async () => {
  const cells = [{ id: 'foreign', cell_type: 'code', source: 'const foreignName = 1;' }];
  save('foreign.ipynb', JSON.stringify({ cells }));
  const { traceback } = await run('foreignName = 1');
  expect(traceback).toContain('const foreignName = 1');
  expect(traceback).not.toContain('declared in the cell');
});

it('says that a package needs a page, and what draws instead', async () => {
  const { traceback } = await run("import Plotly from 'plotly.js-dist';");
  expect(traceback).toContain('plotly.js-dist needs a web page');
  expect(traceback).toContain('showFigure(');
});
