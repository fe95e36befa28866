/** npm run bench -- NAME [ARGUMENTS]: runs a benchmark of test/bench in a process of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../files/root';
import { runCommand, UsageError } from './arguments';

/** The programs of test/bench; the head of each says what it measures. */
const BENCHMARKS = ['agent', 'cells', 'env', 'gpu', 'play', 'replay', 'step', 'train'];
const USAGE = `usage: npm run bench -- NAME [ARGUMENTS]
  NAME ${BENCHMARKS.join(', ')}
`;

function main([name = '', ...args]: string[]): number {
  if (!BENCHMARKS.includes(name)) {
    throw new UsageError(`NAME must be one of ${BENCHMARKS.join(', ')}, got ${name || 'nothing'}`);
  }
  // The same Node with the same loader of TypeScript.
  const line = [...process.execArgv, join(ROOT, `test/bench/${name}.ts`), ...args];
  return spawnSync(process.execPath, line, { stdio: 'inherit' }).status ?? 1;
}

runCommand(main, { usage: USAGE });
