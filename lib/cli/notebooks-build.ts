/** npm run notebooks:build: writes notebooks/NAME.ipynb from notebooks/NAME.ts. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { replaceFile } from '../files/atomic';
import { ROOT } from '../files/root';
import { listSources, notebookOf, readIfThere } from '../notebook/files';
import { buildNotebook, formatNotebook, readNotebook } from '../notebook/ipynb';
import { parsePercent } from '../notebook/percent';
import { runCommand } from './arguments';

async function main(): Promise<number> {
  for (const source of listSources()) {
    const cells = parsePercent(readFileSync(source, 'utf8'), { file: relative(ROOT, source) });
    const target = notebookOf(source);
    const stored = readIfThere(target);
    const previous = stored === undefined ? undefined : readNotebook(stored, { file: target });
    const text = formatNotebook(buildNotebook(cells, { previous }));
    const name = relative(ROOT, target);
    if (text === stored) {
      console.log(`${name}: up to date`);
      continue;
    }
    await replaceFile(target, text);
    const code = cells.filter((cell) => cell.type === 'code').length;
    console.log(`${name}: written, ${cells.length} cells, ${code} of code`);
  }
  return 0;
}

runCommand(main, { usage: 'usage: npm run notebooks:build\n' });
