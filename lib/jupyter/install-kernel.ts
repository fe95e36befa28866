/**
 * `npm run kernel:install`: registers the kernel, and the extension that draws its plots, for VS Code
 * and for a Jupyter of the user's. `-- --prefix=DIR` for one Python environment, `-- --remove` to undo.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../files/root';
import { userPath } from '../setup/user-path.mjs';
import { messageOf } from '../text';

const KERNEL = 'kernels/breakout-dqn';
/** What a registered kernel runs, in its clone. */
const LAUNCHER = '/lib/kernel/launch.sh';
const EXTENSION = 'labextensions/breakout-display';

/** Folder in which each Jupyter of this user looks for kernels and extensions. */
function userDataFolder(env: NodeJS.ProcessEnv): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (process.platform === 'darwin') return join(homedir(), 'Library/Jupyter');
  return join(env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'jupyter');
}

/**
 * The kernelspec with absolute paths: VS Code and desktop programs start kernels without the PATH of
 * a shell, and the copy lies outside the project.
 */
function kernelSpec(source: string): object {
  const spec = JSON.parse(readFileSync(join(source, 'kernel.json'), 'utf8')) as { argv: string[] };
  const argv = spec.argv.map((arg) => {
    if (arg === 'node') return process.execPath;
    const inPlace = arg.startsWith('{resource_dir}/');
    return inPlace ? resolve(source, arg.slice('{resource_dir}/'.length)) : arg;
  });
  return { ...spec, argv };
}

function install(data: string): void {
  const source = join(ROOT, 'lib/jupyter', KERNEL);
  const kernel = join(data, KERNEL);
  remove(data);
  mkdirSync(kernel, { recursive: true });
  for (const name of readdirSync(source)) cpSync(join(source, name), join(kernel, name));
  writeFileSync(join(kernel, 'kernel.json'), `${JSON.stringify(kernelSpec(source), null, 2)}\n`);
  cpSync(join(ROOT, 'lib/jupyter', EXTENSION), join(data, EXTENSION), { recursive: true });
}

/**
 * The other clone whose kernel is registered there: its folder, as the registered command names it.
 * @returns undefined where there is none, it is damaged or this clone's, or its folder is gone
 */
function otherClone(data: string): string | undefined {
  const file = join(data, KERNEL, 'kernel.json');
  if (!existsSync(file)) return undefined;
  const argv = registeredCommand(file);
  const launcher = Array.isArray(argv) && argv.find((arg) => String(arg).endsWith(LAUNCHER));
  if (typeof launcher !== 'string' || !existsSync(launcher)) return undefined;
  const root = launcher.slice(0, -LAUNCHER.length);
  return realpathSync(root) === realpathSync(ROOT) ? undefined : root;
}

/** The command in a kernel.json; undefined when it is damaged, and may be replaced or removed. */
function registeredCommand(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { argv?: unknown } | null)?.argv;
  } catch {
    return undefined;
  }
}

/** @returns the folders that were there */
function remove(data: string): string[] {
  const folders = [KERNEL, EXTENSION].map((name) => join(data, name)).filter(existsSync);
  for (const folder of folders) rmSync(folder, { recursive: true });
  return folders;
}

function main(): void {
  const { values } = parseArgs({
    options: { prefix: { type: 'string' }, remove: { type: 'boolean', default: false } },
  });
  const { prefix } = values;
  if (prefix === '') throw new TypeError('--prefix must name a folder, got an empty text');
  const data = prefix ? join(userPath(prefix), 'share/jupyter') : userDataFolder(process.env);
  const other = otherClone(data);
  if (values.remove) {
    if (other) {
      throw new Error(
        `${join(data, KERNEL)} is the kernel of ${other}: run the command there, or register this one first`,
      );
    }
    const removed = remove(data);
    console.log(
      removed.length ? `Removed ${removed.join(' and ')}` : `Nothing to remove in ${data}`,
    );
    return;
  }
  install(data);
  if (other) console.log(`This replaces the kernel of ${other}, which is no longer registered.`);
  console.log(`Registered the kernel "TypeScript (breakout-dqn)" in ${join(data, KERNEL)}`);
  console.log(`and the display extension of JupyterLab in ${join(data, EXTENSION)}.`);
  console.log(`Both use ${ROOT} and ${process.execPath}: after moving either, run this again.`);
}

try {
  main();
} catch (error) {
  console.error(`Nothing was changed: ${messageOf(error)}`);
  console.error('Usage: npm run kernel:install -- [--prefix=DIR] [--remove]');
  process.exitCode = 1;
}
