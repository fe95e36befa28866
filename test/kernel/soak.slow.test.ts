/** A kernel that is used for a long time stays as large as it was, and restarts leave nothing behind. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Mt19937 } from '../../lib/random';
import { TestKernel } from './client';

const CELLS = 2000;
const INTERRUPTS = 200;
const RESTARTS = 100;

/** Resident memory of a process in MB. */
function sizeOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
}

/** The same of a kernel after a collection. */
async function collectedSizeOf(kernel: TestKernel): Promise<number> {
  await kernel.collect();
  return sizeOf(kernel.process.pid!);
}

const isAlive = (pid: number) => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** Small cells of four kinds, with 50 names that come again, and the value of each. */
const SMALL: readonly ((n: number) => readonly [code: string, value: string | undefined])[] = [
  (n) => [`const a${n % 50} = ${n}; a${n % 50} + 1`, `${n + 1}`],
  (n) => [`console.log('cell ${n}')`, undefined],
  (n) => [`function f${n % 50}(x: number) { return x * ${n}; }\nf${n % 50}(2)`, `${2 * n}`],
  (n) => [`await new Promise((resolve) => setTimeout(resolve, 1));\n[${n}].length`, '1'],
];

describe.runIf(process.platform === 'linux')('a kernel', () => {
  it('runs 2,000 cells in the memory of the first hundreds', async () => {
    const kernel = await TestKernel.start();
    const sizes: number[] = [];
    for (let n = 0; n < CELLS; n++) {
      const [code, value] = SMALL[n % SMALL.length]!(n);
      expect((await kernel.execute(code)).result).toBe(value);
      kernel.published.length = 0;
      kernel.replies.length = 0;
      if (n % 200 === 199) sizes.push(await collectedSizeOf(kernel));
    }
    console.log(`MB after each 200 cells: ${sizes.join(' ')}`);
    await kernel.stop();
    expect(sizes.at(-1)).toBeLessThan(sizes[2]! + 40);
  });

  it('is right after each of 200 interrupts at random moments', async () => {
    const random = new Mt19937(3);
    const kernel = await TestKernel.start();
    const endless = [
      'while (true) {}',
      'await new Promise(() => {});',
      'for await (const _ of (async function* () { for (;;) yield 1; })()) {}',
    ];
    const sizes: number[] = [];
    for (let n = 0; n < INTERRUPTS; n++) {
      const id = await kernel.send('execute_request', { code: endless[n % endless.length]! });
      await setTimeout(300 * random.nextDouble());
      await kernel.waitForPublished(
        ({ header, parent }) => header.msg_type === 'execute_input' && parent.msg_id === id,
      );
      await kernel.request('interrupt_request', {}, 'control');
      expect((await kernel.finish(id)).reply.status).toBe('error');
      expect((await kernel.execute(`${n} + 1`)).result).toBe(`${n + 1}`);
      if (n % 50 === 49) sizes.push(await collectedSizeOf(kernel));
    }
    console.log(`MB after each 50 interrupts: ${sizes.join(' ')}`);
    await kernel.stop();
    expect(sizes.at(-1)).toBeLessThan(sizes[0]! + 60);
  });

  it('leaves no process behind in 100 restarts, with a child and with an endless cell', async () => {
    const sizes: number[] = [];
    for (let n = 0; n < RESTARTS; n++) {
      const kernel = await TestKernel.start();
      const child = `require('node:child_process').spawn('sleep', ['600']).pid`;
      const pids = [kernel.process.pid!, Number((await kernel.execute(child)).result)];
      sizes.push(sizeOf(pids[0]!));
      if (n % 2 === 1) await kernel.send('execute_request', { code: 'while (true) {}' });
      await kernel.request('shutdown_request', { restart: true }, 'control');
      await kernel.stop();
      await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    }
    console.log(`MB of each kernel: ${Math.min(...sizes)} to ${Math.max(...sizes)}`);
    expect(Math.max(...sizes)).toBeLessThan(Math.min(...sizes) + 60);
  });
});
