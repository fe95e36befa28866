/** A real `npm run notebooks` that gets a signal ends with its kernel and leaves no file behind. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { buildNotebook, formatNotebook } from '../../lib/notebook/ipynb';
import { folderOfTest } from '../helpers/folder';
import { isAlive } from '../runs/kill';

/** Tells the kernel's process id and waits for ever. */
const CELL = `import { writeFileSync } from 'node:fs';
writeFileSync(process.env.PID_FILE!, String(process.pid));
await new Promise(() => {});`;

/** The inodes of the TCP sockets on which a process listens; none where the system does not say. */
function tcpListenersOf(pid: number): string[] {
  const table = `/proc/${pid}/net/tcp`;
  if (!existsSync(table)) return [];
  const rows = readFileSync(table, 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  const listening = rows.filter((row) => row[3] === '0A').map((row) => `socket:[${row[9]}]`);
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  return listening.filter((socket) => open.includes(socket));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}

let folder: string;
beforeEach(() => {
  folder = folderOfTest();
});

describe('npm run notebooks', { timeout: 180_000 }, () => {
  it.each([
    ['two Ctrl-C, which all programs of the terminal get', 'SIGINT', -2],
    ['a SIGTERM to npm', 'SIGTERM', 1],
  ] as const)('ends with its kernel and leaves no file after %s', async (_title, signal, times) => {
    const cells = [{ type: 'code' as const, id: 'a', tags: [], source: CELL, line: 1 }];
    writeFileSync(join(folder, 'wait.ipynb'), formatNotebook(buildNotebook(cells)));
    const [pidFile, TMPDIR] = [join(folder, 'pid'), join(folder, 'tmp')];
    mkdirSync(TMPDIR);
    const npm = spawn('npm', ['run', '--silent', 'notebooks', '--', join(folder, 'wait.ipynb')], {
      cwd: ROOT,
      env: { ...process.env, PID_FILE: pidFile, TMPDIR },
      detached: true,
    });
    let output = '';
    for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (text) => (output += text));
    const ended = new Promise<number | null>((done) => npm.on('close', done));
    await expect.poll(() => existsSync(pidFile), { timeout: 120_000 }).toBe(true);
    expect(tcpListenersOf(Number(readFileSync(pidFile, 'utf8')))).toEqual([]);

    for (let i = 0; i < Math.abs(times); i++) {
      process.kill(times < 0 ? -npm.pid! : npm.pid!, signal);
      await new Promise((done) => setTimeout(done, 100));
    }
    expect(await ended).not.toBe(0);
    expect(output).toMatch(/\nstopped in .*wait\.ipynb\n/);
    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
    // tsx keeps what it has compiled
    expect(readdirSync(TMPDIR).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
  });
});
