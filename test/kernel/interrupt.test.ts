/** An interrupt of a real kernel, by message or SIGINT, ends any cell and spares later ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOfTest } from '../helpers/folder';
import { TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.execute(
    "import { findKernelHost } from '../lib/kernel/host';\nconst host = findKernelHost()!;",
  );
});
afterAll(() => kernel.stop());

/** Starts a cell and waits until it has printed `on`. */
async function start(code: string): Promise<string> {
  const id = await kernel.send('execute_request', { code });
  await kernel.waitForText(id, 'on');
  return id;
}

const byMessage = async () => {
  const reply = await kernel.request('interrupt_request', {}, 'control');
  expect(reply.status).toBe('ok');
};
const bySignal = async () => {
  process.kill(kernel.process.pid!, 'SIGINT');
};

/** A sleep that a cell awaits. */
const SLEEP = 'await new Promise((done) => setTimeout(done, 10));';
/** Says so after the cell's synchronous part, in which SIGINT leaves it no choice. */
const ON_LATER = `${SLEEP} console.log('on');`;

describe.each([
  ['interrupt_request', byMessage],
  ['SIGINT', bySignal],
])('%s', (_name, interrupt) => {
  it('aborts the signal of a cell that took it; the cell ends by itself', async () => {
    const id = await start(`
      const signal = host.interruptSignal();
      ${ON_LATER}
      while (!signal.aborted) ${SLEEP}
      'ended by itself'`);
    await interrupt();
    expect((await kernel.finish(id)).result).toBe("'ended by itself'");
  });

  it('cuts such a cell off at the second time', async () => {
    const id = await start(`
      host.interruptSignal().addEventListener('abort', () => console.log('heard'));
      ${ON_LATER}
      for (;;) ${SLEEP}`);
    await interrupt();
    await kernel.waitForText(id, 'heard');
    await interrupt();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
  });

  it('fails an awaiting cell at once', async () => {
    const id = await start(`${ON_LATER} await new Promise(() => {});`);
    await interrupt();
    const { reply } = await kernel.finish(id);
    expect(reply).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });
    expect((await kernel.execute('1 + 1')).result).toBe('2');
  });

  it('breaks an endless loop', async () => {
    const id = await start("console.log('on'); while (true) {}");
    await interrupt();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    expect((await kernel.execute('1 + 1')).result).toBe('2');
  });

  it('breaks endless synchronous code that has no loop of a cell', async () => {
    const id = await start(
      "console.log('on'); Array.from({ length: 2 ** 32 - 1 }, () => 'x'.repeat(3)).length;",
    );
    await interrupt();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
  });

  it('stops the cells that wait', async () => {
    const id = await start(`${ON_LATER} await new Promise(() => {});`);
    const next = await kernel.send('execute_request', { code: '"never"' });
    await interrupt();
    expect((await kernel.finish(next)).reply.status).toBe('aborted');
    await kernel.finish(id);
  });

  it('does nothing when no cell runs', async () => {
    await interrupt();
    expect((await kernel.execute('"still here"')).result).toBe("'still here'");
  });
});

