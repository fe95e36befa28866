/** Where notebooks and their sources lie. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../files/root';

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

/** The file's text, or undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
