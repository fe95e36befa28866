/** Where notebooks and their sources lie, and which notebooks a source makes. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { ROOT } from '../files/root';
import { courseModule } from './course-module';
import { parsePercent, type SourceCell } from './percent';
import {
  hasVersions,
  solutionsVersion,
  studentVersion,
  type Version,
  wholeVersion,
} from './versions';

export const NOTEBOOKS = join(ROOT, 'notebooks');

/** The percent sources of all notebooks, in alphabetical order. */
export function listSources(folder = NOTEBOOKS): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => join(folder, name));
}

/** NAME.ipynb beside the source NAME.ts. */
export function notebookOf(source: string): string {
  return join(dirname(source), `${basename(source, '.ts')}.ipynb`);
}

/** NAME.ipynb in the folder of that version. */
export function versionOf(source: string, version: Version): string {
  return join(dirname(source), version, basename(notebookOf(source)));
}

/** The module that other notebooks import as breakout-dqn/NAME, without the number, and its text if there is any. */
export function moduleOf(source: string): { file: string; text: string | undefined } {
  const name = basename(source).replace(/^\d+-/, '');
  const cells = parsePercent(readFileSync(source, 'utf8'), { file: relative(ROOT, source) });
  const text = courseModule(cells, { source: basename(source) });
  return { file: join(ROOT, 'lib/course', name), text };
}

/** A notebook file and the cells that it is built from. */
export interface NotebookSource {
  readonly file: string;
  readonly cells: readonly SourceCell[];
}

/**
 * All notebooks that a source makes: the whole one first, then those for students, if it marks any gap.
 * @throws SyntaxError as `parsePercent` and `studentVersion` do.
 */
export function notebooksOf(source: string): NotebookSource[] {
  const cells = parsePercent(readFileSync(source, 'utf8'), { file: relative(ROOT, source) });
  const whole = { file: notebookOf(source), cells: wholeVersion(cells) };
  if (!hasVersions(cells)) return [whole];
  return [
    whole,
    { file: versionOf(source, 'student'), cells: studentVersion(cells) },
    { file: versionOf(source, 'solutions'), cells: solutionsVersion(cells) },
  ];
}

/** The file's text, or undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
