/** A run's real process that says ready is launched, and any other end is reported with its output. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { launch } from '../../lib/runs/launch';
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
