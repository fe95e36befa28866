/** The set-up's lock, tools, stamps and progress do their part, with real processes and files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { requireSpace } from '../../lib/setup/disk.mjs';
import { explainFailure } from '../../lib/setup/errors.mjs';
import { takeLock } from '../../lib/setup/lock.mjs';
import { glibcVersion, hasNvidiaDriver } from '../../lib/setup/machine.mjs';
import { areNpmPackagesInstalled } from '../../lib/setup/npm.mjs';
import { startStage } from '../../lib/setup/report.mjs';
import { runTool } from '../../lib/setup/run.mjs';
import { replaceFolder } from '../../lib/setup/stage';
import { stampOf, writeStamp } from '../../lib/setup/stamp.mjs';
import { folderOfTest } from '../helpers/folder';
import { ROOT } from './clone';

let folder: string;
beforeEach(() => {
  folder = folderOfTest();
});

describe('disk space', () => {
  it('is refused with what is needed and what is free', () => {
    expect(() => requireSpace({ folder, bytes: 1e18, what: 'The set-up' })).toThrow(
      /^The set-up needs 1000000000\.0 GB of free disk space, .* has [\d.]+ GB\.$/,
    );
  });

  it('passes where there is enough', () => {
    expect(requireSpace({ folder, bytes: 1, what: 'The set-up' })).toBeUndefined();
  });
});

describe('the lock', () => {
  const lock = () => join(folder, 'lock');
  const take = (waits: number[]) => takeLock({ folder: lock(), onWait: () => waits.push(1) });

  it('is one process at a time, and nothing is left of it', async () => {
    const first = await take([]);
    const waits: number[] = [];
    let isTaken = false;
    const second = take(waits).then((taken) => {
      isTaken = true;
      return taken;
    });
    await expect.poll(() => waits).toEqual([1]);
    expect(isTaken).toBe(false);
    first.release();
    (await second).release();
    expect(readdirSync(lock())).toEqual(['queue']);
  });

  /** Runs a program that has the lock when it begins; it prints what it is doing. */
  const start = (program: string) => {
    const [locks, tools] = ['lock', 'run'].map((name) => join(ROOT, `lib/setup/${name}.mjs`));
    const whole = `import { takeLock } from '${locks}';
      import { runTool } from '${tools}';
      const lock = await takeLock({ folder: '${lock()}', onWait() {} });
      ${program}`;
    return spawn(process.execPath, ['--input-type=module', '-e', whole]);
  };

  it('goes to one of five at a time when the process that held it is killed', async () => {
    const program = 'process.stdout.write("held"); setInterval(() => {}, 1000);';
    const killed = start(program);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const holding: ReturnType<typeof start>[] = [];
    const waiting = Array.from({ length: 5 }, () => start(program));
    for (const child of waiting) child.stdout.on('data', () => holding.push(child));
    for (let n = 1; n <= waiting.length; n++) {
      await expect.poll(() => holding.length, { timeout: 20_000 }).toBe(n);
      await delay(100);
      expect(holding).toHaveLength(n);
      holding.at(-1)!.kill('SIGKILL');
    }
    (await take([])).release();
    expect(readdirSync(lock())).toEqual(['queue']);
  });

  it('waits for the tool of a set-up that was killed', async () => {
    const tool = 'console.log(process.pid); setTimeout(() => {}, 60_000)';
    const killed = start(`await runTool({
      command: process.execPath, args: ['-e', '${tool}'], cwd: '${folder}', log: '${folder}/log',
      lock: lock.fd, onLine: console.log,
    });`);
    const pid = Number(String(await once(killed.stdout, 'data')));
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const waits: number[] = [];
    let isTaken = false;
    const second = take(waits);
    second.then(() => {
      isTaken = true;
    });
    await expect.poll(() => waits).toEqual([1]);
    await delay(300);
    expect(isTaken).toBe(false);
    process.kill(pid, 'SIGKILL');
    (await second).release();
  });
});

