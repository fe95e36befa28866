/**
 * Installs the Python peers that the benchmarks compare with, into .cache/peers (some gigabytes).
 *
 *     npm run bench:peers
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Ends the process when the command fails; it has said why. */
function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (status === 0) return;
  if (error) console.error(`${command}: ${error.message}. Run "npm run setup" first.`);
  process.exit(status ?? 1);
}

run('.venv/bin/python', ['-m', 'venv', '.cache/peers']);
run('.cache/peers/bin/python', [
  ...['-m', 'pip', 'install', '--disable-pip-version-check'],
  ...['--requirement', 'test/bench/peers/requirements.txt'],
]);
