/** A notebook's own functions as a module, so that later notebooks import what earlier ones taught. */
import ts from '@tslab/typescript-for-tslab';
import type { SourceCell } from './percent';

/** A cell with this tag is part of its notebook's module. */
export const SHARED = 'shared';

/**
 * The text of the module: the cells tagged `shared`, all they declare exported, with those of the notebook's
 * imports that they use.
 * @returns undefined when no cell is shared.
 */
export function courseModule(
  cells: readonly SourceCell[],
  { source }: { /** The name of the file that the cells come from. */ readonly source: string },
): string | undefined {
  const code = cells.filter(({ type }) => type === 'code');
  const shared = code.filter(({ tags }) => tags.includes(SHARED));
  if (shared.length === 0) return undefined;
  const body = shared.map((cell) => exportAll(cell.source)).join('\n\n');
  const imports = code.flatMap((cell) => usedImports(cell.source, body));
  const head = `/** The cells of notebooks/${source} that other notebooks use. Made by npm run notebooks:build. */`;
  return `${[head, ...imports, '', body].join('\n')}\n`;
}

const parse = (text: string) =>
  ts.createSourceFile('cell.ts', text, ts.ScriptTarget.ESNext, true).statements;

/** The cell's text without its imports, with `export` before each declaration. */
function exportAll(source: string): string {
  const edits = parse(source).map((statement) => {
    const start = statement.getStart();
    if (ts.isImportDeclaration(statement)) return { start, end: statement.end, text: '' };
    return { start, end: start, text: isDeclaration(statement) ? 'export ' : '' };
  });
  const edited = edits.reduceRight(
    (text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end),
    source,
  );
  return edited.replace(/^ *\/\/.*\n+|^\n+/, '');
}

const isDeclaration = (node: ts.Node): boolean =>
  ts.isVariableStatement(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node);

/** The cell's imports, reduced to the names that the text uses; the package's own come from its index. */
function usedImports(source: string, text: string): string[] {
  return parse(source).flatMap((statement) => {
    if (!ts.isImportDeclaration(statement)) return [];
    const { importClause, moduleSpecifier } = statement;
    const named = importClause?.namedBindings;
    if (importClause === undefined || named === undefined || !ts.isNamedImports(named)) {
      throw new SyntaxError(`expected import { names } in a notebook, got ${statement.getText()}`);
    }
    const used = named.elements.filter(({ name }) => new RegExp(`\\b${name.text}\\b`).test(text));
    if (used.length === 0) return [];
    const from = moduleSpecifier.getText().replace("'breakout-dqn'", "'../index'");
    const keyword = importClause.isTypeOnly ? 'import type' : 'import';
    return [`${keyword} { ${used.map((name) => name.getText()).join(', ')} } from ${from};`];
  });
}
