/** Comms carry messages and buffers both ways between a real kernel and a client on ZeroMQ. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.execute(
    "import { findKernelHost, type Comm } from '../lib/kernel/host';\nconst host = findKernelHost()!;",
  );
});
afterAll(() => kernel.stop());

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('a comm that the front end opens', () => {
  it('reaches the handler of its target, both ways and with buffers', async () => {
    await kernel.execute(`
      host.onCommOpen('echo', (comm, opened) => {
        comm.send({ opened });
        comm.onMessage((data, buffers) => comm.send({ heard: data }, buffers));
        comm.onClose((data) => console.log('closed with', data));
      });`);
    await kernel.send('comm_open', { comm_id: 'c1', target_name: 'echo', data: { hello: 1 } });
    const first = await kernel.waitForPublished(({ content }) => content.comm_id === 'c1');
    expect(first.header.msg_type).toBe('comm_msg');
    expect(first.content.data).toEqual({ opened: { hello: 1 } });

    await kernel.send('comm_msg', { comm_id: 'c1', data: { n: 2 } }, { buffers: [bytesOf('raw')] });
    const echo = await kernel.waitForPublished(
      ({ content }) => content.comm_id === 'c1' && JSON.stringify(content.data).includes('heard'),
    );
    expect(echo.content.data).toEqual({ heard: { n: 2 } });
    expect(echo.buffers.map((buffer) => Buffer.from(buffer).toString())).toEqual(['raw']);

    const info = await kernel.request('comm_info_request', { target_name: 'echo' });
    expect(info.comms).toEqual({ c1: { target_name: 'echo' } });
    await kernel.send('comm_close', { comm_id: 'c1', data: { bye: true } });
    await kernel.waitForPublished(({ content }) =>
      String(content.text).includes('closed with { bye: true }'),
    );
    expect((await kernel.request('comm_info_request', {})).comms).toEqual({});
  });

  it('prints under the cell that registered its handler', async () => {
    const id = await kernel.send('execute_request', {
      code: "host.onCommOpen('talk', (comm) => comm.onMessage(() => console.log('talked')));",
    });
    await kernel.finish(id);
    await kernel.execute('"another cell"');
    await kernel.send('comm_open', { comm_id: 'c4', target_name: 'talk', data: {} });
    await kernel.send('comm_msg', { comm_id: 'c4', data: {} });
    await kernel.waitForText(id, 'talked');
  });

  it('is closed when nobody knows its target', async () => {
    await kernel.send('comm_open', { comm_id: 'c2', target_name: 'nobody', data: {} });
    const answer = await kernel.waitForPublished(({ content }) => content.comm_id === 'c2');
    expect(answer.header.msg_type).toBe('comm_close');
  });

  it('works while a cell waits', async () => {
    await kernel.execute('let clicks = 0;');
    const id = await kernel.send('execute_request', {
      code: `host.onCommOpen('click', (comm) => comm.onMessage(() => { clicks += 1; comm.send({ clicks }); }));
             console.log('ready');
             while (clicks < 3) await new Promise((done) => setTimeout(done, 10));
             'clicked ' + clicks`,
    });
    await kernel.waitForText(id, 'ready');
    await kernel.send('comm_open', { comm_id: 'c3', target_name: 'click', data: {} });
    for (let n = 1; n <= 3; n++) {
      await kernel.send('comm_msg', { comm_id: 'c3', data: {} });
      await kernel.waitForPublished(
        ({ content }) =>
          content.comm_id === 'c3' && (content.data as { clicks?: number }).clicks === n,
      );
    }
    expect((await kernel.finish(id)).result).toBe("'clicked 3'");
  });
});

describe('a comm that a cell opens', () => {
  it('sends, receives and closes', async () => {
    const run = await kernel.execute(`
      const comm = host.openComm('panel', { size: 2 });
      comm.onMessage((data) => console.log('panel says', data));
      comm.send({ frame: 1 }, [new Uint8Array([1, 2])]);
      comm.id`);
    const id = String(run.result).replaceAll("'", '');
    expect(run.contents('comm_open')).toEqual([
      { comm_id: id, target_name: 'panel', data: { size: 2 } },
    ]);
    const sent = run.published.find(({ header }) => header.msg_type === 'comm_msg');
    expect(sent?.content).toEqual({ comm_id: id, data: { frame: 1 } });
    expect(sent?.buffers.map((buffer) => [...buffer])).toEqual([[1, 2]]);

    await kernel.send('comm_msg', { comm_id: id, data: 'hi' });
    await kernel.waitForPublished(({ content }) => String(content.text).includes('panel says hi'));
    const closing = await kernel.execute('comm.close({ over: 1 });');
    expect(closing.contents('comm_close')).toEqual([{ comm_id: id, data: { over: 1 } }]);
    const { reply } = await kernel.execute('comm.send({});');
    expect(reply.evalue).toContain('is closed');
  });

  it('fails the running cell when its handler throws', async () => {
    const id = await kernel.send('execute_request', {
      code: `const broken = host.openComm('broken');
             broken.onMessage(() => { throw new Error('handler failed'); });
             console.log(broken.id);
             await new Promise(() => {});`,
    });
    const opened = await kernel.waitForPublished(({ content }) => content.target_name === 'broken');
    await kernel.waitForText(id, String(opened.content.comm_id));
    await kernel.send('comm_msg', { comm_id: opened.content.comm_id, data: {} });
    expect((await kernel.finish(id)).reply).toMatchObject({
      status: 'error',
      evalue: 'handler failed',
    });
  });
});
