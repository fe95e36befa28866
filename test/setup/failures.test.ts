/** A real set-up that lacks something or downloads wrong bytes says what to do and breaks nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clone, makeBin, makeClone, offline, type Result, ROOT } from './clone';

const TIMEOUT = 180_000;
const NOBODY = 65534;

/** One sentence, the mending command, exit code 1, and no stack of ours. */
function expectFailure({ code, output }: Result, sentence: RegExp, mend: RegExp): void {
  expect(output).toMatch(sentence);
  expect(output).toMatch(/\n {2}To mend it: /);
  expect(output.split('To mend it: ')[1]).toMatch(mend);
  expect(output).not.toMatch(/\n\s+at /);
  expect(code).toBe(1);
}

/** Path of a program of this machine. */
function which(name: string): string {
  return spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
}

/** One line that installs both a Python and a compiler. */
const ONE_COMMAND = /^[^\n]*python[^\n]*(g\+\+|gcc|xcode)[^\n]*\n$|^xcode[^\n]*python[^\n]*\n$/;

describe('a set-up that lacks something says so and changes nothing', { timeout: TIMEOUT }, () => {
  let clone: Clone;
  beforeAll(() => {
    clone = makeClone({ products: true });
  }, TIMEOUT);
  afterAll(() => clone.delete());

  it.each(['18.20.4', '20.18.3', '21.7.3'])(
    'names Node %s and the needed ones',
    async (version) => {
      const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
      clone.write('old.cjs', pretend);
      const result = await clone.run({}, ['--require', clone.path('old.cjs')]);
      expectFailure(result, /Node 20\.19 .* or 22 or newer, is needed; this is /, /nvm install 22/);
      expect(result.output).toContain(`this is ${version} (`);
    },
  );

  describe('Python', () => {
    beforeAll(() => clone.remove('.venv'));

    const answer = (version: string, venv: boolean) =>
      `echo '{"path": "/opt/python3", "version": [${version}], "venv": ${venv}}'`;

    const python2 = 'test "$1" = -V && echo "Python 2.7.18" && exit 0; exit 2';
    it.each([
      ['is missing', {}, /Python 3\.10 or newer was not found on the PATH/, /python/],
      [
        'is too old',
        { python3: answer('3, 8, 10', true) },
        /Python 3\.8\.10 \(\/opt\/python3\) is too old: 3\.10/,
        /PYTHON=/,
      ],
      ['is Python 2', { python: python2 }, /Python 2\.7\.18 \(python\) is too old/, /PYTHON=/],
      [
        'has no venv module',
        { python3: answer('3, 11, 2', false) },
        /Python 3\.11\.2 .* has no venv module/,
        /venv|python/,
      ],
    ])('%s', async (_title, programs, sentence, mend) => {
      const PATH = makeBin(clone, { 'c++': which('c++'), ...(programs as Record<string, string>) });
      expectFailure(await clone.run({ PATH, PYTHON: '' }), sentence, mend);
    });

    it('is not what PYTHON names', async () => {
      const result = await clone.run({ PYTHON: '/nowhere/python3' });
      expectFailure(result, /PYTHON=\/nowhere\/python3 is not a Python that runs/, /unset PYTHON/);
    });

    it('cannot fetch its packages', async () => {
      const result = await clone.run(offline(clone));
      expectFailure(result, /JupyterLab: the package index cannot be reached/, /proxy/);
      expect(existsSync(clone.path('.venv'))).toBe(false);
    });
  });

  it('names a missing compiler and a missing Python in one go', async () => {
    clone.remove('node_modules/@tensorflow/tfjs-node-gpu/lib');
    const PATH = makeBin(clone, { node: process.execPath });
    const result = await clone.run({ PATH, PYTHON: '', CXX: '' });
    expectFailure(result, /Python .* was not found .* No C\+\+ compiler: c\+\+/, ONE_COMMAND);
    const named = await clone.run({ CXX: 'no-such-compiler -v' });
    expectFailure(named, /CXX=no-such-compiler -v does not run/, /g\+\+|gcc|xcode/);
  });

  it('refuses an unknown build of TensorFlow', async () => {
    const result = await clone.run({ BREAKOUT_TENSORFLOW: 'rocm' });
    expectFailure(result, /BREAKOUT_TENSORFLOW must be cpu or cuda, got "rocm"/, /unset/);
  });

  it('refuses a ROM of its user that is not the game, and leaves the good one alone', async () => {
    clone.write('other.bin', 'x'.repeat(2048));
    const result = await clone.run({ BREAKOUT_ROM: clone.path('other.bin') });
    expectFailure(
      result,
      /other\.bin is not the Breakout ROM: expected 2048 bytes/,
      /BREAKOUT_ROM/,
    );
    const folder = await clone.run({ BREAKOUT_ROM: clone.path('lib') });
    expectFailure(folder, /lib is not the Breakout ROM: .* got a folder\./, /BREAKOUT_ROM/);
    const missing = await clone.run({ BREAKOUT_ROM: clone.path('none.bin') });
    expectFailure(missing, /none\.bin does not exist/, /BREAKOUT_ROM/);
    const rom = 'roms/breakout.bin';
    expect(readFileSync(clone.path(rom))).toEqual(readFileSync(`${ROOT}/${rom}`));
  });

  it('refuses a ROM that lies there and is not the game, and does not overwrite it', async () => {
    clone.write('roms/breakout.bin', 'a game of my own');
    const result = await clone.run();
    expectFailure(result, /not the Breakout ROM.* got 16 bytes/, /rm .*roms\/breakout\.bin/);
    expect(readFileSync(clone.path('roms/breakout.bin'), 'utf8')).toBe('a game of my own');
    clone.remove('roms');
    mkdirSync(clone.path('roms/breakout.bin'), { recursive: true });
    expectFailure(await clone.run(), /breakout\.bin is not .* got a folder\./, /rm -r .*roms/);
  });
});

