/** A run answers on one real socket, with real processes that compete, are killed or fall silent. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask } from '../../../lib/runs/control/exchange';
import {
  type Control,
  findSocket,
  openControl,
  sendRequest,
} from '../../../lib/runs/control/ownership';
import { pathsIn, type RunPaths } from '../../../lib/runs/record/folder';
import { markProcess } from '../../../lib/runs/record/process-mark';
import { emptyStatus } from '../../../lib/runs/record/status';
import { Run } from '../../../lib/runs/run';
import { folderOfTest } from '../../helpers/folder';

let root = '';
/** The run whose folder it is. */
let paths: RunPaths;
const open: Control[] = [];
beforeEach(() => {
  root = folderOfTest();
  paths = pathsIn(root, 'toy');
});
afterEach(async () => {
  for (const control of open.splice(0)) await control.close();
});

function runIn(folder: string): RunPaths {
  mkdirSync(folder, { recursive: true });
  return pathsIn(folder, 'toy');
}

async function listen(
  paths: RunPaths,
  answer: (n: number) => unknown = () => 'here',
): Promise<void> {
  const handle = async (request: { command: string; n?: unknown }) => answer(request.n as number);
  open.push(await openControl({ paths, handle }));
}

/** A process that answers for a folder. */
async function startListener(folder: string): Promise<ChildProcess> {
  const program = `
    const { openControl } = require('./lib/runs/control/ownership.ts');
    const { pathsIn } = require('./lib/runs/record/folder.ts');
    openControl({ paths: pathsIn(process.argv[1], 'toy'), handle: async () => 'dead soon' })
      .then(() => console.log('listening'));`;
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', program, folder]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

const mode = (path: string) => statSync(path).mode & 0o777;

test('requests are answered, also several at once, and errors come back', async () => {
  await listen(paths, (n) => {
    if (n === 2) throw new Error('two is too much');
    return { twice: 2 * n };
  });
  const asked = [1, 2, 3].map((n) => sendRequest(paths, { command: 'double', n }));
  const answers = await Promise.allSettled(asked);
  expect(
    answers.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message)),
  ).toEqual([{ twice: 2 }, 'two is too much', { twice: 6 }]);
});

test('only the owner may open the socket or look into its folder', async () => {
  chmodSync(root, 0o755);
  await listen(paths);
  const path = (await findSocket(paths))!;
  expect(mode(root)).toBe(0o700);
  expect(dirname(path)).toBe(paths.control);
  expect(mode(path)).toBe(0o600);
  expect(mode(paths.control)).toBe(0o700);
});

test('a path too long for a socket goes to a private folder, which closing removes', async () => {
  const deep = runIn(join(root, 'x'.repeat(60), 'y'.repeat(60)));
  await listen(deep);
  const path = (await findSocket(deep))!;
  expect(path.startsWith(tmpdir())).toBe(true);
  expect([mode(dirname(path)), mode(path)]).toEqual([0o700, 0o600]);
  expect(await sendRequest(deep, { command: 'any' })).toBe('here');
  await open.pop()!.close();
  expect(existsSync(dirname(path))).toBe(false);
});

