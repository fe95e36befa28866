/** A run as the user names it. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RunError } from '../runs/record/folder';
import type { Run } from '../runs/run';
import { attach } from '../runs/start';
import { userPath } from '../setup/user-path.mjs';

/**
 * A run by its name or, with a slash in it, its folder.
 * @param orElse what a folder without a run could have been, for the error's text
 * @throws RunError when there is none.
 */
export function findRun(subject: string, orElse = ''): Promise<Run> {
  if (!subject.includes('/')) return attach(subject);
  const folder = userPath(subject);
  if (existsSync(join(folder, 'config.json'))) {
    return attach(basename(folder), { runsFolder: dirname(folder) });
  }
  throw new RunError(
    existsSync(folder)
      ? `${subject} is no run, as it has no config.json${orElse}: name a run or a run's folder`
      : `there is no folder ${subject}: name a run or its folder`,
  );
}
