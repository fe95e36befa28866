/** Errors in a real kernel point to TypeScript lines and fail the cell that caused them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOfTest } from '../helpers/folder';
import { ROOT, TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

/** The count that the next cell gets. */
async function nextCount(): Promise<number> {
  return Number((await kernel.execute('0')).reply.execution_count) + 1;
}

describe('a runtime error', () => {
  it('points to the TypeScript line and column in the cell', async () => {
    const n = await nextCount();
    const { reply, traceback } = await kernel.execute(
      [
        'interface Gone { a: number }', // lines without any JavaScript
        'type AlsoGone = string;',
        '',
        'const value: Gone = { a: 1 };',
        '  if (value.a) throw new RangeError("too big");',
      ].join('\n'),
    );
    expect(reply).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'too big' });
    expect(traceback.split('\n')).toEqual([
      'RangeError: too big',
      `cell [${n}], line 5, column 22:`,
      '  4 | const value: Gone = { a: 1 };',
      '> 5 |   if (value.a) throw new RangeError("too big");',
      '    |                      ^',
      `    at cell [${n}], line 5, column 22`,
    ]);
  });

  it('after an await is found too', async () => {
    const n = await nextCount();
    const { traceback } = await kernel.execute(
      'type T = 1;\nconst later = await Promise.resolve(null as unknown as { a: { b: 1 } });\n\nlater.a.b;',
    );
    expect(traceback).toContain(`cell [${n}], line 4, column 7:`);
    expect(traceback).toContain("Cannot read properties of null (reading 'a')");
  });

  it('in a function of an earlier cell names both cells', async () => {
    const n = await nextCount();
    await kernel.execute(
      'type A = 1;\nfunction divide(a: number, b: number) {\n  if (b === 0) throw new Error("by zero");\n  return a / b;\n}',
    );
    const { traceback } = await kernel.execute('type B = 2;\n1 + divide(1, 0)');
    expect(traceback).toContain(`    at divide (cell [${n}], line 3, column 22)`);
    expect(traceback).toContain(`    at cell [${n + 1}], line 2, column 5`);
  });

  it('in the library names its TypeScript line and the line of the cell that called it', async () => {
    const n = await nextCount();
    const { traceback } = await kernel.execute(
      "import { seedSequence } from '../lib/random';\n\nseedSequence(-1, 4);",
    );
    const [, line, column] =
      /at seedSequence \(lib\/random\.ts:(\d+):(\d+)\)/.exec(traceback) ?? [];
    const text = readFileSync(path.join(ROOT, 'lib/random.ts'), 'utf8').split('\n')[
      Number(line) - 1
    ];
    expect(text?.slice(Number(column) - 1)).toMatch(/^new RangeError\(/);
    expect(traceback).toContain(`    at cell [${n}], line 3, column 1`);
  });

  it('after an await in a function names the line of the cell that awaits', async () => {
    const n = await nextCount();
    const { traceback } = await kernel.execute(
      'type Gone = 1;\nasync function call() { await 1; return (null as unknown as { x: 1 }).x; }\n\n  await call();',
    );
    expect(traceback).toContain(`    at async cell [${n}], line 4, column 3`);
  });

  it('keeps its mapped stack when a cell prints it', async () => {
    const n = await nextCount();
    const { result } = await kernel.execute(
      'type Gone = 1;\nlet stack = "";\ntry { throw new Error("x"); } catch (e) { stack = (e as Error).stack ?? ""; }\nstack.split("\\n")[1]',
    );
    expect(result).toBe(`'    at cell [${n}]:3:13'`);
  });

  it('as a value shows the frames of the cell and of nothing below', async () => {
    const n = await nextCount();
    const { result } = await kernel.execute(
      'type Gone = 1;\nconst make = () => new Error("a value");\nmake()',
    );
    expect(result?.split('\n')).toEqual([
      'Error: a value',
      `    at make (cell [${n}]:2:20)`,
      `    at cell [${n}]:3:1`,
    ]);
    const { text } = await kernel.execute('console.log({ failed: new Error("printed") });');
    expect(text('stdout')).not.toMatch(/lib\/kernel|node:/);
  });

  it('shows its causes', async () => {
    const { traceback } = await kernel.execute(
      'throw new Error("outer", { cause: new TypeError("inner") });',
    );
    expect(traceback).toContain('Error: outer');
    expect(traceback).toContain('Caused by TypeError: inner');
  });

  it('of code that has no place of its own is found in its line', async () => {
    const n = await nextCount();
    const { traceback } = await kernel.execute('type Gone = 1;\neval("1 +");');
    expect(traceback).toMatch(new RegExp(`at cell \\[${n}\\], line 2, column \\d+$`, 'm'));
  });

  it('that only V8 finds in its text is shown in its line', async () => {
    const n = await nextCount();
    const { traceback } = await kernel.execute('type Gone = 1;\n  const wrong: RegExp = /(/;');
    expect(traceback.split('\n')).toEqual([
      'SyntaxError: Invalid regular expression: /(/: Unterminated group',
      `cell [${n}], line 2, column 25:`,
      '  1 | type Gone = 1;',
      '> 2 |   const wrong: RegExp = /(/;',
      '    |                         ^',
    ]);
  });

  it('has its place whatever source a comment names', async () => {
    const n = await nextCount();
    const { traceback } = await kernel.execute("//# sourceURL=mine.js\nthrow new Error('x');");
    expect(traceback).toContain(`cell [${n}], line 2, column 7:`);
  });

  it('of a file has its TypeScript line, whatever its path', async () => {
    const folder = path.join(folderOfTest(), 'clone (1)');
    mkdirSync(folder);
    const file = path.join(folder, 'helper.ts');
    writeFileSync(
      file,
      'interface Gone {\n  a: number;\n}\nexport const fail = () => {\n  throw new Error("x");\n};\n',
    );
    const { traceback } = await kernel.execute(`require(${JSON.stringify(file)}).fail()`);
    expect(traceback).toContain(`fail (${file}:5:9)`);
  });

  it('may be any value', async () => {
    const { reply } = await kernel.execute('throw { code: 7 };');
    expect(reply).toMatchObject({ ename: 'Thrown', evalue: '{ code: 7 }' });
  });

  it('may even throw when it is looked at', async () => {
    const evil =
      "Object.defineProperty(new Error(), 'stack', { get() { throw new Error('evil'); } })";
    expect((await kernel.execute(`throw ${evil};`)).reply).toMatchObject({ ename: 'Thrown' });
    expect((await kernel.execute(evil)).result).toBe('a value that cannot be shown: object');
    expect((await kernel.execute('1 + 1')).result).toBe('2');
  });
});

