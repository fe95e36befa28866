import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  it('breaks an endless loop after an await, also in a function of an earlier cell', async () => {
    await kernel.execute("function spin() { console.log('on'); for (;;) { void 0; } }");
    const id = await start(`${SLEEP} spin();`);
    await byMessage();
    expect((await kernel.finish(id)).reply).toMatchObject({ ename: 'KeyboardInterrupt' });
    expect((await kernel.execute('1 + 1')).result).toBe('2');
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
