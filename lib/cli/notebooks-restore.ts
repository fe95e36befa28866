/** npm run notebooks:restore [-- NAMES]: gives back the original notebooks, keeps the reader's in notebooks/mine. */
import { basename, join, relative } from 'node:path';
import { ROOT } from '../files/root';
import { listSources, notebooksOf } from '../notebook/files';
import { MINE, restoreNotebook } from '../notebook/restore';
import { runCommand, UsageError } from './arguments';

const USAGE = `usage: npm run notebooks:restore [-- NAMES]
  NAMES  such as 01-q-learning; all notebooks without any
`;

async function main(args: string[]): Promise<number> {
  const names = args.map((name) => basename(name).replace(/\.(ipynb|ts)$/, ''));
  const known = listSources().map((source) => basename(source, '.ts'));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`expected names among ${known.join(', ')}, got ${unknown.join(', ')}`);
  const time = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  const keepIn = join(MINE, time);
  const wanted = listSources().filter(
    (source) => names.length === 0 || names.includes(basename(source, '.ts')),
  );
  for (const notebook of wanted.flatMap(notebooksOf)) {
    const kept = await restoreNotebook(notebook, { keepIn });
    const name = relative(ROOT, notebook.file);
    if (kept === undefined) console.log(`${name}: is the original`);
    else console.log(`${name}: restored; what was there is now ${relative(ROOT, kept)}`);
  }
  return 0;
}

runCommand(main, { usage: USAGE });
