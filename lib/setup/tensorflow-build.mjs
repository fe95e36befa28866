/** Which of TensorFlow's builds this machine gets. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './errors.mjs';
import { glibcVersion } from './machine.mjs';

/**
 * One of the builds that TensorFlow publishes.
 * @typedef {object} Build
 * @property {string} list list of wheels in lib/setup/wheels
 * @property {readonly string[]} platforms
 * @property {number} bytes download, unpacked libraries and pip's copy in its cache
 */

const MANYLINUX_X64 = ['manylinux_2_27_x86_64', 'manylinux_2_25_x86_64', 'manylinux2014_x86_64'];

/** @type {Readonly<Record<string, Build>>} */
const BUILDS = {
  'linux x64': { list: 'tensorflow-linux-x64', platforms: MANYLINUX_X64, bytes: 1.5e9 },
  'linux x64 cuda': { list: 'tensorflow-linux-x64-cuda', platforms: MANYLINUX_X64, bytes: 14e9 },
  'linux arm64': {
    list: 'tensorflow-linux-arm64',
    platforms: ['manylinux_2_27_aarch64'],
    bytes: 1.7e9,
  },
  'darwin arm64': {
    list: 'tensorflow-darwin-arm64',
    platforms: ['macosx_12_0_arm64'],
    bytes: 1.5e9,
  },
};

const GLIBC = [2, 27]; // manylinux_2_27

/** @param {Build} build */
export function isForGpu({ list }) {
  return list.endsWith('cuda');
}

/**
 * The build for this machine: the one that BREAKOUT_TENSORFLOW names, else the kind that is there, else
 * CUDA's where an NVIDIA GPU answers.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} site
 * @returns {Build}
 * @throws SetupError where TensorFlow publishes none
 */
export function chooseBuild({ root, env }) {
  const wanted = env.BREAKOUT_TENSORFLOW ?? '';
  if (!['', 'cpu', 'cuda'].includes(wanted)) {
    throw new SetupError(
      `BREAKOUT_TENSORFLOW must be cpu or cuda, got "${wanted}".`,
      'unset BREAKOUT_TENSORFLOW (an NVIDIA GPU is then found by itself), or set it to cpu or cuda',
    );
  }
  const machine = `${process.platform} ${process.arch}`;
  const cuda = BUILDS[`${machine} cuda`];
  if (wanted === 'cuda' && !cuda) {
    throw new SetupError(
      `BREAKOUT_TENSORFLOW=cuda needs Linux on x64, this is ${machine}.`,
      'unset BREAKOUT_TENSORFLOW, or set it to cpu',
    );
  }
  const build =
    cuda && (wanted || kindThere(root) || kindFor()) === 'cuda' ? cuda : BUILDS[machine];
  if (!build) {
    throw new SetupError(
      `TensorFlow 2.21 has no build for ${machine}: Linux on x64 or arm64 or macOS on arm64 is needed.`,
      'use another machine, or a container or virtual machine with Linux',
    );
  }
  if (process.platform === 'linux') requireGlibc();
  return build;
}

/** Says what a GPU costs and how to decline, before anything is downloaded for it. */
export function announceGpu() {
  console.error(
    'Set-up: TensorFlow for NVIDIA GPUs is taken, 3.4 GB to download (0.3 GB without a GPU).\n' +
      '  To decline: Ctrl-C, then BREAKOUT_TENSORFLOW=cpu npm run setup. Later set-ups keep that choice.',
  );
}

/**
 * The kind of the TensorFlow that an earlier set-up has made.
 * @param {string} root
 */
export function kindThere(root) {
  const folder = join(root, '.tensorflow');
  if (!existsSync(join(folder, '.stamp'))) return undefined;
  return existsSync(join(folder, 'nvidia')) ? 'cuda' : 'cpu';
}

function kindFor() {
  return hasNvidiaGpu() ? 'cuda' : 'cpu';
}

function requireGlibc() {
  const version = glibcVersion();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needed = 0, neededMinor = 0] = GLIBC;
  if (major > needed || (major === needed && minor >= neededMinor)) return;
  throw new SetupError(
    `TensorFlow needs the GNU C library ${GLIBC.join('.')} or newer, this system has ${version || 'another one (musl)'}.`,
    'use a newer system, or a container such as node:22-bookworm instead of an alpine one',
  );
}

/** Whether a GPU answers, not only whether a driver is installed. */
export function hasNvidiaGpu() {
  for (const tool of ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi']) {
    const { status, stdout } = spawnSync(tool, ['-L'], { encoding: 'utf8' });
    if (status === 0) return stdout.includes('GPU 0');
  }
  const gpus = '/proc/driver/nvidia/gpus';
  return existsSync(gpus) && readdirSync(gpus).length > 0;
}
