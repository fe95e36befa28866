/**
 * Runs a benchmark of test/bench in a process of its own.
 *
 *     npm run bench -- NAME [ARGUMENT ...]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../test/bench', import.meta.url));

/** Those that are programs: their head comment says how to run them. */
function benchmarkNames(): string[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  return names
    .map((name) => name.replace(/\.ts$/, ''))
    .filter((name) =>
      readFileSync(join(FOLDER, `${name}.ts`), 'utf8').includes(`bench -- ${name}`),
    );
}

const [name = '', ...args] = process.argv.slice(2);
if (!existsSync(FOLDER) || !benchmarkNames().includes(name)) {
  console.error(
    `expected the name of a benchmark (${benchmarkNames().join(', ')}), got "${name}": npm run bench -- NAME`,
  );
  process.exit(2);
}
// The same Node with the same loader of TypeScript.
const { status } = spawnSync(
  process.execPath,
  [...process.execArgv, join(FOLDER, `${name}.ts`), ...args],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
