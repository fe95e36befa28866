/** The C++ compiler of the machine, which three stages need. */
import { spawnSync } from 'node:child_process';
import { compilerCommand } from '../engine/compiled';
import { explainFailure, SetupError, systemInstall } from './errors.mjs';
import { runTool } from './run.mjs';
import { logPath, type Site } from './stage';

/** @throws SetupError when the compiler does not run */
export function requireCompiler(env: NodeJS.ProcessEnv): void {
  const [command = '', ...args] = compilerCommand(env);
  if (spawnSync(command, [...args, '--version'], { env }).status === 0) return;
  throw new SetupError(
    `No C++ compiler: ${env.CXX ? `CXX=${env.CXX}` : 'c++ on the PATH'} does not run.`,
    systemInstall({
      debian: 'g++',
      fedora: 'gcc-c++',
      arch: 'gcc',
      macos: 'xcode-select --install',
    }),
  );
}

export interface Compilation {
  /** What is compiled, as "the TensorFlow addon". */
  readonly what: string;
  /** The compiler, then arguments it always gets. */
  readonly command: readonly string[];
  readonly args: readonly string[];
}

/** @throws SetupError when the compiler fails */
export async function compile(site: Site, { what, command, args }: Compilation): Promise<void> {
  const log = logPath(site, 'compiler');
  const [program = '', ...own] = command;
  const result = await runTool({
    command: program,
    args: [...own, ...args],
    cwd: site.root,
    env: site.env,
    log,
  });
  if (result.code === 0) return;
  throw explainFailure({ what: `Compiling ${what}`, output: result.output, log });
}
