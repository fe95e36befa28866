/** Names that cells of a real kernel declare last into later cells, and can be declared again. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOfTest } from '../helpers/folder';
import { TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

/** The values of the cells, the last cell's value last. */
async function results(...codes: string[]): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for (const code of codes) {
    const run = await kernel.execute(code);
    expect(run.traceback, code).toBe('');
    found.push(run.result);
  }
  return found;
}

describe('a cell run twice', () => {
  const cells: Record<string, string> = {
    const: 'const gamma = 0.99; gamma',
    let: 'let steps = 1; steps += 1; steps',
    class: 'class Ball { readonly x = 3 }\nnew Ball().x',
    function: 'function twice(n: number) { return 2 * n; }\ntwice(4)',
    enum: 'enum Action { Noop, Fire }\nAction.Fire',
    destructuring: 'const { a, b: [c] } = { a: 1, b: [2] }; a + c',
    import: "import { join } from 'node:path'; join('a', 'b')",
    'import type': "import type { Stats } from 'node:fs'; const stats: Stats | null = null; stats",
    'top-level await': 'const waited = await Promise.resolve(5); waited',
    interface: 'interface Step { reward: number }\nconst step: Step = { reward: 1 }; step.reward',
  };
  for (const [name, code] of Object.entries(cells)) {
    it(`works with ${name}`, async () => {
      const [first, second] = await results(code, code);
      expect(first).toBeDefined();
      expect(second).toBe(first);
    });
  }
});

describe('names of earlier cells', () => {
  it('keep their types', async () => {
    await kernel.execute('interface Point { x: number }\nconst point: Point = { x: 1 };');
    const { reply } = await kernel.execute('const text: string = point.x;');
    expect(reply.evalue).toContain("Type 'number' is not assignable to type 'string'");
    expect(await results('const other: Point = { x: point.x + 1 }; other.x')).toEqual(['2']);
  });

  it('may change their type', async () => {
    expect(await results('const thing = 1; thing', 'const thing = "one"; thing.length')).toEqual([
      '1',
      '3',
    ]);
  });

  it('are shared with the functions beside them', async () => {
    const found = await results(
      'let epsilon = 1;\nfunction getEpsilon() { return epsilon; }\nfunction decay() { epsilon /= 2; }',
      'epsilon = 0.5;',
      'getEpsilon()',
      'decay(); epsilon',
    );
    expect(found).toEqual([undefined, undefined, '0.5', '0.25']);
  });

  it('are looked up when used: a function sees a cell that was run again', async () => {
    const found = await results(
      'const rate = 1;',
      'const useRate = () => rate * 10;',
      'const rate = 7;',
      'useRate()',
    );
    expect(found.at(-1)).toBe('70');
  });

  it('can be counted up', async () => {
    expect((await results('let count = 0;', 'count++; ++count; count += 2;', 'count')).at(-1)).toBe(
      '4',
    );
  });

  it('survive a later cell of the same names that fails before it declares them', async () => {
    await results('const history = [1, 2, 3];');
    await kernel.execute('if (Date.now() > 0) throw new Error("early");\nconst history = [9];');
    expect(await results('history')).toEqual(['[ 1, 2, 3 ]']);
  });

  it('keep the types of the values that they keep', async () => {
    await results("const word = 'text';\ninterface Size { n: number }");
    await kernel.execute(
      "if (Date.now() > 0) throw new Error('early');\nconst word = 5;\ninterface Size { m: string }",
    );
    expect(await results('word.length')).toEqual(['4']);
    expect(await results('const size: Size = { m: word }; size.m')).toEqual(["'text'"]);
  });

  it.each([
    ['imports what throws', "import { a } from './bad.cjs';\nconst never = a;"],
    ['V8 cannot parse', 'const never = 1;\nconst regexp = /(/;'],
  ])('of a cell that %s have no value', async (_, code) => {
    const folder = folderOfTest();
    writeFileSync(path.join(folder, 'bad.cjs'), "throw new Error('bad module')");
    writeFileSync(path.join(folder, 'bad.d.cts'), 'export const a: number;');
    const { reply } = await kernel.execute(code.replace('./bad', path.join(folder, 'bad')));
    expect(reply.evalue).toMatch(/^bad module$|^Invalid regular expression/);
    expect((await kernel.execute('never')).reply).toMatchObject({
      ename: 'ReferenceError',
      evalue: `never has no value: cell [${reply.execution_count}], which declares it, ended before it`,
    });
  });

  it('of a failed cell exist as far as the cell came', async () => {
    await kernel.execute(
      'const reached = 1;\nif (reached) throw new Error("stop");\nconst missed = 2;',
    );
    expect(await results('reached')).toEqual(['1']);
    const { reply } = await kernel.execute('missed');
    expect(reply).toMatchObject({
      ename: 'ReferenceError',
      evalue: expect.stringMatching(/^missed has no value: cell .* ended before it$/),
    });
  });

  it('can be properties in short form, also as targets', async () => {
    const found = await results(
      'let left = 1; let right = 2;',
      'const pick = (right: number) => ({ left, right });\npick(9)',
      '({ left, right = 5 } = { left: 3 } as { left: number; right?: number });',
      '[left, right]',
    );
    expect(found).toEqual([undefined, '{ left: 1, right: 9 }', undefined, '[ 3, 5 ]']);
  });

  it('of an unknown kind are a type error', async () => {
    const { reply } = await kernel.execute('noSuchName + 1');
    expect(reply.evalue).toContain("Cannot find name 'noSuchName'");
  });
});