describe('a fresh clone', { timeout: TIMEOUT }, () => {
  let clone: Clone;
  beforeEach(() => {
    clone = makeClone({ products: false });
  });
  afterEach(() => clone.delete());

  it('learns all that the machine lacks before anything is fetched', async () => {
    const python3 = 'echo \'{"path": "/opt/python3", "version": [3, 13, 5], "venv": false}\'';
    const PATH = makeBin(clone, { python3, npm: 'echo fetched >&2; exit 1' });
    const result = await clone.run({ PATH, PYTHON: '', CXX: '' });
    expectFailure(result, /3\.13\.5 .* has no venv module .* No C\+\+ compiler/, ONE_COMMAND);
    expect(result.output).not.toContain('npm');
  });

  it.runIf(`${process.platform} ${process.arch}` === 'linux x64')(
    'is told what a GPU costs and how to decline',
    async () => {
      const PATH = `${makeBin(clone, { 'nvidia-smi': 'echo "GPU 0: of a test"' })}:${process.env.PATH}`;
      const { output } = await clone.run({ ...offline(clone), PATH, BREAKOUT_TENSORFLOW: '' });
      expect(output).toMatch(
        /3\.4 GB to download .*BREAKOUT_TENSORFLOW=cpu npm run setup.*npm packages \.\.\./s,
      );
    },
  );
});

describe('downloads that go wrong', { timeout: TIMEOUT }, () => {
  it('are reported for npm, and the rest of node_modules is not trusted', async () => {
    const clone = makeClone({ products: false });
    const result = await clone.run(offline(clone));
    expectFailure(result, /npm packages: the package index cannot be reached/, /npm config list/);
    expect(existsSync(clone.path('node_modules/.package-lock.json'))).toBe(false);
    clone.delete();
  });

  it('are wheels only, which run no code when they are installed', async () => {
    const clone = makeClone({ products: true });
    const index = await serveIndex('anyio-4.16.0.tar.gz');
    clone.remove('.venv');
    const result = await clone.run({ ...offline(clone), PIP_INDEX_URL: index.url });
    expectFailure(result, /JupyterLab: .* cannot be reached/, /proxy/);
    expect(index.requests).toEqual(['/simple/anyio/']);
    index.server.close();
    clone.delete();
  });

  it('are refused when their hash is wrong', async () => {
    const clone = makeClone({ products: true });
    const index = await serveIndex(
      'ale_py-0.12.1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl',
    );
    clone.remove('roms');
    const result = await clone.run({ ...offline(clone), PIP_INDEX_URL: index.url });
    expectFailure(result, /ale-py: a downloaded file is corrupt/, /cache purge/);
    expect(existsSync(clone.path('roms/breakout.bin'))).toBe(false);
    index.server.close();
    clone.delete();
  });
});

it('names a folder that cannot be written', async ({ skip }) => {
  const asRoot = process.getuid?.() === 0;
  const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const reachable = spawnSync(process.execPath, ['-v'], identity).status === 0;
  if (!reachable) skip('another user cannot run this Node');
  const clone = makeClone({ products: false, parent: tmpdir() });
  if (!asRoot) spawnSync('chmod', ['555', clone.path('.')]);
  const { status, stderr } = spawnSync(process.execPath, [clone.path('lib/setup/bootstrap.mjs')], {
    ...identity,
    encoding: 'utf8',
    env: { ...process.env, HOME: tmpdir() },
  });
  expectFailure({ code: status, output: stderr }, /cannot be written: .*\.cache/, /chown/);
  if (!asRoot) spawnSync('chmod', ['755', clone.path('.')]);
  clone.delete();
});

/** A package index that has one file, whose bytes are wrong. */
async function serveIndex(file: string) {
  const requests: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    requests.push(url);
    if (url.endsWith(file)) response.end('these are not the bytes');
    else response.setHeader('content-type', 'text/html').end(`<a href="/${file}">${file}</a>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, requests, url: `http://127.0.0.1:${address.port}/simple/` };
}
