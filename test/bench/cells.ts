/**
 * Loops in a cell beside the same loops in plain Node, at the top level and in a function.
 *
 *     npm run bench -- cells
 *
 * Rounds are interleaved. Each is a process of Node that runs the code as an ES module, and a cell of one
 * kernel; both measure themselves. The last line is JSON: the median ratios of the kernel's time to Node's.
 */
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { TestKernel } from '../kernel/client';
import { median, printResult, runBench } from './peer';

const ROUNDS = 7;

/** Each declares its names anew, which a cell may. */
const LOOPS: Readonly<Record<string, string>> = {
  emptyTopLevel: 'for (let i = 0; i < 1e8; i++) {}',
  sumTopLevel: 'let sum = 0; for (let i = 0; i < 1e8; i++) sum += i % 7;',
  longTopLevel: 'let long = 0; for (let i = 0; i < 1e9; i++) { long += i & 1; }',
  sharedTopLevel: 'for (let i = 0; i < many; i++) shared += i % 7;',
  arrayTopLevel:
    'const xs = new Float64Array(1e6); let all = 0; for (let r = 0; r < 100; r++) for (let i = 0; i < xs.length; i++) { xs[i] += i; all += xs[i]; }',
  sumInFunction:
    'function work(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; } work(1e8);',
  arrayInFunction:
    'function fill(n) { const a = []; for (let i = 0; i < n; i++) a.push(i * 2); let s = 0; for (const x of a) s += x; return s; } for (let r = 0; r < 10; r++) fill(1e6);',
};

/** What a cell before has declared. */
const SHARED = 'let shared = 0; const many = 1e8;';

/** The code with a last line that is the milliseconds it took. */
const timed = (code: string) =>
  `const begin = performance.now();\n${code}\nconst ms = performance.now() - begin;`;

function inNode(code: string): number {
  const args = ['--input-type=module', '-e', `${SHARED}\n${timed(code)}\nconsole.log(ms);`];
  return Number(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
}

async function inCell(kernel: TestKernel, code: string): Promise<number> {
  const typed = code.replace('(n)', '(n: number)').replace('a = []', 'a: number[] = []');
  const { result, traceback } = await kernel.execute(`${timed(typed)}\nms`);
  if (result === undefined) throw new Error(traceback);
  return Number(result);
}

runBench(async () => {
  const kernel = await TestKernel.start();
  const ratios: Record<string, number> = {};
  try {
    await kernel.execute(SHARED);
    for (const [name, code] of Object.entries(LOOPS)) {
      const node: number[] = [];
      const cell: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        node.push(inNode(code));
        cell.push(await inCell(kernel, code));
      }
      const each = cell.map((ms, i) => ms / node[i]!).sort((a, b) => a - b);
      ratios[name] = median(cell) / median(node);
      console.log(
        `${name}: node ${median(node).toFixed(0)} ms, cell ${median(cell).toFixed(0)} ms, ratio ` +
          `${ratios[name]!.toFixed(2)} (rounds ${each[0]!.toFixed(2)} to ${each.at(-1)!.toFixed(2)}), load ${loadavg()[0]!.toFixed(1)}`,
      );
    }
  } finally {
    await kernel.stop();
  }
  printResult(ratios);
});