describe('a tool', () => {
  it('reports each line of its output, the last one without an end, too', async () => {
    const lines: string[] = [];
    const { output, code } = await runTool({
      command: process.execPath,
      args: ['-e', 'process.stdout.write("one\\ntwo\\r\\nthrée")'],
      cwd: folder,
      log: join(folder, 'tool.log'),
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['one', 'two', 'thrée']);
    expect([output, code]).toEqual(['one\ntwo\r\nthrée', 0]);
    expect(readFileSync(join(folder, 'tool.log'), 'utf8')).toMatch(/\none\ntwo\r\nthrée$/);
  });

  it('that does not exist is an error', async () => {
    const options = { command: './no-such', args: [], cwd: folder, log: join(folder, 'tool.log') };
    await expect(runTool(options)).rejects.toThrow('ENOENT');
  });
});

describe('npm packages', () => {
  const packages = ['.package-lock.json', 'a/package.json'];
  const stamp = () => stampOf([readFileSync(join(folder, 'package-lock.json')), 'glibc']);

  beforeEach(() => {
    mkdirSync(join(folder, 'node_modules/a'), { recursive: true });
    for (const file of packages) writeFileSync(join(folder, 'node_modules', file), '{}');
    writeFileSync(join(folder, 'package-lock.json'), '{"packages": {}}');
    writeStamp({ folder: join(folder, 'node_modules'), stamp: stamp(), files: packages });
  });

  it.skipIf(glibcVersion() === '')('are there as they were installed', () => {
    expect(areNpmPackagesInstalled(folder)).toBe(true);
  });

  it.each([
    ['package-lock.json has changed', 'package-lock.json', '{"packages": {"": {}}}'],
    ['npm has changed them since', 'node_modules/.package-lock.json', '{"packages": {}}'],
    ['a package is damaged', 'node_modules/a/package.json', ''],
    ['a package is gone', 'node_modules/a', undefined],
    ['all are gone', 'node_modules', undefined],
    ['npm did not end', 'node_modules/.stamp', undefined],
  ])('are not trusted when %s', (_title, path, content) => {
    rmSync(join(folder, path), { recursive: true });
    if (content !== undefined) writeFileSync(join(folder, path), content);
    expect(areNpmPackagesInstalled(folder)).toBe(false);
  });

  it.each(['arch', 'platform'] as const)('are not trusted on another %s', (key) => {
    const own = Object.getOwnPropertyDescriptor(process, key)!;
    Object.defineProperty(process, key, { ...own, value: 'another' });
    try {
      expect(areNpmPackagesInstalled(folder)).toBe(false);
    } finally {
      Object.defineProperty(process, key, own);
    }
  });
});

it.each(['proc/driver/nvidia/version', 'usr/lib/wsl/lib/nvidia-smi'])(
  'an NVIDIA driver is seen by its %s',
  (file) => {
    expect(hasNvidiaDriver(folder)).toBe(false);
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
    expect(hasNvidiaDriver(folder)).toBe(true);
  },
);

describe('output of tools', () => {
  it.each([
    ['npm error code ENOSPC', 'the disk is full'],
    ['OSError: [Errno 28] No space left on device', 'the disk is full'],
    ['npm error code EINTEGRITY', 'corrupt'],
    ['npm error code ENOTFOUND registry.npmjs.org', 'cannot be reached'],
    ['[Errno -3] Temporary failure in name resolution', 'cannot be reached'],
    ['ERROR: No matching distribution found for a==1 (from versions: none)', 'cannot be reached'],
    ['[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate', 'certificate'],
    ['npm error code EACCES', 'cannot be written'],
    ['tfjs_backend.cc:3: fatal error: no such header', 'fatal error: no such header'],
  ])('%s', (output, meaning) => {
    expect(explainFailure({ what: 'It', output, log: 'x.log' }).message).toContain(meaning);
  });
});

describe('progress', () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    const write = (text: string) => written.push(text.replace('\r\u001b[K', ''));
    return { written, stage: startStage('TensorFlow', { isTTY, columns: 80, write }) };
  };

  it('is a line a quarter where nobody watches', () => {
    const { written, stage } = record(false);
    for (let percent = 1; percent <= 100; percent += 1) stage.update(percent / 100, 'wheel');
    stage.done();
    expect(written).toHaveLength(5);
    expect(written[0]).toBe('Set-up: TensorFlow ...\n');
    expect(written[2]).toMatch(/^Set-up: TensorFlow: 50 % after \d+ s \(wheel\)\n$/);
    expect(written[4]).toMatch(/^Set-up: TensorFlow: done in [\d.]+ s\n$/);
  });

  it('is a bar on a terminal, replaced by the time', async () => {
    const { written, stage } = record(true);
    stage.update(0.25, '68 of 274 MB');
    await expect
      .poll(() => written.at(-1))
      .toMatch(/^TensorFlow {2}█{6}░{18} {2}68 of 274 MB {2}\d s$/);
    stage.done();
    expect(written.at(-1)).toMatch(/^TensorFlow: done in [\d.]+ s\n$/);
  });
});

it('puts a complete folder in the place of one in use', () => {
  const site = { root: folder, env: {} };
  mkdirSync(join(folder, 'old'));
  writeFileSync(join(folder, 'old/file'), 'old');
  cpSync(join(folder, 'old'), join(folder, 'new'), { recursive: true });
  writeFileSync(join(folder, 'new/file'), 'new');
  replaceFolder(site, { from: join(folder, 'new'), to: join(folder, 'old') });
  expect(readFileSync(join(folder, 'old/file'), 'utf8')).toBe('new');
  expect(existsSync(join(folder, 'new'))).toBe(false);
});
