/** The real TensorFlow addon computes, also under newer Node; without it the error says what to do. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { deviceText, engineInfo, noteOn, tf } from '../../lib/engine/tensorflow';
import { folderOfTest } from '../helpers/folder';

const require = createRequire(import.meta.url);
const root = join(__dirname, '..', '..');

test('runs on the native backend and says which', () => {
  expect(tf.getBackend()).toBe('tensorflow');
  const info = engineInfo();
  const { version } = JSON.parse(
    readFileSync(require.resolve('@tensorflow/tfjs-node-gpu/package.json'), 'utf8'),
  ) as { version: string };
  expect(info.tfjs).toBe(version);
  expect(info.tensorflow).toMatch(/^2\.\d+\.\d+/);
  expect(info.device).toMatch(/^[CG]PU$/);
  const isCuda = existsSync(join(root, '.tensorflow/nvidia'));
  expect(info.note).toBe(noteOn({ device: info.device, isCuda }));
});

test.each([
  ['CPU', false, /for CPUs/],
  ['CPU', true, /finds none .* nvidia-smi must list one/],
  ['GPU', true, /H200/],
] as const)('says what is known of a %s (CUDA build: %s)', (device, isCuda, text) => {
  expect(noteOn({ device, isCuda })).toMatch(text);
});

test('says what a device does to numbers', () => {
  expect(deviceText({ device: 'CPU' })).toBe('CPU');
  expect(deviceText({ device: 'GPU' })).toMatch(/TF32 .NVIDIA_TF32_OVERRIDE=0 forbids it/);
  vi.stubEnv('NVIDIA_TF32_OVERRIDE', '0');
  expect(deviceText({ device: 'GPU' })).toBe('GPU in full float32');
  vi.unstubAllEnvs();
});

test('computes', () => {
  expect([...tf.matMul([[1, 2]], [[3], [4]]).dataSync()]).toEqual([11]);
});

test('works where Node has removed util.isNullOrUndefined', () => {
  const program = `
    delete require('node:util').isNullOrUndefined;
    const { tf } = require(${JSON.stringify(join(root, 'lib/engine/tensorflow.ts'))});
    console.log(tf.slice(tf.tensor1d([1, 2, 3]), 1, 1).dataSync()[0]);`;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '-e', program], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(output.trim()).toBe('2');
});

test.runIf(process.platform === 'linux')('takes its memory when it is first used', () => {
  const program = `
    const { readFileSync } = require('node:fs');
    const { makeBreakout, tf } = require(${JSON.stringify(join(root, 'lib/index.ts'))});
    const isLoaded = () => readFileSync('/proc/self/maps', 'utf8').includes('libtensorflow_cc');
    makeBreakout();
    const before = isLoaded();
    tf.scalar(1).dataSync();
    console.log(before, isLoaded());`;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '-e', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(output).toBe(`${existsSync(join(root, '.tensorflow/nvidia'))} true\n`);
});

test('without the addon the error names the command that mends it', () => {
  const folder = folderOfTest();
  copyFileSync(join(root, 'lib/engine/prepare.ts'), join(folder, 'prepare.ts'));
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), join(folder, 'prepare.ts')],
    { encoding: 'utf8' },
  );
  expect(status).toBe(1);
  expect(stderr).toContain('TensorFlow cannot be loaded');
  expect(stderr).toContain('Run "npm run setup"');
});
