/** The stage "TensorFlow": its C library and headers, out of the wheel that PyPI has for Python. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensorflowLibraries } from '../engine/compiled';
import { makeWorkFolder, replaceFolder, type Site, type Stage } from './stage';
import { hasStamp, stampOf, writeStamp } from './stamp.mjs';
import { chooseBuild, hasNvidiaGpu, isForGpu } from './tensorflow-build.mjs';
import { fetchWheels, wheelList } from './wheels';

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

/** All libraries below a folder, NVIDIA's too, relative to it. */
function listLibraries(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(so|dylib)(\.[\d.]+)?$/.test(name));
}

export function tensorflowStage(site: Site): Stage {
  const build = chooseBuild(site);
  const folder = join(site.root, '.tensorflow');
  const stamp = stampOf([readFileSync(wheelList(site, build.list))]);
  return {
    name: isForGpu(build) ? 'TensorFlow for NVIDIA GPUs' : 'TensorFlow',
    bytes: build.bytes,
    get products() {
      return ['.stamp', ...listLibraries(folder)].map((name) => `.tensorflow/${name}`);
    },
    check() {
      if (!isForGpu(build) || hasNvidiaGpu()) return;
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
