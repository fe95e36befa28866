/** A live kernel under seeded mutations of messages: it lives, stays small, and each next cell is right. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHeader, type Header, type JsonObject } from '../../lib/kernel/io/message';
import { Mt19937 } from '../../lib/random';
import { type Execution, type Frames, TestKernel } from './client';

const MESSAGES = 10_000;
/** So many messages are sent between two cells that look whether all is well. */
const ROUND = 500;

const REQUESTS: Readonly<Record<string, JsonObject>> = {
  complete_request: { code: 'proc', cursor_pos: 4 },
  inspect_request: { code: 'process', cursor_pos: 7, detail_level: 0 },
  is_complete_request: { code: 'for (;;) {' },
  history_request: { hist_access_type: 'tail', n: 3, output: true, raw: true },
  comm_info_request: { target_name: 'breakout-display' },
  comm_open: { comm_id: 'c', target_name: 'breakout-display', data: {} },
  comm_msg: { comm_id: 'c', data: { version: 2, id: 'x', type: 'press', button: 'y' } },
  comm_close: { comm_id: 'c', data: {} },
  kernel_info_request: {},
  execute_request: { code: 'void 0', silent: true, store_history: false, user_expressions: {} },
};
const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  1e300,
  '',
  '\ud83d',
  'x'.repeat(50_000),
  [],
  {},
  { toString: 1 },
];

let kernel: TestKernel;
let random: Mt19937;
beforeAll(async () => {
  kernel = await TestKernel.start();
  random = new Mt19937(17);
});
afterAll(() => kernel.stop());

const below = (count: number) => Math.floor(random.nextDouble() * count);
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;

/** A copy in which one value, at any depth, is another one, is gone, or is joined by one. */
function mutate(value: JsonObject): JsonObject {
  const entries = Object.entries(value);
  const at = below(entries.length + 1);
  if (at === entries.length)
    return { ...value, [pick(['code', 'data', '__proto__', 'x'])]: pick(ODD) };
  const [key, old] = entries[at]!;
  const { [key]: _gone, ...rest } = value;
  if (below(4) === 0) return rest;
  const inner = typeof old === 'object' && old !== null && below(2) === 0;
  return { ...rest, [key]: inner ? mutate(old as JsonObject) : pick(ODD) };
}

/** A message that is signed, with odd values in its header or content. */
function signed(): Frames {
  const [msgType, content] = pick(Object.entries(REQUESTS));
  const header = { ...createHeader(msgType, 'fuzz') };
  const isHeader = below(4) === 0;
  return kernel.framesOf({
    header: (isHeader ? mutate(header) : header) as unknown as Header,
    content: isHeader ? content : mutate(content),
  });
}

/** A signed message's frames with bytes flipped, cut, lost, doubled or in another order. */
function broken(): Frames {
  const frames = signed().map((frame) => Buffer.from(frame as string));
  const at = below(frames.length);
  const frame = frames[at]!;
  const ways = [
    () => frame.length > 0 && frame.writeUInt8(below(256), below(frame.length)),
    () => frames.splice(at, 1, frame.subarray(0, below(frame.length + 1))),
    () => frames.splice(at, 1),
    () => frames.splice(at, 0, frame),
    () => frames.splice(below(frames.length), 1, frame),
  ];
  pick(ways)();
  return frames.length > 0 ? frames : [''];
}

/** Runs a cell; again where it is refused, as cells are that wait behind one that fails. */
async function execute(code: string): Promise<Execution> {
  const ended = await kernel.execute(code);
  return ended.reply.status === 'aborted' ? execute(code) : ended;
}

function megabytes(): number {
  const status = readFileSync(`/proc/${kernel.process.pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
}

describe.runIf(process.platform === 'linux')('a live kernel', () => {
  it.each([
    ['broken', broken],
    ['signed and odd', signed],
  ])('bears 10,000 messages that are %s', async (kind, make) => {
    const sizes: number[] = [];
    for (let sent = 0; sent < MESSAGES; sent += ROUND) {
      for (let n = 0; n < ROUND; n++) await kernel.sendFrames(make());
      const { result, contents, traceback } = await execute(`${sent} + 1`);
      expect([result, contents('stream'), traceback]).toEqual([`${sent + 1}`, [], '']);
      sizes.push(megabytes());
    }
    const dropped = kernel.log.match(/(\d+) messages dropped/g)?.at(-1);
    console.log(`${kind}: ${MESSAGES} sent, ${dropped}, MB: ${sizes.join(' ')}`);
    expect(kernel.log.length).toBeLessThan(1e6);
    expect(sizes.at(-1)).toBeLessThan(sizes[0]! + 200);
  });
});
