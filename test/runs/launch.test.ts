/** A run's real process that says ready is launched, and any other end is reported with its output. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { launch, programFile } from '../../lib/runs/launch';
import { pathsIn, type RunPaths } from '../../lib/runs/record/folder';
import { folderOfTest } from '../helpers/folder';

let paths: RunPaths;
beforeEach(() => {
  paths = pathsIn(folderOfTest(), 'toy');
});

test.each([
  ['ready', 'process.send({ ready: true })', undefined],
  ['an error', "process.send({ error: 'no memory' })", 'the run toy cannot start: no memory'],
  ['something else', 'process.send([1])', /must say ready or an error, got \[1\]$/],
  [
    'nothing, and is killed',
    "process.kill(process.pid, 'SIGKILL')",
    /its process ended \(SIGKILL\), and it printed nothing$/,
  ],
  [
    'too much', // the error has the end of it, without what was there before
    "process.stdout.write('x'.repeat(9000) + 'end', () => process.exit(5))",
    /its process ended \(exit code 5\), and printed:\nx{3997}end$/,
  ],
])('a process that says %s', async (_, code, message) => {
  const program = join(paths.folder, 'program.cjs');
  writeFileSync(program, code);
  writeFileSync(paths.output, 'of an earlier process\n');
  const launching = launch({ paths, program, edits: {} });
  if (message === undefined) await launching;
  else await expect(launching).rejects.toThrow(message);
});

test.each([
  [{}, ',,'],
  [{ threads: 3 }, '3,3,3'],
])('with %j the threads of both engines are %s', async (options, threads) => {
  const program = join(paths.folder, 'program.cjs');
  const names = ['BREAKOUT_THREADS', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'];
  const list = names.map((name) => `process.env.${name}`).join();
  writeFileSync(program, `process.send({ error: 'has ' + [${list}].join() })`);
  const launching = launch({ paths, program, edits: {}, ...options });
  await expect(launching).rejects.toThrow(`the run toy cannot start: has ${threads}`);
});

test.each([
  ['breakout', 'lib/runs/process/breakout-process.ts'],
  ['lib/runs/breakout-process.ts', 'lib/runs/process/breakout-process.ts'], // of version 0.1.0
  ['test/helpers/toy-run.ts', 'test/helpers/toy-run.ts'],
  [join(ROOT, 'test/helpers/toy-run.ts'), 'test/helpers/toy-run.ts'],
  ['lib/cli/notebooks-restore.ts', undefined],
  ['lib/cli/find-run.ts', undefined],
  ['test/runs/toy.ts', undefined],
  ['test/none-process.ts', undefined],
  ['package.json', undefined],
])('the program %s of a config.json', (program, file) => {
  if (file !== undefined) expect(programFile(program)).toBe(file);
  else expect(() => programFile(program)).toThrow(`my-process.ts, got '${program}': look at what`);
});

test('code that came with a run, or beside one, is no program', () => {
  for (const folder of ['runs', 'notebooks', 'notebooks/results']) {
    mkdirSync(join(ROOT, folder), { recursive: true });
    const gift = mkdtempSync(join(ROOT, folder, 'gift-'));
    onTestFinished(() => rmSync(gift, { recursive: true }));
    const evil = join(gift, 'evil-process.mjs');
    writeFileSync(evil, '');
    const link = join(paths.folder, 'link-process.mjs');
    rmSync(link, { force: true });
    symlinkSync(evil, link);
    for (const program of [evil, link]) {
      expect(() => programFile(program)).toThrow(
        "a run's program must be a file in lib/runs or test",
      );
    }
  }
});