describe('a function that is declared again and again', () => {
  const kinds: Record<string, (version: number) => string> = {
    function: (n) => `function inner() { return ${n}; }`,
    arrow: (n) => `const inner = () => ${n};`,
    variable: (n) => `let inner: () => number; inner = () => ${n};`,
    assignment: (n) => (n === 1 ? 'let inner = () => 1;' : `inner = () => ${n};`),
    'declaration and assignment in turn': (n) => `${n % 2 ? 'let ' : ''}inner = () => ${n};`,
    'arrow and function in turn': (n) =>
      n % 2 ? `const inner = () => ${n};` : `function inner() { return ${n}; }`,
  };
  for (const [name, declare] of Object.entries(kinds)) {
    it(`is called by what stood beside the first and the second: ${name}`, async () => {
      await results(`${declare(1)}\nconst first = () => inner();`);
      await results(`${declare(2)}\nconst second = () => inner();`);
      for (const version of [3, 4, 5]) {
        await results(declare(version));
        expect(await results('[first(), second()]')).toEqual([`[ ${version}, ${version} ]`]);
      }
    });
  }

  it('is called so as a class, too', async () => {
    await results('class Ball { v = 1; }\nconst make = () => new Ball().v;');
    for (const v of [2, 3]) await results(`class Ball { v = ${v}; }`);
    expect(await results('make()')).toEqual(['3']);
  });

  it('is called in the cell that declares it', async () => {
    await results("function part() { return 'old'; }\nfunction whole() { return part(); }");
    expect(await results("function part() { return 'new'; }\nwhole()")).toEqual(["'new'"]);
  });

  it('is called by functions of a cell that was interrupted', async () => {
    const code = 'const slow = () => 1;\nconst use = () => slow();\nconsole.log("on"); for (;;) {}';
    const id = await kernel.send('execute_request', { code });
    await kernel.waitForText(id, 'on');
    await kernel.request('interrupt_request', {}, 'control');
    await kernel.finish(id);
    for (const n of [2, 3]) await results(`const slow = () => ${n};`);
    expect(await results('use()')).toEqual(['3']);
  });

  it('keeps nothing that only earlier ones need', async () => {
    const { result } = await kernel.execute('process.memoryUsage().arrayBuffers');
    for (let n = 0; n < 5; n++) {
      await results(
        `const large = new Uint8Array(1e8);\nfunction sizeOf() { return large.length + ${n}; }`,
      );
    }
    await kernel.collect();
    const after = await kernel.execute('process.memoryUsage().arrayBuffers');
    expect(Number(after.result) - Number(result)).toBeLessThan(2.5e8);
  });
});

describe('names that Node or the kernel has, too', () => {
  let own: TestKernel;
  beforeAll(async () => {
    own = await TestKernel.start();
  });
  afterAll(() => own.stop());

  it.each([
    ['const global = 2;', 'global + 1', '3'],
    ['const exports = 1;', 'exports', '1'],
    ['let { a: [module] } = { a: [1] };', 'module += 1; module', '2'],
    ["import { sep as __filename } from 'node:path';", '__filename', "'/'"],
    ['const __cell = 3; __cell', '__cell', '3'],
    ['const a = 1, __dirname = 7;', '__dirname + a', '8'],
    ['const process = { pid: "mine" }; const Map = 5;', '[process.pid, Map]', "[ 'mine', 5 ]"],
    ['const window = 100;', 'typeof window', "'number'"],
    ['const tsLastExpr = 1; 2', 'tsLastExpr', '1'],
    ['function require() { return 9; }', 'require()', '9'],
  ])('%s', async (declaration, use, expected) => {
    expect((await own.execute(declaration)).traceback).toBe('');
    const { result, traceback } = await own.execute(use);
    expect(traceback).toBe('');
    expect(result).toBe(expected);
  });

  it('are unchanged for packages', async () => {
    const { result } = await own.execute(
      "new Function('return [typeof window, typeof global, typeof Map]')()",
    );
    expect(result).toBe("[ 'undefined', 'object', 'function' ]");
  });
});

describe('cells', () => {
  it('call functions of earlier cells without a this', async () => {
    await results('function getThis(this: unknown) { return this; }');
    expect(await results('getThis() === undefined')).toEqual(['true']);
  });

  it('may export what they declare, as modules do', async () => {
    const found = await results(
      'export const exported = 1;\n/** Doc. */ export function half(n: number) { return n / 2; }\nexport interface Box { n: number }',
      'const box: Box = { n: half(exported) }; box.n',
    );
    expect(found.at(-1)).toBe('0.5');
  });

  it('run in strict mode', async () => {
    const { reply } = await kernel.execute('Object.freeze([1] as number[])[0] = 2;');
    expect(reply.ename).toBe('TypeScriptError');
    const frozen = 'const list: number[] = [1]; Object.freeze(list); list[0] = 2;';
    expect((await kernel.execute(frozen)).reply.ename).toBe('TypeError');
  });

  it('import dynamically', async () => {
    expect(await results("(await import('node:path')).basename('/a/b.ts')")).toEqual(["'b.ts'"]);
  });

  it('find files relative to the notebook', async () => {
    const found = await results(
      "import { existsSync } from 'node:fs'; existsSync('tsconfig.json') && existsSync('../lib/index.ts')",
      "require('node:path').basename(__dirname)",
    );
    expect(found).toEqual(['true', "'notebooks'"]);
  });

  it('import the library by its name', async () => {
    const found = await results(
      "import * as library from 'breakout-dqn';\nObject.keys(library).length > 0",
    );
    expect(found).toEqual(['true']);
  });
});