describe('one process to a run', () => {
  test('a second one is refused and leaves the first as it was', async () => {
    await listen(paths, () => 'first');
    await expect(listen(paths, () => 'second')).rejects.toThrow(
      "the run toy is already running: attach('toy') to it",
    );
    expect(await sendRequest(paths, { command: 'who' })).toBe('first');
    expect(readdirSync(paths.control).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
  });

  test('of several that start at once, exactly one wins', async () => {
    const starts = await Promise.allSettled([1, 2, 3, 4].map(() => listen(paths)));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a process killed hard leaves a dead socket, and the next one takes over', async () => {
    const child = await startListener(root);
    expect(await sendRequest(paths, { command: 'who' })).toBe('dead soon');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(readdirSync(paths.control).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
    await expect(sendRequest(paths, { command: 'who' })).rejects.toThrow(
      'the run toy is not running: resume it first',
    );
    await listen(paths, () => 'alive');
    expect(await sendRequest(paths, { command: 'who' })).toBe('alive');
    expect(readdirSync(paths.control).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
  });
});

describe("a copy of a running run's folder", () => {
  for (const [where, parts] of [
    ['sockets in the folder', []],
    ['sockets elsewhere', ['x'.repeat(60), 'y'.repeat(60)]],
  ] as [string, string[]][]) {
    test(`does not reach the original: ${where}`, async () => {
      const original = runIn(join(root, ...parts, 'run'));
      await listen(original, () => 'original');
      const copy = pathsIn(join(root, ...parts, 'copy'), 'copy');
      execFileSync('cp', ['-a', original.folder, copy.folder]);
      expect(await findSocket(copy)).toBeUndefined();
      await expect(sendRequest(copy, { command: 'stop' })).rejects.toThrow(
        'the run copy is not running',
      );
      await listen(copy, () => 'copy');
      expect(await sendRequest(copy, { command: 'who' })).toBe('copy');
      expect(await sendRequest(original, { command: 'who' })).toBe('original');
    });
  }

  test('and another path to the same folder does', async () => {
    const original = runIn(join(root, 'run'));
    await listen(original);
    symlinkSync(original.folder, join(root, 'link'));
    expect(await sendRequest(pathsIn(join(root, 'link'), 'link'), { command: 'who' })).toBe('here');
  });
});

describe('a connection', () => {
  /** What comes back for bytes on the socket. */
  async function talk(paths: RunPaths, text: string): Promise<string[]> {
    const socket = connect((await findSocket(paths))!);
    socket.setEncoding('utf8');
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.write(text);
    await setTimeout(150);
    socket.destroy();
    return got.split('\n').filter((line) => line !== '');
  }

  test('gets an answer for each request of one write, in order', async () => {
    await listen(paths, (n) => 2 * n);
    const { dev, ino } = statSync(paths.folder);
    const folder = `${dev}:${ino}`;
    const lines = [1, 2, 3].map((n) => `${JSON.stringify({ command: 'double', n, folder })}\n`);
    expect(await talk(paths, lines.join(''))).toEqual([
      '{"result":2}',
      '{"result":4}',
      '{"result":6}',
    ]);
  });

  test('is told what is no request', async () => {
    await listen(paths);
    expect(await talk(paths, 'null\n{}\n')).toEqual([
      '{"error":"a request must be an object with a command, got null"}',
      '{"error":"a request must be an object with a command, got {}"}',
    ]);
  });

  test('that sends a line without end is closed, and one that sends it in pieces answered', async () => {
    await listen(paths);
    const socket = connect((await findSocket(paths))!);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {}); // it is cut off while it writes
    socket.write('x'.repeat((1 << 20) + 1));
    await closed;

    const other = connect((await findSocket(paths))!);
    const answered = new Promise((resolve) => other.once('data', resolve));
    other.write('nu');
    await setTimeout(50);
    other.write('ll\n');
    expect(String(await answered)).toContain('must be an object with a command, got null');
    other.destroy();
  });

  test('that its client keeps open does not keep the process', async () => {
    await listen(paths);
    const path = (await findSocket(paths))!;
    const keeping = connect({ path, allowHalfOpen: true });
    await new Promise((resolve) => keeping.once('connect', resolve));
    const begun = performance.now();
    await open.pop()!.close();
    expect(performance.now() - begun).toBeLessThan(5000);
    keeping.destroy();
  });
});

test.each(['gibberish', 'HTTP/1.1 400 Bad Request', '[]', '{"error":3}'])(
  'the answer %s of a process is an error',
  async (answer) => {
    await listen(paths);
    const path = (await findSocket(paths))!;
    await open.pop()!.close();
    const server = createServer((socket) => socket.resume().end(`${answer}\n`)).listen(path);
    await expect(sendRequest(paths, { command: 'who' })).rejects.toThrow(
      `a run's process must answer with a result or an error, got '${answer}' from ${path}: end the program that`,
    );
    await new Promise((resolve) => server.close(resolve));
  },
);

test('an answer without an end is an error', async () => {
  await listen(paths);
  const path = (await findSocket(paths))!;
  await open.pop()!.close();
  const signs = Buffer.alloc(1 << 20, '\n');
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()).resume();
    const flood = (): unknown => socket.writable && socket.write(signs, flood);
    flood();
  }).listen(path);
  await expect(sendRequest(paths, { command: 'who' })).rejects.toThrow('must answer with a result');
  await new Promise((resolve) => server.close(resolve));
});

test.each(['ping', 'status'])('signs of life alone are no answer to %s', async (command) => {
  await listen(paths);
  const path = (await findSocket(paths))!;
  await open.pop()!.close();
  const server = createServer((socket) => {
    const signs = setInterval(() => socket.write('\n'), 50);
    socket.resume().on('close', () => clearInterval(signs));
    socket.on('error', () => {});
  }).listen(path);
  await expect(sendRequest(paths, { command }, 300)).rejects.toThrow('no sign of life for 0.3 s');
  await new Promise((resolve) => server.close(resolve));
});

