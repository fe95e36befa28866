/** Loops at a cell's top level do what they do in plain Node, fast or not. */
import { inspect } from 'node:util';
import { runInThisContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

/** Each ends with an expression; the braces make its names its own in plain Node. */
const CODE: readonly (readonly [what: string, code: string])[] = [
  [
    'sums',
    'let a = 0, t = 0;\nfor (let i = 0; i < 200000; i++) { if (i % 2) continue; a += i; t++; }\n[a, t]',
  ],
  [
    'nested loops with labels',
    'let p = 0;\nfor (let i = 0; i < 9; i++) { inner: for (let j = 0; j < 99999; j++) { for (let k = 0; k < 3; k++) { p += i; if (j > i) break inner; } } }\np',
  ],
  [
    'while and do',
    'let left = 3, seen = 0;\nwhile (left > 0) { left--; seen += left; }\ndo { seen += 2; left++; } while (left < 3);\n[left, seen]',
  ],
  [
    'text, bigints, bytes and Math',
    'let q = 1n, r = "";\nconst bytes = Uint8Array.of(1, 2, 255);\nlet most = 0;\nfor (let i = 0; i < bytes.length; i++) { q *= 3n; r += bytes[i]; most = Math.max(most, bytes[i]); bytes[i] += most; }\n[q, r, bytes, most]',
  ],
  [
    'a copy hidden by a name of the loop',
    'let x = 1, y = 0;\nfor (let i = 0; i < 3; i++) { { let x = 10; y += x; } x += 1; }\n[x, y]',
  ],
  [
    'a function that looks',
    'let m = 3, saw = 0;\nconst see = () => m;\nwhile (m > 0) { m--; saw += see(); }\n[m, saw]',
  ],
  [
    'a getter',
    'let g = 0;\nconst log = [0], box = { get v() { log.push(g); return 1; } };\nfor (let i = 0; i < 3; i++) { g += 1; g += box.v; }\n[g, log]',
  ],
  [
    'valueOf',
    'let v = 0, w = 0;\nconst look = { valueOf() { v += 100; return 1; } };\nfor (let i = 0; i < 2; i++) { v++; // @ts-ignore\nw += look * 1; }\n[v, w]',
  ],
  [
    'valueOf of an element',
    'let u = 0, z = 0;\nconst list = [{ valueOf: () => { u += 100; return 1; } }];\nfor (let i = 0; i < 2; i++) { u++; z += +list[0]; }\n[u, z]',
  ],
  [
    'toString in a template',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code of a cell
    "let n = 0, s = '';\nconst seen = [0], word = { toString() { seen.push(n); return 'w'; } };\nfor (let i = 0; i < 2; i++) { n++; s += `${word}`; }\n[n, s, seen]",
  ],
  [
    'a Math of its own',
    'let h = 0, e = 0;\nconst was = Math.random;\nMath.random = () => { h += 10; return 1; };\nfor (let i = 0; i < 2; i++) { h++; e += Math.random(); }\nMath.random = was;\n[h, e]',
  ],
  [
    'an exception',
    'let b = 0, caught = "";\nconst wrong = 1n;\n// @ts-ignore\ntry { for (let i = 0; i < 5; i++) { b++; if (i === 3) b += wrong; } } catch (error) { caught = error.message; }\n[b, caught]',
  ],
];

function inNode(code: string): string {
  const lines = code.split('\n');
  const last = lines.pop();
  return inspect(runInThisContext(`'use strict'; { ${lines.join('\n')}; (${last}); }`));
}

it.each(CODE)('%s', async (_, code) => {
  const { result, traceback } = await kernel.execute(code);
  expect(traceback).toBe('');
  expect(result).toBe(inNode(code));
});

it.each(CODE)('%s, with the variables of another cell', async (_, code) => {
  const [declarations, ...loops] = code.split('\n');
  expect((await kernel.execute(declarations!)).traceback).toBe('');
  const { result, traceback } = await kernel.execute(loops.join('\n'));
  expect(traceback).toBe('');
  expect(result).toBe(inNode(code));
});

it('lists, and bounds that are only read, of another cell', async () => {
  await kernel.execute(
    'const xs = Float64Array.from({ length: 100 }, (_, i) => i); const few = 7; let total = 0; let never: number;',
  );
  const { result, traceback } = await kernel.execute(
    'for (let i = 0; i < xs.length; i++) xs[i] *= few;\nfor (let i = 0; i < few; i++) total += xs[i];\n[total, xs[99]]',
  );
  expect(traceback).toBe('');
  expect(result).toBe(inspect([7 * 21, 7 * 99]));
});

it('a name whose cell failed before it throws only where it is read', async () => {
  await kernel.execute("let sum3 = 0; throw new Error('early'); let unset = 3;");
  expect((await kernel.execute('for (let i = 0; i < 0; i++) sum3 += unset; sum3')).result).toBe(
    '0',
  );
});

it('an interrupt keeps what was counted', async () => {
  const start = "let turns = 0;\nconsole.log('on');\nfor (let i = 0; i < 1e15; i++) turns += 1;";
  const id = await kernel.send('execute_request', { code: start });
  await kernel.waitForText(id, 'on');
  await kernel.request('interrupt_request', {}, 'control');
  expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
  expect(Number((await kernel.execute('turns')).result)).toBeGreaterThan(0);
});
