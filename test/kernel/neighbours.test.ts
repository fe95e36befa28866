/** What reaches the kernel's sockets without sense or signature is dropped and counted, and touches no cell. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Dealer, Request } from 'zeromq';
import { createHeader, type Header } from '../../lib/kernel/io/message';
import { type Frames, TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
}, 120_000);
afterAll(() => kernel.stop());

/** The next cell gets its value and shows nothing else. */
async function expectCleanCell(): Promise<void> {
  const { result, contents, reply } = await kernel.execute('6 * 7');
  expect([reply.status, result, contents('stream')]).toEqual(['ok', '42', []]);
}

it('drops a flood of broken and unsigned messages, in four lines of its log', async () => {
  const cell = await kernel.send('execute_request', {
    code: 'await new Promise((resolve) => setTimeout(resolve, 3000));',
  });
  const code = 'console.log("mallory")';
  const unsigned = kernel.framesOf({
    header: createHeader('execute_request', 'mallory'),
    content: { code },
  });
  const kinds: Frames[] = [
    ['garbage'],
    ['<IDS|MSG>', ''],
    unsigned.with(1, ''),
    unsigned.with(1, 'f'.repeat(64)),
    ['<IDS|MSG>', 'x'.repeat(100_000), '{}', '{}', '{}', '{}'],
  ];
  for (let n = 0; n < 3000; n++) await kernel.sendFrames(kinds[n % kinds.length]!);
  const { contents } = await kernel.finish(cell);
  expect(contents('stream')).toEqual([]);
  await expectCleanCell();
  const lines = kernel.log.split('\n').filter((line) => line.includes('dropped'));
  expect(lines.map((line) => /\d+/.exec(line)?.[0])).toEqual(['1', '10', '100', '1000']);
  expect(lines.join().length).toBeLessThan(2000);
});

it('echoes a heartbeat, also after what is none', async () => {
  const [stranger, client] = [new Dealer({ linger: 0 }), new Request({ linger: 0 })];
  for (const socket of [stranger, client]) socket.connect(kernel.heartbeatAddress);
  for (const frames of [['a'], ['', 'x'], ['a', '', 'x'], ['']]) await stranger.send(frames);
  for (const beat of ['ping', '']) {
    await client.send(beat);
    expect(String(await client.receive())).toBe(beat);
  }
  for (const socket of [stranger, client]) socket.close();
  await expectCleanCell();
});

it.each([
  ['no type', { msg_type: undefined }, {}],
  ['a type that is no text', { msg_type: 7 }, {}],
  ['no id', { msg_type: 'execute_request', msg_id: undefined }, { code: '1' }],
])('drops a signed message that has %s', async (_title, edits, content) => {
  const header = { ...createHeader('none', 'odd'), ...edits } as unknown as Header;
  await kernel.sendFrames(kernel.framesOf({ header, content }));
  await expectCleanCell();
});

it.each([
  ['complete_request', { code: { toString: 1 }, cursor_pos: -1 }],
  ['inspect_request', { code: { toString: null } }],
  ['is_complete_request', { code: { valueOf: 1, toString: 2 } }],
  ['history_request', { hist_access_type: 'search', pattern: { toString: 0 } }],
  ['history_request', { hist_access_type: 'range', session: 0, start: { valueOf: 0 } }],
  ['execute_request', { code: { toString: 1 } }],
  ['execute_request', { code: 7, silent: true }],
])('answers %s with an error when its content makes no sense', async (msgType, content) => {
  const reply = await kernel.request(msgType, content);
  expect(reply).toMatchObject({
    status: 'error',
    evalue: expect.stringMatching(/ must be a (?:text|number), got /),
  });
  await expectCleanCell();
});

it.each(['comm_open', 'comm_msg'])('lets no cell fail of an odd %s', async (msgType) => {
  await kernel.send(msgType, { comm_id: { toString: 1 }, target_name: { toString: 1 } });
  await expectCleanCell();
});