test('a process whose queue of clients is full is asked again', async () => {
  const program = "require('node:net').createServer((s) => s.end('{\"result\":7}\\n'))";
  const path = join(root, '12345678.sock');
  const listening = `.listen({ path: '${path}', backlog: 1 }, () => console.log('listening'))`;
  const child = spawn(process.execPath, ['--eval', program + listening]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGSTOP');
  const request = { command: 'who' };
  const asked = Array.from({ length: 9 }, () => ask({ path, request, silenceMs: 10_000 }));
  const early = ask({ path, request, silenceMs: 100 });
  expect(await early).toBe('silent');
  child.kill('SIGCONT');
  expect(await Promise.all(asked)).toEqual(asked.map(() => ({ result: 7 })));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
});

test('a list of processes that names other sockets is not followed', async () => {
  await listen(paths);
  const foreign = join(root, 'foreign.sock');
  let calls = 0;
  const server = createServer(() => calls++).listen(foreign);
  const line = `${foreign}\n../foreign.sock\n`;
  writeFileSync(join(paths.control, 'processes'), line, { flag: 'a' });
  await open.pop()!.close();
  await expect(sendRequest(paths, { command: 'who' })).rejects.toThrow('is not running');
  expect(calls).toBe(0);
  await new Promise((resolve) => server.close(resolve));
});

test('a private folder that others may open is not believed', async () => {
  await listen(paths);
  await open.pop()!.close();
  const folder = join(root, 'breakout-dqn-abcdef');
  mkdirSync(folder);
  const path = join(folder, 'control.sock');
  const server = createServer((socket) => socket.resume().end('{"result":7}\n')).listen(path);
  writeFileSync(join(paths.control, 'processes'), `${path}\n`);
  const asked = () => sendRequest(paths, { command: 'who' });
  chmodSync(folder, 0o755);
  await expect(asked()).rejects.toThrow('is not running');
  chmodSync(folder, 0o700);
  expect(await asked()).toBe(7);
  await new Promise((resolve) => server.close(resolve));
});

test.each(['ENOMEM', 'EMFILE', 'EPERM', 'ETIMEDOUT'])(
  'a socket that cannot be reached because of %s may have a process',
  async (code) => {
    await listen(paths);
    const failing = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (
      this: Socket,
    ) {
      return this.destroy(Object.assign(new Error(code), { code }));
    });
    onTestFinished(() => failing.mockRestore());
    const asked = () => sendRequest(paths, { command: 'who' });
    for (const use of [() => findSocket(paths), asked, () => listen(paths)]) {
      await expect(use()).rejects.toThrow(`cannot be read (${code})`);
    }
  },
);

test('a process at work whose socket was removed is neither lost nor followed by a second', async () => {
  const child = spawn('sleep', ['60']);
  const status = { ...emptyStatus('toy'), state: 'running', pid: child.pid! } as const;
  const process = await markProcess(paths, child.pid!);
  writeFileSync(paths.status, JSON.stringify({ ...status, process }));
  const told = `the process ${child.pid} of the run toy is at work, but its socket was removed: end it`;
  const run = new Run(paths);
  expect(await run.status()).toMatchObject({
    state: 'running',
    message: expect.stringContaining(told),
  });
  for (const use of [() => run.resume(), () => run.pause(), () => listen(paths)]) {
    await expect(use()).rejects.toThrow(told);
  }
  const copy = runIn(join(root, 'copy'));
  copyFileSync(paths.status, copy.status);
  expect(await new Run(copy).status()).toMatchObject({ state: 'lost' });
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(await run.status()).toMatchObject({ state: 'lost' });
  await listen(paths);
});

test('a process that is held is told as silent, and a slow answer is waited for', async () => {
  const child = await startListener(root);
  child.kill('SIGSTOP');
  const asked = sendRequest(paths, { command: 'who' }, 200);
  await expect(asked).rejects.toThrow(/has given no sign of life for 0.2 s: let it go on/);
  child.kill('SIGCONT');
  expect(await sendRequest(paths, { command: 'who' })).toBe('dead soon');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));

  await listen(paths, () => setTimeout(2500, 'slow'));
  expect(await sendRequest(paths, { command: 'who' }, 1500)).toBe('slow'); // a sign each second
});

test('the list of processes does not grow from one to the next', async () => {
  for (let i = 0; i < 3; i++) {
    await listen(paths);
    await open.pop()!.close();
  }
  await listen(paths);
  const lines = readFileSync(join(paths.control, 'processes'), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(1);
});

test('a run whose process ends before it answers is told as not running', async () => {
  await listen(paths, () => new Promise(() => {}));
  const asked = sendRequest(paths, { command: 'wait' });
  const refused = expect(asked).rejects.toThrow('is not running');
  await setTimeout(50);
  await open.pop()!.close();
  await refused;
});

test.skipIf(!existsSync('/dev/full'))('a full disk is named with the file', async () => {
  mkdirSync(paths.control);
  symlinkSync('/dev/full', join(paths.control, 'processes')); // each write fails with ENOSPC
  await expect(listen(paths)).rejects.toThrow(
    `${join(paths.control, 'processes')} cannot be written (ENOSPC): the disk is full`,
  );
});
