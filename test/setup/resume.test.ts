/** A real set-up makes again only what is missing or damaged, and goes on after it was killed. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginePath, GRAPH_ENGINE, NATIVE_ENGINE } from '../../lib/engine/compiled';
import { type Clone, makeBin, makeClone, offline, ROOT } from './clone';

const TIMEOUT = 300_000;
const ADDON = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8';
const [NATIVE, GRAPH] = [NATIVE_ENGINE, GRAPH_ENGINE].map((engine) =>
  relative(ROOT, enginePath(engine, ROOT)),
) as [string, string];
const libraries = readdirSync(`${ROOT}/.tensorflow/tensorflow`);
const LIBRARY = `.tensorflow/tensorflow/${libraries.find((name) => name.includes('_framework'))}`;

describe('the set-up of a complete clone', { timeout: TIMEOUT }, () => {
  let clone: Clone;
  beforeAll(() => {
    clone = makeClone({ products: true });
  }, TIMEOUT);
  afterAll(() => clone.delete());

  it('needs no network', async () => {
    clone.remove('lib/jupyter/labextensions/breakout-display/static/plotly.js');
    const { code, output } = await clone.run(offline(clone));
    expect(output).toMatch(/plot library: done in [\d.]+ s/);
    expect(output).not.toMatch(/npm packages|JupyterLab|TensorFlow/);
    expect(code).toBe(0);
  });

  it('runs no program at all the second time', async () => {
    const { code, output } = await clone.run({ PATH: '/nowhere' });
    expect(output).toBe('Set-up: everything is there.\n');
    expect(code).toBe(0);
  });

  it('looks again when its record is not what it wrote', async () => {
    clone.write('.cache/setup/done.json', '{"key": "of another time", "products": []}');
    const stamp = clone.path('.venv/.stamp');
    const before = statSync(stamp).mtimeMs;
    expect((await clone.run(offline(clone))).code).toBe(0);
    clone.write('.cache/setup/done.json', '{"key":');
    expect((await clone.run(offline(clone))).code).toBe(0);
    expect(statSync(stamp).mtimeMs).toBe(before);
  });

  it('does not trust a TensorFlow with a wrong stamp, and keeps it until a new one is complete', async () => {
    const stamp = readFileSync(clone.path('.tensorflow/.stamp'), 'utf8');
    clone.write('.tensorflow/.stamp', 'half');
    const { code, output } = await clone.run(offline(clone));
    clone.write('.tensorflow/.stamp', stamp);
    expect(output).toMatch(/tensorflow-\S+: the package index cannot be reached/);
    expect(code).toBe(1);
    expect(existsSync(clone.path('.tensorflow/tensorflow/include'))).toBe(true);
  });

  it('takes the ROM from a file of its user, a relative one from where the user stands', async () => {
    const INIT_CWD = clone.path('somewhere');
    mkdirSync(INIT_CWD);
    const bytes = readFileSync(clone.path('roms/breakout.bin'));
    copyFileSync(clone.path('roms/breakout.bin'), clone.path('somewhere/of-mine.bin'));
    clone.remove('roms');
    const env = { ...offline(clone), BREAKOUT_ROM: 'of-mine.bin' };
    expect((await clone.run({ ...env, INIT_CWD })).code).toBe(0);
    expect(readFileSync(clone.path('roms/breakout.bin'))).toEqual(bytes);
    const elsewhere = await clone.run({ ...env, INIT_CWD: clone.path('.') });
    expect(elsewhere.output).toContain(`${clone.path('of-mine.bin')} does not exist`);
  });

  // What each would need is not there: that it is asked for shows that the damage was seen.
  describe('makes again', () => {
    const damages = [
      ['a TensorFlow cut short', LIBRARY, 'x'.repeat(1000), /TensorFlow ...\n.*cannot be reached/s],
      ['an addon cut short', `${ADDON}/tfjs_binding.node`, 'x', /CXX=no-such does not run/],
      [
        'an addon that is gone',
        `${ADDON}/tfjs_binding.node`,
        undefined,
        /CXX=no-such does not run/,
      ],
      ['a native engine cut short', NATIVE, 'x'.repeat(1000), /CXX=no-such does not run/],
      ['a Python of another version', '.venv/bin/python', '#!/bin/sh\nexit 1', /PYTHON=no-such is/],
      ['JupyterLab without its settings', '.venv/pyvenv.cfg', undefined, /PYTHON=no-such is/],
    ] as const;
    it.each(damages)('%s', async (_title, file, content, demand) => {
      clone.remove(file);
      if (content !== undefined) {
        clone.write(file, content);
        chmodSync(clone.path(file), 0o755);
      }
      const env = { ...offline(clone), CXX: 'no-such', PYTHON: 'no-such' };
      const { code, output } = await clone.run(env);
      clone.restore(file);
      expect(output).toMatch(demand);
      expect(output).not.toMatch(/\n\s+at /);
      expect(code).toBe(1);
      expect((await clone.run(env)).output).toBe('Set-up: everything is there.\n');
    });
  });

  it('refuses an engine that Node cannot load, and keeps temporary files in the project', async () => {
    clone.remove(NATIVE);
    clone.write(
      'compiler',
      `#!/bin/sh
      test "$1" = --version && exit
      for last; do :; done
      echo "$TMPDIR" | tee "$last" > ${clone.path('tmp-of-compiler')}`,
    );
    chmodSync(clone.path('compiler'), 0o755);
    const env = { ...offline(clone), CXX: clone.path('compiler'), TMPDIR: '/nowhere' };
    const { code, output } = await clone.run(env);
    expect(output).toMatch(
      /The native engine was compiled, but Node cannot load it: .*\n.*unset CXX/,
    );
    expect(code).toBe(1);
    expect(readFileSync(clone.path('tmp-of-compiler'), 'utf8')).toContain(
      clone.path('.cache/setup/work'),
    );
    clone.restore(NATIVE);
  });

  it.runIf(`${process.platform} ${process.arch}` === 'linux x64')(
    'keeps the TensorFlow that is there, whether a GPU has come or not',
    async () => {
      const PATH = `${makeBin(clone, { 'nvidia-smi': 'echo "GPU 0: of a test"' })}:${process.env.PATH}`;
      clone.remove('.cache/setup/done.json');
      const env = { ...offline(clone), PATH, BREAKOUT_TENSORFLOW: '' };
      expect((await clone.run(env)).output).toBe('Set-up: everything is there.\n');
    },
  );

  it('leaves the graph engine out where it cannot be compiled, says so, and does not try again', async () => {
    clone.write(GRAPH, 'cut short');
    clone.write(
      'compiler',
      '#!/bin/sh\ntest "$1" = --version || { echo "error: no c_api.h"; exit 1; }',
    );
    chmodSync(clone.path('compiler'), 0o755);
    const env = { ...offline(clone), CXX: clone.path('compiler') };
    const { code, output } = await clone.run(env);
    expect(output).toMatch(/graph engine failed: error: no c_api.h It is left out: TensorFlow.js/);
    expect(code).toBe(0);
    expect((await clone.run(env)).output).toBe('Set-up: everything is there.\n');
    clone.remove('.cache/setup/done.json');
    expect((await clone.run(env)).output).not.toContain('graph engine');
    clone.remove(`${GRAPH}.missing`);
    clone.restore(GRAPH);
  });

  it('says when TensorFlow for GPUs is asked for and no GPU answers', async () => {
    const none = makeBin(clone, { node: process.execPath });
    const env = { ...offline(clone), BREAKOUT_TENSORFLOW: 'cuda', PATH: `${none}:/usr/bin:/bin` };
    clone.remove('.cache/setup/done.json');
    const { output } = await clone.run(env);
    expect(output).toMatch(/no NVIDIA GPU answers here .*: it will compute on the CPU/);
  });

  it('goes on after it was killed half-way, two at once doing the work once', async () => {
    clone.remove(ADDON);
    clone.remove('.cache/setup');
    const killed = clone.start(offline(clone));
    await appears(clone.path('.cache/setup/compiler.log'));
    process.kill(-(killed.process.pid ?? 0), 'SIGKILL');
    await killed.result;
    expect(existsSync(clone.path(`${ADDON}/.stamp`))).toBe(false);

    const results = await Promise.all([clone.run(offline(clone)), clone.run(offline(clone))]);
    const outputs = results.map(({ output }) => output).sort();
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(outputs.filter((output) => output.includes('addon: done in'))).toHaveLength(1);
    expect(outputs.filter((output) => output.includes('another one is at work'))).toHaveLength(1);
    expect(readdirSync(clone.path('.cache/setup/lock'))).toEqual(['queue']);
    expect(existsSync(clone.path('.cache/setup/work'))).toBe(false);
  });

  it('ends its compiler when it is told to end', async () => {
    clone.remove(ADDON);
    const stopped = clone.start(offline(clone));
    await appears(clone.path(`${ADDON}.next`));
    stopped.process.kill('SIGINT');
    const { code, output } = await stopped.result;
    expect(output).toMatch(/Set-up stopped\. Run the command again/);
    expect(code).toBe(130);
    expect(existsSync(clone.path(`${ADDON}/.stamp`))).toBe(false);
  });
});

async function appears(path: string): Promise<void> {
  await expect.poll(() => existsSync(path), { timeout: 60_000, interval: 20 }).toBe(true);
}
