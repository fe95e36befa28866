/** The C++ compiler of the machine, which three stages need. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { explainFailure, SetupError } from './errors.mjs';
import { runTool } from './run.mjs';

/** What a machine without a compiler lacks. */
const PACKAGES = { debian: 'g++', fedora: 'gcc-c++', arch: 'gcc', macos: 'xcode-select --install' };

/**
 * Command and arguments of the compiler. CXX may name another one: a file, or a command with arguments as
 * in "ccache g++".
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 */
export function compilerCommand({ CXX = '' }) {
  if (existsSync(CXX)) return [CXX]; // its path may have spaces
  return (CXX || 'c++').split(/\s+/).filter(Boolean);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @throws SetupError when the compiler does not run
 */
export function requireCompiler(env) {
  const [command = '', ...args] = compilerCommand(env);
  if (spawnSync(command, [...args, '--version'], { env }).status === 0) return;
  if (!env.CXX) throw new SetupError('No C++ compiler: c++ on the PATH does not run.', PACKAGES);
  throw new SetupError(
    `No C++ compiler: CXX=${env.CXX} does not run.`,
    'unset CXX, or set it to a C++ compiler: a path, or a command with arguments as in "ccache g++"',
  );
}

/**
 * @param {object} options
 * @param {string} options.what what is compiled, as "the TensorFlow addon"
 * @param {readonly string[]} options.args less those that CXX names
 * @param {string} options.root folder to which paths in `args` are relative
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.log
 * @throws SetupError when the compiler fails
 */
export async function compile({ what, args, root, env, log }) {
  const [command = '', ...own] = compilerCommand(env);
  const { code, output } = await runTool({
    ...{ command, args: [...own, ...args], cwd: root, env, log },
  });
  if (code !== 0) throw explainFailure({ what: `Compiling ${what}`, output, log });
}
