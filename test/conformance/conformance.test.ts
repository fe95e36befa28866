/** Recordings of ale-py and Gymnasium are repeated exactly here, and altered ones are reported. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkFixture } from '../../lib/conformance/check';
import {
  Fixture,
  FixtureError,
  FIXTURES as FOLDER,
  readFixture,
} from '../../lib/conformance/fixture';
import { ROOT } from '../../lib/files/root';
import { folderOfAll } from '../helpers/folder';

const listNames = (folder: string) =>
  readdirSync(folder).filter((name) => name.endsWith('.bin.gz'));
const NAMES = listNames(FOLDER);
const OBSERVATIONS = join(FOLDER, 'observations');

describe('ale-py and Gymnasium are repeated in', () => {
  it('43 recordings', () => expect(NAMES).toHaveLength(43));

  it.each(NAMES)('%s', { timeout: 300_000 }, (name) => {
    const report = checkFixture(readFixture(join(FOLDER, name)));
    expect(report).toMatchObject({ mismatches: 0, first: null });
  });
});

describe('every kind of observation is repeated in', () => {
  const names = listNames(OBSERVATIONS);
  it('7 recordings', () => expect(names).toHaveLength(7));

  it.each(names)('%s', (name) => {
    const report = checkFixture(readFixture(join(OBSERVATIONS, name)));
    expect(report).toMatchObject({ mismatches: 0, first: null });
  });

  it('scaled ones as generators before this one kept them, too', () => {
    const fixture = readFixture(join(OBSERVATIONS, 'gym-wrapped-scaled.bin.gz'));
    const { path, header } = fixture;
    const names = (header.arrays as { name: string }[]).map(({ name }) => name);
    const arrays = new Map(names.map((name) => [name, fixture.array(name)]));
    arrays.set('snapObs', Uint8Array.from(fixture.array('snapObs')));
    expect(checkFixture(new Fixture(path, header, arrays)).mismatches).toBe(0);
  });
});

describe('an environment that is not known here', () => {
  const edit = (entry: 'kwargs' | 'wrappers', name: string) => {
    const fixture = readFixture(join(OBSERVATIONS, 'gym-wrapped-rgb.bin.gz'));
    (fixture.header[entry] as Record<string, unknown>)[name] = true;
    return () => checkFixture(fixture);
  };

  it.each([
    ['kwargs', 'paddles', /expected kwargs among obs_type, .*, got 'paddles'/],
    ['wrappers', 'noop', /expected wrappers among noop_max, .*, got 'noop'/],
  ] as const)('is refused for its %s %s', (entry, name, message) => {
    expect(edit(entry, name)).toThrow(FixtureError);
    expect(edit(entry, name)).toThrow(message);
  });
});

describe('a mismatch', () => {
  it.each([
    ['gym-rgb', 33600 * 3 * 2 + (100 * 160 + 7) * 3 + 1, 'observation [100, 7, 1]'],
    ['gym-ram', 128 * 2 + 57, 'observation [57]'],
    ['gym-wrapped-scaled', 84 * 84 * 2 + 20 * 84 + 5, 'observation [20, 5]'],
  ])('in an observation of %s names the element', (name, at, what) => {
    const fixture = readFixture(join(OBSERVATIONS, `${name}.bin.gz`));
    fixture.array('snapObs')[at] = 99;
    const { mismatches, firstByte } = checkFixture(fixture);
    expect(mismatches).toBe(1);
    expect(firstByte).toMatchObject({ where: 'step 299', what, expected: 99 });
  });

  it('is reported with the first frame, and the first byte of the next whole recording', () => {
    const fixture = readFixture(join(FOLDER, 'raw-random-10k.bin.gz'));
    const memory = fixture.array('snapRam');
    memory[128 + 57]! ^= 1; // of frame 999
    fixture.array('ramCrc')[700]! ^= 1;
    const { mismatches, first, firstByte } = checkFixture(fixture);
    expect(mismatches).toBe(2);
    expect(first).toMatchObject({ where: 'frame 700', what: 'RAM checksum' });
    const expected = memory[128 + 57]!;
    expect(firstByte).toEqual({
      where: 'frame 999',
      what: 'RAM[57]',
      expected,
      actual: expected ^ 1,
    });
  });

  it('in a picture names the pixel', () => {
    const fixture = readFixture(join(FOLDER, 'start-mode0.bin.gz'));
    fixture.array('screen')[2 * 33600 + 100 * 160 + 7] = 99;
    expect(checkFixture(fixture).first).toMatchObject({
      where: 'frame 1',
      what: 'pixel [100, 7]',
      expected: 99,
    });
  });
});

describe('a fixture with nothing to compare', () => {
  it.each([
    [{ kind: 'noops', rows: [] }],
    [{ kind: 'palette', even: {} }],
    [{ kind: 'resize', mtSeed: 1, images: 0 }],
  ])('is refused: %j', (header) => {
    const arrays = new Map([['framePair', new Uint8Array(0)]]);
    const check = () => checkFixture(new Fixture('empty', header, arrays));
    expect(check).toThrow(FixtureError);
    expect(check).toThrow(/^empty cannot be played: expected something to compare, got nothing$/);
  });
});

describe('npm run conformance', () => {
  const folder = folderOfAll();
  const run = (...paths: string[]) => {
    const args = ['node_modules/tsx/dist/cli.mjs', 'lib/cli/conformance.ts', ...paths];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  it('counts what it compared', () => {
    const { status, stdout } = run(join(FOLDER, 'palette.bin.gz'), join(FOLDER, 'boot.bin.gz'));
    expect(stdout).toMatch(/2 files, 128 colours, 120 frames compared, 0 mismatches\n$/);
    expect(status).toBe(0);
  });

  it('ends with status 1 and both values where a fixture differs', () => {
    const bytes = gunzipSync(readFileSync(join(FOLDER, 'palette.bin.gz')));
    const text = bytes.toString('latin1').replace('"70":[200,72,72,110]', '"70":[200,73,72,110]');
    const path = join(folder, 'palette.bin.gz');
    writeFileSync(path, gzipSync(Buffer.from(text, 'latin1')));
    const { status, stdout } = run(folder);
    expect(stdout).toContain('128 colours, 1 mismatches');
    expect(stdout).toContain('colour 70: green expected 73, got 72');
    expect(status).toBe(1);
  });

  it('says whether anything was recorded in full', () => {
    const bytes = gunzipSync(readFileSync(join(OBSERVATIONS, 'gym-ram.bin.gz')));
    const text = bytes.toString('latin1');
    const path = join(folder, 'gym-ram.bin.gz');
    const change = (from: RegExp, to: string) =>
      writeFileSync(path, gzipSync(Buffer.from(text.replace(from, to), 'latin1')));
    change(/"lives":5/, '"lives":4');
    expect(run(path).stdout).toContain('no byte to name: all 3 in full agree');
    rmSync(path);
  });

  it('refuses a missing path, an empty folder and a file that is no fixture', () => {
    const path = join(folder, 'text.bin.gz');
    writeFileSync(path, 'no gzip');
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(run(join(folder, 'none'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/no such path/),
    });
    expect(run(empty)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/files named \*\.bin\.gz/),
    });
    expect(run(path)).toMatchObject({ status: 1, stderr: expect.stringMatching(/cannot be read/) });
  });
});
