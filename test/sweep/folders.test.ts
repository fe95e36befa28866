/** A run's folder that Python packs on one machine and unpacks on another goes on there. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { folderOfTest } from '../helpers/folder';

const SCRIPT = `
import pathlib, sys
sys.path.insert(0, 'lib/sweep/ray')
import folders
source, target = map(pathlib.Path, sys.argv[1:])
folders.unpack(folders.pack(source), target)
print([path.name for path in folders.checkpoints_in(target)])
`;

function carry(source: string, target: string): string {
  const args = ['-B', '-c', SCRIPT, source, target];
  return execFileSync(join(ROOT, '.venv/bin/python'), args, { cwd: ROOT, encoding: 'utf8' });
}

function addCheckpoint(folder: string, name: string): void {
  const network = join(folder, 'checkpoints', name, 'network');
  mkdirSync(network, { recursive: true });
  writeFileSync(join(network, 'weights.bin'), name);
}

test('the newest checkpoint arrives with the metrics up to it, and two are kept', () => {
  const folder = folderOfTest();
  const [source, target] = [join(folder, 'source'), join(folder, 'target')] as const;
  mkdirSync(source);
  for (const name of ['config.json', 'metrics.jsonl']) writeFileSync(join(source, name), name);
  expect(carry(source, target)).toBe('[]\n'); // one that has not begun
  const names = ['checkpoint-000000900', 'checkpoint-000000900-2', 'checkpoint-000010000'];
  for (const name of names) {
    addCheckpoint(source, `${name}.unfinished`);
    addCheckpoint(source, name);
    writeFileSync(join(source, 'metrics.jsonl'), `up to ${name}`);
    mkdirSync(join(target, '.arriving.tmp'), { recursive: true }); // of one that was killed
    carry(source, target);
  }
  expect(readdirSync(join(target, 'checkpoints')).sort()).toEqual(names.slice(1));
  expect(readFileSync(join(target, 'metrics.jsonl'), 'utf8')).toBe(`up to ${names[2]}`);
  const weights = join(target, 'checkpoints', names[2]!, 'network/weights.bin');
  expect(readFileSync(weights, 'utf8')).toBe(names[2]);
  expect(existsSync(join(target, '.arriving.tmp'))).toBe(false);
});
