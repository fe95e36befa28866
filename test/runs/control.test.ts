import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Control, findSocket, openControl, sendRequest } from '../../lib/runs/control';
import { pathsIn, type RunPaths } from '../../lib/runs/folder';

let root = '';
const open: Control[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'control-'));
});
afterEach(async () => {
  for (const control of open.splice(0)) await control.close();
  rmSync(root, { recursive: true });
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

const mode = (path: string) => statSync(path).mode & 0o777;

test('requests are answered, also several at once, and errors come back', async () => {
  const paths = runIn(root);
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
  const paths = runIn(root);
  await listen(paths);
  const path = (await findSocket(paths))!;
  expect(dirname(path)).toBe(paths.control);
  expect(mode(path)).toBe(0o600);
  expect(mode(paths.control)).toBe(0o700);
});

test('a path too long for a socket goes to a private folder, which closing removes', async () => {
  const paths = runIn(join(root, 'x'.repeat(60), 'y'.repeat(60)));
  await listen(paths);
  const path = (await findSocket(paths))!;
  expect(path.startsWith(tmpdir())).toBe(true);
  expect([mode(dirname(path)), mode(path)]).toEqual([0o700, 0o600]);
  expect(await sendRequest(paths, { command: 'any' })).toBe('here');
  await open.pop()!.close();
  expect(existsSync(dirname(path))).toBe(false);
});

describe('one process to a run', () => {
  test('a second one is refused and leaves the first as it was', async () => {
    const paths = runIn(root);
    await listen(paths, () => 'first');
    await expect(listen(paths, () => 'second')).rejects.toThrow(
      "the run toy is already running: attach('toy') to it",
    );
    expect(await sendRequest(paths, { command: 'who' })).toBe('first');
    expect(readdirSync(paths.control).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
  });

  test('of several that start at once, exactly one wins', async () => {
    const paths = runIn(root);
    const starts = await Promise.allSettled([1, 2, 3, 4].map(() => listen(paths)));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a process killed hard leaves a dead socket, and the next one takes over', async () => {
    const paths = runIn(root);
    const program = `
      const { openControl } = require('./lib/runs/control.ts');
      const { pathsIn } = require('./lib/runs/folder.ts');
      openControl({ paths: pathsIn(process.argv[1], 'toy'), handle: async () => 'dead soon' })
        .then(() => console.log('listening'));`;
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', program, root]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
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

test('a run whose process ends before it answers is told as not running', async () => {
  const paths = runIn(root);
  await listen(paths, () => new Promise(() => {}));
  const asked = sendRequest(paths, { command: 'wait' });
  const refused = expect(asked).rejects.toThrow('is not running');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await open.pop()!.close();
  await refused;
});
