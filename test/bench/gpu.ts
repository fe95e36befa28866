/**
 * All that is measured on a machine with an NVIDIA GPU, in under 8 minutes: correctness, times of updates beside
 * PyTorch, agent steps a second, settings. It runs without a GPU, too: a rehearsal.
 *
 *     npm run bench -- gpu [PART ...]
 *
 * Each part is a process with a time limit of its own and prints JSON lines, the most important part first:
 * what fails or hangs costs its own lines only. TORCH names a Python that has PyTorch; default: python3.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../lib/files/root';

interface Part {
  readonly name: string;
  /** Seconds. */
  readonly limit: number;
  readonly command: 'node' | 'torch' | 'nvidia-smi';
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Seconds for all parts together. */
const TOTAL = 480;

const EXACT = { NVIDIA_TF32_OVERRIDE: '0' };
const part = (name: string, limit: number, args: readonly string[], env = {}): Part => {
  return { name, limit, command: 'node', args, env };
};
const SMI = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
const PEER = [join(ROOT, 'test/bench/peers/torch_gpu.py')];

const PARTS: readonly Part[] = [
  { name: 'smi', limit: 10, command: 'nvidia-smi', args: SMI },
  part('device', 40, ['device']),
  part('agree', 60, ['agree'], EXACT),
  part('update', 60, ['update', 'graph', 'native']),
  { name: 'torch', limit: 80, command: 'torch', args: PEER },
  part('steps', 70, ['steps', 'fast', 'cleanrl']),
  part('auto', 40, ['auto']),
  part('tf32', 20, ['update', 'graph'], EXACT),
  part('wide', 60, ['steps', 'wide']),
  part('slow', 30, ['update', 'tensorflow']),
  part('repeat', 40, ['repeat'], { ...EXACT, TF_DETERMINISTIC_OPS: '1' }),
  part('no-sync', 20, ['update', 'graph'], { TF_SYNC_ON_FINISH: '0' }),
  part('xla', 60, ['update', 'graph'], { TF_XLA_FLAGS: '--tf_xla_auto_jit=2' }),
  part('private', 20, ['update', 'graph'], { TF_GPU_THREAD_MODE: 'gpu_private' }),
];

function run({ name, command, args, env, ...given }: Part): void {
  const limit = Math.min(given.limit, TOTAL - performance.now() / 1000);
  if (limit < 5) {
    console.log(JSON.stringify({ end: name, failed: 'no time is left' }));
    return;
  }
  const programs = {
    node: process.execPath,
    torch: process.env.TORCH ?? 'python3',
    'nvidia-smi': 'nvidia-smi',
  };
  const before =
    command === 'node' ? [...process.execArgv, join(ROOT, 'test/bench/gpu-part.ts')] : [];
  const start = performance.now();
  const { status, stderr, error } = spawnSync(programs[command], [...before, ...args], {
    ...{
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'inherit', 'pipe'],
      timeout: limit * 1000,
      killSignal: 'SIGKILL',
    },
    env: { ...process.env, PYTHONUNBUFFERED: '1', ...env },
  });
  const seconds = Number(((performance.now() - start) / 1000).toFixed(1));
  const problem =
    status === 0 ? {} : { failed: error?.message ?? status, stderr: stderr?.slice(-1500) };
  console.log(JSON.stringify({ end: name, seconds, limit, ...env, ...problem }));
}

const wanted = process.argv.slice(2);
for (const each of PARTS) if (wanted.length === 0 || wanted.includes(each.name)) run(each);
