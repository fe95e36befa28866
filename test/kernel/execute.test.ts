/** A real kernel answers, counts, publishes and aborts cells as Jupyter's protocol demands. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

describe('kernel_info', () => {
  it('names the language and the protocol', async () => {
    const info = await kernel.request('kernel_info_request', {});
    expect(info).toMatchObject({
      status: 'ok',
      language_info: { name: 'typescript', file_extension: '.ts', version: '5.0.4' },
    });
    expect(info.protocol_version).toMatch(/^5\.\d$/);
    const { name, version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    expect(info).toMatchObject({ implementation: name, implementation_version: version });
  });

  it('is answered while a cell keeps the thread busy', async () => {
    const id = await kernel.send('execute_request', {
      code: 'console.log("on"); const end = Date.now() + 1500; while (Date.now() < end) {}',
    });
    await kernel.waitForText(id, 'on');
    await kernel.request('kernel_info_request', {});
    const ended = kernel.replies.some((message) => message.parent.msg_id === id);
    expect(ended).toBe(false);
    await kernel.finish(id);
  });
});

it('says to each client that begins to listen whether a cell runs', async () => {
  const heard = async () => (await kernel.listen(2)).map(({ content }) => content);
  const id = await kernel.send('execute_request', {
    code: 'console.log("on"); await new Promise((done) => setTimeout(done, 500));',
  });
  await kernel.waitForText(id, 'on');
  expect(await heard()).toEqual([{ subscription: '' }, { execution_state: 'busy' }]);
  await kernel.finish(id);
  expect(await heard()).toEqual([{ subscription: '' }, { execution_state: 'idle' }]);
});

describe('an execution', () => {
  it('publishes busy, the input with its number, the output, idle', async () => {
    const before = await kernel.execute('0');
    const count = Number(before.reply.execution_count);
    const { published, reply } = await kernel.execute('console.log("x"); 42');
    expect(published.map(({ header }) => header.msg_type)).toEqual([
      'status',
      'execute_input',
      'stream',
      'execute_result',
      'status',
    ]);
    expect(published[1]?.content).toEqual({
      code: 'console.log("x"); 42',
      execution_count: count + 1,
    });
    expect(reply).toEqual({
      status: 'ok',
      execution_count: count + 1,
      user_expressions: {},
      payload: [],
    });
  });

  it('signs with a session of its own and quotes the request', async () => {
    const { published } = await kernel.execute('1');
    const [status] = published;
    expect(status?.header.session).not.toBe(status?.parent.session);
    expect(status?.parent.msg_type).toBe('execute_request');
  });

  it('that is silent shows and counts nothing', async () => {
    const before = await kernel.execute('0');
    const { published, reply } = await kernel.execute('7', { silent: true });
    expect(published.map(({ header }) => header.msg_type)).toEqual(['status', 'status']);
    expect(reply.status).toBe('ok');
    const after = await kernel.execute('0');
    expect(after.reply.execution_count).toBe(Number(before.reply.execution_count) + 1);
  });

  it('that is not to be stored does not count', async () => {
    const before = await kernel.execute('0');
    await kernel.execute('7', { store_history: false });
    const after = await kernel.execute('0');
    expect(after.reply.execution_count).toBe(Number(before.reply.execution_count) + 1);
    const { history } = await kernel.request('history_request', {
      hist_access_type: 'tail',
      n: 2,
      raw: true,
      output: false,
    });
    expect((history as unknown[][]).map(([, , input]) => input)).toEqual(['0', '0']);
  });

  it('answers user expressions with values and errors', async () => {
    const { reply } = await kernel.execute('const side = 4;', {
      user_expressions: { area: 'side * side', wrong: 'sides' },
    });
    expect(reply.user_expressions).toMatchObject({
      area: { status: 'ok', data: { 'text/plain': '16' } },
      wrong: { status: 'error', ename: 'TypeScriptError' },
    });
  });
});

describe('a failing cell', () => {
  it('aborts the cells that wait', async () => {
    const codes = ['await 1; throw new Error("first")', 'globalThis', '"never"'];
    const ids: string[] = [];
    for (const code of codes) ids.push(await kernel.send('execute_request', { code }));
    const [failed, ...rest] = await Promise.all(ids.map((id) => kernel.finish(id)));
    expect(failed?.reply).toMatchObject({ status: 'error', ename: 'Error', evalue: 'first' });
    for (const { reply, published } of rest) {
      expect(reply.status).toBe('aborted');
      expect(published.map(({ content }) => content.execution_state)).toEqual(['busy', 'idle']);
    }
  });

  it('aborts cells that arrived while it kept the thread busy', async () => {
    const code =
      'console.log("on"); const t = Date.now() + 500; while (Date.now() < t) {}; throw 1';
    const first = await kernel.send('execute_request', { code });
    await kernel.waitForText(first, 'on');
    const second = await kernel.send('execute_request', { code: '"never"' });
    expect((await kernel.finish(second)).reply.status).toBe('aborted');
    expect((await kernel.finish(first)).reply.status).toBe('error');
  });

  it('lets them run with stop_on_error: false', async () => {
    const first = await kernel.send('execute_request', {
      code: 'throw new Error("ignored")',
      stop_on_error: false,
    });
    const second = await kernel.send('execute_request', { code: '"goes on"' });
    expect((await kernel.finish(first)).reply.status).toBe('error');
    expect((await kernel.finish(second)).result).toBe("'goes on'");
  });

  it('does not stop cells that come after its reply', async () => {
    await kernel.execute('throw new Error("over")');
    expect((await kernel.execute('1 + 1')).result).toBe('2');
  });
});

describe('standard input', () => {
  it('fails at once instead of waiting', async () => {
    const { reply } = await kernel.execute('for await (const line of process.stdin) line;');
    expect(reply).toMatchObject({ status: 'error' });
    expect(reply.evalue).toContain('cells cannot read standard input');
  });
});

describe('process.exit()', () => {
  it('fails the cell and leaves the kernel alive', async () => {
    const { reply } = await kernel.execute('process.exit(3)');
    expect(reply.evalue).toContain('process.exit() would end the kernel');
    expect((await kernel.execute('2')).result).toBe('2');
  });
});
