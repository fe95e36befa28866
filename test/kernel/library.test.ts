/** Cells of a real kernel import files and the library, with type errors shown where they are. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
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

describe('what an earlier cell has imported', () => {
  const HELPER = 'export const g = 1;\nexport default 2;\nexport interface Box { n: number }\n';
  const cells = [
    "import two, { g as got, type Box } from './helper';\nimport * as all from './helper';\nimport data, { size } from './data.json';",
    "import type { Box as OtherBox } from './helper';\nconst box: Box = { n: got };\nfunction take(other: OtherBox) { return [other]; }",
  ];
  const without = (text: string) => HELPER.replace(text, '');
  const noG = without('export const g = 1;');
  const noBox = without('export interface Box { n: number }');

  const save = (helper: string | undefined, data: object) => {
    const file = path.join(folder, 'helper.ts');
    if (helper === undefined) rmSync(file);
    else writeFileSync(file, helper);
    writeFileSync(path.join(folder, 'data.json'), JSON.stringify(data));
  };

  it('is missed by the cell that uses it, once its file no longer has it', async () => {
    const { execute } = bind(await startIn(tmpdir()));
    for (const [use, helper, place, message] of [
      ['got + 1', noG, 'got', `Module '"./helper"' has no exported member 'g'`],
      ['({ got })', noG, 'got', `Module '"./helper"' has no exported member 'g'`],
      ['all.g', noG, 'g', "Property 'g' does not exist"],
      ['two + 1', without('export default 2;'), 'two', 'has no default export'],
      ['let b: Box;', noBox, 'Box', `Module '"./helper"' has no exported member 'Box'`],
      ['box.n + 1', noBox, 'box', `Module '"./helper"' has no exported member 'Box'`],
      ['take({ n: 1 })', noBox, 'take', `Module '"./helper"' has no exported member 'Box'`],
      ['got + 1', undefined, 'got', "Cannot find module './helper'"],
      ['data.size', HELPER, 'size', "Property 'size' does not exist"],
      ['size + 1', HELPER, 'size', "has no exported member 'size'"],
    ] as const) {
      save(HELPER, { size: 84 });
      for (const cell of [...cells, use]) expect((await execute(cell)).traceback, use).toBe('');
      save(helper, { other: 84 });
      const { reply, traceback } = await execute(use);
      expect(reply.evalue, use).toContain(message);
      expect(reply.evalue, use).toContain(`line 1, column ${use.indexOf(place) + 1}: `);
      expect(traceback).toContain(`> 1 | ${use}`);
      const isOwn = message.startsWith('Property');
      expect(traceback.includes('An earlier cell has imported'), use).toBe(!isOwn);
      // what does not use it goes on, whatever it calls its own
      const other = '({ got: 1, Box: 2 }).got + ((two: number) => two)(5)';
      expect((await execute(other)).result, use).toBe('6');
    }
  });
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
