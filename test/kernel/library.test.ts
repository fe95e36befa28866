/** Cells of a real kernel import files and the library, with type errors shown where they are. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ROOT, TestKernel } from './client';

let kernel: TestKernel | undefined;
let folder = '';
afterEach(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function startIn(parent: string): Promise<TestKernel> {
  mkdirSync(parent, { recursive: true });
  folder = realpathSync(mkdtempSync(path.join(parent, 'notebooks-')));
  kernel = await TestKernel.start({ cwd: folder });
  return kernel;
}

it('shows type errors of imported files in these files, until they are mended', async () => {
  const { execute } = bind(await startIn(path.join(ROOT, '.cache')));
  const file = path.join(folder, 'helper.ts');
  writeFileSync(file, "export const size = 84;\nexport const wrong: number = 'x';\n");
  const cell = "import { size } from './helper';\nsize";
  const broken = await execute(cell);
  const name = path.relative(ROOT, file);
  expect(broken.reply.evalue).toBe(
    `${name}, line 2, column 14: Type 'string' is not assignable to type 'number'. (TS2322)`,
  );
  expect(broken.traceback).toContain("> 2 | export const wrong: number = 'x';");
  writeFileSync(file, 'export const size = 84;\nexport const right: number = 1;\n');
  expect((await execute(cell)).result).toBe('84');
  writeFileSync(file, 'export const size = 85;\nexport const right: string = 1;\n');
  expect((await execute(cell)).reply.evalue).toContain(
    "'number' is not assignable to type 'string'",
  );
});

it('gives names of a helper that has changed their new values, without a new import', async () => {
  const { execute } = bind(await startIn(tmpdir()));
  const file = path.join(folder, 'helper.ts');
  writeFileSync(file, 'export const word = 1;\nexport function twice() { return 2; }\n');
  await execute(
    "import { word, twice as double } from './helper';\nimport * as all from './helper';",
  );
  writeFileSync(file, "export const word = 'text';\nexport function twice() { return 'two'; }\n");
  const { result } = await execute('[word.length, double().length, all.word]');
  expect(result).toBe("[ 4, 3, 'text' ]");
});

it('finds a file that is made after its import has failed', async () => {
  const { execute } = bind(await startIn(path.join(ROOT, '.cache')));
  const cell = "import { size } from './later';\nsize";
  expect((await execute(cell)).reply.evalue).toContain("Cannot find module './later'");
  writeFileSync(path.join(folder, 'unrelated.txt'), 'x');
  writeFileSync(path.join(folder, 'later.ts'), 'export const size = 4;\n');
  expect((await execute(cell)).result).toBe('4');
  expect((await execute('size + 1')).result).toBe('5');
});

it('serves notebooks from elsewhere: their file paths, the library of this repository', async () => {
  const { execute } = bind(await startIn(tmpdir()));
  expect((await execute('process.cwd()')).result).toBe(`'${folder}'`);
  for (const [name, specifier] of [
    ['Mt19937', 'breakout-dqn'],
    ['createAgent', 'breakout-dqn/q-learning'],
  ]) {
    const named = await execute(`import { ${name} } from '${specifier}';\ntypeof ${name}`);
    expect(named.traceback).toBe('');
    expect(named.result).toBe("'function'");
  }
});

it('imports TypeScript after an interrupt, which ends the processes that make JavaScript of it', async () => {
  const running = await startIn(tmpdir());
  const importNew = async (name: string) => {
    writeFileSync(path.join(folder, name), `export const text: string = '${folder} ${name}';\n`);
    return (await running.execute(`(await import('./${name}')).text`)).result;
  };
  for (const round of [1, 2]) {
    for (const ending of ['ts', 'mts']) {
      expect(await importNew(`r${round}.${ending}`)).toBe(`'${folder} r${round}.${ending}'`);
    }
    const id = await running.send('execute_request', { code: 'console.log("on"); for (;;) {}' });
    await running.waitForText(id, 'on');
    await running.request('interrupt_request', {}, 'control');
    expect((await running.finish(id)).reply.ename).toBe('KeyboardInterrupt');
  }
});

function bind(running: TestKernel) {
  return { execute: (code: string) => running.execute(code) };
}
