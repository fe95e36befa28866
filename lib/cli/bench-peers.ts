/** npm run bench:peers: installs what the benchmarks compare with, into .cache/peers (some gigabytes). */
import { spawnSync } from 'node:child_process';
import { ROOT } from '../files/root';
import { runCommand } from './arguments';

const STEPS = [
  ['.venv/bin/python', '-m', 'venv', '.cache/peers'],
  [
    ...['.cache/peers/bin/python', '-m', 'pip', 'install', '--only-binary=:all:'],
    ...['--disable-pip-version-check', '--requirement', 'test/bench/peers/requirements.txt'],
  ],
] as const;

function main(): number {
  for (const [command, ...args] of STEPS) {
    const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
    if (error) throw new Error(`${command}: ${error.message}. Run "npm run setup" first.`);
    if (status !== 0) return status ?? 1; // the command has said why
  }
  return 0;
}

runCommand(main, { usage: 'usage: npm run bench:peers\n' });