describe('a type error', () => {
  it("shows the cell's line with a caret and runs nothing", async () => {
    const n = await nextCount();
    const run = await kernel.execute('console.log("ran");\nconst wrong: number = "text";');
    expect(run.text('stdout')).toBe('');
    expect(run.reply).toMatchObject({
      ename: 'TypeScriptError',
      evalue: `cell [${n}], line 2, column 7: Type 'string' is not assignable to type 'number'. (TS2322)`,
    });
    expect(run.traceback.split('\n')).toEqual([
      'TypeScriptError',
      `cell [${n}], line 2, column 7: Type 'string' is not assignable to type 'number'. (TS2322)`,
      '  1 | console.log("ran");',
      '> 2 | const wrong: number = "text";',
      '    |       ^',
    ]);
  });

  it('is strict: possibly null, implicit any', async () => {
    const { reply: possiblyNull } = await kernel.execute('"a".match(/b/).length');
    expect(possiblyNull.evalue).toContain('TS2531');
    const { reply: implicitAny } = await kernel.execute('function id(x) { return x; }');
    expect(implicitAny.evalue).toContain('TS7006');
  });

  it('at the end of an unfinished cell is within the cell', async () => {
    const n = await nextCount();
    const { reply } = await kernel.execute('const list = [1, 2');
    expect(reply.evalue).toMatch(new RegExp(`^cell \\[${n}\\], line 1, column 19: `));
  });
});

describe('an error that nobody catches', () => {
  it('fails the cell whose promise was rejected', async () => {
    const { reply, traceback } = await kernel.execute('void Promise.reject(new Error("lost"));');
    expect(reply).toMatchObject({ status: 'error', evalue: 'lost' });
    expect(traceback).toContain('line 1, column 21');
  });

  it('fails a cell that would wait for ever', async () => {
    const { reply } = await kernel.execute(
      'setTimeout(() => { throw new Error("in a timer"); }, 20);\nawait new Promise(() => {});',
    );
    expect(reply).toMatchObject({ status: 'error', evalue: 'in a timer' });
  });

  it('is shown under the cell that caused it and fails the next cell', async () => {
    const id = await kernel.send('execute_request', {
      code: 'setTimeout(() => { throw new Error("too late"); }, 300); "done"',
    });
    expect((await kernel.finish(id)).result).toBe("'done'");
    await kernel.waitForText(id, ': too late');
    const next = await kernel.execute('"next"');
    expect(next.reply).toMatchObject({ status: 'error', evalue: 'too late' });
    expect((await kernel.execute('"after"')).result).toBe("'after'");
  });

  it('of an interval fails one cell, and the interval can then be cleared', async () => {
    const id = await kernel.send('execute_request', {
      code: 'const iv = setInterval(() => { throw new Error("again"); }, 20);',
    });
    await kernel.finish(id);
    await kernel.waitForText(id, ': again');
    const next = await kernel.execute('"next"');
    expect(next.reply).toMatchObject({ status: 'error', evalue: 'again' });
    expect((await kernel.execute('clearInterval(iv); "cleared"')).result).toBe("'cleared'");
  });
});