describe('interrupt_request', () => {
  const LATER = "await null; console.log('on');";
  it.each([
    ['a loop in a function of an earlier cell', `${SLEEP} spin();`],
    [
      'a loop after reading a file',
      "await readFile('tsconfig.json'); console.log('on'); for (;;) {}",
    ],
    [
      'a loop in a timer',
      "await new Promise(() => setTimeout(() => { console.log('on'); for (;;) {} }, 5));",
    ],
    ['a regular expression', `${LATER} /^(a+)+$/.test('a'.repeat(32) + 'b')`],
    [
      'a chain of promises',
      `${LATER} const next = (): Promise<void> => Promise.resolve().then(next); await next();`,
    ],
    [
      'a chain of ticks',
      `${LATER} const tick = () => process.nextTick(tick); tick(); await new Promise(() => {});`,
    ],
    ['a wait', `${LATER} Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`],
    ['a sort', `${LATER} for (;;) Array.from({ length: 1e5 }, Math.random).sort((a, b) => a - b);`],
    ['a wait for a child', "console.log('on'); execSync('sleep 60');"],
    ['a wait for a child after an await', `${LATER} execSync('sleep 60');`],
    [
      'what shows the last line',
      `${LATER} ({ get [Symbol.for('Jupyter.display')]() { for (;;) {} } })`,
    ],
  ])('breaks %s within 2 s and keeps the variables', async (_, code) => {
    await kernel.execute(
      "import { execSync } from 'node:child_process'; import { readFile } from 'node:fs/promises';\n" +
        "let kept = 7; function spin() { console.log('on'); for (;;) { kept = 8; } }",
    );
    const id = await start(code);
    const begin = performance.now();
    await byMessage();
    const { reply } = await kernel.finish(id);
    expect(performance.now() - begin).toBeLessThan(2_000);
    expect(reply.ename).toBe('KeyboardInterrupt');
    expect((await kernel.execute('kept > 6')).result).toBe('true');
  });

  it('reaches a child that floods, and leaves little of the flood', async () => {
    const memory = () =>
      Number(
        /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${kernel.process.pid}/status`, 'utf8'))?.[1],
      );
    const before = memory();
    const code = "require('node:child_process').execSync('yes on', { stdio: 'inherit' });";
    const id = await start(code);
    await new Promise((done) => setTimeout(done, 500));
    const begin = performance.now();
    await byMessage();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    expect(performance.now() - begin).toBeLessThan(2_000);
    expect(memory() - before).toBeLessThan(300_000); // kB
    expect((await kernel.execute('1 + 1')).result).toBe('2');
  });

  it('breaks what shows an error', async () => {
    const id = await start(
      "console.log('on'); throw { stack: 'x', get message() { for (;;) {} } };",
    );
    await byMessage();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    expect((await kernel.execute('1 + 1')).result).toBe('2');
  });

  it('leaves no module half loaded', async () => {
    const file = path.join(folderOfTest(), 'slow.cjs');
    const loop = "if (!globalThis.isFast) { console.log('on'); for (;;) {} }";
    writeFileSync(file, `${loop} exports.ready = 7;`);
    const code = `require(${JSON.stringify(file)}).ready`;
    const id = await start(code);
    await byMessage();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    expect(
      (await kernel.execute(`Object.assign(globalThis, { isFast: true }); ${code}`)).result,
    ).toBe('7');
  });

  it('ends the calls of TensorFlow.js', async () => {
    await kernel.execute(`
      import * as tf from '@tensorflow/tfjs';
      const weights = tf.variable(tf.ones([256, 256]));
      const optimizer = tf.train.sgd(0);
      const tensors = tf.memory().numTensors;`);
    const id = await start(`
      console.log('on');
      for (;;) optimizer.minimize(() => weights.matMul(weights as tf.Tensor2D).sum() as tf.Scalar);`);
    await byMessage();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    const { result } = await kernel.execute(`
      const loss = optimizer.minimize(() => weights.sum() as tf.Scalar, true)!;
      [loss.dataSync()[0], tf.memory().numTensors - tensors]`);
    // the loss; what the broken call had saved, and not yet noted for a gradient, is lost
    expect(result).toMatch(/^\[ 65536, [1-4] \]$/);
  });

  it('reaches a cell that is being compiled once that is done, and spares the next', async () => {
    const fresh = await TestKernel.start();
    await fresh.execute('1');
    // Each type of the union is compared with each other one.
    const types = Array.from({ length: 1200 }, (_, i) => `{ a${i % 7}: ${i}; b: [${i}] }`);
    const id = await fresh.send('execute_request', {
      code: `type U = ${types.join(' | ')};\nlet u!: U; let v: U = u as any as Exclude<U, never>; console.log('ran');`,
    });
    await new Promise((done) => setTimeout(done, 200)); // by now it is there
    await fresh.request('interrupt_request', {}, 'control');
    const { reply, text } = await fresh.finish(id);
    expect(reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    expect(text('stdout')).toBe('');
    expect((await fresh.execute('1 + 1')).result).toBe('2');
    await fresh.stop();
  });

  it('tells children that a cell awaits', async () => {
    const id = await start(`
      const child = require('node:child_process').spawn('sleep', ['60']);
      child.on('spawn', () => console.log('on'));
      await new Promise(() => {});`);
    await byMessage();
    await kernel.finish(id);
    expect((await kernel.execute(`${SLEEP} child.signalCode`)).result).toBe("'SIGINT'");
  });

  it('says at the second time that native code only ends by itself', async () => {
    const id = await start(
      "console.log('on'); require('node:child_process').execSync('trap \"\" INT; sleep 6');",
    );
    await byMessage();
    await byMessage();
    await kernel.waitForText(id, 'Restart Kernel');
    await kernel.finish(id);
  });
});

describe('callbacks of setImmediate', () => {
  // each waits for the same turn of the event loop
  const BROKEN = "console.log('on'); for (;;) {}";
  const OTHER = 'ran += 1;';
  it.each([
    ['the first', [BROKEN, OTHER, OTHER]],
    ['one in the middle', [OTHER, BROKEN, OTHER]],
    ['the last', [OTHER, OTHER, BROKEN]],
  ])('all run but %s of a turn, which is interrupted', async (_name, callbacks) => {
    const immediates = callbacks.map((body) => `setImmediate(() => { ${body} });`).join('\n');
    const id = await start(`let ran = 0;\n${immediates}\nawait new Promise(() => {});`);
    await byMessage();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    const { result } = await kernel.execute(`
      const before = performance.eventLoopUtilization();
      await new Promise((done) => setTimeout(done, 500));
      const { utilization } = performance.eventLoopUtilization(before);
      [ran, utilization < 0.9]`);
    expect(result).toBe('[ 2, true ]'); // nor does the event loop turn without a pause
  });

  it('go on beside an endless loop that is interrupted', async () => {
    await kernel.execute(`
      const turns = [0, 0, 0];
      let going = true;
      const chain = (each: number): void => { turns[each]! += 1; if (going) setImmediate(chain, each); };
      for (let each = 0; each < 3; each++) chain(each);`);
    for (let time = 0; time < 5; time++) {
      const id = await start("console.log('on'); while (true as boolean) {}");
      await byMessage();
      expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
      const { result } = await kernel.execute(`
        const from = [...turns];
        await new Promise((done) => setTimeout(done, 300));
        turns.filter((count, each) => count > from[each]!).length`);
      expect(result).toBe('3');
    }
    await kernel.execute('going = false;');
  });

  it('of an earlier cell may be what an Interrupt of the next one finds', async () => {
    await kernel.execute(`
      let slow = true;
      const compute = (): void => {
        const end = Date.now() + 450;
        while (Date.now() < end) {}
        if (slow) setImmediate(compute);
      };
      compute();`);
    for (let time = 0; time < 3; time++) {
      const id = await kernel.send('execute_request', { code: 'while (true as boolean) {}' });
      await new Promise((done) => setTimeout(done, 200 * time));
      await byMessage();
      expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    }
    expect((await kernel.execute('slow = false; 1 + 1')).result).toBe('2');
  });
});

describe('what a cut-off cell still does', () => {
  it('stops at its next loop turn', async () => {
    await kernel.execute('let turns = 0;');
    const id = await start(`console.log('on'); for (;;) { turns += 1; ${SLEEP} }`);
    await byMessage();
    await kernel.finish(id);
    const { result } = await kernel.execute(
      'const before = turns; await new Promise((done) => setTimeout(done, 200)); turns - before',
    );
    expect(Number(result)).toBeLessThanOrEqual(1);
  });

  it('does not hold up what later cells do with what it has opened', async () => {
    const id = await start(`
      const heard: string[] = [];
      const server = require('node:http').createServer().listen(0, '127.0.0.1');
      const echo = new (require('node:worker_threads').Worker)(
        "const { parentPort: port } = require('node:worker_threads'); port.on('message', (m) => port.postMessage(m));",
        { eval: true });
      ${ON_LATER}
      await new Promise(() => {});`);
    await byMessage();
    await kernel.finish(id);
    const { result, text, traceback } = await kernel.execute(`
      server.on('request', (_: unknown, response: any) => { heard.push('request'); console.log('asked'); response.end('hi'); });
      const reply = new Promise((done) => echo.on('message', (message: string) => { heard.push(message); done(0); }));
      echo.postMessage('echo');
      await reply;
      const answer = await (await fetch('http://127.0.0.1:' + server.address().port)).text();
      server.close();
      await echo.terminate();
      [answer, ...heard]`);
    expect(traceback).toBe('');
    expect(result).toBe("[ 'hi', 'echo', 'request' ]");
    expect(text('stdout')).toBe('asked\n');
  });

  it('changes neither the variables nor the outputs of later cells', async () => {
    await kernel.execute('let shared = "untouched"; let release = () => {};');
    const id = await start(`
      let own = 'first';
      console.log('on');
      await new Promise<void>((done) => { release = done; });
      own = 'late'; shared = 'late';
      console.log('late output');
      throw new Error('late error');`);
    await byMessage();
    await kernel.finish(id);
    const later = await kernel.execute(`release(); ${SLEEP} [own, shared]`);
    expect(later.result).toBe("[ 'first', 'untouched' ]");
    expect(later.published.some(({ content }) => String(content.text).includes('late'))).toBe(
      false,
    );
    expect((await kernel.finish(id)).text('stdout')).toBe('on\n');
    expect((await kernel.execute('"fine"')).result).toBe("'fine'");
  });
});
