/** Commands and replies cross a real socket, and those of another version are refused. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Command,
  type CommandHandlers,
  obey,
  readStartMessage,
  sendCommand,
} from '../../../lib/runs/control/messages';
import { type Control, openControl } from '../../../lib/runs/control/ownership';
import { pathsIn, type RunPaths } from '../../../lib/runs/record/folder';
import { emptyStatus } from '../../../lib/runs/record/status';
import { folderOfTest } from '../../helpers/folder';

const status = { ...emptyStatus('toy'), state: 'running' } as const;
const image = { width: 4, height: 2, base64: 'AAEC' };
const REPLIES = {
  status,
  pause: status,
  resume: status,
  stop: status,
  checkpoint: '/a/folder',
  set: status,
  picture: image,
  gif: { ...image, frameCount: 3, delayMs: 70 },
};

/** Answers as it should, and keeps what it was asked for. */
function createHandlers(): { handlers: CommandHandlers; asked: unknown[] } {
  const asked: unknown[] = [];
  const handler = (name: Command) => (request: unknown) => {
    asked.push([name, request]);
    return REPLIES[name];
  };
  const names = Object.keys(REPLIES) as Command[];
  const handlers = Object.fromEntries(names.map((name) => [name, handler(name)]));
  return { handlers: handlers as unknown as CommandHandlers, asked };
}

let paths: RunPaths;
let control: Control | undefined;
beforeEach(() => {
  paths = pathsIn(folderOfTest(), 'toy');
});
afterEach(async () => {
  await control?.close();
});

test('each command reaches the method of its name, and its reply comes back', async () => {
  const { handlers, asked } = createHandlers();
  control = await openControl({ paths, handle: (request) => obey(handlers, request) });
  const values = {
    learningRate: 1e-4,
    solvedReturn: null,
    doubleDqn: true,
    engine: 'native',
  } as const;
  const requests = [
    ...(['status', 'pause', 'resume', 'stop', 'checkpoint', 'picture'] as const).map((command) => ({
      command,
    })),
    { command: 'set', values },
    { command: 'gif', steps: 7 },
  ] as const;
  for (const request of requests) {
    expect(await sendCommand(paths, request)).toEqual(REPLIES[request.command]);
    expect(asked.pop()).toEqual([request.command, expect.objectContaining(request)]);
  }
  expect(requests).toHaveLength(Object.keys(REPLIES).length);
});

test.each([
  [{ command: 'fly' }, 'there is no command fly, expected one of status, pause, '],
  [{ command: 'toString' }, 'there is no command toString'],
  [{ command: 'gif' }, 'gif: steps must be a number, got undefined'],
  [{ command: 'gif', steps: '7' }, "gif: steps must be a number, got '7'"],
  [{ command: 'set' }, 'set: values must be an object, got undefined'],
  [{ command: 'set', values: [1] }, 'set: values must be an object, got \\[1\\]'],
])('a wrong request is refused with what was expected: %j', async (request, message) => {
  const { handlers, asked } = createHandlers();
  await expect(obey(handlers, request)).rejects.toThrow(new RegExp(`^${message}`));
  expect(asked).toEqual([]);
});

test("version 0.1.0's name of set is understood", async () => {
  const { handlers, asked } = createHandlers();
  await obey(handlers, { command: 'change', values: { learningRate: 1 } });
  expect(asked).toEqual([['set', expect.objectContaining({ values: { learningRate: 1 } })]]);
});

test.each([
  ['status', { ...status, newField: 1 }, undefined],
  [
    'status',
    { ...status, state: 'dreaming' },
    "status: state must be one of starting, .* got 'dreaming'",
  ],
  [
    'status',
    { ...status, meanReturn: undefined },
    'status: meanReturn must be a number or null, got',
  ],
  ['status', { ...status, message: 3 }, 'status: message must be a text or null, got 3'],
  ['checkpoint', null, 'checkpoint must be a text, got null'],
  ['picture', 'PNG', "picture must be an object, got 'PNG'"],
  ['picture', { ...image, base64: 1 }, 'picture: base64 must be a text, got 1'],
] as const)('a reply of %s is checked: %j', async (command, reply, message) => {
  control = await openControl({ paths, handle: async () => reply });
  const sent = sendCommand(paths, { command });
  if (message === undefined) expect(await sent).toEqual(reply);
  else await expect(sent).rejects.toThrow(new RegExp(`the reply to ${message}.* another version`));
});

test('a process of version 0.1.0 that does not know a command is named as of another version', async () => {
  const handle = async ({ command }: { command: string }) => {
    throw new Error(`there is no command ${command}`);
  };
  control = await openControl({ paths, handle });
  await expect(sendCommand(paths, { command: 'set', values: {} })).rejects.toThrow(
    'there is no command set: the process of the run toy is of another version, stop and resume it',
  );
});

test.each([
  [{ ready: true, more: 1 }, { ready: true }],
  [{ error: 'no memory' }, { error: 'no memory' }],
  ['hello', { error: "its process must say ready or an error, got 'hello'" }],
])('the first word of a process: %j', (content, message) => {
  expect(readStartMessage(content)).toEqual(message);
});
