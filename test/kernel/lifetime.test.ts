/** A real kernel process ends when asked, on SIGTERM or orphaned, and its children end with it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { TestKernel } from './client';

let kernel: TestKernel | undefined;
afterEach(async () => {
  await kernel?.stop();
  kernel = undefined;
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A process that nobody has waited for yet counts as ended.
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'));
}

async function waitUntilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** A cell that starts a child and shows its pid; `ignore` names a signal that the child survives. */
const startChild = (options = '', ignore = '') => `
    import { spawn } from 'node:child_process';
  const script = ${JSON.stringify(`${ignore}console.log("up"); setInterval(() => {}, 1000);`)};
  const child = spawn(process.execPath, ['-e', script], { ${options} });
  await new Promise((up) => child.stdout!.once('data', up));
  child.pid`;

it('answers a shutdown and ends, whatever timers are left', async () => {
  kernel = await TestKernel.start();
  await kernel.execute(
    'setInterval(() => {}, 1000); import("node:http").then((http) => http.createServer().listen(0));',
  );
  const reply = await kernel.request('shutdown_request', { restart: true }, 'control');
  expect(reply).toEqual({ status: 'ok', restart: true });
  expect(await kernel.ended()).toBe(0);
});

it('ends children of cells with it, and leaves detached ones alone', async () => {
  kernel = await TestKernel.start();
  const pids: number[] = [];
  for (const [options, ignore] of [
    ['', ''],
    ['', "process.on('SIGTERM', () => {});"],
    ['detached: true', ''],
  ]) {
    const { result } = await kernel.execute(startChild(options, ignore));
    pids.push(Number(result));
  }
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  await kernel.request('shutdown_request', { restart: false }, 'control');
  await kernel.ended();
  const [polite, stubborn, detached] = pids as [number, number, number];
  for (const pid of [polite, stubborn]) await waitUntilGone(pid);
  expect(isAlive(detached)).toBe(true);
  process.kill(detached, 'SIGKILL');
});

it('ends although a cell keeps its thread busy', async () => {
  kernel = await TestKernel.start();
  const id = await kernel.send('execute_request', { code: 'console.log("on"); while (true) {}' });
  await kernel.waitForText(id, 'on');
  await kernel.request('shutdown_request', { restart: false }, 'control');
  expect(await kernel.ended()).toBe('SIGKILL');
});

it('ends on SIGTERM', async () => {
  kernel = await TestKernel.start();
  await kernel.execute('1'); // before its main thread is there, the signal ends the process by itself
  kernel.process.kill('SIGTERM');
  expect(await kernel.ended()).toBe(0);
});

it('ends when the process that started it is gone', async () => {
  kernel = await TestKernel.start({ underShell: true });
  const { result } = await kernel.execute('process.pid');
  const pid = Number(result);
  expect(pid).not.toBe(kernel.process.pid);
  expect(isAlive(pid)).toBe(true);
  kernel.process.kill('SIGKILL');
  await waitUntilGone(pid);
});

it('frees what a cell held when the cell is run again', async () => {
  kernel = await TestKernel.start();
  for (let n = 0; n < 10; n++) {
    await kernel.execute('const big = new Float32Array(5e6);\nconst use = () => big[0];');
  }
  await kernel.collect();
  const { result } = await kernel.execute('process.memoryUsage().arrayBuffers');
  expect(Number(result)).toBeLessThan(3 * 20e6);
});

it('says why it cannot start', async () => {
  kernel = await TestKernel.start();
  const [program, ...args] = kernel.process.spawnargs;
  const second = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  second.stderr.on('data', (data) => {
    log += data;
  });
  const code = await new Promise((resolve) => second.once('exit', resolve));
  expect(log).toContain('Address already in use');
  expect(code).toBe(1);
});
