/** npm run notebooks:build: writes notebooks/NAME.ipynb with its versions, and modules, from notebooks/NAME.ts. */
import { mkdirSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { replaceFile } from '../files/atomic';
import { ROOT } from '../files/root';
import { listSources, moduleOf, notebooksOf, readIfThere } from '../notebook/files';
import { buildNotebook, formatNotebook, readNotebook } from '../notebook/ipynb';
import { runCommand } from './arguments';

async function main(): Promise<number> {
  for (const source of listSources()) {
    const { file, text } = moduleOf(source);
    if (text === undefined || text === readIfThere(file)) continue;
    await replaceFile(file, text);
    console.log(`${relative(ROOT, file)}: written`);
  }
  for (const { file: target, cells } of listSources().flatMap(notebooksOf)) {
    const stored = readIfThere(target);
    const previous = stored === undefined ? undefined : readNotebook(stored, { file: target });
    const text = formatNotebook(buildNotebook(cells, { previous }));
    const name = relative(ROOT, target);
    if (text === stored) {
      console.log(`${name}: up to date`);
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    await replaceFile(target, text);
    const code = cells.filter((cell) => cell.type === 'code').length;
    console.log(`${name}: written, ${cells.length} cells, ${code} of code`);
  }
  return 0;
}

runCommand(main, { usage: 'usage: npm run notebooks:build\n' });
