/** Runs cells of a notebook's source inside a test: how the cells are held equal to lib. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import ts from '@tslab/typescript-for-tslab';
import { NOTEBOOKS } from '../../lib/notebook/files';
import { parsePercent } from '../../lib/notebook/percent';

const require = createRequire(import.meta.url);

/** All the text between two cells' ids that a test asks for. */
export function cellSource(notebook: string, id: string): string {
  const file = join(NOTEBOOKS, `${notebook}.ts`);
  const cell = parsePercent(readFileSync(file, 'utf8'), { file }).find((cell) => cell.id === id);
  if (cell === undefined)
    throw new RangeError(`expected a cell with id ${id} in ${file}, got none`);
  return cell.source;
}

export interface CellOptions {
  readonly notebook: string;
  /** The cells to run, in order. */
  readonly ids: readonly string[];
  /** Code put before the cells: what earlier cells would have declared. */
  readonly given?: Readonly<Record<string, unknown>>;
  /** The names to hand out. */
  readonly names: readonly string[];
  /** What the cells import, by module name. */
  readonly modules: Readonly<Record<string, unknown>>;
}

/** The values that the named declarations have after the cells ran, compiled as the kernel does. */
export async function runCells(options: CellOptions): Promise<Record<string, unknown>> {
  const body = options.ids.map((id) => cellSource(options.notebook, id)).join('\n');
  const compiled = ts.transpileModule(`${body}\nexport { ${options.names.join(', ')} };`, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2021,
      esModuleInterop: true,
    },
  });
  const given = options.given ?? {};
  const exports: Record<string, unknown> = {};
  const load = (name: string): unknown => options.modules[name] ?? require(name);
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = new AsyncFunction('exports', 'require', ...Object.keys(given), compiled.outputText);
  await run(exports, load, ...Object.values(given));
  return exports;
}
