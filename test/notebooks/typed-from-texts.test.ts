/** What a text tells the reader to type compiles behind the notebook's cells. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { listSources } from '../../lib/notebook/files';
import { parsePercent } from '../../lib/notebook/percent';

/** Code in a text that waits for something: a statement to type, not a name that is spoken of. */
const TYPED = /`((?:(?:const )?\w+ = )?await [^`]+)`/g;

const folder = join(ROOT, `.cache/typed-${process.pid}`); // inside, where 'breakout-dqn' is found
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

function typedIn(file: string): string[] {
  const cells = parsePercent(readFileSync(file, 'utf8'), { file });
  const texts = cells.filter(({ type }) => type === 'markdown').map(({ source }) => source);
  return texts.flatMap((text) => [...text.matchAll(TYPED)].map(([, code]) => code!));
}

test('all of it, in all notebooks', () => {
  const typed = listSources().map((file) => [file, typedIn(file)] as const);
  expect(typed.flatMap(([, codes]) => codes).length).toBeGreaterThan(3);
  for (const [file, codes] of typed) {
    const blocks = codes.map((code) => `{\n${code}\n}`);
    writeFileSync(join(folder, basename(file)), [readFileSync(file, 'utf8'), ...blocks].join('\n'));
  }
  const config = { extends: join(ROOT, 'notebooks/tsconfig.json'), include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(ROOT, 'node_modules/@tslab/typescript-for-tslab/lib/tsc.js');
  try {
    execFileSync(process.execPath, [compiler, '-p', folder]);
  } catch (error) {
    expect(String((error as { stdout: Buffer }).stdout)).toBe('');
  }
});
