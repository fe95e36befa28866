/** Python wheels used as plain archives: fetched by pip, which knows the user's index and proxy. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './errors.mjs';
import type { Progress } from './report.mjs';
import { runTool } from './run.mjs';
import { logPath, type Site } from './stage';
import { pipEnvironment, venvPython } from './venv';

/** Arguments: archive, target folder, then prefixes of the members to take. */
const UNPACK = `
import sys, zipfile
archive, target, *prefixes = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel:
    wheel.extractall(target, [n for n in wheel.namelist() if n.startswith(tuple(prefixes))])
`;

export interface WheelOptions {
  site: Site;
  /** Name of a file in lib/setup/wheels, less its ending: versions and hashes. */
  list: string;
  /** Platform tags of the wheels, whatever this machine is. */
  platforms: readonly string[];
  /** Prefixes of the members that are kept. */
  keep: readonly string[];
  /** Empty folder that receives them. */
  target: string;
  progress: Progress;
}

/**
 * Downloads wheels, checks their hashes and unpacks what is needed of them.
 * @throws SetupError
 */
export async function fetchWheels(options: WheelOptions): Promise<void> {
  const { site, list, platforms, keep, target, progress } = options;
  const downloads = join(target, 'wheels');
  mkdirSync(downloads);
  const wheels = readFileSync(wheelList(site, list), 'utf8').match(/==/g)?.length ?? 1;
  const log = logPath(site, list);
  const python = venvPython(join(site.root, '.venv'));
  const { code, output } = await runTool({
    command: python,
    args: [
      ...['-I', '-m', 'pip', 'download', '--require-hashes', '--no-deps', '--only-binary=:all:'],
      ...['--no-input', '--disable-pip-version-check', '--progress-bar=raw', '--dest', downloads],
      // Only libraries and data are taken, so the wheel's Python version does not matter.
      ...[
        '--implementation=cp',
        '--python-version=3.12',
        ...platforms.map((p) => `--platform=${p}`),
      ],
      ...['-r', wheelList(site, list)],
    ],
    cwd: site.root,
    env: pipEnvironment(site.env),
    log,
    onLine: pipProgress(progress, wheels),
  });
  if (code !== 0) throw explainFailure({ what: `Downloading ${list}`, output, log });
  for (const wheel of readdirSync(downloads)) {
    const args = ['-I', '-c', UNPACK, join(downloads, wheel), target, ...keep];
    progress.update(1, 'unpacking');
    const unpacked = await runTool({ command: python, args, cwd: site.root, log });
    if (unpacked.code !== 0) {
      throw explainFailure({ what: `Unpacking ${wheel}`, output: unpacked.output, log });
    }
    rmSync(join(downloads, wheel));
  }
  rmSync(downloads, { recursive: true });
}

/** Path of a list of wheels. */
export function wheelList({ root }: Site, list: string): string {
  return join(root, 'lib/setup/wheels', `${list}.txt`);
}

/** Follows `Collecting`, `Downloading NAME (SIZE)` and `Progress DONE of TOTAL`, for so many wheels. */
function pipProgress(progress: Progress, wheels: number): (line: string) => void {
  let index = 0;
  let file = '';
  return (line) => {
    if (line.startsWith('Collecting ')) index += 1;
    file = /^\s*Downloading ([\w.]+-[\w.]+)/.exec(line)?.[1] ?? file;
    const bytes = /^Progress (\d+) of (\d+)/.exec(line);
    if (!bytes) return;
    const [done, total] = [Number(bytes[1]), Number(bytes[2])];
    const megabytes = `${(done / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB`;
    progress.update((index - 1 + done / total) / wheels, `${file} ${megabytes}`);
  };
}
