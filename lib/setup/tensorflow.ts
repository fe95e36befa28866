/** The stage "TensorFlow": its C library and headers, out of the wheel that PyPI has for Python. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensorflowLibraries } from '../engine/compiled';
import { SetupError } from './errors.mjs';
import { glibcVersion } from './machine.mjs';
import { makeWorkFolder, replaceFolder, type Site, type Stage } from './stage';
import { hasStamp, stampOf, writeStamp } from './stamp.mjs';
import { fetchWheels, wheelList } from './wheels';

/** One of the builds that TensorFlow publishes. */
interface Build {
  /** List of wheels in lib/setup/wheels. */
  readonly list: string;
  readonly platforms: readonly string[];
  /** Download, unpacked libraries and pip's copy in its cache, in bytes. */
  readonly bytes: number;
}

const MANYLINUX_X64 = ['manylinux_2_27_x86_64', 'manylinux_2_25_x86_64', 'manylinux2014_x86_64'];

const BUILDS: Readonly<Record<string, Build>> = {
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

/** The two libraries and the headers that the addon includes; with CUDA, NVIDIA's libraries. */
const KEEP = [
  'tensorflow/libtensorflow_cc',
  'tensorflow/libtensorflow_framework',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/platform/',
  'tensorflow/include/xla/tsl/c/',
  'nvidia/',
];

const GLIBC = [2, 27] as const; // manylinux_2_27

/** All libraries below a folder, NVIDIA's too, relative to it. */
function listLibraries(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(so|dylib)(\.[\d.]+)?$/.test(name));
}

export function tensorflowStage(site: Site): Stage {
  const build = chooseBuild(site.env);
  const folder = join(site.root, '.tensorflow');
  const stamp = stampOf([readFileSync(wheelList(site, build.list))]);
  return {
    name: build.list.endsWith('cuda') ? 'TensorFlow for NVIDIA GPUs' : 'TensorFlow',
    bytes: build.bytes,
    get products() {
      return ['.stamp', ...listLibraries(folder)].map((name) => `.tensorflow/${name}`);
    },
    check() {
      if (site.env.BREAKOUT_TENSORFLOW !== 'cuda' || hasNvidiaGpu()) return;
      console.error(
        'BREAKOUT_TENSORFLOW=cuda, but no NVIDIA GPU answers here (nvidia-smi -L): it will compute on the CPU.',
      );
    },
    isDone: () => hasStamp({ folder, stamp }) && tensorflowLibraries(site.root).length === 2,
    async run(progress) {
      const made = makeWorkFolder(site, 'tensorflow');
      await fetchWheels({ ...build, site, keep: KEEP, target: made, progress });
      writeStamp({ folder: made, stamp, files: listLibraries(made) });
      replaceFolder(site, { from: made, to: folder });
    },
  };
}

/**
 * The build for this machine: CUDA's where an NVIDIA GPU is, unless BREAKOUT_TENSORFLOW decides.
 * @throws SetupError where TensorFlow publishes none
 */
function chooseBuild(env: NodeJS.ProcessEnv): Build {
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
    cuda && (wanted === 'cuda' || (wanted === '' && hasNvidiaGpu())) ? cuda : BUILDS[machine];
  if (!build) {
    throw new SetupError(
      `TensorFlow 2.21 has no build for ${machine}: Linux on x64 or arm64 or macOS on arm64 is needed.`,
      'use another machine, or a container or virtual machine with Linux',
    );
  }
  if (process.platform === 'linux') requireGlibc();
  return build;
}

function requireGlibc(): void {
  const version = glibcVersion();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > GLIBC[0] || (major === GLIBC[0] && minor >= GLIBC[1])) return;
  throw new SetupError(
    `TensorFlow needs the GNU C library ${GLIBC.join('.')} or newer, this system has ${version || 'another one (musl)'}.`,
    'use a newer system, or a container such as node:22-bookworm instead of an alpine one',
  );
}

/** Whether a GPU answers, not only whether a driver is installed. */
function hasNvidiaGpu(): boolean {
  for (const tool of ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi']) {
    const { status, stdout } = spawnSync(tool, ['-L'], { encoding: 'utf8' });
    if (status === 0) return stdout.includes('GPU 0');
  }
  const gpus = '/proc/driver/nvidia/gpus';
  return existsSync(gpus) && readdirSync(gpus).length > 0;
}
