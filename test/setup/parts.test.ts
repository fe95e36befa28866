import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireSpace } from '../../lib/setup/disk.mjs';
import { explainFailure } from '../../lib/setup/errors.mjs';
import { takeLock } from '../../lib/setup/lock.mjs';
import { hasNvidiaDriver } from '../../lib/setup/machine.mjs';
import { areNpmPackagesInstalled } from '../../lib/setup/npm.mjs';
import { startStage } from '../../lib/setup/report.mjs';
import { replaceFolder } from '../../lib/setup/stage';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

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
  const ended = { pid: 2 ** 22 + 1, started: '1' }; // above the largest process id of Linux
  const leave = (holders: object[]) => {
    mkdirSync(join(folder, 'lock'));
    writeFileSync(join(folder, 'lock/holders.json'), JSON.stringify(holders));
  };
  const take = (waits: number[]) =>
    takeLock({ folder: join(folder, 'lock'), onWait: (pid) => waits.push(pid) });

  it('is taken over from a process that has ended', async () => {
    leave([ended]);
    const waits: number[] = [];
    const lock = await take(waits);
    expect(waits).toEqual([]);
    lock.release();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('waits for the tool of a set-up that was killed', async () => {
    const lock = await take([]);
    const tool = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    lock.add(tool.pid ?? 0);
    const holders = JSON.parse(readFileSync(join(folder, 'lock/holders.json'), 'utf8'));
    lock.release();
    leave([ended, holders[1]]);
    const waits: number[] = [];
    const second = take(waits);
    await expect.poll(() => waits).toEqual([tool.pid]);
    tool.kill('SIGKILL');
    (await second).release();
  });

  it.runIf(process.platform === 'linux')(
    'is not held by a process that has the number of an ended one',
    async () => {
      leave([{ pid: process.pid, started: '1' }]);
      const waits: number[] = [];
      (await take(waits)).release();
      expect(waits).toEqual([]);
    },
  );
});

describe('npm packages', () => {
  const lock = (packages: object) => JSON.stringify({ packages: { '': {}, ...packages } });
  const a = { version: '1.0.0', integrity: 'sha512-a' };
  const elsewhere = { ...a, optional: true, os: [process.platform === 'aix' ? 'linux' : 'aix'] };

  const layOut = ({ wanted, found }: { wanted: object; found: object }) => {
    writeFileSync(join(folder, 'package-lock.json'), lock(wanted));
    mkdirSync(join(folder, 'node_modules/a'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/a/package.json'), JSON.stringify(a));
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), lock(found));
  };

  it.each([
    ['all of them', { wanted: { 'node_modules/a': a }, found: { 'node_modules/a': a } }, true],
    [
      'another version',
      { wanted: { 'node_modules/a': { ...a, version: '2.0.0' } }, found: { 'node_modules/a': a } },
      false,
    ],
    [
      'one too few',
      { wanted: { 'node_modules/a': a, 'node_modules/b': a }, found: { 'node_modules/a': a } },
      false,
    ],
    [
      'listed, but its folder is gone',
      { wanted: { 'node_modules/b': a }, found: { 'node_modules/b': a } },
      false,
    ],
    [
      'all but one for another system',
      {
        wanted: { 'node_modules/a': a, 'node_modules/b': elsewhere },
        found: { 'node_modules/a': a },
      },
      true,
    ],
  ])('with %s', (_title, layout, expected) => {
    layOut(layout);
    expect(areNpmPackagesInstalled(folder)).toBe(expected);
  });

  it.each(['', '{"version": "0.9.0"}'])('are not trusted with a package.json of %o', (content) => {
    layOut({ wanted: { 'node_modules/a': a }, found: { 'node_modules/a': a } });
    writeFileSync(join(folder, 'node_modules/a/package.json'), content);
    expect(areNpmPackagesInstalled(folder)).toBe(false);
  });

  it('are not trusted when npm did not end', () => {
    layOut({ wanted: { 'node_modules/a': a }, found: { 'node_modules/a': a } });
    rmSync(join(folder, 'node_modules/.package-lock.json'));
    expect(areNpmPackagesInstalled(folder)).toBe(false);
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
